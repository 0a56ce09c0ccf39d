// SPDX-License-Identifier: GPL-2.0
/*
 * Playing a stream: to both servers, from nothing, on connections of its own. All
 * replies must be alike, and in the end all keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model.h"

/* The connection that looks at all keys. */
#define LOOKER		CONNECTIONS
#define KEYS_AT_ONCE	200
#define MAX_QUEUE	4096
#define MAX_PLAYS	3000		/* while a stream is made shorter */
#define FIRST		"SCAN 0 COUNT 100000"

struct player {
	struct servers *servers;
	const struct rules *rules;
	const struct stream *stream;
	struct counts *counts;
	struct bytes *why;
	struct bytes out;
	bool clean;			/* nobody has keys that have expired */
	/* What each connection has queued behind MULTI: indices of steps. */
	unsigned int queues[CONNECTIONS][MAX_QUEUE], queued[CONNECTIONS];
};

static struct span step_span(const struct stream *stream, const struct step *step)
{
	return (struct span) { stream->text.at + step->at, step->len };
}

/* As a line whose words are quoted. */
static void add_line(struct bytes *out, struct span resp)
{
	struct span args[SENTENCE_ARGS];
	unsigned int i, n = resp_args(resp, args, SENTENCE_ARGS);
	size_t j;

	for (i = 0; i < n; i++) {
		bytes_add(out, " \"", i ? 2 : 0);
		bytes_add(out, "\"", i ? 0 : 1);
		for (j = 0; j < args[i].len; j++) {
			unsigned char c = args[i].at[j];

			if (c < ' ' || c > '~' || c == '"' || c == '\\')
				bytes_format(out, "\\x%02x", c);
			else
				bytes_add(out, &c, 1);
		}
		bytes_add(out, "\"", 1);
	}
	bytes_add(out, "\r\n", 2);
}

static void add_step(struct player *player, const struct step *step)
{
	struct span text = step_span(player->stream, step);

	if (step->in_line)
		add_line(&player->out, text);
	else
		bytes_add(&player->out, text.at, text.len);
}

/* Commands of our own, words parted by blanks. */
static void add_words(struct bytes *out, const char *words)
{
	const char *word, *end;
	int n = 1;

	for (word = words; (word = strchr(word, ' ')); word++)
		n++;
	bytes_format(out, "*%d\r\n", n);
	for (word = words; n--; word = end + 1) {
		end = word + strcspn(word, " ");
		bytes_format(out, "$%d\r\n%.*s\r\n", (int)(end - word), (int)(end - word), word);
	}
}

static void add_about_key(struct bytes *out, const char *words, struct span key)
{
	struct bytes command = { };

	add_words(&command, words);
	command.at[1]++;	/* one argument more; there are fewer than nine */
	bytes_add(out, command.at, command.len);
	bytes_add(out, key.at, key.len);
	free(command.at);
}

static struct span in_buffer(const struct servers *servers, unsigned int conn, int which,
			     size_t at)
{
	const struct bytes *in = &servers->links[conn][which].in;
	struct span rest = { in->at + at, in->len - at };
	long len = reply_length(rest);

	return (struct span) { rest.at, len > 0 ? len : 0 };
}

