/* facts_priv.h - what the files that write facts share; not for others. */
#ifndef TG_PIPELINE_FACTS_PRIV_H
#define TG_PIPELINE_FACTS_PRIV_H

#include "base/fs.h"
#include "pipeline/facts.h"

#define TG_FACTS_HITS 8192 /* findings kept of one record */

struct tg_facts_hit {
	uint32_t unit, seq; /* TG_UNIT_NONE: of all units of the record */
	struct tg_finding f;
	uint32_t from, to, of; /* code points */
	const char *field;
	uint64_t byte; /* of the text's value in the input */
	bool placed;
};

struct tg_facts {
	const struct tg_rules *rules;
	const struct tg_settings *set;
	struct tg_fs_out out;
	struct tg_sha256 sha;
	struct tg_buf block, line;
	uint64_t units, unwritten, rows; /* rows of the classes */
	size_t input;
	const struct tg_quasi *quasi; /* borrowed; NULL: no classes */
	/* the record at hand */
	uint64_t no; /* 0: none */
	struct tg_facts_hit *hit;
	size_t n_hit, more;
	uint64_t *tokens; /* of each unit that was dropped */
	size_t cap_tokens;
};

/* ,"key":"value"; ,"key":1; ,"key":true or nothing */
int tg_facts_add_text(struct tg_buf *b, const char *key, const char *value,
    struct tg_err *err) TG_MUST_CHECK;
int tg_facts_add_number(struct tg_buf *b, const char *key, uint64_t v,
    struct tg_err *err) TG_MUST_CHECK;
int tg_facts_add_flag(struct tg_buf *b, const char *key, bool v,
    struct tg_err *err) TG_MUST_CHECK;

/* facts_found.c: a record begins; its findings in the order of the units; those
 * of @unit, which begin at *@at, and those of all, into the line. */
void tg_facts_begin(struct tg_facts *f, uint64_t no);
void tg_facts_sort(struct tg_facts *f);
int tg_facts_hits(struct tg_facts *f, uint32_t unit, size_t *at,
    struct tg_err *err) TG_MUST_CHECK;

#endif
