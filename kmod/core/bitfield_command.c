// SPDX-License-Identifier: GPL-2.0
/*
 * BITFIELD and BITFIELD_RO: numbers of any width at any bit of a string. Handlers
 * run under the lock of their key's shard.
 *
 * All operations are parsed before the first is done. A string that is too short
 * for one that writes grows first; one that is long enough is made writable only
 * when a bit of it is about to change.
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "args.h"
#include "bit_commands.h"
#include "bits.h"
#include "bytes.h"
#include "command.h"
#include "handlers.h"
#include "keyspace.h"
#include "number/integer.h"
#include "reply.h"
#include "session.h"
#include "string_value.h"

/* The longest reply of an operation: a type byte, a number and CRLF. */
#define REPLY_CHARS (1 + DARTER_S64_CHARS + 2)

enum field_action {
	FIELD_GET,
	FIELD_SET,
	FIELD_INCRBY,
};

/* What becomes of a number that does not fit. */
enum field_overflow {
	FIELD_WRAP,
	FIELD_SAT,
	FIELD_FAIL,
};

struct field_op {
	u64 at;				/* the first bit */
	s64 value;			/* to set or to add */
	u8 width;			/* bits, up to 64 with a sign and 63 without */
	bool is_signed;
	u8 action;			/* enum field_action */
	u8 overflow;			/* enum field_overflow */
};

struct bitfield {
	struct darter_ctx *ctx;
	struct field_op *ops;
	u32 count;
	u32 len;			/* bytes that the operations that write need */
	bool writes;
	struct darter_key key;
	struct darter_entry *entry;	/* NULL: there is none */
	u8 *bytes;			/* the string */
	u32 bytes_len;
	bool open;			/* may be written to */
};

static bool parse_type(struct darter_ctx *ctx, const struct darter_arg *arg, struct field_op *op)
{
	s64 width = 0;

	op->is_signed = arg->len && arg->bytes[0] == 'i';
	if ((op->is_signed || (arg->len && arg->bytes[0] == 'u')) &&
	    darter_parse_s64(arg->bytes + 1, arg->len - 1, &width) &&
	    width >= 1 && width <= 63 + op->is_signed) {
		op->width = width;
		return true;
	}
	darter_reply_error(ctx,
			   "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.");
	return false;
}

static bool parse_overflow(struct darter_ctx *ctx, const struct darter_arg *word, u8 *overflow)
{
	if (darter_arg_is(word, "wrap")) {
		*overflow = FIELD_WRAP;
	} else if (darter_arg_is(word, "sat")) {
		*overflow = FIELD_SAT;
	} else if (darter_arg_is(word, "fail")) {
		*overflow = FIELD_FAIL;
	} else {
		darter_reply_error(ctx, "ERR Invalid OVERFLOW type specified");
		return false;
	}
	return true;
}

/* What a word calls; *words: how many arguments follow it. */
static bool parse_action(const struct darter_arg *word, u8 *action, u32 *words)
{
	*words = 3;
	if (darter_arg_is(word, "get")) {
		*action = FIELD_GET;
		*words = 2;
	} else if (darter_arg_is(word, "set")) {
		*action = FIELD_SET;
	} else if (darter_arg_is(word, "incrby")) {
		*action = FIELD_INCRBY;
	} else {
		return false;
	}
	return true;
}

static bool parse_op(struct bitfield *field, const struct darter_arg *words, struct field_op *op)
{
	struct darter_ctx *ctx = field->ctx;

	if (!parse_type(ctx, &words[0], op) || !darter_arg_bit(ctx, &words[1], op->width, &op->at))
		return false;
	if (op->action == FIELD_GET)
		return true;
	field->writes = true;
	field->len = max_t(u32, field->len, (op->at + op->width - 1) / 8 + 1);
	return darter_arg_s64(ctx, &words[2], &op->value);
}

static bool parse_ops(struct bitfield *field)
{
	struct darter_ctx *ctx = field->ctx;
	u8 overflow = FIELD_WRAP;
	u32 i, words;

	for (i = 2; i < ctx->argc; i += 1 + words) {
		struct field_op *op = &field->ops[field->count];
		const struct darter_arg *word = &ctx->argv[i];
		u32 left = ctx->argc - 1 - i;

		if (darter_arg_is(word, "overflow") && left) {
			words = 1;
			if (!parse_overflow(ctx, word + 1, &overflow))
				return false;
			continue;
		}
		if (!parse_action(word, &op->action, &words) || words > left) {
			darter_reply_syntax_error(ctx);
			return false;
		}
		op->overflow = overflow;
		if (!parse_op(field, word + 1, op))
			return false;
		field->count++;
	}
	return true;
}

/* The number that the low bits of @raw are. */
static s64 as_number(const struct field_op *op, u64 raw)
{
	raw &= ~0ULL >> (64 - op->width);
	return op->is_signed ? darter_sign_extend(raw, op->width) : (s64)raw;
}