static bool same(struct span a, struct span b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

static void tell(struct player *player, const char *what, struct span reference,
		 struct span darter)
{
	if (!player->why)
		return;
	bytes_format(player->why, "  %s\n    reference ", what);
	bytes_add_escaped(player->why, reference, 600);
	bytes_format(player->why, "\n    darter    ");
	bytes_add_escaped(player->why, darter, 600);
	bytes_format(player->why, "\n");
}

static void tell_step(struct player *player, const struct step *step, struct span reference,
		      struct span darter)
{
	struct bytes text = { };

	if (player->why) {
		step_describe(player->stream, step, &text);
		bytes_add(&text, "", 1);
		tell(player, text.at, reference, darter);
		free(text.at);
	}
}

static bool judge_step(struct player *player, const struct step *step, struct span reference,
		       struct span darter)
{
	if (same(reference, darter) ||
	    rules_allow(player->rules, step_span(player->stream, step), reference, darter))
		return true;
	tell_step(player, step, reference, darter);
	return false;
}

static bool is_named(struct span resp, const char *name)
{
	struct span arg;

	return resp_args(resp, &arg, 1) && arg.len == strlen(name) &&
	       !strncasecmp(arg.at, name, arg.len);
}

/* Each reply in that of EXEC by the command that it answers. */
static bool judge_exec(struct player *player, const struct step *step, struct span reference,
		       struct span darter)
{
	unsigned int i, n = player->queued[step->conn];
	const unsigned int *queue = player->queues[step->conn];
	struct span a, b;

	if (same(reference, darter))
		return true;
	if (reply_count(reference) != (long)n || reply_count(darter) != (long)n || !n)
		return judge_step(player, step, reference, darter);
	a = reply_first(reference);
	b = reply_first(darter);
	for (i = 0; i < n; i++) {
		if (!judge_step(player, &player->stream->steps[queue[i]], a, b))
			return false;
		a = reply_after(reference, a);
		b = reply_after(darter, b);
	}
	return true;
}

static bool judge(struct player *player, const struct step *step, struct span reference,
		  struct span darter)
{
	struct span command = step_span(player->stream, step);
	unsigned int *queued = &player->queued[step->conn];
	bool fine;

	if (step->kind == STEP_RAW)
		return judge_step(player, step, reference, darter);
	coverage_count(command, *reference.at == '-');
	if (reference.len > 7 && !memcmp(reference.at, "+QUEUED", 7)) {
		if (*queued < MAX_QUEUE)
			player->queues[step->conn][(*queued)++] = step - player->stream->steps;
		return judge_step(player, step, reference, darter);
	}
	if (!is_named(command, "exec")) {
		if (is_named(command, "multi") ? *reference.at == '+' :
		    is_named(command, "discard") || is_named(command, "reset"))
			*queued = 0;
		return judge_step(player, step, reference, darter);
	}
	fine = judge_exec(player, step, reference, darter);
	*queued = 0;
	return fine;
}

/* The batch of steps from first to before end. */
static bool play_batch(struct player *player, unsigned int first, unsigned int end)
{
	const struct step *steps = player->stream->steps;
	unsigned int conn = steps[first].conn, i;
	bool closes = steps[end - 1].closes, fine;
	size_t at[SERVERS] = { };

	player->out.len = 0;
	for (i = first; i < end; i++)
		add_step(player, &steps[i]);
	fine = servers_ask(player->servers, conn, &player->out, end - first, closes);
	for (i = first; i < end; i++) {
		struct span reference = in_buffer(player->servers, conn, REFERENCE, at[REFERENCE]);
		struct span darter = in_buffer(player->servers, conn, DARTER, at[DARTER]);

		if (!reference.len || !darter.len) {
			tell_step(player, &steps[i], reference, darter);
			return false;
		}
		if (!judge(player, &steps[i], reference, darter))
			return false;
		at[REFERENCE] += reference.len;
		at[DARTER] += darter.len;
	}
	if (!fine) {
		tell_step(player, &steps[end - 1], (struct span) { "?", 1 },
			  (struct span) { "too many replies, or not closed", 31 });
		return false;
	}
	if (closes) {
		servers_connect(player->servers, conn);
		player->queued[conn] = 0;
	}
	player->counts->commands += end - first;
	return true;
}

/* Commands of our own; their replies must be equal, or alike. */
static bool ask(struct player *player, const char *words, enum likeness likeness)
{
	struct span reference, darter;

	player->out.len = 0;
	add_words(&player->out, words);
	if (!servers_ask(player->servers, LOOKER, &player->out, 1, false)) {
		tell(player, words, (struct span) { "", 0 }, (struct span) { "no answer", 9 });
		return false;
	}
	reference = in_buffer(player->servers, LOOKER, REFERENCE, 0);
	darter = in_buffer(player->servers, LOOKER, DARTER, 0);
	if (reply_alike(likeness, reference, darter))
		return true;
	tell(player, words, reference, darter);
	return false;
}

static const char * const about_keys[] = {
	"TYPE", "PEXPIRETIME", "OBJECT ENCODING", "DUMP", "GET", "HGETALL"
};

#define ABOUT_KEYS (sizeof(about_keys) / sizeof(*about_keys))

/* Some keys, of which there are `count` spans: everything about each. */
static bool compare_some(struct player *player, const struct span *keys, unsigned int count)
{
	size_t at[SERVERS] = { };
	unsigned int i;

	player->out.len = 0;
	for (i = 0; i < count * ABOUT_KEYS; i++)
		add_about_key(&player->out, about_keys[i % ABOUT_KEYS], keys[i / ABOUT_KEYS]);
	if (!servers_ask(player->servers, LOOKER, &player->out, count * ABOUT_KEYS, false))
		return false;
	for (i = 0; i < count * ABOUT_KEYS; i++) {
		const char *what = about_keys[i % ABOUT_KEYS];
		struct span reference = in_buffer(player->servers, LOOKER, REFERENCE, at[0]);
		struct span darter = in_buffer(player->servers, LOOKER, DARTER, at[1]);
		struct bytes command = { };
		bool fine = same(reference, darter);

		if (!fine) {
			add_about_key(&command, what, keys[i / ABOUT_KEYS]);
			fine = rules_allow(player->rules,
					   (struct span) { command.at, command.len }, reference,
					   darter);
			free(command.at);
		}
		if (!fine) {
			tell(player, what, reference, darter);
			tell(player, "of the key", keys[i / ABOUT_KEYS], keys[i / ABOUT_KEYS]);
			return false;
		}
		at[REFERENCE] += reference.len;
		at[DARTER] += darter.len;
	}
	player->counts->keys += count;
	return true;
}

/* A walk over the keys of the selected database, on each server its own. */
struct walk {
	char command[64];
	struct bytes out, found;	/* keys, each once or more often */
	unsigned int count;
	bool ended;
};

/* What was asked for next, and what of the answer is new. */
static void step_walk(struct walk *walk, struct span reply)
{
	struct span cursor = reply_first(reply), keys = reply_after(reply, cursor), key;
	long i;

	if (walk->ended)
		return;
	key = reply_first(keys);
	for (i = 0; i < reply_count(keys); i++) {
		bytes_add(&walk->found, key.at, key.len);
		walk->count++;
		key = reply_after(keys, key);
	}
	cursor.at = memchr(cursor.at, '\n', cursor.len) + 1;
	walk->ended = !memcmp(cursor.at, "0\r", 2);
	snprintf(walk->command, sizeof(walk->command), "SCAN %.*s COUNT 100000",
		 (int)strcspn(cursor.at, "\r"), cursor.at);
}

static bool has_found(const struct walk *walk, struct span keys)
{
	struct bytes reply = { };
	bool fine;

	bytes_format(&reply, "*%u\r\n", walk->count);
	bytes_add(&reply, walk->found.at, walk->found.len);
	fine = reply_alike(LIKE_SET, keys, (struct span) { reply.at, reply.len });
	free(reply.at);
	return fine;
}

/*
 * Walk over all keys, on both to the end, which also deletes those that have expired.
 * `keys` is the reply of KEYS; none may be missing.
 */
static bool walk_keys(struct player *player, struct span keys)
{
	struct walk walks[SERVERS] = { { .command = FIRST }, { .command = FIRST } };
	const struct bytes *const out[SERVERS] = { &walks[0].out, &walks[1].out };
	bool fine = true;
	int i;

	while (fine && !(walks[0].ended && walks[1].ended)) {
		for (i = 0; i < SERVERS; i++) {
			walks[i].out.len = 0;
			add_words(&walks[i].out, walks[i].ended ? "PING" : walks[i].command);
		}
		fine = servers_exchange(player->servers, LOOKER, out, 1, false);
		for (i = 0; fine && i < SERVERS; i++)
			step_walk(&walks[i], in_buffer(player->servers, LOOKER, i, 0));
	}
	for (i = 0; i < SERVERS; i++) {
		if (fine && !has_found(&walks[i], keys)) {
			tell(player, "SCAN to the end", keys, keys);
			fine = false;
		}
		free(walks[i].out.at);
		free(walks[i].found.at);
	}
	return fine;
}

/*
 * After the walk the reference has no keys but these; Darter may have some that have
 * expired and that nobody met.
 */
static bool check_size(struct player *player, long count)
{
	struct span reference, darter;

	player->out.len = 0;
	add_words(&player->out, "DBSIZE");
	if (!servers_ask(player->servers, LOOKER, &player->out, 1, false))
		return false;
	reference = in_buffer(player->servers, LOOKER, REFERENCE, 0);
	darter = in_buffer(player->servers, LOOKER, DARTER, 0);
	player->clean &= same(reference, darter);
	if (atol(reference.at + 1) == count && atol(darter.at + 1) >= count)
		return true;
	tell(player, "DBSIZE", reference, darter);
	return false;
}

/* The keys of the selected database, if both have the same ones. */
static bool compare_keys(struct player *player)
{
	struct span reply, key, some[KEYS_AT_ONCE];
	struct bytes keys = { };
	unsigned int n = 0;
	bool fine = ask(player, "KEYS *", LIKE_UNORDERED);
	long count, i;

	if (!fine)
		return false;
	reply = in_buffer(player->servers, LOOKER, REFERENCE, 0);
	bytes_add(&keys, reply.at, reply.len);
	reply.at = keys.at;
	count = reply_count(reply);
	key = reply_first(reply);
	fine = walk_keys(player, reply);
	for (i = 0; i < count && fine; i++) {
		some[n++] = key;
		if (n == KEYS_AT_ONCE || i == count - 1) {
			fine = compare_some(player, some, n);
			n = 0;
		}
		key = reply_after(reply, key);
	}
	free(keys.at);
	return fine && check_size(player, count);
}

/* Which databases have keys, on one server or on both, as bits. */
static bool find_databases(struct player *player, unsigned int *found)
{
	char words[32];
	size_t at;
	int i, server;

	player->out.len = 0;
	for (i = 0; i < DATABASES; i++) {
		snprintf(words, sizeof(words), "SELECT %d", i);
		add_words(&player->out, words);
		add_words(&player->out, "DBSIZE");
	}
	if (!servers_ask(player->servers, LOOKER, &player->out, 2 * DATABASES, false))
		return false;
	*found = 0;
	for (server = 0; server < SERVERS; server++) {
		for (i = 0, at = 0; i < DATABASES; i++) {
			struct span size;

			at += in_buffer(player->servers, LOOKER, server, at).len;
			size = in_buffer(player->servers, LOOKER, server, at);
			*found |= (unsigned int)(atol(size.at + 1) > 0) << i;
			at += size.len;
		}
	}
	return true;
}

static bool compare_databases(struct player *player)
{
	unsigned int found;
	char words[32];
	int i;

	if (!find_databases(player, &found))
		return false;
	player->clean = true;
	for (i = 0; i < DATABASES; i++) {
		if (!(found & 1 << i))
			continue;
		snprintf(words, sizeof(words), "SELECT %d", i);
		if (!ask(player, words, LIKE_BYTES) || !compare_keys(player))
			return false;
	}
	/* Without our clock there is no DEBUG either. */
	return !player->servers->clock_us || !player->clean ||
	       ask(player, "DEBUG DIGEST", LIKE_BYTES);
}

/* All keys; and the same an hour later, when what expires has gone. */
static bool compare_all(struct player *player)
{
	if (!compare_databases(player))
		return false;
	if (!player->servers->clock_us)
		return true;
	servers_set_clock(player->servers, player->stream->begin_ms + 3600000 - 1);
	return compare_databases(player);
}

/* Both do it. */
static bool must(struct player *player, const char *words)
{
	static const struct span ok = { "+OK\r\n", 5 };

	return ask(player, words, LIKE_BYTES) &&
	       same(in_buffer(player->servers, LOOKER, REFERENCE, 0), ok);
}

static bool prepare(struct player *player)
{
	const struct stream *stream = player->stream;
	char words[128];

	if (player->servers->clock_us) {
		snprintf(words, sizeof(words), "DEBUG SET-ACTIVE-EXPIRE %d",
			 stream->shape.active_expire);
		if (!must(player, words))
			return false;
	}
	snprintf(words, sizeof(words),
		 "CONFIG SET hash-max-listpack-entries %s hash-max-listpack-value %s",
		 stream->limits[0], stream->limits[1]);
	return must(player, words) && must(player, "CONFIG SET slowlog-log-slower-than -1") &&
	       must(player, "SLOWLOG RESET") && must(player, "CONFIG SET timeout 0") &&
	       must(player, "CONFIG SET rdbcompression no") && must(player, "SET writable 1") &&
	       must(player, "FLUSHALL");
}

static bool begin(struct player *player)
{
	int i;

	servers_set_clock(player->servers, player->stream->begin_ms);
	for (i = 0; i <= CONNECTIONS; i++)
		servers_connect(player->servers, i);
	return prepare(player);
}

bool play(struct servers *servers, const struct rules *rules, const struct stream *stream,
	  struct counts *counts, struct bytes *why)
{
	struct player *player = calloc(1, sizeof(*player));
	unsigned int first = 0, end;
	bool fine;

	*player = (struct player) {
		.servers = servers, .rules = rules, .stream = stream, .counts = counts, .why = why,
	};
	fine = begin(player);
	for (; fine && first < stream->nsteps; first = end) {
		end = first + 1;
		if (stream->steps[first].kind == STEP_CLOCK) {
			servers_set_clock(servers, stream->steps[first].now_ms);
			continue;
		}
		while (end < stream->nsteps &&
		       stream->steps[end].batch == stream->steps[first].batch)
			end++;
		fine = play_batch(player, first, end);
	}
	fine = fine && compare_all(player);
	free(player->out.at);
	free(player);
	return fine;
}

/* The stream without the steps from first to before end, and what sticks to them. */
static struct stream without(const struct stream *stream, unsigned int first, unsigned int end)
{
	struct stream rest = *stream;

	while (end < stream->nsteps && stream->steps[end].glued)
		end++;
	while (first > 0 && stream->steps[first].glued)
		first--;
	rest.steps = malloc((stream->nsteps + 1) * sizeof(*rest.steps));
	memcpy(rest.steps, stream->steps, first * sizeof(*rest.steps));
	memcpy(rest.steps + first, stream->steps + end,
	       (stream->nsteps - end) * sizeof(*rest.steps));
	rest.nsteps = stream->nsteps - (end - first);
	return rest;
}

bool play_shrink(struct servers *servers, const struct rules *rules, struct stream *stream)
{
	unsigned int size, first, plays = 0;
	struct counts counts;

	if (play(servers, rules, stream, &counts, NULL))
		return false;
	for (size = stream->nsteps / 2; size && plays < MAX_PLAYS; size /= 2) {
		for (first = stream->nsteps; first > 0 && plays < MAX_PLAYS; plays++) {
			unsigned int end = first < stream->nsteps ? first : stream->nsteps;
			struct stream rest;

			first = first > size ? first - size : 0;
			if (first >= end)
				continue;
			rest = without(stream, first, end);
			if (play(servers, rules, &rest, &counts, NULL)) {
				free(rest.steps);
			} else {
				free(stream->steps);
				*stream = rest;
			}
		}
	}
	return true;
}
