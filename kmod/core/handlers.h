/* SPDX-License-Identifier: GPL-2.0 */
/* The handlers that rows of the command table name, and what those of hashes share. */
#ifndef DARTER_CORE_HANDLERS_H
#define DARTER_CORE_HANDLERS_H

#include <linux/types.h>

struct darter_ctx;
struct darter_entry;

/* strings */
void darter_cmd_append(struct darter_ctx *ctx);
void darter_cmd_decr(struct darter_ctx *ctx);
void darter_cmd_decrby(struct darter_ctx *ctx);
void darter_cmd_get(struct darter_ctx *ctx);
void darter_cmd_getdel(struct darter_ctx *ctx);
void darter_cmd_getex(struct darter_ctx *ctx);
void darter_cmd_getrange(struct darter_ctx *ctx);
void darter_cmd_getset(struct darter_ctx *ctx);
void darter_cmd_incr(struct darter_ctx *ctx);
void darter_cmd_incrby(struct darter_ctx *ctx);
void darter_cmd_incrbyfloat(struct darter_ctx *ctx);
void darter_cmd_lcs(struct darter_ctx *ctx);
void darter_cmd_mget(struct darter_ctx *ctx);
void darter_cmd_mset(struct darter_ctx *ctx);
void darter_cmd_msetnx(struct darter_ctx *ctx);
void darter_cmd_psetex(struct darter_ctx *ctx);
void darter_cmd_set(struct darter_ctx *ctx);
void darter_cmd_setex(struct darter_ctx *ctx);
void darter_cmd_setnx(struct darter_ctx *ctx);
void darter_cmd_setrange(struct darter_ctx *ctx);
void darter_cmd_strlen(struct darter_ctx *ctx);
void darter_cmd_substr(struct darter_ctx *ctx);

/* bits of strings */
void darter_cmd_bitcount(struct darter_ctx *ctx);
void darter_cmd_bitfield(struct darter_ctx *ctx);
void darter_cmd_bitfield_ro(struct darter_ctx *ctx);
void darter_cmd_bitop(struct darter_ctx *ctx);
void darter_cmd_bitpos(struct darter_ctx *ctx);
void darter_cmd_getbit(struct darter_ctx *ctx);
void darter_cmd_setbit(struct darter_ctx *ctx);

/* hashes */
void darter_cmd_hdel(struct darter_ctx *ctx);
void darter_cmd_hexists(struct darter_ctx *ctx);
void darter_cmd_hexpire(struct darter_ctx *ctx);
void darter_cmd_hexpireat(struct darter_ctx *ctx);
void darter_cmd_hexpiretime(struct darter_ctx *ctx);
void darter_cmd_hget(struct darter_ctx *ctx);
void darter_cmd_hgetall(struct darter_ctx *ctx);
void darter_cmd_hincrby(struct darter_ctx *ctx);
void darter_cmd_hincrbyfloat(struct darter_ctx *ctx);
void darter_cmd_hkeys(struct darter_ctx *ctx);
void darter_cmd_hlen(struct darter_ctx *ctx);
void darter_cmd_hmget(struct darter_ctx *ctx);
void darter_cmd_hmset(struct darter_ctx *ctx);
void darter_cmd_hpersist(struct darter_ctx *ctx);
void darter_cmd_hpexpire(struct darter_ctx *ctx);
void darter_cmd_hpexpireat(struct darter_ctx *ctx);
void darter_cmd_hpexpiretime(struct darter_ctx *ctx);
void darter_cmd_hpttl(struct darter_ctx *ctx);
void darter_cmd_hrandfield(struct darter_ctx *ctx);
void darter_cmd_hscan(struct darter_ctx *ctx);
void darter_cmd_hset(struct darter_ctx *ctx);
void darter_cmd_hsetnx(struct darter_ctx *ctx);
void darter_cmd_hstrlen(struct darter_ctx *ctx);
void darter_cmd_httl(struct darter_ctx *ctx);
void darter_cmd_hvals(struct darter_ctx *ctx);

