/*
 * view.h - the model on its way into a document of one language: short names
 * for the formatting that every section needs.
 */
#ifndef TG_REPORT_VIEW_H
#define TG_REPORT_VIEW_H

#include <stdint.h>

#include "base/json.h"
#include "report/doc.h"
#include "report/strings.h"
#include "report/terms.h"

struct tg_view {
	struct tg_doc *d;
	struct tg_arena *a;
	enum tg_lang lang;
	const struct tg_json *m; /* evidence.json */
	const char *digest;	 /* SHA-256 of evidence.json, hex */
	unsigned section;	 /* number of the last heading */
};

/* Every returned string is static, the model's or in the document's arena;
 * NULL only when memory ran out, which the document remembers. */
#define TG_SAY(v, id) tg_str((v)->lang, TG_S_##id)
#define TG_FILL(v, id, ...) \
	tg_doc_fill((v)->d, TG_SAY(v, id), TG_ARGS(__VA_ARGS__))

const char *tg_view_int(const struct tg_view *v, int64_t n);
const char *tg_view_date(const struct tg_view *v, int64_t t);
const char *tg_view_datetime(const struct tg_view *v, int64_t t);
const char *
tg_view_term(const struct tg_view *v, enum tg_term_kind kind, const char *code);
/* "{0} redacted records": the plural form with the number in it. */
const char *
tg_view_count(const struct tg_view *v, enum tg_plural_id id, int64_t n);
/* Text of a person, or "not stated". */
const char *tg_view_stated(const struct tg_view *v, const char *s);
/* The texts of an array, as terms of @kind, joined by ", ". */
const char *tg_view_join(const struct tg_view *v, enum tg_term_kind kind,
    const struct tg_json *codes, const char *between);
/* A typed argument of a finding (report/judge.h). */
const char *tg_view_arg(const struct tg_view *v, const struct tg_json *arg);
/* What was examined and found, of a row of requirements. */
const char *tg_view_finding(const struct tg_view *v, const struct tg_json *row);
enum tg_mark tg_view_mark(const char *result);

/* A numbered heading; @id is the anchor. */
void tg_view_section(struct tg_view *v, const char *id, const char *title);
/* Whether @part has figures; else "not assessed" is written and this is
 * false. */
bool tg_view_has(struct tg_view *v, const struct tg_json *part);
/* "Measured by the software; source: manifest /…". */
void tg_view_source(struct tg_view *v, const struct tg_json *part);
/* "Declared by … on …; not verified by the tool." */
void tg_view_declared(struct tg_view *v);
void tg_view_kv(struct tg_view *v, struct tg_block *kv, const char *label,
    enum tg_run_kind kind, const char *text);
/* A cell of digits or ids in the type of digests. */
void tg_view_mono(struct tg_view *v, struct tg_row *row, const char *text);
void tg_view_status(struct tg_view *v, struct tg_row *row, const char *result);

/* The sections, in order (report/section_*.c). */
void tg_section_front(struct tg_view *v);
void tg_section_requirements(struct tg_view *v);
void tg_section_parties(struct tg_view *v);
void tg_section_purpose(struct tg_view *v);
void tg_section_funnel(struct tg_view *v);
void tg_section_sampling(struct tg_view *v);
void tg_section_redaction(struct tg_view *v);
void tg_section_coverage(struct tg_view *v);
void tg_section_residual(struct tg_view *v);
/* Within that on the second check: what was planted. */
void tg_section_planted(struct tg_view *v);
/* The same: what a person found who read a sample. */
void tg_part_review(struct tg_view *v);
void tg_section_activations(struct tg_view *v);
void tg_section_claims(struct tg_view *v);
/* Within that on claims: the groups of people who look alike. */
void tg_section_groups(struct tg_view *v);
/* And the links between records; the rows on the key of pseudonyms. */
void tg_section_links(struct tg_view *v);
void tg_part_pseudonym_key(struct tg_view *v, struct tg_block *kv);
void tg_section_retention(struct tg_view *v);
void tg_section_approvals(struct tg_view *v);
void tg_section_policy(struct tg_view *v);
/* Of the policy's section. */
void tg_part_exceptions(struct tg_view *v);
void tg_section_integrity(struct tg_view *v);
void tg_section_limits(struct tg_view *v);
void tg_section_words(struct tg_view *v);
void tg_section_texts(struct tg_view *v);

#endif
