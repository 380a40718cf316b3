/*
 * layer.h - one policy file as leaves: base.yaml, a region's policy.yaml, a
 * project's file, the settings of a scope configuration (scope.h), or what an
 * exception changes (exception.h).
 */
#ifndef TG_POLICIES_LAYER_H
#define TG_POLICIES_LAYER_H

#include "policies/value.h"

enum tg_layer_kind {
	TG_LAYER_BASE,
	TG_LAYER_REGION,
	TG_LAYER_PROJECT,
	TG_LAYER_SCOPE,
	TG_LAYER_EXCEPTION /* exception.h: its one leaf is looser */
};
const char *tg_layer_kind_name(enum tg_layer_kind kind);

struct tg_prov {
	struct tg_sv path; /* a leaf or the head of some */
	const char *source;
};

/* Leaves sorted by path. */
struct tg_leaves {
	struct tg_pval *v;
	size_t n, cap;
};

#define TG_LAYER_LEAVES 8192

struct tg_layer {
	struct tg_pfile file;
	enum tg_layer_kind kind;
	const char *id;		  /* "base", "uk", the project's, "scope" */
	const char *jurisdiction; /* "GB"; "" when no region */
	int64_t effective_from, review_by; /* 0: not said */
	uint32_t effective_line, review_line;
	struct tg_leaves leaves;
	struct tg_prov *prov;
	size_t n_prov;
};

/*
 * tg_layer_open - loads @path and checks it alone: known keys, types, units,
 * its own kind, provenance that names leaves of the file; for base and region
 * also that every number has a provenance (E-NO-SOURCE).  @name is what the
 * digest list calls it.  Memory from @mem, released with it; the tree with
 * tg_layer_close.  TG_E_CONFIG "file:line:col: ...", TG_E_IO, TG_E_MEMORY.
 */
int tg_layer_open(struct tg_layer *out, enum tg_layer_kind kind,
    const char *path, const char *name, const struct tg_reference *ref,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
void tg_layer_close(struct tg_layer *l);

/* The leaves of a policy's tree that stands at @map of another file, sorted;
 * its file stays @f's.  Errors as above. */
int tg_layer_fragment(struct tg_layer *out, const struct tg_pfile *f,
    const struct tg_ynode *map, const struct tg_reference *ref,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;

/* The kind a file declares; TG_E_CONFIG when none or unknown. */
int tg_layer_kind_of(enum tg_layer_kind *out, const struct tg_pfile *f,
    const struct tg_ynode *root, struct tg_err *err) TG_MUST_CHECK;

/* Appends a leaf.  TG_E_LIMIT over TG_LAYER_LEAVES, TG_E_MEMORY. */
int tg_leaves_add(struct tg_leaves *s, const struct tg_pval *v,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
void tg_leaves_sort(struct tg_leaves *s);
/* Borrowed from a sorted set, or NULL. */
const struct tg_pval *
tg_leaves_find(const struct tg_leaves *s, struct tg_sv path);
/* Whether any leaf is below @map ("/transfers/origins/FR/mechanisms"). */
bool tg_leaves_below(const struct tg_leaves *s, struct tg_sv map);

#endif
