// SPDX-License-Identifier: GPL-2.0
/*
 * What COMMAND DOCS tells: per command a summary, its cost, and its arguments.
 * redis-cli makes its hints from this. Constant data; no locking.
 *
 * Names, types and versions of arguments are those of Redis 7.2. Rows are sorted
 * by name, as in command_table.c; a group of arguments comes before its members.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "command.h"
#include "command_docs.h"

#define T(type) DARTER_DOC_##type
#define A(flag) DARTER_DOC_##flag

static const struct darter_doc_arg key_value_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(STRING), "value" },
};

static const struct darter_doc_arg auth_args[] = {
	{ 0, T(STRING), "username", .since = "6.0.0", .flags = A(OPTIONAL) },
	{ 0, T(STRING), "password" },
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

static const struct darter_doc_arg client_kill_args[] = {
	{ 0, T(ONEOF), "filter" },
	{ 1, T(STRING), "old-format", .display = "ip:port", .deprecated_since = "2.8.12" },
	{ 1, T(ONEOF), "new-format", .flags = A(MULTIPLE) },
	{ 2, T(INTEGER), "client-id", "ID", .since = "2.8.12", .flags = A(OPTIONAL) },
	{ 2, T(ONEOF), "client-type", "TYPE", .since = "2.8.12", .flags = A(OPTIONAL) },
	{ 3, T(TOKEN), "normal", "NORMAL" },
	{ 3, T(TOKEN), "master", "MASTER", .since = "3.2.0" },
	{ 3, T(TOKEN), "slave", "SLAVE" },
	{ 3, T(TOKEN), "replica", "REPLICA", .since = "5.0.0" },
	{ 3, T(TOKEN), "pubsub", "PUBSUB" },
	{ 2, T(STRING), "username", "USER", .flags = A(OPTIONAL) },
	{ 2, T(STRING), "addr", "ADDR", .display = "ip:port", .flags = A(OPTIONAL) },
	{ 2, T(STRING), "laddr", "LADDR", .display = "ip:port", .since = "6.2.0",
	  .flags = A(OPTIONAL) },
	{ 2, T(ONEOF), "skipme", "SKIPME", .flags = A(OPTIONAL) },
	{ 3, T(TOKEN), "yes", "YES" },
	{ 3, T(TOKEN), "no", "NO" },
};

static const struct darter_doc_arg client_list_args[] = {
	{ 0, T(ONEOF), "client-type", "TYPE", .since = "5.0.0", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "normal", "NORMAL" },
	{ 1, T(TOKEN), "master", "MASTER" },
	{ 1, T(TOKEN), "replica", "REPLICA" },
	{ 1, T(TOKEN), "pubsub", "PUBSUB" },
	{ 0, T(INTEGER), "client-id", "ID", .since = "6.2.0", .flags = A(OPTIONAL) | A(MULTIPLE) },
};

static const struct darter_doc_arg client_caching_args[] = {
	{ 0, T(ONEOF), "mode" },
	{ 1, T(TOKEN), "yes", "YES" },
	{ 1, T(TOKEN), "no", "NO" },
};

static const struct darter_doc_arg client_switch_args[] = {
	{ 0, T(ONEOF), "enabled" },
	{ 1, T(TOKEN), "on", "ON" },
	{ 1, T(TOKEN), "off", "OFF" },
};

static const struct darter_doc_arg client_pause_args[] = {
	{ 0, T(INTEGER), "timeout" },
	{ 0, T(ONEOF), "mode", .since = "6.2.0", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "write", "WRITE" },
	{ 1, T(TOKEN), "all", "ALL" },
};

static const struct darter_doc_arg client_reply_args[] = {
	{ 0, T(ONEOF), "on-off-skip" },
	{ 1, T(TOKEN), "on", "ON" },
	{ 1, T(TOKEN), "off", "OFF" },
	{ 1, T(TOKEN), "skip", "SKIP" },
};

static const struct darter_doc_arg client_unblock_args[] = {
	{ 0, T(INTEGER), "client-id" },
	{ 0, T(ONEOF), "unblock-type", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "timeout", "TIMEOUT" },
	{ 1, T(TOKEN), "error", "ERROR" },
};

static const struct darter_doc_arg client_setinfo_args[] = {
	{ 0, T(ONEOF), "attr" },
	{ 1, T(STRING), "libname", "LIB-NAME" },
	{ 1, T(STRING), "libver", "LIB-VER" },
};

static const struct darter_doc_arg client_setname_args[] = {
	{ 0, T(STRING), "connection-name" },
};

static const struct darter_doc_arg slots_args[] = {
	{ 0, T(INTEGER), "slot", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg slot_ranges_args[] = {
	{ 0, T(BLOCK), "range", .flags = A(MULTIPLE) },
	{ 1, T(INTEGER), "start-slot" },
	{ 1, T(INTEGER), "end-slot" },
};

static const struct darter_doc_arg node_id_args[] = {
	{ 0, T(STRING), "node-id" },
};

static const struct darter_doc_arg slot_args[] = {
	{ 0, T(INTEGER), "slot" },
};

static const struct darter_doc_arg cluster_failover_args[] = {
	{ 0, T(ONEOF), "options", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "force", "FORCE" },
	{ 1, T(TOKEN), "takeover", "TAKEOVER" },
};

static const struct darter_doc_arg cluster_getkeysinslot_args[] = {
	{ 0, T(INTEGER), "slot" },
	{ 0, T(INTEGER), "count" },
};

static const struct darter_doc_arg cluster_keyslot_args[] = {
	{ 0, T(STRING), "key" },
};

static const struct darter_doc_arg cluster_meet_args[] = {
	{ 0, T(STRING), "ip" },
	{ 0, T(INTEGER), "port" },
	{ 0, T(INTEGER), "cluster-bus-port", .since = "4.0.0", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg cluster_reset_args[] = {
	{ 0, T(ONEOF), "reset-type", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "hard", "HARD" },
	{ 1, T(TOKEN), "soft", "SOFT" },
};

static const struct darter_doc_arg cluster_set_config_epoch_args[] = {
	{ 0, T(INTEGER), "config-epoch" },
};

static const struct darter_doc_arg cluster_setslot_args[] = {
	{ 0, T(INTEGER), "slot" },
	{ 0, T(ONEOF), "subcommand" },
	{ 1, T(STRING), "importing", "IMPORTING", .display = "node-id" },
	{ 1, T(STRING), "migrating", "MIGRATING", .display = "node-id" },
	{ 1, T(STRING), "node", "NODE", .display = "node-id" },
	{ 1, T(TOKEN), "stable", "STABLE" },
};

static const struct darter_doc_arg command_names_args[] = {
	{ 0, T(STRING), "command-name", .flags = A(OPTIONAL) | A(MULTIPLE) },
};

static const struct darter_doc_arg call_args[] = {
	{ 0, T(STRING), "command" },
	{ 0, T(STRING), "arg", .flags = A(OPTIONAL) | A(MULTIPLE) },
};

static const struct darter_doc_arg command_list_args[] = {
	{ 0, T(ONEOF), "filterby", "FILTERBY", .flags = A(OPTIONAL) },
	{ 1, T(STRING), "module-name", "MODULE" },
	{ 1, T(STRING), "category", "ACLCAT" },
	{ 1, T(PATTERN), "pattern", "PATTERN" },
};

static const struct darter_doc_arg config_get_args[] = {
	{ 0, T(STRING), "parameter", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg config_set_args[] = {
	{ 0, T(BLOCK), "data", .flags = A(MULTIPLE) },
	{ 1, T(STRING), "parameter" },
	{ 1, T(STRING), "value" },
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

static const struct darter_doc_arg message_args[] = {
	{ 0, T(STRING), "message" },
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

static const struct darter_doc_arg flush_mode_args[] = {
	{ 0, T(ONEOF), "flush-type", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "async", "ASYNC", .since = "4.0.0" },
	{ 1, T(TOKEN), "sync", "SYNC", .since = "6.2.0" },
};

static const struct darter_doc_arg key_offset_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "offset" },
};

static const struct darter_doc_arg function_flush_args[] = {
	{ 0, T(ONEOF), "flush-type", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "async", "ASYNC" },
	{ 1, T(TOKEN), "sync", "SYNC" },
};

static const struct darter_doc_arg function_list_args[] = {
	{ 0, T(STRING), "library-name-pattern", "LIBRARYNAME", .flags = A(OPTIONAL) },
	{ 0, T(TOKEN), "withcode", "WITHCODE", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg script_exists_args[] = {
	{ 0, T(STRING), "sha1", .flags = A(MULTIPLE) },
};

static const struct darter_doc_arg script_flush_args[] = {
	{ 0, T(ONEOF), "flush-type", .since = "6.2.0", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "async", "ASYNC" },
	{ 1, T(TOKEN), "sync", "SYNC" },
};

static const struct darter_doc_arg lolwut_args[] = {
	{ 0, T(INTEGER), "version", "VERSION", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg memory_usage_args[] = {
	{ 0, T(KEY), "key" },
	{ 0, T(INTEGER), "count", "SAMPLES", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg swapdb_args[] = {
	{ 0, T(INTEGER), "index1" },
	{ 0, T(INTEGER), "index2" },
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

static const struct darter_doc_arg hello_args[] = {
	{ 0, T(BLOCK), "arguments", .flags = A(OPTIONAL) },
	{ 1, T(INTEGER), "protover" },
	{ 1, T(BLOCK), "auth", "AUTH", .flags = A(OPTIONAL) },
	{ 2, T(STRING), "username" },
	{ 2, T(STRING), "password" },
	{ 1, T(STRING), "clientname", "SETNAME", .flags = A(OPTIONAL) },
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

static const struct darter_doc_arg info_args[] = {
	{ 0, T(STRING), "section", .flags = A(OPTIONAL) | A(MULTIPLE) },
};

static const struct darter_doc_arg pattern_args[] = {
	{ 0, T(PATTERN), "pattern" },
};

static const struct darter_doc_arg latency_event_args[] = {
	{ 0, T(STRING), "event" },
};

static const struct darter_doc_arg latency_events_args[] = {
	{ 0, T(STRING), "event", .flags = A(OPTIONAL) | A(MULTIPLE) },
};

static const struct darter_doc_arg latency_histogram_args[] = {
	{ 0, T(STRING), "command", .flags = A(OPTIONAL) | A(MULTIPLE) },
};

static const struct darter_doc_arg slowlog_get_args[] = {
	{ 0, T(INTEGER), "count", .flags = A(OPTIONAL) },
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

static const struct darter_doc_arg ping_args[] = {
	{ 0, T(STRING), "message", .flags = A(OPTIONAL) },
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

static const struct darter_doc_arg select_args[] = {
	{ 0, T(INTEGER), "index" },
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

static const struct darter_doc_arg shutdown_args[] = {
	{ 0, T(ONEOF), "save-selector", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nosave", "NOSAVE" },
	{ 1, T(TOKEN), "save", "SAVE" },
	{ 0, T(TOKEN), "now", "NOW", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 0, T(TOKEN), "force", "FORCE", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 0, T(TOKEN), "abort", "ABORT", .since = "7.0.0", .flags = A(OPTIONAL) },
};

/* Parts of a row. */
#define ARGS(...)					\
	.args = __VA_ARGS__,				\
	.nargs = ARRAY_SIZE(__VA_ARGS__)
