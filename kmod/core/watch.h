/* SPDX-License-Identifier: GPL-2.0 */
/*
 * WATCH: per shard a hash of watched keys; a write to one marks the sessions
 * that watch it dirty. All under the lock of the key's shard.
 */
#ifndef DARTER_CORE_WATCH_H
#define DARTER_CORE_WATCH_H

#include <linux/list.h>
#include <linux/types.h>

struct darter_ctx;
struct darter_session;
struct darter_shard;

/* Hash buckets for the watched keys of a shard. */
#define DARTER_WATCH_BUCKETS 256

struct darter_watch {
	struct hlist_node hash_link;	/* in shard->watches */
	struct list_head session_link;	/* in session->watched */
	struct darter_session *session;
	struct darter_shard *shard;
	u64 hash;
	u32 db;
	u32 key_len;
	char key[];
};

/* A key changed or was removed. */
void darter_watch_touch(struct darter_shard *shard, u32 db, u64 hash,
			const char *key, u32 len);
/* A database of the shard is emptied; U32_MAX: all. */
void darter_watch_touch_all(struct darter_shard *shard, u32 db);
/* Two databases of the shard are about to be exchanged. */
void darter_watch_touch_swap(struct darter_shard *shard, u32 a, u32 b, u64 now);
/* Watch a key for the session; its shard is locked. -ENOMEM. */
int darter_watch_add(struct darter_session *session, u32 db, const char *key, u32 len);
/* Drop all watches of a session; takes the shards' locks one by one. */
void darter_watch_clear(struct darter_session *session);
/* The same while the caller holds the lock of every shard concerned. */
void darter_watch_clear_locked(struct darter_session *session);

#endif /* DARTER_CORE_WATCH_H */
