// SPDX-License-Identifier: GPL-2.0
/* links: kmod/core/dump.c kmod/core/lzf.c kmod/core/crc.c kmod/core/blob.c kmod/core/entry.c kmod/core/hash.c kmod/core/field_table.c kmod/core/keyed_hash.c kmod/core/hash_ttl.c kmod/core/listpack.c kmod/core/number/integer.c kmod/core/guard.c kmod/core/table.c kmod/core/table_walk.c kmod/core/arena.c tests/shim/shim.c */
/* DUMP payloads: those of redis-server 7.0.15, our own, and damaged ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/slab.h>

#include "kmod/core/arena.h"
#include "kmod/core/blob.h"
#include "kmod/core/bytes.h"
#include "kmod/core/crc.h"
#include "kmod/core/dump.h"

#define FOOTER 10
#define WORDS 8

static struct darter_arena arena;
static const siphash_key_t key = { { 3, 5 } };
static struct darter_dump_target target = {
	.arena = &arena,
	.key = "k",
	.key_len = 1,
	.deadline = DARTER_NO_DEADLINE,
	.rules = { .key = &key, .entries = 512, .value = 64 },
	.max_len = 1 << 20,
};

#define Y50 "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
#define Y60 Y50 "yyyyyyyyyy"
#define Z60 "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
#define Q50 "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"

/* Written by redis-server 7.0.15, version 10. A string has one word. */
static const struct vector {
	const char *body;
	size_t len;
	u64 crc;
	const char *words[WORDS];
	bool same;			/* we write it so, byte for byte */
} vectors[] = {
#define BODY(bytes) bytes, sizeof(bytes) - 1
	{ BODY("\x00\x00"), 0xdaa27f0f405c9b5d, { "" }, true },
	{ BODY("\x00\xc0\xf4"), 0x82efa75ad7ce7444, { "-12" }, true },
	{ BODY("\x00\xc1\xd4\xfe"), 0x2edebefe2386c4c6, { "-300" }, true },
	{ BODY("\x00\xc2p\x11\x01\x00"), 0xa5953095fe08a401, { "70000" }, true },
	{ BODY("\x00\x0f" "123456789012345"), 0x366838cc80d023aa, { "123456789012345" }, true },
	{ BODY("\x00\x0aplain text"), 0x9d9ef19b7499246f, { "plain text" }, true },
	{ BODY("\x00\x03" "007"), 0xd9ba694c7be25872, { "007" }, true },
	{ BODY("\x00\xc3\x0c$\x03" "abca\xe0\x14\x02\x02" "def"), 0x9fd41d926024d1b5,
	  { "abcabcabcabcabcabcabcabcabcabcabcdef" }, false },
	{ BODY("\x10\x1e\x1e\x00\x00\x00\x06\x00\x81\x66\x02\x01\x01\x81g\x02\x85hello\x06"
	       "\xf2\x90\xee\xfe\x04\x81x\x02\xff"), 0xe6bdbcc4a12cb886,
	  { "f", "1", "g", "hello", "-70000", "x" }, true },
	{ BODY("\x10\xc3.@\x9b\x0d\x9b\x00\x00\x00\x06\x00\x84name\x05\xbcy\xe0\x32\x00\x08=\x84"
	       "mail\x05\xbcz\xe0\x32\x00\x03=\x11\x01\xf4 \x8f\x06\x00\x00\x01\x00\x00\x09\xff"),
	  0x63aad49063213f4,
	  { "name", Y60, "mail", Z60, "17", "1099511627776" }, false },
	{ BODY("\x04\x03\x01" "c\xc3\x09\x32\x01qq\xe0%\x00\x01qq\x01" "b\x03two\x01" "a\xc0\x01"),
	  0x21aede4d3e302498, { "a", "1", "b", "two", "c", Q50 }, false },
};

#define NVECTORS (sizeof(vectors) / sizeof(*vectors))

static void begin(void)
{
	darter_arena_init(&arena);
	target.rules.entries = 512;
	target.rules.value = 64;
	target.max_len = 1 << 20;
}

static void end(void)
{
	assert_int_equal(arena.used, 0);
	darter_arena_destroy(&arena);
}

/* A payload of exactly its size on the heap, checksum right. */
static u8 *payload_of(const void *body, size_t len, u16 version)
{
	u8 *payload = malloc(len + FOOTER);

	memcpy(payload, body, len);
	darter_put_le(payload + len, version, 2);
	darter_put_le(payload + len + 2, darter_crc64(0, payload, len + 2), 8);
	return payload;
}

