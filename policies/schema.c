#include "policies/schema.h"

#include "policies/country.h"
#include "base/banned.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ROW(p, t, r, l, h, w, a, c)                                   \
	{                                                             \
		.pattern = (p), .type = (t), .rule = (r), .lo = (l),  \
		.hi = (h), .words = (w), .absent = (a), .closed = (c) \
	}
#define CAP(p, l, h) ROW(p, TG_PT_INT, TG_PR_MIN, l, h, NULL, NULL, false),
#define SHUT_CAP(a, p, l, h) ROW(p, TG_PT_INT, TG_PR_MIN, l, h, NULL, a, false),
#define MIN_(p, l, h) ROW(p, TG_PT_INT, TG_PR_MAX, l, h, NULL, NULL, false),
#define RCAP(p) ROW(p, TG_PT_RATIO, TG_PR_MIN, 0, 0, NULL, NULL, false),
#define SHUT_RCAP(a, p) ROW(p, TG_PT_RATIO, TG_PR_MIN, 0, 0, NULL, a, false),
#define RMIN(p) ROW(p, TG_PT_RATIO, TG_PR_MAX, 0, 0, NULL, NULL, false),
#define FLAG(p)                                                               \
	ROW(p, TG_PT_BOOL, TG_PR_ORDERED, 0, 0, WORDS("false", "true"), NULL, \
	    false),
#define STEP(p, ...)                                                      \
	ROW(p, TG_PT_WORD, TG_PR_ORDERED, 0, 0, WORDS(__VA_ARGS__), NULL, \
	    false),
#define SHUT_STEP(a, p, ...) \
	ROW(p, TG_PT_WORD, TG_PR_ORDERED, 0, 0, WORDS(__VA_ARGS__), a, false),
#define SHUT_OP(a, p)                                                        \
	ROW(p, TG_PT_WORD, TG_PR_PARTIAL, 0, 0,                              \
	    WORDS("keep", "generalise", "pseudonymise", "label", "drop"), a, \
	    false),
#define LOCK(p, ...) \
	ROW(p, TG_PT_WORD, TG_PR_LOCK, 0, 0, WORDS(__VA_ARGS__), NULL, false),
#define NAME(p) ROW(p, TG_PT_NAME, TG_PR_LOCK, 0, 0, NULL, NULL, false),
#define ALLOW(p) ROW(p, TG_PT_NAMES, TG_PR_INTERSECT, 0, 0, NULL, NULL, false),
#define CLOSED_ALLOW(p) \
	ROW(p, TG_PT_NAMES, TG_PR_INTERSECT, 0, 0, NULL, NULL, true),
#define PLACES_ALLOW(p) \
	ROW(p, TG_PT_PLACES, TG_PR_INTERSECT, 0, 0, NULL, NULL, false),
#define NEED(p) ROW(p, TG_PT_NAMES, TG_PR_UNION, 0, 0, NULL, NULL, false),
#define PLACES_DENY(p) \
	ROW(p, TG_PT_PLACES, TG_PR_UNION, 0, 0, NULL, NULL, false),
#define TARGETS(p) ROW(p, TG_PT_TARGETS, TG_PR_CONJ, 0, 0, NULL, NULL, false),

static const struct tg_schema_row rows[] = {
#include "policies/schema.def"
};

static const char *const rule_names[] = {[TG_PR_MIN] = "min",
    [TG_PR_MAX] = "max",
    [TG_PR_ORDERED] = "ordered",
    [TG_PR_PARTIAL] = "partial",
    [TG_PR_LOCK] = "lock",
    [TG_PR_INTERSECT] = "intersect",
    [TG_PR_UNION] = "union",
    [TG_PR_CONJ] = "conj"};

size_t
tg_schema_count(void)
{
	return TG_COUNT(rows);
}

const struct tg_schema_row *
tg_schema_at(size_t i)
{
	return &rows[i];
}

const char *
tg_schema_rule_name(enum tg_prule rule)
{
	return rule_names[rule];
}

/* The shape of a key: first characters, further characters (none: asked of
 * country.h), and the same as an ECMA regular expression. */
