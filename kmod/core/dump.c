// SPDX-License-Identifier: GPL-2.0
/*
 * Writing and reading DUMP payloads, see dump.h. The caller holds the lock of
 * the shard that the value is of, or goes to.
 *
 * A length is the number of what follows, or says how a string is encoded:
 *
 *   00nnnnnn                    0 to 63
 *   01nnnnnn nnnnnnnn           up to 16383
 *   0x80 u32-BE, 0x81 u64-BE    more
 *   0xc0 0xc1 0xc2              a string: a number of 1, 2, 4 bytes, LE
 *   0xc3, two lengths           a string: LZF stream of so many bytes, its contents
 *
 * A string is a length and its bytes. A hash is type 16 with its listpack as one
 * string, or type 4 with the number of fields, then name and value of each.
 *
 * What is read is not trusted: every length is checked against the bytes that
 * are there before memory is taken for it, LZF streams are measured first, and a
 * hash is refused for a name that comes twice, as is a payload for bytes left
 * over.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "arena.h"
#include "blob.h"
#include "bytes.h"
#include "crc.h"
#include "dump.h"
#include "lzf.h"
#include "number/integer.h"
#include "table.h"

#define TYPE_STRING 0
#define TYPE_HASH 4
#define TYPE_HASH_LISTPACK 16

#define LENGTH32 0x80
#define LENGTH64 0x81
#define INT8 0xc0
#define INT16 0xc1
#define INT32 0xc2
#define LZF 0xc3

#define FOOTER 10
/* Longer strings are worth compressing; by how much they must shrink at least. */
#define COMPRESS_ABOVE 20
#define COMPRESS_GAIN 4
#define CHECKSUM_PART (1024 * 1024)

struct writer {
	u8 *at;
	struct darter_lzf *lzf;		/* NULL: without compression */
};

static u32 length_size(u64 len)
{
	if (len < 1 << 6)
		return 1;
	if (len < 1 << 14)
		return 2;
	return len <= U32_MAX ? 5 : 9;
}

static void put_length(struct writer *writer, u64 len)
{
	u32 size = length_size(len);

	if (size == 1) {
		*writer->at = len;
	} else if (size == 2) {
		darter_put_be(writer->at, 0x4000 | len, 2);
	} else {
		*writer->at = size == 5 ? LENGTH32 : LENGTH64;
		darter_put_be(writer->at + 1, len, size - 1);
	}
	writer->at += size;
}

static bool put_number(struct writer *writer, const char *bytes, u32 len)
{
	u32 size;
	s64 n;

	if (len >= DARTER_S64_CHARS || !darter_parse_s64(bytes, len, &n) || n < S32_MIN ||
	    n > S32_MAX)
		return false;
	size = n >= S8_MIN && n <= S8_MAX ? 1 : n >= S16_MIN && n <= S16_MAX ? 2 : 4;
	*writer->at++ = size == 1 ? INT8 : size == 2 ? INT16 : INT32;
	darter_put_le(writer->at, n, size);
	writer->at += size;
	return true;
}

/*
 * Write a compressed string, if that is shorter. Nothing is written beyond what
 * the plain one would take, so that is what memory is taken for.
 */
static bool put_compressed(struct writer *writer, const char *bytes, u32 len)
{
	u32 gain = max_t(u32, COMPRESS_GAIN, 1 + length_size(len)), used;
	u8 *out;

	if (!writer->lzf || len <= COMPRESS_ABOVE)
		return false;
	out = writer->at + 1 + length_size(len - gain) + length_size(len);
	used = darter_lzf_compress(writer->lzf, (const u8 *)bytes, len, out, len - gain);
	if (!used)
		return false;
	*writer->at++ = LZF;
	put_length(writer, used);
	put_length(writer, len);
	/* The shorter stream may have a shorter length. */
	memmove(writer->at, out, used);
	writer->at += used;
	return true;
}

static void put_string(struct writer *writer, const char *bytes, u32 len)
{
	if (put_number(writer, bytes, len) || put_compressed(writer, bytes, len))
		return;
	put_length(writer, len);
	memcpy(writer->at, bytes, len);
	writer->at += len;
}

