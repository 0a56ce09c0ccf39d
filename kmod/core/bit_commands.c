// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of single bits and of ranges of them. Handlers run under the locks
 * of their keys' shards; GETBIT and BITCOUNT may do without. A bit that a string is
 * too short for is 0.
 */
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "args.h"
#include "bit_commands.h"
#include "bits.h"
#include "bytes.h"
#include "command.h"
#include "handlers.h"
#include "instance.h"
#include "keyspace.h"
#include "number/integer.h"
#include "reply.h"
#include "string_value.h"

/* So much of a result is made of all its sources before the next part is. */
#define PART (32 * 1024)

bool darter_arg_bit(struct darter_ctx *ctx, const struct darter_arg *arg, u32 unit, u64 *at)
{
	u64 limit = min_t(u64, READ_ONCE(ctx->instance->config.max_bulk_len), S32_MAX);
	bool counted = unit && arg->len && arg->bytes[0] == '#';
	s64 bit;

	if (darter_parse_s64(arg->bytes + counted, arg->len - counted, &bit) && bit >= 0 &&
	    !(counted && check_mul_overflow(bit, (s64)unit, &bit)) && (u64)bit / 8 < limit) {
		*at = bit;
		return true;
	}
	darter_reply_error(ctx, "ERR bit offset is not an integer or out of range");
	return false;
}

void darter_cmd_setbit(struct darter_ctx *ctx)
{
	struct darter_string string = { .bytes = "" };
	struct darter_entry *entry;
	struct darter_key key;
	u64 at, len;
	char *bytes;
	bool old;
	s64 bit;

	if (!darter_arg_bit(ctx, &ctx->argv[2], 0, &at))
		return;
	if (!darter_parse_s64(ctx->argv[3].bytes, ctx->argv[3].len, &bit) || bit & ~1LL) {
		darter_reply_error(ctx, "ERR bit is not an integer or out of range");
		return;
	}
	entry = darter_lookup_key(ctx, &ctx->argv[1], &key);
	if (!darter_check_string(ctx, entry))
		return;
	if (entry)
		string = darter_entry_string(entry);
	len = at / 8 + 1;
	old = darter_bits_get((const u8 *)string.bytes, string.len, at, 1);
	/* What does not change is not written, and nobody who watches is told. */
	if (!entry || len > string.len || old != bit) {
		bytes = darter_string_open(&key, entry, len, len);
		if (!bytes) {
			darter_reply_out_of_memory(ctx);
			return;
		}
		darter_bits_put((u8 *)bytes, at, 1, bit);
	} else {
		darter_string_touch(&key, entry);
	}
	darter_reply_int(ctx, old);
}

/* The string of argv[1] for reading, NULL without one. False: the error was replied. */
static bool read_string(struct darter_ctx *ctx, struct darter_string *string)
{
	const struct darter_entry *entry = darter_lookup_read(ctx, &ctx->argv[1]);

	*string = (struct darter_string) { };
	if (!darter_check_string(ctx, entry))
		return false;
	if (entry)
		*string = darter_entry_string(entry);
	return true;
}

void darter_cmd_getbit(struct darter_ctx *ctx)
{
	struct darter_string string;
	u8 byte = 0;
	u64 at;

	if (!darter_arg_bit(ctx, &ctx->argv[2], 0, &at) || !read_string(ctx, &string))
		return;
	if (at / 8 < string.len)
		darter_copy_racing(&byte, string.bytes + at / 8, 1);
	darter_reply_int(ctx, byte >> (7 - at % 8) & 1);
}

/* A range as arguments say it, and the bits that this means. */
struct bit_range {
	s64 first, last;		/* bytes or bits; negative ones from the end */
	bool of_bits;
	u64 from, end;			/* bits; empty unless from < end */
};

static bool parse_unit(struct darter_ctx *ctx, const struct darter_arg *word,
		       struct bit_range *range)
{
	range->of_bits = darter_arg_is(word, "bit");
	if (range->of_bits || darter_arg_is(word, "byte"))
		return true;
	darter_reply_syntax_error(ctx);
	return false;
}

