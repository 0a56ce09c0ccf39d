/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fields of a big hash: a table of them, each with its value in one
 * allocation from the arena of the table. Under the lock of the shard.
 */
#ifndef DARTER_CORE_FIELD_TABLE_H
#define DARTER_CORE_FIELD_TABLE_H

#include "command.h"
#include "listpack.h"
#include "table.h"

struct darter_field {
	u16 code;			/* of the name's hash, see table.h */
	u8 name_len, value_len;		/* DARTER_FIELD_LONG: see struct darter_field_lens */
	char bytes[];			/* name, value */
};

/* The mark in name_len of a field whose name or value is not shorter. */
#define DARTER_FIELD_LONG U8_MAX

/* What stands before the bytes of such a field. */
struct darter_field_lens {
	u32 name, value;
};

static inline const struct darter_field_lens *darter_field_lens(const struct darter_field *field)
{
	return (const struct darter_field_lens *)field->bytes;
}

static inline struct darter_lp_text darter_field_name(const struct darter_field *field)
{
	if (field->name_len != DARTER_FIELD_LONG)
		return (struct darter_lp_text) { field->bytes, field->name_len };
	return (struct darter_lp_text) { field->bytes + sizeof(struct darter_field_lens),
					 darter_field_lens(field)->name };
}

static inline struct darter_lp_text darter_field_value(const struct darter_field *field)
{
	struct darter_lp_text name = darter_field_name(field);
	bool is_long = field->name_len == DARTER_FIELD_LONG;

	return (struct darter_lp_text) { name.bytes + name.len, is_long ?
					 darter_field_lens(field)->value : field->value_len };
}

/* A name and its value, as they stand among the arguments of a command. */
static inline void darter_pair_of_words(struct darter_lp_text pair[2],
					const struct darter_arg *words)
{
	pair[0] = (struct darter_lp_text) { words[0].bytes, words[0].len };
	pair[1] = (struct darter_lp_text) { words[1].bytes, words[1].len };
}

/* Bytes that it was asked for with. */
size_t darter_field_size(const struct darter_field *field);

/* As darter_table_init(), for fields. */
void darter_field_table_init(struct darter_table *table, struct darter_arena *arena,
			     const siphash_key_t *key);
/* Free all fields; the table is empty afterwards and usable again. */
void darter_field_table_destroy(struct darter_table *table);
struct darter_field *darter_field_table_find(const struct darter_table *table, const char *name,
					     u32 len);
int darter_field_table_add(struct darter_table *table, const struct darter_lp_text *name,
			   const struct darter_lp_text *value);
int darter_field_table_set(struct darter_table *table, const struct darter_arg *words, u32 count);
bool darter_field_table_del(struct darter_table *table, const char *name, u32 len);
u64 darter_field_table_bytes(const struct darter_table *table, u64 samples);

#endif /* DARTER_CORE_FIELD_TABLE_H */