/* keys of any type */
void darter_cmd_del(struct darter_ctx *ctx);
void darter_cmd_unlink(struct darter_ctx *ctx);
void darter_cmd_exists(struct darter_ctx *ctx);
void darter_cmd_touch(struct darter_ctx *ctx);
void darter_cmd_type(struct darter_ctx *ctx);
void darter_cmd_expire(struct darter_ctx *ctx);
void darter_cmd_pexpire(struct darter_ctx *ctx);
void darter_cmd_expireat(struct darter_ctx *ctx);
void darter_cmd_pexpireat(struct darter_ctx *ctx);
void darter_cmd_ttl(struct darter_ctx *ctx);
void darter_cmd_pttl(struct darter_ctx *ctx);
void darter_cmd_expiretime(struct darter_ctx *ctx);
void darter_cmd_pexpiretime(struct darter_ctx *ctx);
void darter_cmd_persist(struct darter_ctx *ctx);
void darter_cmd_rename(struct darter_ctx *ctx);
void darter_cmd_renamenx(struct darter_ctx *ctx);
void darter_cmd_copy(struct darter_ctx *ctx);
void darter_cmd_move(struct darter_ctx *ctx);
void darter_cmd_keys(struct darter_ctx *ctx);
void darter_cmd_scan(struct darter_ctx *ctx);
void darter_cmd_randomkey(struct darter_ctx *ctx);
void darter_cmd_dump(struct darter_ctx *ctx);
void darter_cmd_restore(struct darter_ctx *ctx);
void darter_cmd_restore_asking(struct darter_ctx *ctx);
void darter_cmd_object_encoding(struct darter_ctx *ctx);
void darter_cmd_object_freq(struct darter_ctx *ctx);
void darter_cmd_object_help(struct darter_ctx *ctx);
void darter_cmd_object_idletime(struct darter_ctx *ctx);
void darter_cmd_object_refcount(struct darter_ctx *ctx);

/* transactions */
void darter_cmd_multi(struct darter_ctx *ctx);
void darter_cmd_exec(struct darter_ctx *ctx);
void darter_cmd_discard(struct darter_ctx *ctx);
void darter_cmd_watch(struct darter_ctx *ctx);
void darter_cmd_unwatch(struct darter_ctx *ctx);

/* connections */
void darter_cmd_ping(struct darter_ctx *ctx);
void darter_cmd_echo(struct darter_ctx *ctx);
void darter_cmd_hello(struct darter_ctx *ctx);
void darter_cmd_auth(struct darter_ctx *ctx);
void darter_cmd_select(struct darter_ctx *ctx);
void darter_cmd_quit(struct darter_ctx *ctx);
void darter_cmd_reset(struct darter_ctx *ctx);
void darter_cmd_time(struct darter_ctx *ctx);
void darter_cmd_readonly(struct darter_ctx *ctx);
void darter_cmd_readwrite(struct darter_ctx *ctx);
void darter_cmd_asking(struct darter_ctx *ctx);

/* clients */
void darter_cmd_client_id(struct darter_ctx *ctx);
void darter_cmd_client_getname(struct darter_ctx *ctx);
void darter_cmd_client_setname(struct darter_ctx *ctx);
void darter_cmd_client_setinfo(struct darter_ctx *ctx);
void darter_cmd_client_info(struct darter_ctx *ctx);
void darter_cmd_client_list(struct darter_ctx *ctx);
void darter_cmd_client_kill(struct darter_ctx *ctx);
void darter_cmd_client_no_evict(struct darter_ctx *ctx);
void darter_cmd_client_no_touch(struct darter_ctx *ctx);
void darter_cmd_client_reply(struct darter_ctx *ctx);
void darter_cmd_client_pause(struct darter_ctx *ctx);
void darter_cmd_client_unpause(struct darter_ctx *ctx);
void darter_cmd_client_unblock(struct darter_ctx *ctx);
void darter_cmd_client_getredir(struct darter_ctx *ctx);
void darter_cmd_client_trackinginfo(struct darter_ctx *ctx);
void darter_cmd_client_caching(struct darter_ctx *ctx);
void darter_cmd_client_help(struct darter_ctx *ctx);

/* the command table */
void darter_cmd_command(struct darter_ctx *ctx);
void darter_cmd_command_count(struct darter_ctx *ctx);
void darter_cmd_command_list(struct darter_ctx *ctx);
void darter_cmd_command_info(struct darter_ctx *ctx);
void darter_cmd_command_docs(struct darter_ctx *ctx);
void darter_cmd_command_getkeys(struct darter_ctx *ctx);
void darter_cmd_command_getkeysandflags(struct darter_ctx *ctx);
void darter_cmd_command_help(struct darter_ctx *ctx);

