/*
 * redactor.h - how personal data is recognised and replaced in a text.
 *
 * Pure functions over text: no file (but the loader's), no region, no policy,
 * no network.  A rule set is loaded once and is immutable; a scanner is one
 * thread's scratch space.  Offsets are bytes in the text handed in, end
 * exclusive, always on code-point borders.
 *
 * Fail closed: any engine error, match limit or size limit makes tg_scan fail,
 * and the caller must not let the record leave.
 */
#ifndef TG_REDACTORS_REDACTOR_H
#define TG_REDACTORS_REDACTOR_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

/* What is done to a finding; later is stricter (operators.def). */
#define TG_ACTION(upper, name) TG_ACT_##upper,
enum tg_action {
#include "redactors/operators.def"
};
#undef TG_ACTION
const char *tg_action_name(enum tg_action a);
bool tg_action_parse(enum tg_action *out, struct tg_sv s) TG_MUST_CHECK;

struct tg_rules;   /* immutable */
struct tg_scanner; /* one thread */

/* Where rules come from.  Paths are borrowed for the call. */
struct tg_rules_src {
	const char *const
	    *pack; /* rule files, e.g. redactors/rules/generic.yaml,
		    * regions/uk/identifiers.yaml */
	size_t n_pack;
	const char *const *names; /* folders with dictionaries,
				   * e.g. regions/fr/names */
	size_t n_names;
};

/* TG_E_CONFIG with file:line:col; a rule without two matching and two
 * non-matching examples, or whose examples fail, is refused; an empty rule set
 * is refused. */
int tg_rules_load(struct tg_rules **out, const struct tg_rules_src *src,
    struct tg_err *err) TG_MUST_CHECK;
void tg_rules_free(struct tg_rules *r);

struct tg_rule_info {
	const char *id;	  /* "fr.nir" */
	const char *type; /* "FR_NIR" */
	const char
	    *category;	  /* direct_identifier, quasi_identifier, secret ... */
	const char *pack; /* file it came from */
	uint32_t line;
};

size_t tg_rules_count(const struct tg_rules *r);
const struct tg_rule_info *
tg_rules_info(const struct tg_rules *r, uint16_t rule);
size_t tg_rules_type_count(const struct tg_rules *r);
const char *tg_rules_type(const struct tg_rules *r, uint16_t type);
/* The type's number or -1. */
int tg_rules_type_find(const struct tg_rules *r, const char *type);
/* Whether @text is in a language that the rules and names do not know
 * (language.h). */
bool tg_rules_foreign(const struct tg_rules *r, struct tg_trace_text text);
/* Digests for the manifest: SHA-256 hex (64 digits) over the packs, over the
 * dictionaries, in a fixed order; and per pack. */
const char *tg_rules_sha256(const struct tg_rules *r);
const char *tg_rules_names_sha256(const struct tg_rules *r);
size_t tg_rules_pack_count(const struct tg_rules *r);
const char *tg_rules_pack(
    const struct tg_rules *r, size_t i, const char **sha256, size_t *n_rules);

struct tg_finding {
	uint32_t start, end; /* bytes */
	uint16_t rule, type;
	uint8_t score;	/* 0 to 100 */
	uint8_t action; /* enum tg_action */
	uint8_t view;	/* enum tg_view */
	bool checked;	/* a check digit or structure was verified */
	uint8_t notes;	/* TG_FOUND_... */
};

/* What else is known of a finding: another candidate for the place scored
 * higher; there are some of other types (or some were left out for it); it was
 * found in what a first look had replaced (set by the caller). */
#define TG_FOUND_HIGHER 1u
#define TG_FOUND_MIXED 2u
#define TG_FOUND_AGAIN 4u

enum tg_view { TG_VIEW_RAW, TG_VIEW_SHADOW, TG_VIEW_DECODED };

struct tg_findings {
	const struct tg_finding *f; /* borrowed from the scanner until its next
				     * call; sorted, disjoint */
	size_t n;
	size_t below;	   /* candidates under their type's min_score */
	size_t suppressed; /* left alone by a rule's allow list or its
			    * negative words */
};

int tg_scanner_new(struct tg_scanner **out, const struct tg_rules *r,
    struct tg_err *err) TG_MUST_CHECK;
void tg_scanner_free(struct tg_scanner *s);
/* What the policy says of a type; the default is label at this score. */
#define TG_SCORE_DEFAULT 50
void tg_scanner_set(struct tg_scanner *s, uint16_t type, uint8_t min_score,
    enum tg_action action);

/*
 * tg_scan - all findings of @text with score >= the type's minimum, resolved
 * so that coverage is never reduced (detection.md 5.3).
 * @key: the JSON key the text stands under (context words), may be empty.
 * Errors: TG_E_INPUT (a limit or engine error; the record must not leave),
 * TG_E_MEMORY.  The text is UTF-8; invalid UTF-8 is TG_E_INPUT.
 */
int tg_scan(struct tg_scanner *s, struct tg_trace_text text,
    struct tg_trace_text key, struct tg_findings *out, struct tg_err *err)
    TG_MUST_CHECK;

/*
 * Why.  With a function set, tg_scan hands it every match, also those that do
 * not become a finding, in the order they are judged; the same match may come
 * once for each view it stands in.  Never the text.  Without one it costs a
 * test of a pointer a match.
 */
enum tg_fate {
	TG_FATE_FOUND,	  /* at its type's minimum or above */
	TG_FATE_BELOW,	  /* under it */
	TG_FATE_ALLOWED,  /* in the rule's allow list */
	TG_FATE_NEGATIVE, /* beside one of the rule's negative words */
	TG_FATE_INVALID,  /* its validator says that it is none */
	TG_FATE_BOUNDARY  /* what stands directly around it speaks against it */
};
const char *tg_fate_name(enum tg_fate f); /* "found", "below" ... */

#define TG_WHY_CHAIN 3 /* encodings inside encodings */

struct tg_why {
	uint32_t start, end; /* bytes of the text handed in */
	uint16_t rule, type;
	enum tg_fate fate;
	const char *validator; /* name, or NULL: the rule has none */
	const char *verdict;   /* "ok", "fail", "none" (nothing computed) */
	/* Of the score: base or valid is 0, what is left out is 0; score is
	 * their sum, at most 100. */
	uint8_t base, valid, context, whole, score, minimum;
	const char *list;  /* "words", "keys", "pattern" (part of it); NULL */
	const char *place; /* "before", "after", "key"; NULL */
	const char *view;  /* "raw", "shadow", "joined", "decoded" */
	/* of "decoded", the outermost first: "escapes", "base64", "hex" */
	const char *chain[TG_WHY_CHAIN];
	size_t n_chain;
};

typedef void (*tg_see)(void *ctx, const struct tg_why *why);
/* NULL: none.  @ctx is borrowed. */
void tg_scanner_explain(struct tg_scanner *s, tg_see see, void *ctx);

#endif