#define CHANGES(...) ((const struct darter_doc_change[]) { __VA_ARGS__ })
#define HISTORY(...)					\
	.changes = CHANGES(__VA_ARGS__),		\
	.nchanges = ARRAY_SIZE(CHANGES(__VA_ARGS__))

static const struct darter_command_doc docs[] = {
	{ "append", "Adds bytes to the end of a string, which is made if there is none",
	  "O(1), amortized", ARGS(key_value_args) },
	{ "asking", "Lets the next command use a slot that is being imported", "O(1)" },
	{ "auth", "Proves with a password who the client is", "O(N) for N passwords of the user",
	  ARGS(auth_args),
	  HISTORY({ "6.0.0", "A user name may go before the password." }) },
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
	{ "client", "Commands about connections", "Depends on the subcommand" },
	{ "client|caching", "Says whether the keys of the next command are tracked", "O(1)",
	  ARGS(client_caching_args) },
	{ "client|getname", "Returns the name of this connection", "O(1)" },
	{ "client|getredir", "Returns which connection gets the messages of tracking", "O(1)" },
	{ "client|help", "Lists the subcommands", "O(1)" },
	{ "client|id", "Returns the number of this connection, which is never used again",
	  "O(1)" },
	{ "client|info", "Describes this connection", "O(1)" },
	{ "client|kill", "Closes connections", "O(N) for N connections",
	  ARGS(client_kill_args),
	  HISTORY({ "2.8.12", "Filters with names." },
		  { "2.8.12", "The filter `ID`." },
		  { "3.2.0", "`TYPE` knows `master`." },
		  { "5.0.0", "`TYPE` knows `replica`, and still `slave`." },
		  { "6.2.0", "The filter `LADDR`." }) },
	{ "client|list", "Describes every connection, a line each", "O(N) for N connections",
	  ARGS(client_list_args),
	  HISTORY({ "2.8.12", "Shows `id`." },
		  { "5.0.0", "The filter `TYPE`." },
		  { "6.0.0", "Shows `user`." },
		  { "6.2.0", "Shows `argv-mem`, `tot-mem`, `laddr` and `redir`; the filter `ID`." },
		  { "7.0.0", "Shows `resp`, `multi-mem`, `rbs` and `rbp`." },
		  { "7.0.3", "Shows `ssub`." }) },
	{ "client|no-evict", "Spares this connection when connections are closed for memory",
	  "O(1)",
	  ARGS(client_switch_args) },
	{ "client|no-touch", "Leaves alone when keys were last used", "O(1)",
	  ARGS(client_switch_args) },
	{ "client|pause", "Has commands of all connections wait", "O(1)",
	  ARGS(client_pause_args),
	  HISTORY({ "6.2.0", "`WRITE` pauses commands that write; the mode can be told." }) },
	{ "client|reply", "Chooses whether this connection gets replies", "O(1)",
	  ARGS(client_reply_args) },
	{ "client|setinfo", "Tells the server which library the client uses", "O(1)",
	  ARGS(client_setinfo_args) },
	{ "client|setname", "Names this connection", "O(1)",
	  ARGS(client_setname_args) },
	{ "client|trackinginfo", "Tells how the keys of this connection are tracked", "O(1)" },
	{ "client|unblock", "Ends the command in which a connection waits",
	  "O(log N) for N connections", ARGS(client_unblock_args) },
	{ "client|unpause", "Ends a pause", "O(N) for N connections that wait" },
	{ "cluster", "Commands about the cluster", "Depends on the subcommand" },
	{ "cluster|addslots", "Gives slots to this node", "O(N) for N slots",
	  ARGS(slots_args) },
	{ "cluster|addslotsrange", "Gives ranges of slots to this node",
	  "O(N) for N slots in the ranges", ARGS(slot_ranges_args) },
	{ "cluster|bumpepoch", "Moves the configuration of the cluster to a new epoch", "O(1)" },
	{ "cluster|count-failure-reports", "Counts the nodes that call a node failed",
	  "O(N) for N reports", ARGS(node_id_args) },
	{ "cluster|countkeysinslot", "Counts the keys of a slot", "O(1)",
	  ARGS(slot_args) },
	{ "cluster|delslots", "Takes slots from this node", "O(N) for N slots",
	  ARGS(slots_args) },
	{ "cluster|delslotsrange", "Takes ranges of slots from this node",
	  "O(N) for N slots in the ranges", ARGS(slot_ranges_args) },
	{ "cluster|failover", "Makes this replica the primary", "O(1)",
	  ARGS(cluster_failover_args) },
	{ "cluster|flushslots", "Takes all slots from this node", "O(1)" },
	{ "cluster|forget", "Removes a node from those that this node knows", "O(1)",
	  ARGS(node_id_args) },
	{ "cluster|getkeysinslot", "Lists some keys of a slot",
	  "O(N) for N keys in the database", ARGS(cluster_getkeysinslot_args) },
	{ "cluster|help", "Lists the subcommands", "O(1)" },
	{ "cluster|info", "Returns the state of the cluster as this node sees it", "O(1)" },
	{ "cluster|keyslot", "Computes the slot of a key", "O(N) for N bytes of the key",
	  ARGS(cluster_keyslot_args) },
	{ "cluster|links", "Lists the connections to other nodes", "O(N) for N nodes" },
	{ "cluster|meet", "Joins this node to another one", "O(1)",
	  ARGS(cluster_meet_args),
	  HISTORY({ "4.0.0", "The port of the bus may be given." }) },
	{ "cluster|myid", "Returns the ID of this node", "O(1)" },
	{ "cluster|myshardid", "Returns the ID that this node shares with its replicas", "O(1)" },
	{ "cluster|nodes", "Describes the nodes of the cluster, a line each", "O(N) for N nodes" },
	{ "cluster|replicas", "Describes the replicas of a node", "O(N) for N replicas",
	  ARGS(node_id_args) },
	{ "cluster|replicate", "Makes this node a replica of another one", "O(1)",
	  ARGS(node_id_args) },
	{ "cluster|reset", "Makes this node forget the cluster", "O(N) for N known nodes",
	  ARGS(cluster_reset_args) },
	{ "cluster|saveconfig", "Writes what this node knows of the cluster to disk", "O(1)" },
	{ "cluster|set-config-epoch", "Sets the epoch of a node that is new", "O(1)",
	  ARGS(cluster_set_config_epoch_args) },
	{ "cluster|setslot", "Changes who owns a slot, or moves it", "O(1)",
	  ARGS(cluster_setslot_args) },
	{ "cluster|shards", "Lists which nodes serve which slots", "O(N) for N nodes" },
	{ "cluster|slaves", "Describes the replicas of a node", "O(N) for N replicas",
	  .deprecated_since = "5.0.0", .replaced_by = "`CLUSTER REPLICAS`", ARGS(node_id_args) },
	{ "cluster|slots", "Lists which nodes serve which slots, by range", "O(N) for N nodes",
	  .deprecated_since = "7.0.0", .replaced_by = "`CLUSTER SHARDS`",
	  HISTORY({ "4.0.0", "Shows the IDs of nodes." },
		  { "7.0.0", "Shows more about how to reach nodes." }) },
	{ "command", "Describes every command", "O(N) for N commands" },
	{ "command|count", "Counts the commands", "O(1)" },
	{ "command|docs", "Says what commands are for and how they are called",
	  "O(N) for N commands to describe", ARGS(command_names_args) },
	{ "command|getkeys", "Finds the keys among the arguments of a command",
	  "O(N) for N arguments", ARGS(call_args) },
	{ "command|getkeysandflags", "Finds the keys of a command and what it does with each",
	  "O(N) for N arguments", ARGS(call_args) },
	{ "command|help", "Lists the subcommands", "O(1)" },
	{ "command|info", "Describes commands", "O(N) for N commands to describe",
	  ARGS(command_names_args),
	  HISTORY({ "7.0.0", "Without names, all commands are described." }) },
	{ "command|list", "Lists the names of commands", "O(N) for N commands",
	  ARGS(command_list_args) },
	{ "config", "Commands about the server's parameters", "Depends on the subcommand" },
	{ "config|get", "Returns the values of parameters", "O(N) for N parameters",
	  ARGS(config_get_args),
	  HISTORY({ "7.0.0", "Several patterns may be given." }) },
	{ "config|help", "Lists the subcommands", "O(1)" },
	{ "config|resetstat", "Sets the statistics that INFO shows to zero", "O(1)" },
	{ "config|rewrite", "Brings the configuration file up to date with the parameters in use",
	  "O(1)" },
	{ "config|set", "Changes parameters, all or none", "O(N) for N parameters",
	  ARGS(config_set_args),
	  HISTORY({ "7.0.0", "Several parameters may be given." }) },
	{ "copy", "Copies the value of a key to another key",
	  "O(1) for a string, O(N) for N elements", ARGS(copy_args) },
	{ "dbsize", "Counts the keys of the database", "O(1)" },
	{ "debug", "Commands for tests", "Depends on the subcommand", .internal = true },
	{ "decr", "Subtracts one from a number; a missing key counts as 0", "O(1)",
	  ARGS(key_args) },
	{ "decrby", "Subtracts from a number; a missing key counts as 0", "O(1)",
	  ARGS(decrby_args) },
	{ "del", "Deletes keys", "O(N) for N keys and all their elements",
	  ARGS(every_key_args) },
	{ "discard", "Drops the commands queued since MULTI", "O(N) for N queued commands" },
	{ "dump", "Serializes a value for RESTORE", "O(N) for N bytes of the value",
	  ARGS(key_args) },
	{ "echo", "Sends the message back", "O(1)",
	  ARGS(message_args) },
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
	{ "flushall", "Deletes all keys of all databases", "O(N) for N keys",
	  ARGS(flush_mode_args),
	  HISTORY({ "4.0.0", "The option `ASYNC`." },
		  { "6.2.0", "The option `SYNC`." }) },
	{ "flushdb", "Deletes all keys of the database", "O(N) for N keys",
	  ARGS(flush_mode_args),
	  HISTORY({ "4.0.0", "The option `ASYNC`." },
		  { "6.2.0", "The option `SYNC`." }) },
	{ "function", "Commands about libraries of functions", "Depends on the subcommand" },
	{ "function|flush", "Drops all libraries", "O(N) for N functions",
	  ARGS(function_flush_args) },
	{ "function|help", "Lists the subcommands", "O(1)" },
	{ "function|kill", "Stops the function that is running", "O(1)" },
	{ "function|list", "Describes the libraries", "O(N) for N functions",
	  ARGS(function_list_args) },
	{ "function|stats", "Describes the function that is running, and counts them", "O(1)" },
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
	{ "hello", "Chooses the protocol and describes the server", "O(1)",
	  ARGS(hello_args),
	  HISTORY({ "6.2.0", "Without a version, the protocol stays as it is." }) },
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
	{ "info", "Reports on the server", "O(1)",
	  ARGS(info_args),
	  HISTORY({ "7.0.0", "Several sections may be given." }) },
	{ "keys", "Lists the keys that match a pattern", "O(N) for N keys in the database",
	  ARGS(pattern_args) },
	{ "latency", "Commands about the latency monitor", "Depends on the subcommand" },
	{ "latency|doctor", "Says in words what the latency monitor has noted", "O(1)" },
	{ "latency|graph", "Draws what the latency monitor has noted of an event", "O(1)",
	  ARGS(latency_event_args) },
	{ "latency|help", "Lists the subcommands", "O(1)" },
	{ "latency|histogram", "Shows how long commands take", "O(N) for N commands",
	  ARGS(latency_histogram_args) },
	{ "latency|history", "Returns when an event took long, and how long", "O(1)",
	  ARGS(latency_event_args) },
	{ "latency|latest", "Returns when each event last took long, and the worst ever", "O(1)" },
	{ "latency|reset", "Forgets what the latency monitor has noted", "O(1)",
	  ARGS(latency_events_args) },
	{ "lcs", "Finds the longest subsequence that two strings share",
	  "O(N*M) for strings of N and M bytes", ARGS(lcs_args) },
	{ "lolwut", "Draws something, and says which version this is", "O(1)",
	  ARGS(lolwut_args) },
	{ "memory", "Commands about memory", "Depends on the subcommand" },
	{ "memory|doctor", "Tells what is unusual about the memory in use", "O(1)" },
	{ "memory|help", "Lists the subcommands", "O(1)" },
	{ "memory|malloc-stats", "Tells what the allocator holds", "O(N) for N shards" },
	{ "memory|purge", "Gives unused memory back to the system", "O(N) for N shards" },
	{ "memory|stats", "Tells what memory is used for", "O(N) for N databases and shards" },
	{ "memory|usage", "Tells the bytes that a key and its value take",
	  "O(N) for N fields to look at", ARGS(memory_usage_args) },
	{ "mget", "Returns the strings at several keys", "O(N) for N keys",
	  ARGS(every_key_args) },
	{ "monitor", "Shows every command that the server runs, as it runs it", "O(1)" },
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
	{ "ping", "Answers PONG, or the message", "O(1)",
	  ARGS(ping_args) },
	{ "psetex", "Sets the string at a key and its time to live in milliseconds", "O(1)",
	  .deprecated_since = "2.6.12", .replaced_by = "`SET` with the `PX` argument",
	  ARGS(psetex_args) },
	{ "pttl", "Returns a key's time to live in milliseconds", "O(1)",
	  ARGS(key_args),
	  HISTORY({ "2.8.0", "Answers -2 for a key that does not exist." }) },
	{ "quit", "Closes the connection", "O(1)",
	  .deprecated_since = "7.2.0", .replaced_by = "just closing the connection" },
	{ "randomkey", "Picks a key at random", "O(1)" },
	{ "readonly", "Lets a replica answer reads of this connection", "O(1)" },
	{ "readwrite", "Ends what READONLY began", "O(1)" },
	{ "rename", "Gives a key another name, replacing what bears it", "O(1)",
	  ARGS(key_newkey_args) },
	{ "renamenx", "Gives a key another name unless that is in use", "O(1)",
	  ARGS(key_newkey_args),
	  HISTORY({ "3.2.0", "Both names may be the same." }) },
	{ "reset", "Makes the connection as good as new", "O(1)" },
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
	{ "script", "Commands about scripts", "Depends on the subcommand" },
	{ "script|exists", "Checks which scripts are known", "O(N) for N scripts",
	  ARGS(script_exists_args) },
	{ "script|flush", "Forgets all scripts", "O(N) for N scripts",
	  ARGS(script_flush_args),
	  HISTORY({ "6.2.0", "The options `ASYNC` and `SYNC`." }) },
	{ "script|help", "Lists the subcommands", "O(1)" },
	{ "script|kill", "Stops the script that is running", "O(1)" },
	{ "select", "Chooses the database for this connection", "O(1)",
	  ARGS(select_args) },
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
	{ "shutdown", "Ends the server", "O(N) for N keys to save, else O(1)",
	  ARGS(shutdown_args),
	  HISTORY({ "7.0.0", "The options `NOW`, `FORCE` and `ABORT`." }) },
	{ "slowlog", "Commands about the slow log", "Depends on the subcommand" },
	{ "slowlog|get", "Returns the last commands that were slow", "O(N) for N entries",
	  ARGS(slowlog_get_args),
	  HISTORY({ "4.0.0", "Shows the client's address and name." }) },
	{ "slowlog|help", "Lists the subcommands", "O(1)" },
	{ "slowlog|len", "Counts the commands in the slow log", "O(1)" },
	{ "slowlog|reset", "Empties the slow log", "O(N) for N entries" },
	{ "strlen", "Returns the length of a string", "O(1)",
	  ARGS(key_args) },
	{ "substr", "Returns a part of a string", "O(N) for N bytes of the part",
	  .deprecated_since = "2.0.0", .replaced_by = "`GETRANGE`", ARGS(key_range_args) },
	{ "swapdb", "Exchanges two databases", "O(N) for N watched keys",
	  ARGS(swapdb_args) },
	{ "time", "Returns the server's time", "O(1)" },
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

/**
 * darter_command_doc() - find the text about a command
 * @command: a row of the command table
 *
 * Context: any.
 * Return: the text, or NULL if there is none.
 */
const struct darter_command_doc *darter_command_doc(const struct darter_command *command)
{
	u32 low = 0, high = ARRAY_SIZE(docs);

	while (low < high) {
		u32 middle = (low + high) / 2;
		int order = strcmp(command->name, docs[middle].name);

		if (!order)
			return &docs[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