/* server and configuration */
void darter_cmd_info(struct darter_ctx *ctx);
void darter_cmd_config_get(struct darter_ctx *ctx);
void darter_cmd_config_set(struct darter_ctx *ctx);
void darter_cmd_config_resetstat(struct darter_ctx *ctx);
void darter_cmd_config_rewrite(struct darter_ctx *ctx);
void darter_cmd_config_help(struct darter_ctx *ctx);
void darter_cmd_monitor(struct darter_ctx *ctx);
void darter_cmd_slowlog_get(struct darter_ctx *ctx);
void darter_cmd_slowlog_len(struct darter_ctx *ctx);
void darter_cmd_slowlog_reset(struct darter_ctx *ctx);
void darter_cmd_slowlog_help(struct darter_ctx *ctx);
void darter_cmd_latency_doctor(struct darter_ctx *ctx);
void darter_cmd_latency_graph(struct darter_ctx *ctx);
void darter_cmd_latency_histogram(struct darter_ctx *ctx);
void darter_cmd_latency_history(struct darter_ctx *ctx);
void darter_cmd_latency_latest(struct darter_ctx *ctx);
void darter_cmd_latency_reset(struct darter_ctx *ctx);
void darter_cmd_latency_help(struct darter_ctx *ctx);
void darter_cmd_dbsize(struct darter_ctx *ctx);
void darter_cmd_flushdb(struct darter_ctx *ctx);
void darter_cmd_flushall(struct darter_ctx *ctx);
void darter_cmd_shutdown(struct darter_ctx *ctx);
void darter_cmd_debug(struct darter_ctx *ctx);
void darter_cmd_swapdb(struct darter_ctx *ctx);
void darter_cmd_memory_doctor(struct darter_ctx *ctx);
void darter_cmd_memory_help(struct darter_ctx *ctx);
void darter_cmd_memory_malloc_stats(struct darter_ctx *ctx);
void darter_cmd_memory_purge(struct darter_ctx *ctx);
void darter_cmd_memory_stats(struct darter_ctx *ctx);
void darter_cmd_memory_usage(struct darter_ctx *ctx);
void darter_cmd_lolwut(struct darter_ctx *ctx);
void darter_cmd_wait(struct darter_ctx *ctx);
void darter_cmd_waitaof(struct darter_ctx *ctx);

/* scripts and functions */
void darter_cmd_function_flush(struct darter_ctx *ctx);
void darter_cmd_function_help(struct darter_ctx *ctx);
void darter_cmd_function_kill(struct darter_ctx *ctx);
void darter_cmd_function_list(struct darter_ctx *ctx);
void darter_cmd_function_stats(struct darter_ctx *ctx);
void darter_cmd_script_exists(struct darter_ctx *ctx);
void darter_cmd_script_flush(struct darter_ctx *ctx);
void darter_cmd_script_help(struct darter_ctx *ctx);
void darter_cmd_script_kill(struct darter_ctx *ctx);

/* cluster emulation */
void darter_cmd_cluster_keyslot(struct darter_ctx *ctx);
void darter_cmd_cluster_countkeysinslot(struct darter_ctx *ctx);
void darter_cmd_cluster_getkeysinslot(struct darter_ctx *ctx);
void darter_cmd_cluster_slots(struct darter_ctx *ctx);
void darter_cmd_cluster_shards(struct darter_ctx *ctx);
void darter_cmd_cluster_nodes(struct darter_ctx *ctx);
void darter_cmd_cluster_info(struct darter_ctx *ctx);
void darter_cmd_cluster_myid(struct darter_ctx *ctx);
void darter_cmd_cluster_myshardid(struct darter_ctx *ctx);
void darter_cmd_cluster_links(struct darter_ctx *ctx);
void darter_cmd_cluster_replicas(struct darter_ctx *ctx);
void darter_cmd_cluster_slaves(struct darter_ctx *ctx);
void darter_cmd_cluster_count_failure_reports(struct darter_ctx *ctx);
void darter_cmd_cluster_help(struct darter_ctx *ctx);
void darter_cmd_cluster_refuse(struct darter_ctx *ctx);

/* For commands of hashes: false, with the error replied, for an entry of another type. */
bool darter_check_hash(struct darter_ctx *ctx, const struct darter_entry *entry);

#endif /* DARTER_CORE_HANDLERS_H */