/* Bytes that a string takes at most. */
static u64 string_bound(u64 len)
{
	return length_size(len) + len;
}

static void bound_field(void *arg, const struct darter_pair *pair)
{
	*(u64 *)arg += string_bound(pair->name.len) + string_bound(pair->value.len);
}

static u64 value_bound(const struct darter_entry *entry)
{
	u64 bound = 0;

	if (entry->type == DARTER_STRING)
		return string_bound(darter_entry_string(entry).len);
	if (darter_hash_listpack(entry))
		return string_bound(darter_lp_bytes(darter_hash_listpack(entry)));
	darter_hash_each(entry, bound_field, &bound);
	return bound + length_size(darter_hash_len(entry));
}

static void put_field(void *arg, const struct darter_pair *pair)
{
	put_string(arg, pair->name.bytes, pair->name.len);
	put_string(arg, pair->value.bytes, pair->value.len);
}

static void put_hash(struct writer *writer, const struct darter_entry *entry)
{
	const u8 *lp = darter_hash_listpack(entry);

	if (lp) {
		*writer->at++ = TYPE_HASH_LISTPACK;
		put_string(writer, (const char *)lp, darter_lp_bytes(lp));
	} else {
		*writer->at++ = TYPE_HASH;
		put_length(writer, darter_hash_len(entry));
		darter_hash_each(entry, put_field, writer);
	}
}

static void put_value(struct writer *writer, const struct darter_entry *entry)
{
	struct darter_string string;

	if (entry->type == DARTER_STRING) {
		string = darter_entry_string(entry);
		*writer->at++ = TYPE_STRING;
		put_string(writer, string.bytes, string.len);
	} else {
		put_hash(writer, entry);
	}
}

/* A big payload takes seconds: give way to others meanwhile. */
static u64 checksum(const u8 *bytes, size_t len)
{
	u64 crc = 0;

	while (len) {
		size_t part = min_t(size_t, len, CHECKSUM_PART);

		crc = darter_crc64(crc, bytes, part);
		bytes += part;
		len -= part;
		cond_resched();
	}
	return crc;
}

/**
 * darter_dump() - write a value as a payload
 * @entry: of the key
 * @compress: whether strings may be compressed; without memory for that they
 *	are not
 *
 * Context: may sleep.
 * Return: the payload, or NULL when it does not fit memory.
 */
struct darter_blob *darter_dump(const struct darter_entry *entry, bool compress)
{
	u64 bound = 1 + value_bound(entry) + FOOTER;
	struct writer writer = { };
	struct darter_blob *blob;
	u8 *begin;

	if (bound > S32_MAX)
		return NULL;
	blob = darter_blob_alloc(bound, bound);
	if (!blob)
		return NULL;
	if (compress && bound > COMPRESS_ABOVE)
		writer.lzf = kvzalloc(sizeof(*writer.lzf), GFP_KERNEL | __GFP_NOWARN);
	begin = (u8 *)blob->data;
	writer.at = begin;
	put_value(&writer, entry);
	kvfree(writer.lzf);
	darter_put_le(writer.at, DARTER_DUMP_VERSION, 2);
	writer.at += 2;
	darter_put_le(writer.at, checksum(begin, writer.at - begin), 8);
	writer.at += 8;
	blob->len = writer.at - begin;
	return blob;
}

/**
 * darter_dump_verify() - check version and checksum of a payload
 * @payload: the payload
 * @len: its bytes
 *
 * Context: may sleep.
 * Return: whether darter_dump_load() may be tried.
 */
bool darter_dump_verify(const void *payload, size_t len)
{
	const u8 *footer = (const u8 *)payload + len - FOOTER;

	if (len < FOOTER || darter_get_le(footer, 2) > DARTER_DUMP_VERSION)
		return false;
	return darter_get_le(footer + 2, 8) == checksum(payload, len - 8);
}

struct reader {
	const u8 *at, *end;
	u64 max_len;
};

/* A string as read; a buffer for decompressing is kept from one to the next. */
struct text {
	struct darter_arg arg;
	char digits[DARTER_S64_CHARS];
	struct darter_blob *blob;
};