static u32 words_of(const struct vector *vector)
{
	u32 n = 0;

	while (n < WORDS && vector->words[n])
		n++;
	return n;
}

static void check_value(const struct vector *vector, const struct darter_restored *restored)
{
	u32 n = words_of(vector), i;

	if (n == 1) {
		assert_null(restored->entry);
		assert_int_equal(restored->string.len, strlen(vector->words[0]));
		assert_memory_equal(restored->string.bytes, vector->words[0], restored->string.len);
		return;
	}
	assert_non_null(restored->entry);
	assert_int_equal(darter_hash_len(restored->entry), n / 2);
	for (i = 0; i < n; i += 2) {
		const char *name = vector->words[i], *value = vector->words[i + 1];
		struct darter_pair pair;

		assert_true(darter_hash_get(restored->entry, name, strlen(name), &pair));
		assert_int_equal(pair.value.len, strlen(value));
		assert_memory_equal(pair.value.bytes, value, pair.value.len);
	}
}

static int load(const void *body, size_t len, struct darter_restored *restored)
{
	u8 *payload = payload_of(body, len, DARTER_DUMP_VERSION);
	int err = darter_dump_load(&target, payload, len + FOOTER, restored);

	/* A raw string is read from the payload: keep it alive for the check. */
	if (!err && !restored->entry && !restored->blob &&
	    restored->string.bytes != restored->digits) {
		restored->blob = darter_blob_alloc(restored->string.len, restored->string.len);
		memcpy(restored->blob->data, restored->string.bytes, restored->string.len);
		restored->string.bytes = restored->blob->data;
	}
	free(payload);
	return err;
}

static void reads_what_redis_writes(void **state)
{
	size_t i;

	for (i = 0; i < NVECTORS; i++) {
		const struct vector *vector = &vectors[i];
		u8 *payload = payload_of(vector->body, vector->len, 10);
		struct darter_restored restored;

		begin();
		assert_true(darter_get_le(payload + vector->len + 2, 8) == vector->crc);
		assert_true(darter_dump_verify(payload, vector->len + FOOTER));
		assert_int_equal(darter_dump_load(&target, payload, vector->len + FOOTER,
						  &restored), 0);
		check_value(vector, &restored);
		darter_dump_discard(&target, &restored);
		free(payload);
		end();
	}
}

static struct darter_entry *entry_of(const struct darter_arg *words, u32 n)
{
	struct darter_entry *entry, *made;

	if (n == 1) {
		entry = darter_entry_make(&arena, "k", 1, DARTER_STRING, words[0].len,
					  DARTER_NO_DEADLINE);
		memcpy(darter_entry_inline(entry), words[0].bytes, words[0].len);
		return entry;
	}
	made = darter_hash_make(&arena, "k", 1, DARTER_NO_DEADLINE, DARTER_LP_EMPTY);
	entry = made;
	assert_true(darter_hash_set(&arena, &entry, &target.rules, words, n / 2) >= 0);
	if (entry != made)
		darter_entry_free(&arena, made);
	return entry;
}

static void entry_drop(struct darter_entry *entry)
{
	if (entry->encoding == DARTER_OBJECT)
		darter_hash_free(&arena, darter_entry_hash(entry));
	darter_entry_free(&arena, entry);
}

static struct darter_blob *dump_of(const struct vector *vector, bool compress)
{
	struct darter_arg words[WORDS] = { };
	u32 n = words_of(vector), i;
	struct darter_entry *entry;
	struct darter_blob *blob;

	for (i = 0; i < n; i++)
		words[i] = (struct darter_arg) {
			.bytes = vector->words[i],
			.len = strlen(vector->words[i]),
		};
	entry = entry_of(words, n);
	blob = darter_dump(entry, compress);
	entry_drop(entry);
	return blob;
}

static void writes_what_redis_writes(void **state)
{
	size_t i;
	int compress;

	for (i = 0; i < NVECTORS; i++)
		for (compress = 0; compress < 2; compress++) {
			const struct vector *vector = &vectors[i];
			struct darter_restored restored;
			struct darter_blob *blob;

			begin();
			blob = dump_of(vector, compress);
			assert_true(darter_dump_verify(blob->data, blob->len));
			assert_int_equal(darter_get_le((u8 *)blob->data + blob->len - FOOTER, 2),
					 11);
			/* So few fields are a listpack here. */
			assert_int_equal(blob->data[0],
					 vector->body[0] == 4 ? 16 : vector->body[0]);
			if (vector->same) {
				assert_int_equal(blob->len, vector->len + FOOTER);
				assert_memory_equal(blob->data, vector->body, vector->len);
			}
			assert_int_equal(darter_dump_load(&target, blob->data, blob->len,
							  &restored), 0);
			check_value(vector, &restored);
			darter_dump_discard(&target, &restored);
			darter_blob_put(blob);
			end();
		}
}

