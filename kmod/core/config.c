// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration, see config.h: one table of parameters, and for each type of
 * value how it is read, checked and printed.
 *
 * A change is first parsed into a copy of the fields concerned. When all pairs
 * are right, copy and fields are exchanged under config->lock and the owner of
 * the sockets applies what they mean; if that fails they are exchanged again.
 * So a lockless reader never sees a value that was refused for what it says.
 */
#include <linux/bitmap.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "config.h"
#include "glob.h"
#include "instance.h"
#include "number/integer.h"
#include "observe.h"

/* Addresses in bind, as Redis limits them. */
#define BINDS_MAX 16
/* Longest value as text: bind, password, output limits. */
#define VALUE_CHARS 512

/* Where a parameter's value is, and what may happen to it. */
enum parameter_flag {
	IMMUTABLE = 1 << 0,	/* CONFIG SET always refuses it */
	FIXED = 1 << 1,		/* it has one value: only that one may be set */
	IN_PARAMS = 1 << 2,	/* offset is in struct darter_params */
};

/* Where to say why a value is refused. */
struct reason {
	char *text;
	size_t room;
};

struct parameter;

struct value_type {
	u32 size;		/* of the field */
	u32 unit;		/* bytes of it that are read and written at once */
	int (*parse)(const struct parameter *parameter, const char *text, void *field,
		     const struct reason *why);
	void (*print)(const struct parameter *parameter, const void *field, char *out,
		      size_t room);
};

struct parameter {
	const char *name;
	const struct value_type *type;
	const char *initial;	/* NULL: computed; of a FIXED one the value, if not IN_PARAMS */
	u32 offset;
	u32 flags, effects;
	u64 min, max;
};

static __printf(2, 3) int refuse(const struct reason *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(why->text, why->room, fmt, args);
	va_end(args);
	return -EINVAL;
}

static int check_range(const struct parameter *parameter, u64 value, const struct reason *why)
{
	if (value < parameter->min || value > parameter->max)
		return refuse(why, "argument must be between %llu and %llu inclusive",
			      parameter->min, parameter->max);
	return 0;
}

static int parse_bool(const struct parameter *parameter, const char *text, void *field,
		      const struct reason *why)
{
	if (!strcasecmp(text, "yes"))
		*(bool *)field = true;
	else if (!strcasecmp(text, "no"))
		*(bool *)field = false;
	else
		return refuse(why, "argument must be 'yes' or 'no'");
	return 0;
}

static void print_bool(const struct parameter *parameter, const void *field, char *out,
		       size_t room)
{
	scnprintf(out, room, "%s", READ_ONCE(*(const bool *)field) ? "yes" : "no");
}

static int parse_integer(const struct parameter *parameter, const char *text, u64 *value,
			 const struct reason *why)
{
	s64 number;

	if (!darter_parse_s64(text, strlen(text), &number))
		return refuse(why, "argument couldn't be parsed into an integer");
	/* What may not be negative falls out of its range as a big number then. */
	*value = number;
	return check_range(parameter, *value, why);
}

static int parse_u32(const struct parameter *parameter, const char *text, void *field,
		     const struct reason *why)
{
	u64 value;
	int err = parse_integer(parameter, text, &value, why);

	if (!err)
		*(u32 *)field = value;
	return err;
}

static void print_u32(const struct parameter *parameter, const void *field, char *out,
		      size_t room)
{
	scnprintf(out, room, "%u", READ_ONCE(*(const u32 *)field));
}

static int parse_u64(const struct parameter *parameter, const char *text, void *field,
		     const struct reason *why)
{
	return parse_integer(parameter, text, field, why);
}

static void print_u64(const struct parameter *parameter, const void *field, char *out,
		      size_t room)
{
	scnprintf(out, room, "%llu", READ_ONCE(*(const u64 *)field));
}

static int parse_s64(const struct parameter *parameter, const char *text, void *field,
		     const struct reason *why)
{
	s64 *value = field, least = parameter->min;

	if (!darter_parse_s64(text, strlen(text), value))
		return refuse(why, "argument couldn't be parsed into an integer");
	if (*value < least || *value > (s64)parameter->max)
		return refuse(why, "argument must be between %lld and %lld inclusive", least,
			      (s64)parameter->max);
	return 0;
}

