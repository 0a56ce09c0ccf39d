// SPDX-License-Identifier: GPL-2.0
/*
 * What COMMAND DOCS tells of commands on keys and of transactions, see
 * command_docs.c. Constant data; no locking.
 */
#include "command_doc_rows.h"

static const struct darter_doc_arg key_value_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(STRING), "value" },
};

static const struct darter_doc_arg bitcount_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(BLOCK), "range", .flags = A(OPTIONAL) },
	{ 1, T(INTEGER), "start" },
	{ 1, T(INTEGER), "end" },
	{ 1, T(ONEOF), "unit", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 2, T(TOKEN), "byte", "BYTE" },
	{ 2, T(TOKEN), "bit", "BIT" },
};

static const struct darter_doc_arg bitfield_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(ONEOF), "operation", .flags = A(OPTIONAL) | A(MULTIPLE) },
	{ 1, T(BLOCK), "get-block", "GET" },
	{ 2, T(STRING), "encoding" },
	{ 2, T(INTEGER), "offset" },
	{ 1, T(BLOCK), "write" },
	{ 2, T(ONEOF), "overflow-block", "OVERFLOW", .flags = A(OPTIONAL) },
	{ 3, T(TOKEN), "wrap", "WRAP" },
	{ 3, T(TOKEN), "sat", "SAT" },
	{ 3, T(TOKEN), "fail", "FAIL" },
	{ 2, T(ONEOF), "write-operation" },
	{ 3, T(BLOCK), "set-block", "SET" },
	{ 4, T(STRING), "encoding" },
	{ 4, T(INTEGER), "offset" },
	{ 4, T(INTEGER), "value" },
	{ 3, T(BLOCK), "incrby-block", "INCRBY" },
	{ 4, T(STRING), "encoding" },
	{ 4, T(INTEGER), "offset" },
	{ 4, T(INTEGER), "increment" },
};

static const struct darter_doc_arg bitfield_ro_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(BLOCK), "get-block", "GET",
	  .flags = A(OPTIONAL) | A(MULTIPLE) | A(MULTIPLE_TOKEN) },
	{ 1, T(STRING), "encoding" },
	{ 1, T(INTEGER), "offset" },
};

static const struct darter_doc_arg bitop_args[] = {
	{ 0, T(ONEOF), "operation" },
	{ 1, T(TOKEN), "and", "AND" },
	{ 1, T(TOKEN), "or", "OR" },
	{ 1, T(TOKEN), "xor", "XOR" },
	{ 1, T(TOKEN), "not", "NOT" },
	{ 0, T(KEY), "destkey" },
	{ 0, T(KEY), "key", .flags = A(MULTIPLE), .key_spec = 1 },
};

static const struct darter_doc_arg bitpos_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "bit" },
	{ 0, T(BLOCK), "range", .flags = A(OPTIONAL) },
	{ 1, T(INTEGER), "start" },
	{ 1, T(BLOCK), "end-unit-block", .flags = A(OPTIONAL) },
	{ 2, T(INTEGER), "end" },
	{ 2, T(ONEOF), "unit", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 3, T(TOKEN), "byte", "BYTE" },
	{ 3, T(TOKEN), "bit", "BIT" },
};

static const struct darter_doc_arg copy_args[] = {
	{ 0, T(KEY), "source" },
	{ 0, T(KEY), "destination", .key_spec = 1 },
	{ 0, T(INTEGER), "destination-db", "DB", .flags = A(OPTIONAL) },
	{ 0, T(TOKEN), "replace", "REPLACE", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg key_args[] = {
	{ 0, T(KEY), "key" },
};

static const struct darter_doc_arg decrby_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "decrement" },
};

static const struct darter_doc_arg every_key_args[] = {
	{ 0, T(KEY), "key", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg expire_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "seconds" },
	{ 0, T(ONEOF), "condition", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nx", "NX" },
	{ 1, T(TOKEN), "xx", "XX" },
	{ 1, T(TOKEN), "gt", "GT" },
	{ 1, T(TOKEN), "lt", "LT" },
};

static const struct darter_doc_arg expireat_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(UNIX_TIME), "unix-time-seconds" },
	{ 0, T(ONEOF), "condition", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nx", "NX" },
	{ 1, T(TOKEN), "xx", "XX" },
	{ 1, T(TOKEN), "gt", "GT" },
	{ 1, T(TOKEN), "lt", "LT" },
};