static char *random_word(u32 *len)
{
	static const u32 lengths[] = { 0, 1, 11, 20, 21, 24, 63, 64, 300, 16383, 16384, 20000 };
	char *word;
	u32 i;

	*len = lengths[rand() % (rand() % 10 ? 8 : 12)];
	word = malloc(*len + 32);
	if (rand() % 4 == 0) {
		long long number = (u64)rand() << 33 ^ rand();

		*len = sprintf(word, "%lld", number >> rand() % 64);
		return word;
	}
	for (i = 0; i < *len; i++)
		word[i] = rand() % 3 ? 'a' : rand();
	return word;
}

static void check_copy(void *arg, const struct darter_pair *pair)
{
	const struct darter_entry *copy = arg;
	struct darter_pair other;

	assert_true(darter_hash_get(copy, pair->name.bytes, pair->name.len, &other));
	assert_int_equal(other.value.len, pair->value.len);
	assert_memory_equal(other.value.bytes, pair->value.bytes, other.value.len);
}

static void dumps_come_back(void **state)
{
	int round;

	srand(21);
	for (round = 0; round < 1500; round++) {
		u32 n = rand() % 3 ? 2 * (1 + rand() % 30) : 1, i;
		struct darter_restored restored;
		struct darter_arg words[60] = { };
		struct darter_entry *entry;
		struct darter_blob *blob;

		begin();
		target.rules.entries = rand() % 2 ? 512 : 0;
		target.rules.value = rand() % 2 ? 64 : 100000;
		for (i = 0; i < n; i++)
			words[i].bytes = random_word(&words[i].len);
		entry = entry_of(words, n);
		blob = darter_dump(entry, rand() % 3);
		assert_true(darter_dump_verify(blob->data, blob->len));
		assert_int_equal(darter_dump_load(&target, blob->data, blob->len, &restored), 0);
		assert_int_equal(!restored.entry, n == 1);
		if (n == 1) {
			assert_int_equal(restored.string.len, words[0].len);
			assert_memory_equal(restored.string.bytes, words[0].bytes, words[0].len);
		} else {
			const u8 *lp = darter_hash_listpack(entry);

			assert_int_equal(darter_hash_len(restored.entry), darter_hash_len(entry));
			darter_hash_each(entry, check_copy, restored.entry);
			if (lp)
				assert_memory_equal(darter_hash_listpack(restored.entry), lp,
						    darter_lp_bytes(lp));
		}
		darter_dump_discard(&target, &restored);
		darter_blob_put(blob);
		entry_drop(entry);
		for (i = 0; i < n; i++)
			free((char *)words[i].bytes);
		end();
	}
}

static void compresses_if_told(void **state)
{
	struct darter_arg word = { .bytes = Y50, .len = 40 };
	struct darter_entry *entry;
	struct darter_blob *plain, *packed;

	begin();
	entry = entry_of(&word, 1);
	plain = darter_dump(entry, false);
	packed = darter_dump(entry, true);
	assert_int_equal(plain->len, 1 + 1 + 40 + FOOTER);
	assert_true(packed->len < 25);
	darter_blob_put(plain);
	darter_blob_put(packed);
	entry_drop(entry);
	word.len = 20;
	entry = entry_of(&word, 1);
	packed = darter_dump(entry, true);
	assert_int_equal(packed->len, 1 + 1 + 20 + FOOTER);
	darter_blob_put(packed);
	entry_drop(entry);
	end();
}

static void checks_version_and_sum(void **state)
{
	const struct vector *vector = &vectors[8];
	u8 *payload = payload_of(vector->body, vector->len, 11);
	size_t len = vector->len + FOOTER, i;

	for (i = 0; i < 8 * len; i++) {
		payload[i / 8] ^= 1 << i % 8;
		assert_false(darter_dump_verify(payload, len));
		payload[i / 8] ^= 1 << i % 8;
	}
	assert_true(darter_dump_verify(payload, len));
	for (i = 0; i < len; i++) {
		u8 *part = malloc(i + !i);

		memcpy(part, payload, i);
		assert_false(darter_dump_verify(part, i));
		free(part);
	}
	free(payload);
	payload = payload_of(vector->body, vector->len, 12);
	assert_false(darter_dump_verify(payload, len));
	free(payload);
	payload = payload_of("", 0, 11);
	assert_true(darter_dump_verify(payload, FOOTER));
	free(payload);
}

