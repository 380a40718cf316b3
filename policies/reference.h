/*
 * reference.h - dated reference sets: facts (which countries are in @EEA), not
 * policy.  policies/reference-YYYY-MM.yaml; the newest by name is used.
 */
#ifndef TG_POLICIES_REFERENCE_H
#define TG_POLICIES_REFERENCE_H

#include "policies/pfile.h"

struct tg_refset {
	const char *name;	   /* "@EEA" */
	const char *const *member; /* country codes, sorted */
	size_t n;
};

struct tg_refexpiry {
	const char *set, *country;
	int64_t date; /* seconds, midnight UTC */
	uint32_t line;
};

#define TG_REFERENCE_SETS 64
#define TG_REFERENCE_EXPIRIES 256

struct tg_reference {
	struct tg_pfile file; /* file.path is NULL when there is none */
	int64_t as_of;
	uint64_t stale_after_days;
	uint32_t as_of_line;
	struct tg_refset *set;
	size_t n;
	struct tg_refexpiry *expiry;
	size_t n_expiry;
};

/*
 * tg_reference_load - the newest reference-*.yaml of @policy_dir; none is no
 * error (then no @SET is known).  Memory from @mem; tg_reference_close frees
 * the rest.  TG_E_CONFIG with file:line:col, TG_E_IO, TG_E_MEMORY.
 */
int tg_reference_load(struct tg_reference *out, const char *policy_dir,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
/* One file, of any name. */
int tg_reference_open(struct tg_reference *out, const char *path,
    const char *name, struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
void tg_reference_close(struct tg_reference *r);

/* Borrowed or NULL. */
const struct tg_refset *
tg_reference_find(const struct tg_reference *r, struct tg_sv name);
/* "unknown set '@X' (did you mean '@Y'?)" at @node of @f.  Returns -1. */
int tg_reference_unknown(const struct tg_reference *r, const struct tg_pfile *f,
    const struct tg_ynode *node, struct tg_err *err);

#endif
