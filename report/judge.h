/*
 * judge.h - the judgement on one requirement: what was examined, how many,
 * what came out.  One function a row of requirements.def.
 *
 * A judgement starts at "not assessed"; only a function that examined
 * something may raise it.  All of it is language-neutral: a finding code of
 * findings.def and typed arguments.
 */
#ifndef TG_REPORT_JUDGE_H
#define TG_REPORT_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "report/doc.h"
#include "report/evidence.h"

struct tg_judge {
	const struct tg_evidence_in *in;
	const struct tg_json *m; /* the manifest */
	/* The result. */
	enum tg_mark mark;
	bool declared; /* rests on what a person stated */
	const char *finding;
	struct tg_json *args; /* NULL: memory ran out */
	int64_t examined;
};

/* tg_judge_init - "not assessed", finding "nothing", 0 examined. */
void tg_judge_init(struct tg_judge *j, const struct tg_evidence_in *in);
void tg_judge_deinit(struct tg_judge *j);
/* tg_judge_say - sets the result; "met" with 0 examined becomes "not
 * assessed". */
void tg_judge_say(struct tg_judge *j, enum tg_mark mark, const char *finding,
    int64_t examined);

/* Arguments, in order. */
void tg_judge_int(struct tg_judge *j, int64_t v);
void tg_judge_ratio(struct tg_judge *j, int64_t ppb);
void tg_judge_date(struct tg_judge *j, int64_t t);
void tg_judge_str(struct tg_judge *j, const char *s);
/* A code of terms.def; @kind "country", "basis", ... */
void tg_judge_term(struct tg_judge *j, const char *kind, const char *code);
/* @take_codes: an array of codes. */
void tg_judge_terms(
    struct tg_judge *j, const char *kind, struct tg_json *take_codes);

/* Member @key of member @part of the manifest. */
const char *
tg_judge_text(const struct tg_judge *j, const char *part, const char *key);
/* A count that is absent, negative or no number is 0: nothing examined. */
int64_t
tg_judge_count(const struct tg_judge *j, const char *part, const char *key);
/* Records into @stage of the funnel; 0 when it is not there. */
int64_t tg_judge_stage_in(const struct tg_judge *j, const char *stage);
/* Who stated what was declared: the preparer, else the exporter. */
const char *tg_judge_declarer(const struct tg_json *manifest);
/* The index and time of the ledger's first entry of @type; false when there
 * is none. */
bool tg_judge_entry(const struct tg_json *ledger, const char *type,
    int64_t *index, int64_t *time);

/* The policy's leaf; false without a policy or the leaf. */
const struct tg_leaf *tg_judge_leaf(const struct tg_judge *j, const char *path);
bool tg_judge_limit(const struct tg_judge *j, const char *path, int64_t *out);
bool
tg_judge_rate(const struct tg_judge *j, const char *path, int64_t *out_ppb);
/* Whether every source was declared to hold invented text only. */
bool tg_judge_all_synthetic(const struct tg_judge *j);
/*
 * tg_judge_test - one question of WP29 Opinion 05/2014 ("singling_out",
 * "linkability", "inference") by the manifest's figures: groups examined, and
 * those for which the answer is yes.  Of linkability, records compared, and
 * links found.
 */
enum tg_mark tg_judge_test(const struct tg_json *m, const char *test,
    int64_t *examined, int64_t *found);
bool tg_leaf_has(const struct tg_leaf *leaf, const char *item);

/* The patterns of lines that @policy has and nobody makes true (honour.h): an
 * array; NULL when out of memory. */
struct tg_json *
tg_judge_unenforced(const struct tg_policy *policy) TG_MUST_CHECK;

#define REQ(sym, ...) void tg_judge_##sym(struct tg_judge *j);
#include "report/requirements.def"
#undef REQ

#endif
