// SPDX-License-Identifier: GPL-2.0
/*
 * For each type of value that a parameter has: how it is read, checked and
 * printed, see config_value.h. Texts and errors are those of Redis.
 */
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "config_value.h"
#include "instance.h"
#include "number/integer.h"

/* Addresses in bind, as Redis limits them. */
#define BINDS_MAX 16

/**
 * darter_refuse() - say why a value is refused
 * @why: where to
 * @fmt: the words, as for printf()
 *
 * Return: -EINVAL.
 */
int darter_refuse(const struct reason *why, const char *fmt, ...)
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
		return darter_refuse(why, "argument must be between %llu and %llu inclusive",
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
		return darter_refuse(why, "argument must be 'yes' or 'no'");
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
		return darter_refuse(why, "argument couldn't be parsed into an integer");
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
		return darter_refuse(why, "argument couldn't be parsed into an integer");
	if (*value < least || *value > (s64)parameter->max)
		return darter_refuse(why, "argument must be between %lld and %lld inclusive", least,
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
		return darter_refuse(why, "argument must be a memory value");
	return check_range(parameter, *(u64 *)field, why);
}

static int parse_text(const struct parameter *parameter, const char *text, void *field,
		      const struct reason *why)
{
	u32 size = parameter->type->size;

	if (strlen(text) >= size)
		return darter_refuse(why, "argument must be shorter than %u characters", size);
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
		return darter_refuse(why, "Hostnames must be less than %u characters", size);
	for (c = text; *c; c++)
		if (!is_host_char(*c))
			return darter_refuse(why,
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
			return darter_refuse(why, "Too many bind addresses specified.");
		if (used + !!used + len >= size)
			return darter_refuse(why, "argument must be shorter than %u characters",
				      size);
		used += scnprintf(out + used, size - used, "%s%.*s", used ? " " : "",
				  (int)len, text);
	}
	return 0;
}

/* One of several words, kept as its position among them. */
static int parse_word(const char *const *words, u32 count, const char *text, void *field)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (!strcasecmp(words[i], text)) {
			*(u32 *)field = i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Any emulation is a cluster. */
static void print_enabled(const struct parameter *parameter, const void *field, char *out,
			  size_t room)
{
	strscpy(out, *(const enum darter_topology *)field ? "yes" : "no", room);
}

static const char *const endpoint_types[] = { "ip", "hostname", "unknown-endpoint" };

static int parse_endpoint_type(const struct parameter *parameter, const char *text, void *field,
			       const struct reason *why)
{
	if (!parse_word(endpoint_types, ARRAY_SIZE(endpoint_types), text, field))
		return 0;
	return darter_refuse(why, "argument(s) must be one of the following: %s, %s, %s",
			     endpoint_types[0], endpoint_types[1], endpoint_types[2]);
}

static void print_endpoint_type(const struct parameter *parameter, const void *field, char *out,
				size_t room)
{
	strscpy(out, endpoint_types[READ_ONCE(*(const u32 *)field)], room);
}

/* In the order of enum darter_debug_access. */
static const char *const accesses[] = { "no", "yes", "local" };

static int parse_access(const struct parameter *parameter, const char *text, void *field,
			const struct reason *why)
{
	if (!parse_word(accesses, ARRAY_SIZE(accesses), text, field))
		return 0;
	return darter_refuse(why, "argument(s) must be one of the following: no, yes, local");
}

static void print_access(const struct parameter *parameter, const void *field, char *out,
			 size_t room)
{
	strscpy(out, accesses[READ_ONCE(*(const u32 *)field)], room);
}

/* In the order of enum darter_dispatch_mode. */
static const char *const dispatch_modes[] = { "worker", "inline" };

static int parse_dispatch(const struct parameter *parameter, const char *text, void *field,
			  const struct reason *why)
{
	if (!parse_word(dispatch_modes, ARRAY_SIZE(dispatch_modes), text, field))
		return 0;
	return darter_refuse(why, "argument(s) must be one of the following: worker, inline");
}

static void print_dispatch(const struct parameter *parameter, const void *field, char *out,
			   size_t room)
{
	strscpy(out, dispatch_modes[READ_ONCE(*(const u32 *)field)], room);
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
		return darter_refuse(why,
				     "Invalid client class specified in buffer limit configuration.");
	word = limit_word(text, &len);
	ok = memory_value(word, len, &limit.hard);
	word = limit_word(text, &len);
	ok &= memory_value(word, len, &limit.soft);
	word = limit_word(text, &len);
	ok &= is_count(word, len, &limit.soft_seconds);
	if (!ok)
		return darter_refuse(why,
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
		return darter_refuse(why,
				     "Wrong number of arguments in buffer limit configuration.");
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
		return darter_refuse(why, "Invalid latency-tracking-info-percentiles parameters");
	if (value > 100 * 1000000 || (negative && value))
		return darter_refuse(why,
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
			return darter_refuse(why, "at most %u percentiles are possible",
				      DARTER_PERCENTILES_MAX);
		word = limit_word(&text, &len);
		more = word[len] == ' ';
		err = parse_percentile(word, len, &percentiles->millionths[percentiles->count++],
				       why);
	}
	return err;
}

/**
 * darter_format_percentile() - print a percentile without needless zeros
 * @out: DARTER_PERCENTILE_CHARS bytes
 * @millionths: of a percent
 */
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

const struct value_type darter_value_bool = { sizeof(bool), sizeof(bool), parse_bool, print_bool };
const struct value_type darter_value_u32 = { sizeof(u32), sizeof(u32), parse_u32, print_u32 };
const struct value_type darter_value_u64 = { sizeof(u64), sizeof(u64), parse_u64, print_u64 };
const struct value_type darter_value_s64 = { sizeof(s64), sizeof(s64), parse_s64, print_s64 };
const struct value_type darter_value_memory = { sizeof(u64), sizeof(u64), parse_memory, print_u64 };

const struct value_type darter_value_access = {
	sizeof(u32), sizeof(u32), parse_access, print_access
};

const struct value_type darter_value_dispatch = {
	sizeof(u32), sizeof(u32), parse_dispatch, print_dispatch
};

const struct value_type darter_value_enabled = {
	sizeof(enum darter_topology), sizeof(u32), NULL, print_enabled
};

const struct value_type darter_value_endpoint = {
	sizeof(u32), sizeof(u32), parse_endpoint_type, print_endpoint_type
};

const struct value_type darter_value_limits = {
	CONFIG_SIZE(output_limits), sizeof(u64), parse_limits, print_limits
};

const struct value_type darter_value_percentiles = {
	CONFIG_SIZE(percentiles), sizeof(u32), parse_percentiles, print_percentiles
};

const struct value_type darter_value_binds = { CONFIG_SIZE(bind), 1, parse_binds, print_text };

const struct value_type darter_value_password = {
	CONFIG_SIZE(password), 1, parse_text, print_text
};

const struct value_type darter_value_host = { CONFIG_SIZE(announce_ip), 1, parse_text, print_text };

const struct value_type darter_value_hostname = {
	CONFIG_SIZE(announce_hostname), 1, parse_hostname, print_text
};

const struct value_type darter_value_constant = { 0, 1, NULL, print_initial };