static void resolve_range(struct bit_range *range, u32 string_len)
{
	u32 shift = range->of_bits ? 0 : 3;
	s64 len = (s64)string_len << (3 - shift);
	s64 first = range->first, last = range->last;

	first = max_t(s64, first < 0 ? first + len : first, 0);
	last = max_t(s64, last < 0 ? last + len : last, 0);
	last = min(last, len - 1);
	range->from = first <= last ? (u64)first << shift : 0;
	range->end = first <= last ? (u64)(last + 1) << shift : 0;
}

/* Redis looks at the unit only after it has found that the range is not reversed. */
static bool parse_count_range(struct darter_ctx *ctx, struct bit_range *range, bool *reversed)
{
	*reversed = false;
	*range = (struct bit_range) { .last = -1 };
	if (ctx->argc == 2)
		return true;
	if (ctx->argc != 4 && ctx->argc != 5) {
		darter_reply_syntax_error(ctx);
		return false;
	}
	if (!darter_arg_s64(ctx, &ctx->argv[2], &range->first) ||
	    !darter_arg_s64(ctx, &ctx->argv[3], &range->last))
		return false;
	*reversed = range->first < 0 && range->last < 0 && range->first > range->last;
	return *reversed || ctx->argc == 4 || parse_unit(ctx, &ctx->argv[4], range);
}

/* Of a string that may change meanwhile, which is a short one. */
static u64 count_racing(const char *bytes, u64 from, u64 end)
{
	u64 at, count = 0;
	u8 part[256];

	for (at = round_down(from, 8); at < end; at += 8 * sizeof(part)) {
		u64 bits = min_t(u64, end - at, 8 * sizeof(part));

		darter_copy_racing(part, bytes + at / 8, DIV_ROUND_UP(bits, 8));
		count += darter_bits_count(part, at < from ? from - at : 0, bits);
	}
	return count;
}

static u64 count_bits(struct darter_ctx *ctx, const struct darter_string *string, u64 from,
		      u64 end)
{
	if (!ctx->lockless)
		return darter_bits_count((const u8 *)string->bytes, from, end);
	/* Going through a big one takes long. */
	ctx->unfit = string->blob;
	return string->blob ? 0 : count_racing(string->bytes, from, end);
}

void darter_cmd_bitcount(struct darter_ctx *ctx)
{
	struct darter_string string;
	struct bit_range range;
	bool reversed;

	if (!read_string(ctx, &string))
		return;
	if (!string.bytes) {
		darter_reply_int(ctx, 0);
		return;
	}
	if (!parse_count_range(ctx, &range, &reversed))
		return;
	resolve_range(&range, string.len);
	if (reversed)
		range.end = range.from;
	darter_reply_int(ctx, count_bits(ctx, &string, range.from, range.end));
}

static bool parse_find_range(struct darter_ctx *ctx, struct bit_range *range)
{
	*range = (struct bit_range) { .last = -1 };
	if (ctx->argc > 6) {
		darter_reply_syntax_error(ctx);
		return false;
	}
	if (ctx->argc > 3 && !darter_arg_s64(ctx, &ctx->argv[3], &range->first))
		return false;
	if (ctx->argc > 5 && !parse_unit(ctx, &ctx->argv[5], range))
		return false;
	return ctx->argc <= 4 || darter_arg_s64(ctx, &ctx->argv[4], &range->last);
}

/* Without an end to the range there are zeros behind the string. */
static s64 find_bit(const struct darter_string *string, const struct bit_range *range, bool bit,
		    bool has_end)
{
	u64 at;

	if (range->from >= range->end)
		return -1;
	at = darter_bits_find((const u8 *)string->bytes, range->from, range->end, bit);
	return at == range->end && (bit || has_end) ? -1 : at;
}

void darter_cmd_bitpos(struct darter_ctx *ctx)
{
	struct darter_string string;
	struct bit_range range;
	s64 bit;

	if (!darter_arg_s64(ctx, &ctx->argv[2], &bit))
		return;
	if (bit & ~1LL) {
		darter_reply_error(ctx, "ERR The bit argument must be 1 or 0.");
		return;
	}
	if (!read_string(ctx, &string))
		return;
	if (!string.bytes) {
		darter_reply_int(ctx, bit ? -1 : 0);
		return;
	}
	if (!parse_find_range(ctx, &range))
		return;
	resolve_range(&range, string.len);
	darter_reply_int(ctx, find_bit(&string, &range, bit, ctx->argc > 4));
}