static void print_s64(const struct parameter *parameter, const void *field, char *out,
		      size_t room)
{
	scnprintf(out, room, "%lld", READ_ONCE(*(const s64 *)field));
}

/* Digits from the front; too many give the greatest number. */
static u64 leading_number(const char **text)
{
	u64 value = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++)
		if (check_mul_overflow(value, 10ULL, &value) ||
		    check_add_overflow(value, (u64)(**text - '0'), &value))
			value = U64_MAX;
	return value;
}

/* A number of bytes with an optional unit; like Redis, none is 0. */
static bool memory_value(const char *text, size_t len, u64 *value)
{
	static const struct {
		const char *name;
		u64 bytes;
	} units[] = {
		{ "", 1 }, { "b", 1 }, { "k", 1000 }, { "kb", 1024 },
		{ "m", 1000000 }, { "mb", 1 << 20 }, { "g", 1000000000 }, { "gb", 1 << 30 },
	};
	const char *unit = text;
	u64 number = leading_number(&unit);
	size_t i;

	len -= min_t(size_t, len, unit - text);
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (strlen(units[i].name) == len && !strncasecmp(units[i].name, unit, len))
			return !check_mul_overflow(number, units[i].bytes, value);
	return false;
}

static int parse_memory(const struct parameter *parameter, const char *text, void *field,
			const struct reason *why)
{
	if (!memory_value(text, strlen(text), field))
		return refuse(why, "argument must be a memory value");
	return check_range(parameter, *(u64 *)field, why);
}

static int parse_text(const struct parameter *parameter, const char *text, void *field,
		      const struct reason *why)
{
	u32 size = parameter->type->size;

	if (strlen(text) >= size)
		return refuse(why, "argument must be shorter than %u characters", size);
	memset(field, 0, size);
	strscpy(field, text, size);
	return 0;
}

static void print_text(const struct parameter *parameter, const void *field, char *out,
		       size_t room)
{
	strscpy(out, field, room);
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.';
}

static int parse_hostname(const struct parameter *parameter, const char *text, void *field,
			  const struct reason *why)
{
	u32 size = parameter->type->size;
	const char *c;

	if (strlen(text) >= size)
		return refuse(why, "Hostnames must be less than %u characters", size);
	for (c = text; *c; c++)
		if (!is_host_char(*c))
			return refuse(why,
				      "Hostnames may only contain alphanumeric characters, hyphens or dots");
	return parse_text(parameter, text, field, why);
}

/* The next run of characters other than blanks; its length is 0 at the end. */
static const char *next_word(const char *text, size_t *len)
{
	text += strspn(text, " \t");
	*len = strcspn(text, " \t");
	return text;
}

/* Keeps one blank between two addresses, however many there were. */
static int parse_binds(const struct parameter *parameter, const char *text, void *field,
		       const struct reason *why)
{
	u32 size = parameter->type->size;
	size_t len, used = 0;
	char *out = field;
	u32 count = 0;

	memset(field, 0, size);
	for (text = next_word(text, &len); len; text = next_word(text + len, &len)) {
		if (++count > BINDS_MAX)
			return refuse(why, "Too many bind addresses specified.");
		if (used + !!used + len >= size)
			return refuse(why, "argument must be shorter than %u characters",
				      size);
		used += scnprintf(out + used, size - used, "%s%.*s", used ? " " : "",
				  (int)len, text);
	}
	return 0;
}

static const char *const endpoint_types[] = { "ip", "hostname", "unknown-endpoint" };

static int parse_endpoint_type(const struct parameter *parameter, const char *text, void *field,
			       const struct reason *why)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(endpoint_types); i++) {
		if (!strcasecmp(endpoint_types[i], text)) {
			*(u32 *)field = i;
			return 0;
		}
	}
	return refuse(why, "argument(s) must be one of the following: %s, %s, %s",
		      endpoint_types[0], endpoint_types[1], endpoint_types[2]);
}

static void print_endpoint_type(const struct parameter *parameter, const void *field, char *out,
				size_t room)
{
	strscpy(out, endpoint_types[READ_ONCE(*(const u32 *)field)], room);
}

static const char *const class_names[DARTER_CLIENT_CLASSES] = { "normal", "slave", "pubsub" };