/* Load what may be anything; what comes out is sound and can be dumped again. */
static bool try_body(const u8 *body, size_t len)
{
	struct darter_restored restored;
	struct darter_blob *blob;
	int err = load(body, len, &restored);

	if (err) {
		assert_int_equal(err, -EINVAL);
		return false;
	}
	if (restored.entry) {
		const u8 *lp = darter_hash_listpack(restored.entry);
		u32 count;

		assert_true(darter_hash_len(restored.entry));
		if (lp)
			assert_int_equal(darter_lp_validate(lp, darter_lp_bytes(lp), &count), 0);
		darter_hash_each(restored.entry, check_copy, restored.entry);
		blob = darter_dump(restored.entry, true);
		assert_true(darter_dump_verify(blob->data, blob->len));
		darter_blob_put(blob);
	} else {
		assert_true(restored.string.len <= target.max_len);
	}
	darter_dump_discard(&target, &restored);
	return true;
}

static void every_byte_flipped(void **state)
{
	size_t i, at;
	u32 mask, entries;

	for (i = 0; i < NVECTORS; i++)
		for (entries = 0; entries < 1024; entries += 512) {
			u8 *body = malloc(vectors[i].len);

			begin();
			target.rules.entries = entries;
			memcpy(body, vectors[i].body, vectors[i].len);
			for (at = 0; at < vectors[i].len; at++)
				for (mask = 1; mask < 256; mask++) {
					body[at] ^= mask;
					try_body(body, vectors[i].len);
					body[at] ^= mask;
				}
			free(body);
			end();
		}
}

static void truncations_and_excess(void **state)
{
	size_t i, len;

	begin();
	for (i = 0; i < NVECTORS; i++) {
		u8 *body = malloc(vectors[i].len + 1);

		memcpy(body, vectors[i].body, vectors[i].len);
		body[vectors[i].len] = 0;
		for (len = 0; len < vectors[i].len; len++)
			assert_false(try_body(body, len));
		assert_true(try_body(body, vectors[i].len));
		assert_false(try_body(body, vectors[i].len + 1));
		free(body);
	}
	end();
}

static void random_damage(void **state)
{
	u8 body[256];
	u32 round;

	srand(23);
	begin();
	for (round = 0; round < 100000; round++) {
		const struct vector *vector = &vectors[rand() % NVECTORS];
		u32 n = 1 + rand() % 4;

		memcpy(body, vector->body, vector->len);
		while (n--)
			body[rand() % vector->len] = rand() % 2 ? rand() : rand() % 20;
		try_body(body, vector->len);
	}
	end();
}

#define REFUSE(bytes) assert_false(try_body((const u8 *)bytes, sizeof(bytes) - 1))
#define ACCEPT(bytes) assert_true(try_body((const u8 *)bytes, sizeof(bytes) - 1))

static void hostile_bodies(void **state)
{
	begin();
	ACCEPT("\x04\x01\x01" "a\x01" "b");
	/* Lengths in a longer form than need be are read all the same. */
	ACCEPT("\x04\x80\x00\x00\x00\x01\x40\x01" "a\x81\x00\x00\x00\x00\x00\x00\x00\x01" "b");
	/* Counts and lengths that nothing stands behind. */
	REFUSE("\x04\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01" "a\x01" "b");
	REFUSE("\x04\x80\xff\xff\xff\xff\x01" "a\x01" "b");
	REFUSE("\x04\x02\x01" "a\x01" "b");
	REFUSE("\x00\x80\x7f\xff\xff\xff" "abc");
	REFUSE("\x00\x81\x00\x00\x00\x01\x00\x00\x00\x00");
	REFUSE("\x00\x82\x00\x00\x00\x01" "a");
	REFUSE("\x00\xc4");
	REFUSE("\x04\xc0\x01\x01" "a\x01" "b");
	end();
}

static void hostile_streams(void **state)
{
	begin();
	/* An "x" and nine more of it; then lengths that are not those. */
	ACCEPT("\x00\xc3\x05\x0a\x00x\xe0\x00\x00");
	REFUSE("\x00\xc3\x05\x0b\x00x\xe0\x00\x00");
	REFUSE("\x00\xc3\x05\x09\x00x\xe0\x00\x00");
	REFUSE("\x00\xc3\x05\x80\x7f\xff\xff\xff\x00x\xe0\x00\x00");
	REFUSE("\x00\xc3\x05\x81\xff\xff\xff\xff\xff\xff\xff\xff\x00x\xe0\x00\x00");
	REFUSE("\x00\xc3\xc0\x05\x0a\x00x\xe0\x00\x00");
	REFUSE("\x00\xc3\x05\x0a\x00x\xe0\x00\x01");
	target.max_len = 9;
	REFUSE("\x00\xc3\x05\x0a\x00x\xe0\x00\x00");
	target.max_len = 10;
	ACCEPT("\x00\xc3\x05\x0a\x00x\xe0\x00\x00");
	REFUSE("\x00\x0b" "01234567890");
	end();
}