/* BITOP: what to make of which strings. */
struct bitop {
	enum darter_bit_op op;
	u32 count, len;			/* sources, and bytes of the longest */
	struct darter_string *sources;	/* those that do not exist are empty */
};

static bool parse_bitop(struct darter_ctx *ctx, struct bitop *bitop)
{
	static const char *const names[] = {
		[DARTER_BIT_AND] = "and",
		[DARTER_BIT_OR] = "or",
		[DARTER_BIT_XOR] = "xor",
		[DARTER_BIT_NOT] = "not",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names) && !darter_arg_is(&ctx->argv[1], names[i]); i++)
		;
	*bitop = (struct bitop) { .op = i, .count = ctx->argc - 3 };
	if (i == ARRAY_SIZE(names))
		darter_reply_syntax_error(ctx);
	else if (i == DARTER_BIT_NOT && bitop->count != 1)
		darter_reply_error(ctx, "ERR BITOP NOT must be called with a single source key.");
	else
		return true;
	return false;
}

static bool read_sources(struct darter_ctx *ctx, struct bitop *bitop)
{
	u32 i;

	for (i = 0; i < bitop->count; i++) {
		const struct darter_entry *entry = darter_lookup_read(ctx, &ctx->argv[3 + i]);

		if (!darter_check_string(ctx, entry))
			return false;
		bitop->sources[i] = (struct darter_string) { };
		if (entry)
			bitop->sources[i] = darter_entry_string(entry);
		bitop->len = max(bitop->len, bitop->sources[i].len);
	}
	return true;
}

/* Combine a source with @len bytes from @at on, which are those of the sources before. */
static void add_source(const struct bitop *bitop, u32 i, u8 *to, u32 at, u32 len)
{
	const struct darter_string *source = &bitop->sources[i];
	u32 part = source->len > at ? min(source->len - at, len) : 0;

	if (part && !i && bitop->op != DARTER_BIT_NOT)
		memcpy(to, source->bytes + at, part);
	else if (part)
		darter_bits_combine(bitop->op, to, (const u8 *)source->bytes + at, part);
	if (!i || bitop->op == DARTER_BIT_AND)
		memset(to + part, 0, len - part);
}

static void fill_result(const struct bitop *bitop, u8 *result)
{
	u32 at, len, i;

	for (at = 0; at < bitop->len; at += len) {
		len = min_t(u32, bitop->len - at, PART);
		for (i = 0; i < bitop->count; i++) {
			add_source(bitop, i, result + at, at, len);
			cond_resched();
		}
	}
}

static bool store_result(const struct darter_key *key, struct darter_entry *old,
			 const struct bitop *bitop)
{
	struct darter_entry *entry = darter_string_make(key, bitop->len, DARTER_NO_DEADLINE);

	if (!entry)
		return false;
	entry->form = DARTER_FORM_RAW;
	fill_result(bitop, (u8 *)darter_entry_string(entry).bytes);
	if (!darter_key_put(key, old, entry))
		return true;
	darter_key_discard(key, entry);
	return false;
}

void darter_cmd_bitop(struct darter_ctx *ctx)
{
	struct darter_entry *old;
	struct darter_key key;
	struct bitop bitop;

	if (!parse_bitop(ctx, &bitop))
		return;
	bitop.sources = kvmalloc_array(bitop.count, sizeof(*bitop.sources),
				       GFP_KERNEL | __GFP_NOWARN);
	if (!bitop.sources) {
		darter_reply_out_of_memory(ctx);
		return;
	}
	if (read_sources(ctx, &bitop)) {
		old = darter_lookup_key(ctx, &ctx->argv[2], &key);
		if (bitop.len && !store_result(&key, old, &bitop)) {
			darter_reply_out_of_memory(ctx);
		} else {
			if (!bitop.len && old)
				darter_key_delete(&key, old);
			darter_reply_int(ctx, bitop.len);
		}
	}
	kvfree(bitop.sources);
}