static s64 greatest(const struct field_op *op)
{
	return (s64)(~0ULL >> (64 - op->width) >> op->is_signed);
}

static s64 least(const struct field_op *op)
{
	return op->is_signed ? -greatest(op) - 1 : 0;
}

/*
 * Whether a number to set is too great. Without a sign a negative one is; with a
 * sign one so small is that its distance from the greatest takes 64 bits, as in
 * Redis.
 */
static bool value_is_over(const struct field_op *op)
{
	if (!op->is_signed)
		return (u64)op->value > (u64)greatest(op);
	if (op->width == 64)
		return false;
	return op->value > greatest(op) || op->value <= S64_MIN + greatest(op);
}

static bool sum_is_over(const struct field_op *op, s64 old)
{
	return op->value > 0 && (u64)op->value > (u64)greatest(op) - (u64)old;
}

static bool sum_is_under(const struct field_op *op, s64 old)
{
	return op->value < 0 && -(u64)op->value > (u64)old - (u64)least(op);
}

/* What a field becomes; false: nothing, the operation fails. */
static bool new_number(const struct field_op *op, s64 old, s64 *number)
{
	bool sets = op->action == FIELD_SET;
	bool over = sets ? value_is_over(op) : sum_is_over(op, old);
	bool under = sets ? !over && op->value < least(op) : sum_is_under(op, old);

	*number = as_number(op, (u64)op->value + (sets ? 0 : (u64)old));
	if (!(over || under) || op->overflow == FIELD_WRAP)
		return true;
	*number = over ? greatest(op) : least(op);
	return op->overflow == FIELD_SAT;
}

static bool open_string(struct bitfield *field)
{
	char *bytes;

	if (field->open)
		return true;
	bytes = darter_string_open(&field->key, field->entry, field->len, field->len);
	if (!bytes)
		return false;
	field->bytes = (u8 *)bytes;
	field->bytes_len = max(field->bytes_len, field->len);
	field->open = true;
	return true;
}

/* False: memory is short, and nothing has been written yet. */
static bool do_op(struct bitfield *field, const struct field_op *op)
{
	s64 old, number;

	old = as_number(op, darter_bits_get(field->bytes, field->bytes_len, op->at, op->width));
	if (op->action == FIELD_GET) {
		darter_reply_int(field->ctx, old);
		return true;
	}
	if (!new_number(op, old, &number)) {
		darter_reply_null(field->ctx);
		return true;
	}
	if (number != old) {
		if (!open_string(field))
			return false;
		darter_bits_put(field->bytes, op->at, op->width, number);
	}
	darter_reply_int(field->ctx, op->action == FIELD_SET ? old : number);
	return true;
}

/* False: memory is short, and nothing has changed. */
static bool do_ops(struct bitfield *field)
{
	struct darter_reply *reply = &field->ctx->session->reply;
	u32 i;

	/* What has been written could not be undone if its reply did not fit. */
	if (field->writes && !darter_reply_reserve(reply, (field->count + 1) * REPLY_CHARS))
		return false;
	if (field->len > field->bytes_len && !open_string(field))
		return false;
	/* As good as changed in place, even if no bit does. */
	if (field->writes && !field->open && field->entry)
		darter_string_touch(&field->key, field->entry);
	darter_reply_array(field->ctx, field->count);
	for (i = 0; i < field->count; i++)
		if (!do_op(field, &field->ops[i]))
			return false;
	return true;
}

/* The string before the operations. False: the error has been replied. */
static bool find_string(struct bitfield *field)
{
	struct darter_ctx *ctx = field->ctx;
	const struct darter_arg *name = &ctx->argv[1];
	struct darter_string string;

	if (field->writes)
		field->entry = darter_lookup_key(ctx, name, &field->key);
	else
		field->entry = darter_lookup_read(ctx, name);
	if (!darter_check_string(ctx, field->entry))
		return false;
	if (field->entry) {
		string = darter_entry_string(field->entry);
		field->bytes = (u8 *)string.bytes;
		field->bytes_len = string.len;
	}
	return true;
}

static void bitfield(struct darter_ctx *ctx, bool read_only)
{
	struct bitfield field = { .ctx = ctx };

	/* The shortest has three words; one more may be begun before words are missing. */
	field.ops = kvmalloc_array(ctx->argc / 3 + 1, sizeof(*field.ops),
				   GFP_KERNEL | __GFP_NOWARN);
	if (!field.ops) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	if (!parse_ops(&field))
		goto free_ops;
	if (read_only && field.writes)
		darter_reply_error(ctx, "ERR BITFIELD_RO only supports the GET subcommand");
	else if (find_string(&field) && !do_ops(&field))
		/* The dispatcher takes back what was replied. */
		ctx->session->reply.failed = true;
free_ops:
	kvfree(field.ops);
}

void darter_cmd_bitfield(struct darter_ctx *ctx)
{
	bitfield(ctx, false);
}

void darter_cmd_bitfield_ro(struct darter_ctx *ctx)
{
	bitfield(ctx, true);
}
