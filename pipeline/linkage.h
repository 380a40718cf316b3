/*
 * linkage.h - can records be linked: with others of the bundle, and with those
 * of earlier bundles, to whomever they went (WP29 opinion 05/2014, the second
 * of three tests; policy-and-evidence.md 5.2, EP-10).
 *
 * Three things link, and each is measured:
 *	values  an identifier that leaves, kept or as a pseudonym: the same
 *	        value in two records
 *	unique  a combination of quasi-identifiers that one subject alone has in
 *	        this bundle, and one alone in an earlier one
 *	texts   a text that is nearly another's (sketch.h) of another trace
 *
 * What is kept of a bundle for those that come after it is a file of keyed
 * digests, sorted, each once: state/runs/<RUN>/private/linkage, 0600.
 *	"tracegate-linkage/1 <16 hex: key id>", padded with spaces and \n to
 *	64 bytes; then rows of 16 bytes: kind (1 value, 2 unique, 3 text), 15
 *	bytes of a digest under state/linkage.key; then the SHA-256 of it all
 * It is never in a bundle.  Who has the key can try out a guessed value, so the
 * file is personal data as long as it is there: it goes with the retention of
 * its bundle (tg_linkage_expire).
 *
 * Constant memory for any number of records and of earlier bundles
 * (base/sorter.h).  Errors: TG_E_IO, TG_E_MEMORY.
 */
#ifndef TG_PIPELINE_LINKAGE_H
#define TG_PIPELINE_LINKAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/crypt.h"
#include "base/env.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/classes.h"

#define TG_LINKAGE_FILE "private/linkage" /* in a run's directory */

struct tg_linkage_result {
	uint64_t records;
	uint64_t values; /* different ones */
	/* Of these, in an earlier bundle to the same, to another recipient. */
	uint64_t values_same, values_other;
	uint64_t linked; /* records that share one with another record */
	uint64_t unique, unique_earlier; /* combinations */
	uint64_t texts;			 /* records with a text */
	/* Of these, near-duplicates of a record of another trace here; of one
	 * in an earlier bundle. */
	uint64_t texts_here, texts_earlier;
	/* Earlier bundles that were compared, to how many recipients; and those
	 * within their retention of which nothing is left to compare. */
	uint64_t bundles, recipients, without;
};

struct tg_linkage;

/* tg_linkage_key - state/linkage.key; drawn when there is none.  TG_E_KEY. */
int tg_linkage_key(uint8_t out[TG_KEY_LEN], const char *state_dir,
    const struct tg_env *env, struct tg_err *err) TG_MUST_CHECK;

/* @dir: of scratch files without names; @key: of the digests of values. */
int tg_linkage_new(struct tg_linkage **out, const char *dir,
    const uint8_t key[TG_KEY_LEN], size_t memory, struct tg_err *err)
    TG_MUST_CHECK;
void tg_linkage_free(struct tg_linkage *l);
/* All is read again: what was added is forgotten. */
int tg_linkage_again(struct tg_linkage *l, struct tg_err *err) TG_MUST_CHECK;

/*
 * Of one record of the input, in this order: its texts as they leave; then each
 * unit that leaves, ascending, behind its values.  @told_apart: it has a
 * quasi-identifier.
 */
void tg_linkage_begin(struct tg_linkage *l);
int tg_linkage_text(struct tg_linkage *l, uint32_t unit, const char *p,
    size_t n, struct tg_err *err) TG_MUST_CHECK;
int tg_linkage_value(struct tg_linkage *l, const struct tg_class_row *of,
    const uint8_t digest[TG_CLASS_DIGEST], struct tg_err *err) TG_MUST_CHECK;
int tg_linkage_unit(struct tg_linkage *l, uint32_t unit,
    const struct tg_class_row *row, bool told_apart, struct tg_err *err)
    TG_MUST_CHECK;

/* An earlier bundle. */
struct tg_linkage_earlier {
	const char *path; /* of its file */
	const char *recipient;
};

/*
 * tg_linkage_finish - the figures, and the file at @path for later bundles.
 * An earlier file that is not there, or was made with another key, counts as
 * without.  TG_E_INTEGRITY: one is cut or out of order.
 */
int
tg_linkage_finish(struct tg_linkage *l, const char *path, const char *recipient,
    const struct tg_linkage_earlier *earlier, size_t n_earlier,
    struct tg_linkage_result *out, struct tg_err *err) TG_MUST_CHECK;

/* "linkability" of the manifest (run.h); NULL when out of memory. */
struct tg_json *
tg_linkage_json(const struct tg_linkage_result *r) TG_MUST_CHECK;

#endif
