/* evidence_rows.h - the table of requirements within the model. */
#ifndef TG_REPORT_EVIDENCE_ROWS_H
#define TG_REPORT_EVIDENCE_ROWS_H

#include "report/evidence.h"
#include "report/strings.h"

struct tg_requirement {
	const char *id, *policy, *src, *unit;
	const char *title[TG_LANGS], *brief[TG_LANGS], *point[TG_LANGS];
};

/* NULL when there is no such row. */
const struct tg_requirement *tg_requirement_find(const char *id);
size_t tg_requirement_count(void);
/* The number of the row, from 1; 0 when there is none. */
int64_t tg_requirement_row(const char *id);

/* The clause of @control behind requirement @id; NULL when not in the table. */
const char *
tg_requirement_clause(enum tg_lang lang, const char *id, const char *control);

/* tg_evidence_rows - sets "requirements" and "summary" of @model. */
int tg_evidence_rows(struct tg_json *model, const struct tg_evidence_in *in,
    struct tg_err *err) TG_MUST_CHECK;

#endif