static const struct {
	const char *wild, *first, *rest, *regex;
} shapes[] = {
    {"id", "abcdefghijklmnopqrstuvwxyz",
	"abcdefghijklmnopqrstuvwxyz0123456789_", "^[a-z][a-z0-9_]*$"},
    {"tool", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
	"^[A-Za-z][A-Za-z0-9_-]*$"},
    {"TYPE", "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", "^[A-Z][A-Z0-9_]*$"},
    {"SET", "@", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", "^@[A-Z0-9_]*$"},
    {"CC", "", "", "^[A-Z]{2}$"},
    {"place", "", "", "^([A-Z]{2}|@[A-Z0-9_]*)$"},
};

const char *
tg_schema_key_regex(const char *wild)
{
	for (size_t i = 0; i < TG_COUNT(shapes); i++)
		if (strcmp(shapes[i].wild, wild) == 0)
			return shapes[i].regex;
	return NULL;
}

static bool
shape_ok(const char *wild, struct tg_sv key)
{
	for (size_t i = 0; i < TG_COUNT(shapes); i++) {
		if (strcmp(shapes[i].wild, wild) != 0)
			continue;
		if (key.n == 0 || key.n > TG_SCHEMA_NAME ||
		    strchr(shapes[i].first, key.p[0]) == NULL)
			return false;
		for (size_t k = 1; k < key.n; k++)
			if (key.p[k] == '\0' ||
			    strchr(shapes[i].rest, key.p[k]) == NULL)
				return false;
		return key.p[0] != '\0';
	}
	return false;
}

bool
tg_schema_key_ok(const char *wild, struct tg_sv key)
{
	if (strcmp(wild, "CC") == 0)
		return tg_country_known(key);
	if (strcmp(wild, "place") == 0)
		return tg_country_known(key) || shape_ok("SET", key);
	return shape_ok(wild, key);
}

/* Takes the next "/segment" off @s; false at the end. */
static bool
next_segment(struct tg_sv *seg, struct tg_sv *s)
{
	size_t n = 1;

	if (s->n == 0)
		return false;
	while (n < s->n && s->p[n] != '/')
		n++;
	*seg = (struct tg_sv){s->p + 1, n - 1};
	*s = (struct tg_sv){s->p + n, s->n - n};
	return true;
}

static bool
segment_fits(struct tg_sv pat, struct tg_sv seg)
{
	char wild[TG_SCHEMA_NAME];

	if (pat.n < 2 || pat.p[0] != '{' || pat.n - 2 >= sizeof(wild))
		return tg_sv_eq(pat, seg);
	memcpy(wild, pat.p + 1, pat.n - 2);
	wild[pat.n - 2] = '\0';
	return tg_schema_key_ok(wild, seg);
}

/* Whether @path is a prefix of @pattern; *rest gets what is left of it. */
static bool
prefix_fits(struct tg_sv *rest, const char *pattern, struct tg_sv path)
{
	struct tg_sv pat = tg_sv_of(pattern), ps, s;

	while (next_segment(&s, &path))
		if (!next_segment(&ps, &pat) || !segment_fits(ps, s))
			return false;
	*rest = pat;
	return true;
}

enum tg_schema_is
tg_schema_find(const struct tg_schema_row **row, struct tg_sv path)
{
	enum tg_schema_is is = TG_SCHEMA_UNKNOWN;
	struct tg_sv rest;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		if (!prefix_fits(&rest, rows[i].pattern, path))
			continue;
		if (rest.n == 0) {
			*row = &rows[i];
			return TG_SCHEMA_LEAF;
		}
		is = TG_SCHEMA_MAP;
	}
	return is;
}

static void
keys_add(struct tg_schema_keys *out, struct tg_sv seg)
{
	if (seg.n == 0 || seg.n >= TG_SCHEMA_NAME)
		return;
	if (seg.p[0] == '{') {
		memcpy(out->wild, seg.p + 1, seg.n - 2);
		out->wild[seg.n - 2] = '\0';
		return;
	}
	for (size_t i = 0; i < out->n; i++)
		if (tg_sv_is(seg, out->text[i]))
			return;
	if (out->n == TG_SCHEMA_KEYS)
		return;
	memcpy(out->text[out->n], seg.p, seg.n);
	out->text[out->n][seg.n] = '\0';
	out->word[out->n] = out->text[out->n];
	out->word[++out->n] = NULL;
}

void
tg_schema_keys(struct tg_schema_keys *out, struct tg_sv path)
{
	struct tg_sv rest, seg;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < TG_COUNT(rows); i++)
		if (prefix_fits(&rest, rows[i].pattern, path) &&
		    next_segment(&seg, &rest))
			keys_add(out, seg);
}

static int
describe_words(
    struct tg_buf *out, const struct tg_schema_row *row, struct tg_err *err)
{
	const char *sep = row->rule == TG_PR_ORDERED ? " < " : ", ";

	for (size_t i = 0; row->words[i] != NULL; i++)
		if (tg_buf_addf(
			out, err, "%s%s", i == 0 ? "" : sep, row->words[i]) < 0)
			return -1;
	return 0;
}

int
tg_schema_describe(
    struct tg_buf *out, const struct tg_schema_row *row, struct tg_err *err)
{
	switch (row->type) {
	case TG_PT_INT:
		return tg_buf_addf(out, err, "a whole number %llu to %llu",
		    (unsigned long long)row->lo, (unsigned long long)row->hi);
	case TG_PT_RATIO:
		return tg_buf_adds(
		    out, "a ratio 0 to 1 with up to nine decimals", err);
	case TG_PT_BOOL:
		return tg_buf_adds(out, "true or false", err);
	case TG_PT_WORD:
		return describe_words(out, row, err);
	case TG_PT_NAME:
		return tg_buf_adds(
		    out, "a name of printable ASCII without spaces", err);
	case TG_PT_NAMES:
		return tg_buf_adds(out, "a list of names", err);
	case TG_PT_PLACES:
		return tg_buf_adds(
		    out, "a list of country codes and @SETs", err);
	case TG_PT_TARGETS:
		return tg_buf_adds(out, "a list of URL patterns", err);
	}
	return tg_fail(err, TG_E_BUG, "schema: row without a type");
}
