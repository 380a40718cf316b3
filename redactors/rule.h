/*
 * rule.h - a rule set in memory, and the doors inside this folder.
 */
#ifndef TG_REDACTORS_RULE_H
#define TG_REDACTORS_RULE_H

#include "base/arena.h"
#include "redactors/dict.h"
#include "redactors/language.h"
#include "redactors/prefilter.h"
#include "redactors/redactor.h"
#include "redactors/regex.h"
#include "redactors/validator.h"

#define TG_RULES_MAX 2000	    /* rules of a set */
#define TG_RULES_TYPES 500	    /* types of a set */
#define TG_RULES_PACKS 64	    /* packs of a set */
#define TG_RULE_WORDS 400	    /* words of one list */
#define TG_RULE_EXAMPLES 64	    /* of one kind */
#define TG_RULE_WINDOW 200	    /* bytes of context looked at, each side */
#define TG_RULES_MEMORY (64u << 20) /* bytes of a loaded set */

enum tg_engine { TG_ENGINE_PCRE2, TG_ENGINE_PERSON };

struct tg_gate;

/* How a name is led (person.c). */
enum tg_form {
	TG_FORM_TITLED,
	TG_FORM_NAMED,
	TG_FORM_SURNAME_FIRST,
	TG_FORM_INITIALS,
	TG_FORM_INTRODUCED,
	TG_FORM_LISTED,
	TG_FORM_REPEATED,
	TG_FORM_LONE,
	TG_FORM_TOWN, /* a place, not a person */
	TG_FORM_N
};

enum tg_boundary {
	TG_BOUND_NONE,
	TG_BOUND_WORD,	/* not glued to a letter or digit */
	TG_BOUND_STRICT /* nor part of a decimal number or a UUID */
};

/* Folded phrases, words apart by one space (context.h). */
struct tg_words {
	const char **p;
	size_t n;
};

/* Pairs of bytes of words, as a set of 256 (context.h). */
struct tg_pairs {
	uint64_t w[4];
};

struct tg_example {
	const char *text; /* markers taken out */
	size_t n;
	const char *key;
	bool marked; /* the span is known */
	struct tg_span span;
	uint32_t line, col;
};

struct tg_rule {
	struct tg_rule_info info;
	uint16_t type;
	uint16_t rank; /* order of the ids */
	enum tg_engine engine;
	enum tg_form form;
	enum tg_boundary boundary;
	bool keyed;    /* only under its own JSON keys */
	bool join;     /* believed across a line break without a check */
	bool slow;     /* no prefilter */
	bool number;   /* a match is of digits and what may part them */
	uint32_t most; /* bytes of any match; 0: not told */
	struct tg_sv pattern;
	uint32_t pattern_line, pattern_col; /* of its first byte */
	struct tg_regex re;
	const struct tg_validator *check;
	uint8_t base, valid, context, whole;
	struct tg_words words, keys, negative, allow;
	size_t before, after; /* bytes of the context window */
	struct tg_example *match, *no_match;
	size_t n_match, n_no_match;
};

struct tg_pack {
	const char *path;
	char sha256[65];
	size_t n_rules;
};

struct tg_complaints;

struct tg_rules {
	struct tg_arena arena;
	struct tg_complaints *complaints; /* pack_lint.h, or NULL: the first
					   * error ends it */
	struct tg_rule *rule;
	size_t n;
	const char **type;
	size_t n_types;
	struct tg_pack *pack;
	size_t n_packs;
	struct tg_dict *dict;
	struct tg_pf *pf;
	struct tg_heads heads; /* of pf and of the titles */
	struct tg_gate *gate;
	struct tg_languages languages;
	struct tg_words titles, intros;
	int form_rule[TG_FORM_N]; /* rule of each form or -1 */
	char sha256[65], names_sha256[65];
};

/* rules.c - whether loading goes on after @err about one rule: it was handed
 * on.  No memory is the end in any case. */
bool tg_rules_go_on(const struct tg_rules *r, struct tg_err *err);
/* rules_pack.c - one file into @r (rules and their examples, not compiled). */
int tg_rules_pack_load(struct tg_rules *r, const char *path, struct tg_err *err)
    TG_MUST_CHECK;
/* rules_compile.c - the pattern of @rule with its boundary; *@head for the
 * prefilter; *@where: the offset of an error in the pattern.  TG_E_CONFIG. */
int tg_rules_compile(struct tg_rule *rule, struct tg_pf_head *head,
    size_t *where, struct tg_err *err) TG_MUST_CHECK;
/* The same pattern, in the form that is searched for.  TG_E_MEMORY. */
int tg_rules_search(struct tg_rule *rule, struct tg_err *err) TG_MUST_CHECK;
/* selftest.c - the examples of every rule; no replacement matches a rule. */
int tg_selftest(const struct tg_rules *r, struct tg_err *err) TG_MUST_CHECK;

#endif