static bool get_bytes(struct reader *reader, u64 len, const u8 **bytes)
{
	if (len > reader->end - reader->at)
		return false;
	*bytes = reader->at;
	reader->at += len;
	return true;
}

/*
 * Read a length. Returns its first byte where that is an encoding of strings, 0
 * for a length, -EINVAL for neither.
 */
static int get_length(struct reader *reader, u64 *len)
{
	const u8 *head, *more;
	u32 size;

	if (!get_bytes(reader, 1, &head))
		return -EINVAL;
	if (*head >= INT8)
		return *head <= LZF ? *head : -EINVAL;
	if (*head < 0x40) {
		*len = *head;
		return 0;
	}
	size = *head < 0x80 ? 1 : *head == LENGTH32 ? 4 : *head == LENGTH64 ? 8 : 0;
	if (!size || !get_bytes(reader, size, &more))
		return -EINVAL;
	*len = size == 1 ? (*head & 63) << 8 | *more : darter_get_be(more, size);
	return 0;
}

static int get_number(struct reader *reader, u32 size, struct text *text)
{
	const u8 *bytes;
	s64 number;

	if (!get_bytes(reader, size, &bytes))
		return -EINVAL;
	number = darter_sign_extend(darter_get_le(bytes, size), 8 * size);
	text->arg.bytes = text->digits;
	text->arg.len = darter_format_s64(text->digits, number);
	return 0;
}

/* Make room to decompress to. */
static int text_room(struct text *text, u32 len)
{
	struct darter_blob *blob = text->blob;

	if (!blob || blob->room < len) {
		blob = darter_blob_alloc(len, len);
		if (!blob)
			return -ENOMEM;
		darter_blob_put(text->blob);
		text->blob = blob;
	}
	blob->len = len;
	return 0;
}

static int get_compressed(struct reader *reader, struct text *text)
{
	u64 packed, len, holds;
	const u8 *bytes;
	int err;

	if (get_length(reader, &packed) || get_length(reader, &len) ||
	    !get_bytes(reader, packed, &bytes) || len > reader->max_len ||
	    darter_lzf_length(bytes, packed, &holds) || holds != len)
		return -EINVAL;
	err = text_room(text, len);
	if (err)
		return err;
	text->arg = (struct darter_arg) {
		.bytes = text->blob->data,
		.len = len,
		.blob = text->blob,
	};
	return darter_lzf_decompress(bytes, packed, (u8 *)text->blob->data, len);
}

/* What is in @text is valid until the next string is read into it. */
static int get_string(struct reader *reader, struct text *text)
{
	const u8 *bytes;
	u64 len;
	int encoding = get_length(reader, &len);

	text->arg.blob = NULL;
	switch (encoding) {
	case 0:
		if (len > reader->max_len || !get_bytes(reader, len, &bytes))
			return -EINVAL;
		text->arg.bytes = (const char *)bytes;
		text->arg.len = len;
		return 0;
	case INT8:
		return get_number(reader, 1, text);
	case INT16:
		return get_number(reader, 2, text);
	case INT32:
		return get_number(reader, 4, text);
	case LZF:
		return get_compressed(reader, text);
	default:
		return -EINVAL;
	}
}

static int make_hash(const struct darter_dump_target *target, u32 bytes,
		     struct darter_restored *restored)
{
	restored->entry = darter_hash_make(target->arena, target->key, target->key_len,
					   target->deadline, bytes);
	return restored->entry ? 0 : -ENOMEM;
}

/* What was remade is not linked: nobody else knows the old one. */
static void drop_remade(const struct darter_dump_target *target, struct darter_entry *old,
			const struct darter_restored *restored)
{
	if (restored->entry != old)
		darter_entry_free(target->arena, old);
}

static int load_listpack(const struct darter_dump_target *target, struct reader *reader,
			 struct darter_restored *restored)
{
	struct text text = { };
	int err = get_string(reader, &text);
	const u8 *lp = (const u8 *)text.arg.bytes;
	struct darter_entry *old;
	u32 count;