static void hostile_hashes(void **state)
{
	u32 entries;

	for (entries = 0; entries < 1024; entries += 512) {
		begin();
		target.rules.entries = entries;
		/* No fields. */
		REFUSE("\x04\x00");
		REFUSE("\x10\x07\x07\x00\x00\x00\x00\x00\xff");
		/* A name twice; in the second, as text and as number. */
		REFUSE("\x04\x02\x01" "a\x01" "b\x01" "a\x01" "c");
		REFUSE("\x04\x02\x01" "5\x01" "b\xc0\x05\x01" "c");
		REFUSE("\x10\x10\x10\x00\x00\x00\x04\x00\x05\x01\x01\x01\x81\x35\x02\x01\x01\xff");
		/* A name without a value. */
		REFUSE("\x10\x09\x09\x00\x00\x00\x01\x00\x05\x01\xff");
		/* An element count that is wrong, one that is unknown. */
		REFUSE("\x10\x0b\x0b\x00\x00\x00\x03\x00\x05\x01\x06\x01\xff");
		ACCEPT("\x10\x0b\x0b\x00\x00\x00\xff\xff\x05\x01\x06\x01\xff");
		ACCEPT("\x10\x0b\x0b\x00\x00\x00\x02\x00\x05\x01\x06\x01\xff");
		/* A number where a listpack should be. */
		REFUSE("\x10\xc0\x05");
		end();
	}
}

static void other_types(void **state)
{
	int type;

	begin();
	for (type = 1; type < 256; type++) {
		u8 body[] = { type, 1, 1, 'a', 1, 'b', 0 };

		if (type != 4)
			assert_false(try_body(body, 6));
	}
	assert_false(try_body((const u8 *)"", 0));
	end();
}

/* Each allocation fails in turn: the error is -ENOMEM and nothing is left. */
static void survives_lack_of_memory(void **state)
{
	size_t i;
	long fail;
	u32 entries;

	for (i = 0; i < NVECTORS; i++)
		for (entries = 0; entries < 1024; entries += 512) {
			u8 *payload = payload_of(vectors[i].body, vectors[i].len, 11);
			struct darter_restored restored;
			int err = -ENOMEM;

			for (fail = 0; err; fail++) {
				begin();
				target.rules.entries = entries;
				shim_alloc_fail_after = fail;
				err = darter_dump_load(&target, payload, vectors[i].len + FOOTER,
						       &restored);
				shim_alloc_fail_after = -1;
				if (err)
					assert_int_equal(err, -ENOMEM);
				else
					darter_dump_discard(&target, &restored);
				end();
			}
			free(payload);
		}
}

/* Without memory to compress, a dump is plain; without memory for itself, none. */
static void dumps_with_little_memory(void **state)
{
	struct darter_arg word = { .bytes = Y50, .len = 50 };
	struct darter_entry *entry;
	struct darter_blob *blob;

	begin();
	entry = entry_of(&word, 1);
	shim_alloc_fail_after = 0;
	assert_null(darter_dump(entry, true));
	shim_alloc_fail_after = 1;
	blob = darter_dump(entry, true);
	shim_alloc_fail_after = -1;
	assert_non_null(blob);
	assert_int_equal(blob->len, 1 + 1 + 50 + FOOTER);
	darter_blob_put(blob);
	entry_drop(entry);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_redis_writes),
		cmocka_unit_test(writes_what_redis_writes),
		cmocka_unit_test(dumps_come_back),
		cmocka_unit_test(compresses_if_told),
		cmocka_unit_test(checks_version_and_sum),
		cmocka_unit_test(every_byte_flipped),
		cmocka_unit_test(truncations_and_excess),
		cmocka_unit_test(random_damage),
		cmocka_unit_test(hostile_bodies),
		cmocka_unit_test(hostile_streams),
		cmocka_unit_test(hostile_hashes),
		cmocka_unit_test(other_types),
		cmocka_unit_test(survives_lack_of_memory),
		cmocka_unit_test(dumps_with_little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