static const struct darter_doc_arg key_offset_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "offset" },
};

static const struct darter_doc_arg wait_args[] = {
	{ 0, T(INTEGER), "numreplicas" },
	{ 0, T(INTEGER), "timeout" },
};

static const struct darter_doc_arg waitaof_args[] = {
	{ 0, T(INTEGER), "numlocal" },
	{ 0, T(INTEGER), "numreplicas" },
	{ 0, T(INTEGER), "timeout" },
};

static const struct darter_doc_arg getex_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(ONEOF), "expiration", .flags = A(OPTIONAL) },
	{ 1, T(INTEGER), "seconds", "EX" },
	{ 1, T(INTEGER), "milliseconds", "PX" },
	{ 1, T(UNIX_TIME), "unix-time-seconds", "EXAT" },
	{ 1, T(UNIX_TIME), "unix-time-milliseconds", "PXAT" },
	{ 1, T(TOKEN), "persist", "PERSIST" },
};

static const struct darter_doc_arg key_range_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "start" },
	{ 0, T(INTEGER), "end" },
};

static const struct darter_doc_arg key_fields_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(STRING), "field", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg key_field_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(STRING), "field" },
};

static const struct darter_doc_arg hexpire_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "seconds" },
	{ 0, T(ONEOF), "condition", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nx", "NX" },
	{ 1, T(TOKEN), "xx", "XX" },
	{ 1, T(TOKEN), "gt", "GT" },
	{ 1, T(TOKEN), "lt", "LT" },
	{ 0, T(BLOCK), "fields", "FIELDS" },
	{ 1, T(INTEGER), "numfields" },
	{ 1, T(STRING), "field", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg hexpireat_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(UNIX_TIME), "unix-time-seconds" },
	{ 0, T(ONEOF), "condition", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nx", "NX" },
	{ 1, T(TOKEN), "xx", "XX" },
	{ 1, T(TOKEN), "gt", "GT" },
	{ 1, T(TOKEN), "lt", "LT" },
	{ 0, T(BLOCK), "fields", "FIELDS" },
	{ 1, T(INTEGER), "numfields" },
	{ 1, T(STRING), "field", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg hpexpire_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "milliseconds" },
	{ 0, T(ONEOF), "condition", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nx", "NX" },
	{ 1, T(TOKEN), "xx", "XX" },
	{ 1, T(TOKEN), "gt", "GT" },
	{ 1, T(TOKEN), "lt", "LT" },
	{ 0, T(BLOCK), "fields", "FIELDS" },
	{ 1, T(INTEGER), "numfields" },
	{ 1, T(STRING), "field", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg hpexpireat_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(UNIX_TIME), "unix-time-milliseconds" },
	{ 0, T(ONEOF), "condition", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nx", "NX" },
	{ 1, T(TOKEN), "xx", "XX" },
	{ 1, T(TOKEN), "gt", "GT" },
	{ 1, T(TOKEN), "lt", "LT" },
	{ 0, T(BLOCK), "fields", "FIELDS" },
	{ 1, T(INTEGER), "numfields" },
	{ 1, T(STRING), "field", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg key_counted_fields_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(BLOCK), "fields", "FIELDS" },
	{ 1, T(INTEGER), "numfields" },
	{ 1, T(STRING), "field", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg hincrby_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(STRING), "field" },
	{ 0, T(INTEGER), "increment" },
};

static const struct darter_doc_arg hincrbyfloat_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(STRING), "field" },
	{ 0, T(DOUBLE), "increment" },
};

static const struct darter_doc_arg key_field_values_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(BLOCK), "data", .flags = A(MULTIPLE) },
	{ 1, T(STRING), "field" },
	{ 1, T(STRING), "value" },
};

static const struct darter_doc_arg hrandfield_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(BLOCK), "options", .flags = A(OPTIONAL) },
	{ 1, T(INTEGER), "count" },
	{ 1, T(TOKEN), "withvalues", "WITHVALUES", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg hscan_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "cursor" },
	{ 0, T(PATTERN), "pattern", "MATCH", .flags = A(OPTIONAL) },
	{ 0, T(INTEGER), "count", "COUNT", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg hsetnx_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(STRING), "field" },
	{ 0, T(STRING), "value" },
};

static const struct darter_doc_arg key_increment_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "increment" },
};

static const struct darter_doc_arg incrbyfloat_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(DOUBLE), "increment" },
};