	if (!err && (darter_lp_validate(lp, text.arg.len, &count) || !count))
		err = -EINVAL;
	if (!err)
		err = make_hash(target, text.arg.len, restored);
	if (!err) {
		old = restored->entry;
		err = darter_hash_adopt(target->arena, &restored->entry, &target->rules, lp);
		drop_remade(target, old, restored);
	}
	darter_blob_put(text.blob);
	return err;
}

static int load_field(const struct darter_dump_target *target, struct reader *reader,
		      struct darter_restored *restored, struct text texts[2])
{
	struct darter_entry *old = restored->entry;
	struct darter_arg words[2];
	int added, err = get_string(reader, &texts[0]) ?: get_string(reader, &texts[1]);

	if (err)
		return err;
	words[0] = texts[0].arg;
	words[1] = texts[1].arg;
	added = darter_hash_set(target->arena, &restored->entry, &target->rules, words, 1);
	drop_remade(target, old, restored);
	if (added < 0)
		return added;
	return added ? 0 : -EINVAL;
}

static int load_fields(const struct darter_dump_target *target, struct reader *reader,
		       struct darter_restored *restored)
{
	struct text texts[2] = { };
	u64 count;
	int err;

	/* Each string takes a byte at least. */
	if (get_length(reader, &count) || !count || count > (reader->end - reader->at) / 2)
		return -EINVAL;
	err = make_hash(target, DARTER_LP_EMPTY, restored);
	while (count-- && !err)
		err = load_field(target, reader, restored, texts);
	darter_blob_put(texts[0].blob);
	darter_blob_put(texts[1].blob);
	return err;
}

static int load_string(struct reader *reader, struct darter_restored *restored)
{
	struct text text = { };
	int err = get_string(reader, &text);

	restored->blob = text.blob;
	restored->string = text.arg;
	if (!err && text.arg.bytes == text.digits) {
		memcpy(restored->digits, text.digits, sizeof(restored->digits));
		restored->string.bytes = restored->digits;
	}
	return err;
}

static int load_value(const struct darter_dump_target *target, struct reader *reader,
		      struct darter_restored *restored)
{
	const u8 *type;

	if (!get_bytes(reader, 1, &type))
		return -EINVAL;
	switch (*type) {
	case TYPE_STRING:
		return load_string(reader, restored);
	case TYPE_HASH:
		return load_fields(target, reader, restored);
	case TYPE_HASH_LISTPACK:
		return load_listpack(target, reader, restored);
	default:
		return -EINVAL;
	}
}

/**
 * darter_dump_load() - read a value from a payload
 * @target: where it goes
 * @payload: one that darter_dump_verify() takes; to be kept as long as @restored
 * @len: its bytes
 * @restored: set to the value; to be freed with darter_dump_discard(), except
 *	for an entry that was stored and set to NULL
 *
 * Context: may sleep.
 * Return: 0, -EINVAL if it is damaged or of a type that does not exist, -ENOMEM.
 */
int darter_dump_load(const struct darter_dump_target *target, const void *payload, size_t len,
		     struct darter_restored *restored)
{
	struct reader reader = {
		.at = payload,
		.end = (const u8 *)payload + len - FOOTER,
		.max_len = min_t(u64, target->max_len, S32_MAX),
	};
	int err;

	memset(restored, 0, sizeof(*restored));
	err = load_value(target, &reader, restored);
	if (!err && reader.at != reader.end)
		err = -EINVAL;
	if (err)
		darter_dump_discard(target, restored);
	return err;
}

/**
 * darter_dump_discard() - free what was not stored of a value
 * @target: as it was loaded
 * @restored: the value
 */
void darter_dump_discard(const struct darter_dump_target *target,
			 struct darter_restored *restored)
{
	struct darter_entry *entry = restored->entry;

	darter_blob_put(restored->blob);
	restored->blob = NULL;
	restored->entry = NULL;
	if (!entry)
		return;
	if (entry->encoding == DARTER_OBJECT)
		darter_hash_free(target->arena, darter_entry_hash(entry));
	darter_entry_free(target->arena, entry);
}