static int find_class(const char *word, size_t len)
{
	int class;

	if (len == 7 && !strncasecmp(word, "replica", len))
		return DARTER_CLIENT_REPLICA;
	for (class = 0; class < DARTER_CLIENT_CLASSES; class++)
		if (strlen(class_names[class]) == len &&
		    !strncasecmp(class_names[class], word, len))
			return class;
	return -1;
}

static bool is_count(const char *word, size_t len, u64 *value)
{
	const char *end = word;

	*value = leading_number(&end);
	return end == word + len && *value <= S64_MAX;
}

/* Words are parted by single blanks, as in Redis: two enclose an empty word. */
static const char *limit_word(const char **text, size_t *len)
{
	const char *word = *text;

	*len = strcspn(word, " ");
	*text = word + *len + (word[*len] == ' ');
	return word;
}

static int parse_limit(const char **text, struct darter_output_limit *limits,
		       const struct reason *why)
{
	struct darter_output_limit limit;
	const char *word;
	size_t len;
	int class;
	bool ok;

	word = limit_word(text, &len);
	class = find_class(word, len);
	if (class < 0)
		return refuse(why, "Invalid client class specified in buffer limit configuration.");
	word = limit_word(text, &len);
	ok = memory_value(word, len, &limit.hard);
	word = limit_word(text, &len);
	ok &= memory_value(word, len, &limit.soft);
	word = limit_word(text, &len);
	ok &= is_count(word, len, &limit.soft_seconds);
	if (!ok)
		return refuse(why,
			      "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
	limits[class] = limit;
	return 0;
}

/* Classes that are not named keep their limits. */
static int parse_limits(const struct parameter *parameter, const char *text, void *field,
			const struct reason *why)
{
	const char *c = text;
	u32 words = *text ? 1 : 0;
	int err = 0;

	for (; *c; c++)
		words += *c == ' ';
	if (words % 4)
		return refuse(why, "Wrong number of arguments in buffer limit configuration.");
	for (; words && !err; words -= 4)
		err = parse_limit(&text, field, why);
	return err;
}

static void print_limits(const struct parameter *parameter, const void *field, char *out,
			 size_t room)
{
	const struct darter_output_limit *limits = field;
	size_t len = 0;
	int class;

	for (class = 0; class < DARTER_CLIENT_CLASSES; class++)
		len += scnprintf(out + len, room - len, "%s%s %llu %llu %llu", class ? " " : "",
				 class_names[class], READ_ONCE(limits[class].hard),
				 READ_ONCE(limits[class].soft),
				 READ_ONCE(limits[class].soft_seconds));
}

/* A decimal number in millionths, rounded; false: the text is none. */
static bool read_millionths(const char *text, size_t len, u64 *value)
{
	u32 digits = 0, unit = 1000000;
	bool point = false, up = false;
	size_t i;

	*value = 0;
	for (i = 0; i < len; i++) {
		if (text[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return false;
		digits++;
		if (!point) {
			*value = min_t(u64, *value * 10 + (text[i] - '0') * unit, U32_MAX);
			continue;
		}
		if (unit == 1)
			up = text[i] >= '5';
		unit /= 10;
		*value += (text[i] - '0') * unit;
	}
	*value += up;
	return digits;
}

static int parse_percentile(const char *word, size_t len, u32 *millionths,
			    const struct reason *why)
{
	bool negative = len && *word == '-';
	u64 value;

	if (len && (*word == '-' || *word == '+')) {
		word++;
		len--;
	}
	if (!read_millionths(word, len, &value))
		return refuse(why, "Invalid latency-tracking-info-percentiles parameters");
	if (value > 100 * 1000000 || (negative && value))
		return refuse(why,
			      "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
	*millionths = value;
	return 0;
}

static int parse_percentiles(const struct parameter *parameter, const char *text, void *field,
			     const struct reason *why)
{
	struct darter_percentiles *percentiles = field;
	bool more = *text;
	int err = 0;

	memset(percentiles, 0, sizeof(*percentiles));
	while (more && !err) {
		const char *word;
		size_t len;

		if (percentiles->count == DARTER_PERCENTILES_MAX)
			return refuse(why, "at most %u percentiles are possible",
				      DARTER_PERCENTILES_MAX);
		word = limit_word(&text, &len);
		more = word[len] == ' ';
		err = parse_percentile(word, len, &percentiles->millionths[percentiles->count++],
				       why);
	}
	return err;
}

void darter_format_percentile(char *out, u32 millionths)
{
	u32 len;

	len = scnprintf(out, DARTER_PERCENTILE_CHARS, "%u.%06u", millionths / 1000000,
			millionths % 1000000);
	while (out[len - 1] == '0')
		len--;
	if (out[len - 1] == '.')
		len--;
	out[len] = '\0';
}

static void print_percentiles(const struct parameter *parameter, const void *field, char *out,
			      size_t room)
{
	const struct darter_percentiles *percentiles = field;
	char percentile[DARTER_PERCENTILE_CHARS];
	size_t len = 0;
	u32 i;

	*out = '\0';
	for (i = 0; i < percentiles->count; i++) {
		darter_format_percentile(percentile, percentiles->millionths[i]);
		len += scnprintf(out + len, room - len, "%s%s", i ? " " : "", percentile);
	}
}

static void print_initial(const struct parameter *parameter, const void *field, char *out,
			  size_t room)
{
	strscpy(out, parameter->initial, room);
}

#define CONFIG_SIZE(field) sizeof_field(struct darter_config, field)

static const struct value_type type_bool = { sizeof(bool), sizeof(bool), parse_bool, print_bool };
static const struct value_type type_u32 = { sizeof(u32), sizeof(u32), parse_u32, print_u32 };
static const struct value_type type_u64 = { sizeof(u64), sizeof(u64), parse_u64, print_u64 };
static const struct value_type type_s64 = { sizeof(s64), sizeof(s64), parse_s64, print_s64 };
static const struct value_type type_memory = { sizeof(u64), sizeof(u64), parse_memory, print_u64 };

static const struct value_type type_endpoint = {
	sizeof(u32), sizeof(u32), parse_endpoint_type, print_endpoint_type
};

static const struct value_type type_limits = {
	CONFIG_SIZE(output_limits), sizeof(u64), parse_limits, print_limits
};

static const struct value_type type_percentiles = {
	CONFIG_SIZE(percentiles), sizeof(u32), parse_percentiles, print_percentiles
};

static const struct value_type type_binds = { CONFIG_SIZE(bind), 1, parse_binds, print_text };

static const struct value_type type_password = {
	CONFIG_SIZE(password), 1, parse_text, print_text
};

static const struct value_type type_host = { CONFIG_SIZE(announce_ip), 1, parse_text, print_text };

static const struct value_type type_hostname = {
	CONFIG_SIZE(announce_hostname), 1, parse_hostname, print_text
};

static const struct value_type type_constant = { 0, 1, NULL, print_initial };

#define FIELD(name, type, field, ...) \
	{ name, &type_##type, .offset = offsetof(struct darter_config, field), __VA_ARGS__ }
#define PARAM(name, type, field)						\
	{ name, &type_##type, .offset = offsetof(struct darter_params, field),	\
	  .flags = IMMUTABLE | FIXED | IN_PARAMS }
#define CONSTANT(name, value, more)						\
	{ name, &type_constant, value, .flags = FIXED | (more) }
#define RANGE(from, to) .min = (from), .max = (to)

/*
 * What a client may ask for. Constants are here because clients and tools read
 * them. An old name is a parameter of its own over the same field, as in Redis.
 */
static const struct parameter parameters[] = {
	FIELD("bind", binds, bind, .initial = "127.0.0.1", .effects = DARTER_APPLY_LISTEN),
	FIELD("port", u32, port, .initial = "6379", RANGE(0, 65535),
	      .effects = DARTER_APPLY_LISTEN | DARTER_APPLY_TOPOLOGY),
	FIELD("tcp-backlog", u32, backlog, .initial = "511", RANGE(0, S32_MAX),
	      .flags = IMMUTABLE, .effects = DARTER_APPLY_LISTEN),
	FIELD("maxclients", u32, max_clients, .initial = "10000", RANGE(1, U32_MAX)),
	FIELD("timeout", u32, timeout, .initial = "0", RANGE(0, S32_MAX)),
	FIELD("tcp-keepalive", u32, tcp_keepalive, .initial = "300", RANGE(0, S32_MAX),
	      .effects = DARTER_APPLY_KEEPALIVE),
	FIELD("protected-mode", bool, protected_mode, .initial = "yes"),
	FIELD("client-query-buffer-limit", memory, query_buffer_limit, .initial = "1gb",
	      RANGE(1 << 20, S64_MAX)),
	FIELD("proto-max-bulk-len", memory, max_bulk_len, .initial = "512mb",
	      RANGE(1 << 20, S64_MAX)),
	FIELD("client-output-buffer-limit", limits, output_limits,
	      .initial = "normal 0 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60"),
	FIELD("requirepass", password, password, .initial = ""),
	FIELD("maxmemory", memory, max_memory, RANGE(0, U64_MAX)),
	FIELD("hash-max-listpack-entries", u64, hash_max_listpack_entries, .initial = "512",
	      RANGE(0, S64_MAX)),
	FIELD("hash-max-ziplist-entries", u64, hash_max_listpack_entries, .initial = "512",
	      RANGE(0, S64_MAX)),
	FIELD("hash-max-listpack-value", memory, hash_max_listpack_value, .initial = "64",
	      RANGE(0, S64_MAX)),
	FIELD("hash-max-ziplist-value", memory, hash_max_listpack_value, .initial = "64",
	      RANGE(0, S64_MAX)),
	FIELD("rdbcompression", bool, rdb_compression, .initial = "yes"),
	FIELD("slowlog-log-slower-than", s64, slowlog_slower_than, .initial = "10000",
	      RANGE(-1, S64_MAX), .effects = DARTER_APPLY_OBSERVE),
	FIELD("slowlog-max-len", u64, slowlog_max_len, .initial = "128", RANGE(0, S64_MAX)),
	FIELD("latency-monitor-threshold", u64, latency_threshold, .initial = "0",
	      RANGE(0, S64_MAX), .effects = DARTER_APPLY_OBSERVE),
	FIELD("latency-tracking", bool, latency_tracking, .initial = "yes",
	      .effects = DARTER_APPLY_OBSERVE),
	FIELD("latency-tracking-info-percentiles", percentiles, percentiles,
	      .initial = "50 99 99.9"),
	FIELD("cluster-announce-ip", host, announce_ip, .initial = "",
	      .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-announce-hostname", hostname, announce_hostname, .initial = "",
	      .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-announce-port", u32, announce_port, .initial = "0", RANGE(0, 65535),
	      .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-announce-tls-port", u32, announce_tls_port, .initial = "0",
	      RANGE(0, 65535), .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-announce-bus-port", u32, announce_bus_port, .initial = "0",
	      RANGE(0, 65535), .effects = DARTER_APPLY_TOPOLOGY),
	FIELD("cluster-preferred-endpoint-type", endpoint, preferred_endpoint, .initial = "ip",
	      .effects = DARTER_APPLY_TOPOLOGY),
	PARAM("databases", u32, databases),
	PARAM("cluster-enabled", bool, cluster),
	CONSTANT("cluster-require-full-coverage", "yes", 0),
	CONSTANT("save", "", 0),
	CONSTANT("appendonly", "no", 0),
	CONSTANT("maxmemory-policy", "noeviction", 0),
	CONSTANT("notify-keyspace-events", "", 0),
	CONSTANT("io-threads", "1", IMMUTABLE),
};

static_assert(ARRAY_SIZE(parameters) <= DARTER_CONFIG_MAX);
static_assert(DARTER_BINDS_CHARS <= VALUE_CHARS && DARTER_PASSWORD_CHARS <= VALUE_CHARS &&
	      DARTER_HOST_CHARS <= VALUE_CHARS);

static const struct parameter *find_parameter(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parameters); i++)
		if (!strcasecmp(parameters[i].name, name))
			return &parameters[i];
	return NULL;
}

static u32 index_of(const struct parameter *parameter)
{
	return parameter - parameters;
}

static void *field_of(struct darter_config *config, const struct parameter *parameter)
{
	return (char *)config + parameter->offset;
}

/**
 * darter_config_init() - fill in the defaults
 * @instance: with params and host set
 *
 * The memory limit is four fifths of the machine's memory.
 */
void darter_config_init(struct darter_instance *instance)
{
	struct darter_config *config = &instance->config;
	char text[1];
	const struct reason nobody = { text, sizeof(text) };
	size_t i;

	memset(config, 0, sizeof(*config));
	mutex_init(&config->lock);
	for (i = 0; i < ARRAY_SIZE(parameters); i++) {
		const struct parameter *parameter = &parameters[i];

		if (parameter->initial && !(parameter->flags & FIXED))
			WARN_ON_ONCE(parameter->type->parse(parameter, parameter->initial,
							    field_of(config, parameter), &nobody));
	}
	config->max_memory = instance->host->total_memory() / 5 * 4;
	darter_observe_update(instance);
}

/**
 * darter_config_auth_required() - whether new sessions must authenticate
 * @instance: whose
 *
 * Context: any, no lock.
 * Return: whether a password is set.
 */
bool darter_config_auth_required(struct darter_instance *instance)
{
	return READ_ONCE(instance->config.password[0]);
}

/* What CONFIG GET shows. Strings under config->lock. */
static void print_value(struct darter_instance *instance, const struct parameter *parameter,
			char *out, size_t room)
{
	const void *field = field_of(&instance->config, parameter);

	if (parameter->flags & IN_PARAMS)
		field = (const char *)&instance->params + parameter->offset;
	parameter->type->print(parameter, field, out, room);
}

static bool is_current(struct darter_instance *instance, const struct parameter *parameter,
		       const char *text)
{
	/* Those that never change are short. */
	char now[32];

	print_value(instance, parameter, now, sizeof(now));
	return !strcasecmp(now, text);
}

/* A change on its way: the pairs, and the values that are not in force. */
struct change {
	struct darter_instance *instance;
	const struct darter_config_pair *pairs;
	u32 count;
	bool loading;
	struct darter_config *staged;
	DECLARE_BITMAP(set, DARTER_CONFIG_MAX);		/* names in the pairs */
	DECLARE_BITMAP(changed, DARTER_CONFIG_MAX);	/* fields, by their first names */
};

static int check_pair(struct change *change, const struct darter_config_pair *pair,
		      const struct reason *why)
{
	const struct parameter *parameter = find_parameter(pair->name);

	if (!parameter) {
		refuse(why, "Unknown option or number of arguments for CONFIG SET - '%s'",
		       pair->name);
		return -ENOENT;
	}
	if ((parameter->flags & IMMUTABLE && !change->loading) ||
	    (parameter->flags & FIXED && !is_current(change->instance, parameter, pair->value))) {
		refuse(why, "can't set immutable config");
		return -EPERM;
	}
	if (__test_and_set_bit(index_of(parameter), change->set))
		return refuse(why, "duplicate parameter");
	return 0;
}

static int parse_pair(struct change *change, const struct darter_config_pair *pair,
		      const struct reason *why)
{
	const struct parameter *parameter = find_parameter(pair->name);
	void *field;

	if (parameter->flags & FIXED)
		return 0;
	field = field_of(change->staged, parameter);
	memcpy(field, field_of(&change->instance->config, parameter), parameter->type->size);
	return parameter->type->parse(parameter, pair->value, field, why);
}

static int each_pair(struct change *change, u32 *bad, const struct reason *why,
		     int (*step)(struct change *change, const struct darter_config_pair *pair,
				 const struct reason *why))
{
	int err = 0;
	u32 i;

	for (i = 0; i < change->count && !err; i++) {
		*bad = i;
		err = step(change, &change->pairs[i], why);
	}
	return err;
}

static void exchange_unit(void *field, void *staged, u32 unit)
{
	u64 *a64 = field, *b64 = staged;
	u32 *a32 = field, *b32 = staged;
	u8 *a8 = field, *b8 = staged;
	u64 old;

	switch (unit) {
	case sizeof(u64):
		old = *a64;
		WRITE_ONCE(*a64, *b64);
		*b64 = old;
		break;
	case sizeof(u32):
		old = *a32;
		WRITE_ONCE(*a32, *b32);
		*b32 = old;
		break;
	default:
		old = *a8;
		WRITE_ONCE(*a8, *b8);
		*b8 = old;
	}
}

/* The parameter by which a field is known when it has several names. */
static const struct parameter *first_name(const struct parameter *parameter)
{
	const struct parameter *other = parameters;

	while (other->flags & FIXED || other->offset != parameter->offset)
		other++;
	return other;
}

static void exchange_parameter(struct change *change, const struct parameter *parameter)
{
	void *field = field_of(&change->instance->config, parameter);
	void *staged = field_of(change->staged, parameter);
	u32 at, unit = parameter->type->unit;

	if (memcmp(field, staged, parameter->type->size))
		__set_bit(index_of(parameter), change->changed);
	for (at = 0; at < parameter->type->size; at += unit)
		exchange_unit(field + at, staged + at, unit);
}

/* Swap staged values and those in force, which are read meanwhile, unit by unit. */
static void exchange_all(struct change *change)
{
	DECLARE_BITMAP(done, DARTER_CONFIG_MAX) = {};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(parameters); i++) {
		const struct parameter *parameter = &parameters[i];

		if (!test_bit(i, change->set) || parameter->flags & FIXED)
			continue;
		parameter = first_name(parameter);
		if (!__test_and_set_bit(index_of(parameter), done))
			exchange_parameter(change, parameter);
	}
}

static u32 changed_effects(const struct change *change)
{
	u32 i, effects = 0;

	for (i = 0; i < ARRAY_SIZE(parameters); i++)
		if (test_bit(i, change->changed))
			effects |= parameters[i].effects;
	return effects;
}

/* The first pair that has to do with what could not be applied. */
static u32 find_culprit(const struct change *change)
{
	u32 i;

	for (i = 0; i < change->count; i++) {
		const struct parameter *parameter = find_parameter(change->pairs[i].name);

		if (!(parameter->flags & FIXED) && parameter->effects & ~DARTER_APPLY_OBSERVE &&
		    test_bit(index_of(first_name(parameter)), change->changed))
			return i;
	}
	return 0;
}

static int commit(struct change *change, u32 *bad, const struct reason *why)
{
	struct darter_instance *instance = change->instance;
	u32 effects;
	int err;

	exchange_all(change);
	effects = changed_effects(change) & ~DARTER_APPLY_OBSERVE;
	err = effects ? instance->host->apply(instance, effects, why->text, why->room) : 0;
	if (err) {
		*bad = find_culprit(change);
		exchange_all(change);
	}
	darter_observe_update(instance);
	/* What callers take for a value that cannot be read. */
	return err == -EINVAL ? -EADDRNOTAVAIL : err;
}

static void tell(const struct change *change)
{
	struct darter_instance *instance = change->instance;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(parameters); i++)
		if (test_bit(i, change->changed))
			instance->host->event(instance, DARTER_EVENT_CONFIG, parameters[i].name);
	if (changed_effects(change) & DARTER_APPLY_TOPOLOGY)
		instance->host->event(instance, DARTER_EVENT_TOPOLOGY, "");
}

int darter_config_set(struct darter_instance *instance, const struct darter_config_pair *pairs,
		      u32 count, bool loading, u32 *bad, char *why, size_t why_len)
{
	struct change change = {
		.instance = instance,
		.pairs = pairs,
		.count = count,
		.loading = loading,
	};
	const struct reason reason = { why, why_len };
	int err;

	*bad = 0;
	change.staged = kzalloc(sizeof(*change.staged), GFP_KERNEL | __GFP_NOWARN);
	if (!change.staged) {
		refuse(&reason, "out of memory");
		return -ENOMEM;
	}
	mutex_lock(&instance->config.lock);
	err = each_pair(&change, bad, &reason, check_pair);
	if (!err)
		err = each_pair(&change, bad, &reason, parse_pair);
	if (!err)
		err = commit(&change, bad, &reason);
	mutex_unlock(&instance->config.lock);
	if (!err)
		tell(&change);
	/* It may hold a password. */
	memzero_explicit(change.staged, sizeof(*change.staged));
	kfree(change.staged);
	return err;
}

/**
 * darter_config_get() - visit parameters that match a pattern
 * @instance: whose
 * @pattern: glob, any case
 * @first: position to resume from
 * @visit: gets position, name and value; non-zero stops
 * @arg: for @visit
 *
 * Context: may sleep. @visit is called without a lock.
 * Return: 0 or what @visit returned.
 */
int darter_config_get(struct darter_instance *instance, const char *pattern, u32 first,
		      int (*visit)(void *arg, u32 index, const char *name, const char *value),
		      void *arg)
{
	size_t pattern_len = strlen(pattern);
	char value[VALUE_CHARS];
	int err = 0;
	u32 i;

	for (i = first; i < ARRAY_SIZE(parameters) && !err; i++) {
		const char *name = parameters[i].name;

		if (!darter_glob_match(pattern, pattern_len, name, strlen(name), true))
			continue;
		mutex_lock(&instance->config.lock);
		print_value(instance, &parameters[i], value, sizeof(value));
		mutex_unlock(&instance->config.lock);
		err = visit(arg, i, name, value);
	}
	return err;
}