static const struct darter_doc_arg pattern_args[] = {
	{ 0, T(PATTERN), "pattern" },
};

static const struct darter_doc_arg lcs_args[] = {
	{ 0, T(KEY), "key1" },
	{ 0, T(KEY), "key2" },
	{ 0, T(TOKEN), "len", "LEN", .flags = A(OPTIONAL) },
	{ 0, T(TOKEN), "idx", "IDX", .flags = A(OPTIONAL) },
	{ 0, T(INTEGER), "min-match-len", "MINMATCHLEN", .flags = A(OPTIONAL) },
	{ 0, T(TOKEN), "withmatchlen", "WITHMATCHLEN", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg move_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "db" },
};

static const struct darter_doc_arg key_values_args[] = {
	{ 0, T(BLOCK), "data", .flags = A(MULTIPLE) },
	{ 1, T(KEY), "key" },
	{ 1, T(STRING), "value" },
};

static const struct darter_doc_arg pexpire_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "milliseconds" },
	{ 0, T(ONEOF), "condition", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nx", "NX" },
	{ 1, T(TOKEN), "xx", "XX" },
	{ 1, T(TOKEN), "gt", "GT" },
	{ 1, T(TOKEN), "lt", "LT" },
};

static const struct darter_doc_arg pexpireat_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(UNIX_TIME), "unix-time-milliseconds" },
	{ 0, T(ONEOF), "condition", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nx", "NX" },
	{ 1, T(TOKEN), "xx", "XX" },
	{ 1, T(TOKEN), "gt", "GT" },
	{ 1, T(TOKEN), "lt", "LT" },
};

static const struct darter_doc_arg psetex_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "milliseconds" },
	{ 0, T(STRING), "value" },
};

static const struct darter_doc_arg key_newkey_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(KEY), "newkey", .key_spec = 1 },
};

static const struct darter_doc_arg restore_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "ttl" },
	{ 0, T(STRING), "serialized-value" },
	{ 0, T(TOKEN), "replace", "REPLACE", .since = "3.0.0", .flags = A(OPTIONAL) },
	{ 0, T(TOKEN), "absttl", "ABSTTL", .since = "5.0.0", .flags = A(OPTIONAL) },
	{ 0, T(INTEGER), "seconds", "IDLETIME", .since = "5.0.0", .flags = A(OPTIONAL) },
	{ 0, T(INTEGER), "frequency", "FREQ", .since = "5.0.0", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg scan_args[] = {
	{ 0, T(INTEGER), "cursor" },
	{ 0, T(PATTERN), "pattern", "MATCH", .flags = A(OPTIONAL) },
	{ 0, T(INTEGER), "count", "COUNT", .flags = A(OPTIONAL) },
	{ 0, T(STRING), "type", "TYPE", .since = "6.0.0", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg set_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(STRING), "value" },
	{ 0, T(ONEOF), "condition", .since = "2.6.12", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nx", "NX" },
	{ 1, T(TOKEN), "xx", "XX" },
	{ 0, T(TOKEN), "get", "GET", .since = "6.2.0", .flags = A(OPTIONAL) },
	{ 0, T(ONEOF), "expiration", .flags = A(OPTIONAL) },
	{ 1, T(INTEGER), "seconds", "EX", .since = "2.6.12" },
	{ 1, T(INTEGER), "milliseconds", "PX", .since = "2.6.12" },
	{ 1, T(UNIX_TIME), "unix-time-seconds", "EXAT", .since = "6.2.0" },
	{ 1, T(UNIX_TIME), "unix-time-milliseconds", "PXAT", .since = "6.2.0" },
	{ 1, T(TOKEN), "keepttl", "KEEPTTL", .since = "6.0.0" },
};

static const struct darter_doc_arg setbit_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "offset" },
	{ 0, T(INTEGER), "value" },
};

static const struct darter_doc_arg setex_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "seconds" },
	{ 0, T(STRING), "value" },
};

static const struct darter_doc_arg setrange_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "offset" },
	{ 0, T(STRING), "value" },
};

