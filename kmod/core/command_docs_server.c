// SPDX-License-Identifier: GPL-2.0
/*
 * What COMMAND DOCS tells of commands about the server, its connections and its
 * cluster, see command_docs.c. Constant data; no locking.
 */
#include "command_doc_rows.h"

static const struct darter_doc_arg auth_args[] = {
	{ 0, T(STRING), "username", .since = "6.0.0", .flags = A(OPTIONAL) },
	{ 0, T(STRING), "password" },
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

static const struct darter_doc_arg message_args[] = {
	{ 0, T(STRING), "message" },
};

static const struct darter_doc_arg flush_mode_args[] = {
	{ 0, T(ONEOF), "flush-type", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "async", "ASYNC", .since = "4.0.0" },
	{ 1, T(TOKEN), "sync", "SYNC", .since = "6.2.0" },
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

static const struct darter_doc_arg hello_args[] = {
	{ 0, T(BLOCK), "arguments", .flags = A(OPTIONAL) },
	{ 1, T(INTEGER), "protover" },
	{ 1, T(BLOCK), "auth", "AUTH", .flags = A(OPTIONAL) },
	{ 2, T(STRING), "username" },
	{ 2, T(STRING), "password" },
	{ 1, T(STRING), "clientname", "SETNAME", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg info_args[] = {
	{ 0, T(STRING), "section", .flags = A(OPTIONAL) | A(MULTIPLE) },
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

static const struct darter_doc_arg ping_args[] = {
	{ 0, T(STRING), "message", .flags = A(OPTIONAL) },
};

static const struct darter_doc_arg select_args[] = {
	{ 0, T(INTEGER), "index" },
};

static const struct darter_doc_arg shutdown_args[] = {
	{ 0, T(ONEOF), "save-selector", .flags = A(OPTIONAL) },
	{ 1, T(TOKEN), "nosave", "NOSAVE" },
	{ 1, T(TOKEN), "save", "SAVE" },
	{ 0, T(TOKEN), "now", "NOW", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 0, T(TOKEN), "force", "FORCE", .since = "7.0.0", .flags = A(OPTIONAL) },
	{ 0, T(TOKEN), "abort", "ABORT", .since = "7.0.0", .flags = A(OPTIONAL) },
};

static const struct darter_command_doc rows[] = {
	{ "asking", "Lets the next command use a slot that is being imported", "O(1)" },
	{ "auth", "Proves with a password who the client is", "O(N) for N passwords of the user",
	  ARGS(auth_args),
	  HISTORY({ "6.0.0", "A user name may go before the password." }) },
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
	{ "dbsize", "Counts the keys of the database", "O(1)" },
	{ "debug", "Commands for tests", "Depends on the subcommand", .internal = true },
	{ "echo", "Sends the message back", "O(1)",
	  ARGS(message_args) },
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
	{ "hello", "Chooses the protocol and describes the server", "O(1)",
	  ARGS(hello_args),
	  HISTORY({ "6.2.0", "Without a version, the protocol stays as it is." }) },
	{ "info", "Reports on the server", "O(1)",
	  ARGS(info_args),
	  HISTORY({ "7.0.0", "Several sections may be given." }) },
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
	{ "monitor", "Shows every command that the server runs, as it runs it", "O(1)" },
	{ "ping", "Answers PONG, or the message", "O(1)",
	  ARGS(ping_args) },
	{ "quit", "Closes the connection", "O(1)",
	  .deprecated_since = "7.2.0", .replaced_by = "just closing the connection" },
	{ "readonly", "Lets a replica answer reads of this connection", "O(1)" },
	{ "readwrite", "Ends what READONLY began", "O(1)" },
	{ "reset", "Makes the connection as good as new", "O(1)" },
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
	{ "swapdb", "Exchanges two databases", "O(N) for N watched keys",
	  ARGS(swapdb_args) },
	{ "time", "Returns the server's time", "O(1)" },
};

const struct darter_command_docs darter_docs_server = { rows, ARRAY_SIZE(rows) };
