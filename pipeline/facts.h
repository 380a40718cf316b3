/*
 * facts.h - what was known of each record when it was judged:
 * private/facts.jsonl of a run (0600, never in the bundle), a line a unit that
 * was drawn.  From it "tracegate explain" says why a record left or did not.
 *
 * docs/FORMATS.md has the lines.  No text of a trace, no id of one is in it
 * (but for what the names of input files say): an id is there as its number of
 * the draw (sampled.h), so that who has an id can look it up; a finding by
 * type, rule, score and place.
 *
 * Bounded: TG_FACTS_FOUND findings a unit are told, the rest is counted by
 * kind; behind TG_FACTS_MAX bytes the units are counted alone ("unwritten" in
 * the last line).
 */
#ifndef TG_PIPELINE_FACTS_H
#define TG_PIPELINE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/classes.h"
#include "pipeline/stage.h"

/* In a folder of its own (0700): names of input files may be personal. */
#define TG_FACTS_DIR "private"
#define TG_FACTS_FILE TG_FACTS_DIR "/facts.jsonl"
#define TG_FACTS_SCHEMA "tracegate.facts/1"
#define TG_FACTS_FOUND 32		   /* findings told a unit */
#define TG_FACTS_MAX (UINT64_C(512) << 20) /* bytes of units */
#define TG_FACTS_LINE (1u << 16)	   /* bytes of a line */
#define TG_FACTS_HEAD "facts"
#define TG_FACTS_UNIT "unit"
#define TG_FACTS_CLASSES "classes"
#define TG_FACTS_END "end"

struct tg_facts;

/* What the first line says of the run; borrowed for the call. */
struct tg_facts_run {
	const char *run;
	const struct tg_settings *set;
	uint64_t asked_ppb; /* the job's own rate; 0: the policy's */
	bool all_synthetic; /* no source holds real people's text */
	bool classes_enforced;
	const struct tg_class_limits *limits; /* k 0: not measured */
	const char *const *file;	      /* inputs, in their order */
	const bool *real;		      /* hold real people's text */
	size_t n_file;
	/* Hex, of the run's seed: a digest of the file says nothing about the
	 * names of the inputs in it to who tries some out. */
	const char *salt;
	const char *attributes_sha256; /* of the allow-list of attributes */
};

/* TG_E_IO, TG_E_MEMORY, as all below.  @rules is borrowed. */
int tg_facts_new(struct tg_facts **out, const char *path,
    const struct tg_rules *rules, const struct tg_facts_run *run,
    struct tg_err *err) TG_MUST_CHECK;
/* Without tg_facts_finish the file is not there. */
void tg_facts_free(struct tg_facts *f);

/* The next input; @quasi: that its units go through, or NULL. */
void
tg_facts_input(struct tg_facts *f, size_t index, const struct tg_quasi *quasi);
/* For on_text and on_record of a pass (stage.h). */
int tg_facts_text(struct tg_facts *f, const struct tg_record *r,
    const struct tg_text *t, const struct tg_findings *found,
    struct tg_err *err) TG_MUST_CHECK;
int tg_facts_record(struct tg_facts *f, const struct tg_record *r,
    struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_facts_finish - the size of each row's class (@c NULL: none was measured)
 * and the last line, which has the digest of those before it; then the file is
 * there.  @sha256: of the last line, which binds the whole.
 */
int tg_facts_finish(struct tg_facts *f, struct tg_classes *c,
    const uint64_t *records, const uint64_t *quarantined, size_t n_input,
    char sha256[TG_SHA256_HEX], struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_facts_each - every line to @line, by its "line" member, in order.
 * @sha256: of the last line, as the run's manifest has it; NULL: nothing signed
 * says it.  *@gone (may be NULL) when there is no file: then nothing is called,
 * and -1.
 * TG_E_INTEGRITY: the file is not what was written, which is known only at its
 * end: what was handed out before must not be used.
 */
typedef int (*tg_facts_line)(
    void *ctx, const char *kind, struct tg_json *line, struct tg_err *err);
int tg_facts_each(const char *path, const char *sha256, tg_facts_line line,
    void *ctx, bool *gone, struct tg_err *err) TG_MUST_CHECK;

#endif