static const struct darter_command_doc rows[] = {
	{ "append", "Adds bytes to the end of a string, which is made if there is none",
	  "O(1), amortized", ARGS(key_value_args) },
	{ "bitcount", "Counts the bits of a string that are 1", "O(N) for N bytes of the range",
	  ARGS(bitcount_args),
	  HISTORY({ "7.0.0", "The range may be one of bits: `BYTE` and `BIT`." }) },
	{ "bitfield", "Reads and changes integers of any width inside a string",
	  "O(N) for N operations", ARGS(bitfield_args) },
	{ "bitfield_ro", "Reads integers of any width inside a string",
	  "O(N) for N operations", ARGS(bitfield_ro_args) },
	{ "bitop", "Combines strings bit by bit and stores the result",
	  "O(N) for N bytes of all strings", ARGS(bitop_args) },
	{ "bitpos", "Finds the first bit of a string that is 1, or 0",
	  "O(N) for N bytes of the range", ARGS(bitpos_args),
	  HISTORY({ "7.0.0", "The range may be one of bits: `BYTE` and `BIT`." }) },
	{ "copy", "Copies the value of a key to another key",
	  "O(1) for a string, O(N) for N elements", ARGS(copy_args) },
	{ "decr", "Subtracts one from a number; a missing key counts as 0", "O(1)",
	  ARGS(key_args) },
	{ "decrby", "Subtracts from a number; a missing key counts as 0", "O(1)",
	  ARGS(decrby_args) },
	{ "del", "Deletes keys", "O(N) for N keys and all their elements",
	  ARGS(every_key_args) },
	{ "discard", "Drops the commands queued since MULTI", "O(N) for N queued commands" },
	{ "dump", "Serializes a value for RESTORE", "O(N) for N bytes of the value",
	  ARGS(key_args) },
	{ "exec", "Runs the commands queued since MULTI", "Depends on the commands" },
	{ "exists", "Counts which of the keys exist", "O(N) for N keys",
	  ARGS(every_key_args),
	  HISTORY({ "3.0.3", "Several keys may be given." }) },
	{ "expire", "Gives a key a time to live in seconds", "O(1)",
	  ARGS(expire_args),
	  HISTORY({ "7.0.0", "The conditions `NX`, `XX`, `GT` and `LT`." }) },
	{ "expireat", "Sets when a key expires, in seconds of Unix time", "O(1)",
	  ARGS(expireat_args),
	  HISTORY({ "7.0.0", "The conditions `NX`, `XX`, `GT` and `LT`." }) },
	{ "expiretime", "Returns when a key expires, in seconds of Unix time", "O(1)",
	  ARGS(key_args) },
	{ "get", "Returns the string at a key", "O(1)",
	  ARGS(key_args) },
	{ "getbit", "Returns a bit of a string", "O(1)",
	  ARGS(key_offset_args) },
	{ "getdel", "Returns the string at a key and deletes the key", "O(1)",
	  ARGS(key_args) },
	{ "getex", "Returns the string at a key and changes when it expires", "O(1)",
	  ARGS(getex_args) },
	{ "getrange", "Returns a part of a string", "O(N) for N bytes of the part",
	  ARGS(key_range_args) },
	{ "getset", "Replaces the string at a key and returns the old one", "O(1)",
	  .deprecated_since = "6.2.0", .replaced_by = "`SET` with the `!GET` argument",
	  ARGS(key_value_args) },
	{ "hdel", "Deletes fields of a hash; the last one takes the key along",
	  "O(N) for N fields to delete", ARGS(key_fields_args),
	  HISTORY({ "2.4.0", "Several fields may be given." }) },
	{ "hexists", "Checks whether a hash has a field", "O(1)",
	  ARGS(key_field_args) },
	{ "hexpire", "Gives fields of a hash a time to live",
	  "O(N) for N fields", ARGS(hexpire_args) },
	{ "hexpireat", "Sets when fields of a hash expire, in Unix time",
	  "O(N) for N fields", ARGS(hexpireat_args) },
	{ "hexpiretime", "Returns when fields of a hash expire, in Unix time",
	  "O(N) for N fields", ARGS(key_counted_fields_args) },
	{ "hget", "Returns the value of a field", "O(1)",
	  ARGS(key_field_args) },
	{ "hgetall", "Returns all fields and values of a hash", "O(N) for N fields",
	  ARGS(key_args) },
	{ "hincrby", "Adds to the integer in a field; a missing field counts as 0", "O(1)",
	  ARGS(hincrby_args) },
	{ "hincrbyfloat", "Adds to the number in a field; a missing field counts as 0", "O(1)",
	  ARGS(hincrbyfloat_args) },
	{ "hkeys", "Lists the fields of a hash", "O(N) for N fields",
	  ARGS(key_args) },
	{ "hlen", "Counts the fields of a hash", "O(1)",
	  ARGS(key_args) },
	{ "hmget", "Returns the values of several fields", "O(N) for N fields to return",
	  ARGS(key_fields_args) },
	{ "hmset", "Sets several fields of a hash", "O(N) for N fields to set",
	  .deprecated_since = "4.0.0", .replaced_by = "`HSET` with multiple field-value pairs",
	  ARGS(key_field_values_args) },
	{ "hpersist", "Takes the time to live of fields away",
	  "O(N) for N fields", ARGS(key_counted_fields_args) },
	{ "hpexpire", "Gives fields of a hash a time to live in milliseconds",
	  "O(N) for N fields", ARGS(hpexpire_args) },
	{ "hpexpireat", "Sets when fields of a hash expire, in milliseconds of Unix time",
	  "O(N) for N fields", ARGS(hpexpireat_args) },
	{ "hpexpiretime", "Returns when fields of a hash expire, in milliseconds of Unix time",
	  "O(N) for N fields", ARGS(key_counted_fields_args) },
	{ "hpttl", "Returns the time to live of fields in milliseconds",
	  "O(N) for N fields", ARGS(key_counted_fields_args) },
	{ "hrandfield", "Picks fields of a hash at random", "O(N) for N fields to pick",
	  ARGS(hrandfield_args) },
	{ "hscan", "Walks over the fields of a hash in steps",
	  "O(1) a step, O(N) in all for N fields", ARGS(hscan_args) },
	{ "hset", "Sets fields of a hash, which is made if there is none",
	  "O(N) for N fields to set", ARGS(key_field_values_args),
	  HISTORY({ "4.0.0", "Several fields and values may be given." }) },
	{ "hsetnx", "Sets a field that is not there yet", "O(1)",
	  ARGS(hsetnx_args) },
	{ "hstrlen", "Returns the length of a field's value", "O(1)",
	  ARGS(key_field_args) },
	{ "httl", "Returns the time to live of fields in seconds",
	  "O(N) for N fields", ARGS(key_counted_fields_args) },
	{ "hvals", "Lists the values of a hash", "O(N) for N fields",
	  ARGS(key_args) },
	{ "incr", "Adds one to a number; a missing key counts as 0", "O(1)",
	  ARGS(key_args) },
	{ "incrby", "Adds to a number; a missing key counts as 0", "O(1)",
	  ARGS(key_increment_args) },
	{ "incrbyfloat", "Adds to a number with a fraction; a missing key counts as 0", "O(1)",
	  ARGS(incrbyfloat_args) },
	{ "keys", "Lists the keys that match a pattern", "O(N) for N keys in the database",
	  ARGS(pattern_args) },
	{ "lcs", "Finds the longest subsequence that two strings share",
	  "O(N*M) for strings of N and M bytes", ARGS(lcs_args) },
	{ "mget", "Returns the strings at several keys", "O(N) for N keys",
	  ARGS(every_key_args) },
	{ "move", "Moves a key to another database", "O(1)",
	  ARGS(move_args) },
	{ "mset", "Sets the strings at several keys", "O(N) for N keys",
	  ARGS(key_values_args) },
	{ "msetnx", "Sets the strings at several keys if none of them exists", "O(N) for N keys",
	  ARGS(key_values_args) },
	{ "multi", "Begins a transaction: commands are queued until EXEC", "O(1)" },
	{ "object", "Commands about how values are stored", "Depends on the subcommand" },
	{ "object|encoding", "Tells how a value is stored", "O(1)",
	  ARGS(key_args) },
	{ "object|freq", "Tells how often a key is used, on a logarithmic scale", "O(1)",
	  ARGS(key_args) },
	{ "object|help", "Lists the subcommands", "O(1)" },
	{ "object|idletime", "Tells for how many seconds a key has not been used", "O(1)",
	  ARGS(key_args) },
	{ "object|refcount", "Counts the references to a value", "O(1)",
	  ARGS(key_args) },
	{ "persist", "Takes away a key's time to live", "O(1)",
	  ARGS(key_args) },
	{ "pexpire", "Gives a key a time to live in milliseconds", "O(1)",
	  ARGS(pexpire_args),
	  HISTORY({ "7.0.0", "The conditions `NX`, `XX`, `GT` and `LT`." }) },
	{ "pexpireat", "Sets when a key expires, in milliseconds of Unix time", "O(1)",
	  ARGS(pexpireat_args),
	  HISTORY({ "7.0.0", "The conditions `NX`, `XX`, `GT` and `LT`." }) },
	{ "pexpiretime", "Returns when a key expires, in milliseconds of Unix time", "O(1)",
	  ARGS(key_args) },
	{ "psetex", "Sets the string at a key and its time to live in milliseconds", "O(1)",
	  .deprecated_since = "2.6.12", .replaced_by = "`SET` with the `PX` argument",
	  ARGS(psetex_args) },
	{ "pttl", "Returns a key's time to live in milliseconds", "O(1)",
	  ARGS(key_args),
	  HISTORY({ "2.8.0", "Answers -2 for a key that does not exist." }) },
	{ "randomkey", "Picks a key at random", "O(1)" },
	{ "rename", "Gives a key another name, replacing what bears it", "O(1)",
	  ARGS(key_newkey_args) },
	{ "renamenx", "Gives a key another name unless that is in use", "O(1)",
	  ARGS(key_newkey_args),
	  HISTORY({ "3.2.0", "Both names may be the same." }) },
	{ "restore", "Makes a key from what DUMP returned", "O(N) for N bytes of the value",
	  ARGS(restore_args),
	  HISTORY({ "3.0.0", "The option `REPLACE`." },
		  { "5.0.0", "The option `ABSTTL`." },
		  { "5.0.0", "The options `IDLETIME` and `FREQ`." }) },
	{ "restore-asking", "Makes a key that moves to this node of a cluster",
	  "O(N) for N bytes of the value", .internal = true, ARGS(restore_args),
	  HISTORY({ "3.0.0", "The option `REPLACE`." },
		  { "5.0.0", "The option `ABSTTL`." },
		  { "5.0.0", "The options `IDLETIME` and `FREQ`." }) },
	{ "scan", "Walks over the keys of the database in steps",
	  "O(1) a step, O(N) in all for N keys", ARGS(scan_args),
	  HISTORY({ "6.0.0", "The option `TYPE`." }) },
	{ "set", "Sets the string at a key, whatever was there", "O(1)",
	  ARGS(set_args),
	  HISTORY({ "2.6.12", "The options `EX`, `PX`, `NX` and `XX`." },
		  { "6.0.0", "The option `KEEPTTL`." },
		  { "6.2.0", "The options `GET`, `EXAT` and `PXAT`." },
		  { "7.0.0", "`NX` goes together with `GET`." }) },
	{ "setbit", "Sets a bit of a string, which grows as needed", "O(1)",
	  ARGS(setbit_args) },
	{ "setex", "Sets the string at a key and its time to live in seconds", "O(1)",
	  .deprecated_since = "2.6.12", .replaced_by = "`SET` with the `EX` argument",
	  ARGS(setex_args) },
	{ "setnx", "Sets the string at a key that does not exist", "O(1)",
	  .deprecated_since = "2.6.12", .replaced_by = "`SET` with the `NX` argument",
	  ARGS(key_value_args) },
	{ "setrange", "Overwrites a part of a string", "O(N) for N bytes of the value",
	  ARGS(setrange_args) },
	{ "strlen", "Returns the length of a string", "O(1)",
	  ARGS(key_args) },
	{ "substr", "Returns a part of a string", "O(N) for N bytes of the part",
	  .deprecated_since = "2.0.0", .replaced_by = "`GETRANGE`", ARGS(key_range_args) },
	{ "touch", "Marks keys as just used and counts those that exist", "O(N) for N keys",
	  ARGS(every_key_args) },
	{ "ttl", "Returns a key's time to live in seconds", "O(1)",
	  ARGS(key_args),
	  HISTORY({ "2.8.0", "Answers -2 for a key that does not exist." }) },
	{ "type", "Returns the type of the value at a key", "O(1)",
	  ARGS(key_args) },
	{ "unlink", "Deletes keys; the memory may come back later", "O(N) for N keys",
	  ARGS(every_key_args) },
	{ "unwatch", "Forgets all watched keys", "O(1)" },
	{ "wait", "Waits until replicas have the writes of this connection", "O(1)",
	  ARGS(wait_args) },
	{ "waitaof", "Waits until the writes of this connection are in append-only files", "O(1)",
	  ARGS(waitaof_args) },
	{ "watch", "Makes EXEC fail if one of the keys changes before", "O(N) for N keys",
	  ARGS(every_key_args) },
};

const struct darter_command_docs darter_docs_keys = { rows, ARRAY_SIZE(rows) };
