// SPDX-License-Identifier: GPL-2.0
/*
 * LOLWUT: the version, and for those who ask for the pictures of versions 5 and 6
 * a labyrinth of as many columns. No locking.
 */
#include <linux/kernel.h>
#include <linux/random.h>

#include "args.h"
#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "reply.h"
#include "text.h"

#define COLUMNS 66
#define ROWS 12
#define COLUMNS_MAX 1000

/* Each place is a wall that leans to one side or the other. */
static void add_labyrinth(struct darter_text *text, u32 columns)
{
	u32 row, column;

	for (row = 0; row < ROWS; row++) {
		char *line = darter_text_reserve(text, columns + 1);
		u32 random = 0;

		if (!line)
			return;
		for (column = 0; column < columns; column++) {
			if (!(column % 32))
				random = get_random_u32();
			line[column] = random & 1 ? '/' : '\\';
			random >>= 1;
		}
		line[columns] = '\n';
		text->len += columns + 1;
	}
	darter_text_add(text, "\n");
}

/* What describes the picture, @count numbers at most; only that of columns counts. */
static bool parse_picture(struct darter_ctx *ctx, u32 count, s64 *columns)
{
	const u32 first = 3;
	s64 number;
	u32 i;

	*columns = COLUMNS;
	for (i = first; i < ctx->argc && i < first + count; i++) {
		if (!darter_arg_s64(ctx, &ctx->argv[i], &number))
			return false;
		if (i == first)
			*columns = clamp_t(s64, number, 1, COLUMNS_MAX);
	}
	return true;
}

void darter_cmd_lolwut(struct darter_ctx *ctx)
{
	struct darter_text text = {};
	s64 version = 0, columns;

	if (ctx->argc >= 3 && darter_arg_is(&ctx->argv[1], "version") &&
	    !darter_arg_s64(ctx, &ctx->argv[2], &version))
		return;
	if (version == 5 || version == 6) {
		if (!parse_picture(ctx, version == 5 ? 3 : 2, &columns))
			return;
		add_labyrinth(&text, columns);
	}
	darter_text_add(&text, "Redis ver. %s\n", DARTER_REDIS_VERSION);
	darter_text_reply(ctx, &text);
}
