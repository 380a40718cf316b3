/*
 * schema.h - what a policy may say: policies/schema.def as a table.
 */
#ifndef TG_POLICIES_SCHEMA_H
#define TG_POLICIES_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

enum tg_ptype {
	TG_PT_INT,    /* whole number, lo..hi */
	TG_PT_RATIO,  /* 0..1, kept in parts per billion */
	TG_PT_BOOL,   /* words false, true */
	TG_PT_WORD,   /* one of words */
	TG_PT_NAME,   /* printable ASCII without spaces */
	TG_PT_NAMES,  /* a set of those */
	TG_PT_PLACES, /* a set of countries; @SETs are expanded */
	TG_PT_TARGETS /* a set of URL patterns, kept under the file's id */
};

enum tg_prule {
	TG_PR_MIN,
	TG_PR_MAX,
	TG_PR_ORDERED,
	TG_PR_PARTIAL,
	TG_PR_LOCK,
	TG_PR_INTERSECT,
	TG_PR_UNION,
	TG_PR_CONJ
};

struct tg_schema_row {
	const char *pattern;
	enum tg_ptype type;
	enum tg_prule rule;
	uint64_t lo, hi;	  /* TG_PT_INT */
	const char *const *words; /* NULL-terminated, in order; or NULL */
	const char *absent;	  /* what holds when no layer says; or NULL */
	bool closed; /* the layer that has the map closes its keys */
};

#define TG_SCHEMA_NAME 64 /* bytes of a key or a word */
#define TG_SCHEMA_PATH 256
#define TG_SCHEMA_SEGMENTS 8

size_t tg_schema_count(void);
const struct tg_schema_row *tg_schema_at(size_t i);
/* "min", "max", "ordered", ... as the table of rules names them. */
const char *tg_schema_rule_name(enum tg_prule rule);
/* "whole number 1 to 366", "ratio 0 to 1", "one of a, b, c", ... */
int tg_schema_describe(struct tg_buf *out, const struct tg_schema_row *row,
    struct tg_err *err) TG_MUST_CHECK;

enum tg_schema_is {
	TG_SCHEMA_UNKNOWN, /* no leaf is at or below the path */
	TG_SCHEMA_MAP,	   /* leaves are below */
	TG_SCHEMA_LEAF	   /* *row is set */
};

/* What may stand at @path ("/limits/on_exceed"; "" is the root). */
enum tg_schema_is
tg_schema_find(const struct tg_schema_row **row, struct tg_sv path);

#define TG_SCHEMA_KEYS 64

/* The keys known at one place of the tree. */
struct tg_schema_keys {
	char text[TG_SCHEMA_KEYS][TG_SCHEMA_NAME];
	const char *word[TG_SCHEMA_KEYS + 1]; /* into text, then NULL */
	size_t n;
	char wild[TG_SCHEMA_NAME]; /* "TYPE": keys of that kind; "": none */
};

/* What may follow @path; word points into *out itself. */
void tg_schema_keys(struct tg_schema_keys *out, struct tg_sv path);

/* Whether @key may be a key of the kind @wild ("id", "TYPE", "CC", ...). */
bool tg_schema_key_ok(const char *wild, struct tg_sv key);
/* The form of such keys as an ECMA regular expression (a country is two
 * capitals to it); NULL for a kind that there is not. */
const char *tg_schema_key_regex(const char *wild);

#endif
