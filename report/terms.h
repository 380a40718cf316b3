/*
 * terms.h - the plain words for a code, in English and French.
 *
 * The model and the manifest hold codes alone (language-neutral); the document
 * prints their words.  A code that is not in the tables prints as itself:
 * nothing is hidden because nobody translated it.
 */
#ifndef TG_REPORT_TERMS_H
#define TG_REPORT_TERMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/sv.h"
#include "report/strings.h"

enum tg_term_kind {
	TG_T_COUNTRY,	  /* ISO 3166-1 alpha-2 */
	TG_T_REGION,	  /* folder under regions/ */
	TG_T_ROLE,	  /* who signs */
	TG_T_PARTY,	  /* role of a party under data-protection law */
	TG_T_TYPE,	  /* what a detector finds */
	TG_T_ACTION,	  /* what was done with it */
	TG_T_STAGE,	  /* stage of the pipeline */
	TG_T_BASIS,	  /* lawful basis, DPV eu-gdpr id */
	TG_T_GRANULARITY, /* of dates */
	TG_T_DOMAIN,	  /* of pseudonyms */
	TG_T_KEY_END,	  /* when their key goes, and why it went */
	TG_T_FREE_TEXT,
	TG_T_LEVEL, /* technical level of anonymisation, legal claim */
	TG_T_FORMAT,
	TG_T_UNIT,     /* of sampling */
	TG_T_LEDGER,   /* type of a ledger entry */
	TG_T_STATUS,   /* of a run */
	TG_T_DECISION, /* of a person */
	TG_T_RESULT,   /* of a requirement */
	TG_T_CLASS,    /* of retention */
	TG_T_CLOCK,    /* what a retention period counts from */
	TG_T_SOURCE,   /* provenance of a policy value */
	TG_T_SPECIAL,  /* what the policy does with special categories */
	TG_T_TEST,     /* of anonymity: WP29 Opinion 05/2014 */
	TG_T_FIELD,    /* required detail of a recipient */
	TG_T_PART,     /* of the evidence that a policy demands */
	TG_T_ONWARD,   /* what a contract says of onward transfer */
	TG_T_FINDING,  /* what was examined and found, with places {0}.. */
	TG_T_REASON,   /* why a record was dropped */
	TG_T_REMEDY    /* what can be done about it */
};

/* tg_term - the words; static, or @code itself ("" for NULL). */
const char *
tg_term(enum tg_lang lang, enum tg_term_kind kind, const char *code);
/* tg_term_known - whether the tables hold @code. */
bool tg_term_known(enum tg_term_kind kind, const char *code);

/* The kind by its name in lower case ("type", "free_text"), and back; false:
 * there is none. */
bool tg_term_kind_find(enum tg_term_kind *out, struct tg_sv name) TG_MUST_CHECK;
const char *tg_term_kind_name(enum tg_term_kind kind);

/* The tables, for tests: row @i or false past the end. */
bool tg_term_at(size_t i, enum tg_term_kind *kind, const char **code,
    const char *words[TG_LANGS]);

#endif
