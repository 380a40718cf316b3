/*
 * value.h - the value of one leaf, typed by its schema row: parsed, compared
 * (which of two is stricter) and met.
 */
#ifndef TG_POLICIES_VALUE_H
#define TG_POLICIES_VALUE_H

#include "policies/reference.h"
#include "policies/schema.h"

struct tg_layer;

struct tg_pval {
	const char *path;
	const struct tg_schema_row *row;
	uint64_t num;		 /* whole number; parts per billion; place of
				  * the word in row->words */
	const char *text;	 /* scalar: canonical text; NULL for a set */
	const char *const *item; /* set: sorted */
	size_t n;
	const struct tg_layer *from;
	uint32_t line, col;
	const char *source; /* filled at the end of a compilation */
};

static inline bool
tg_pval_is_set(const struct tg_schema_row *row)
{
	return row->type == TG_PT_NAMES || row->type == TG_PT_PLACES ||
	    row->type == TG_PT_TARGETS;
}

static inline bool
tg_pval_is_number(const struct tg_schema_row *row)
{
	return row->type == TG_PT_INT || row->type == TG_PT_RATIO;
}

/*
 * tg_pval_scalar - @v takes @text as its row asks: "0.50" becomes "0.5", 012
 * is refused.  false when it is no such value; *oom when memory ran out.
 */
bool tg_pval_scalar(
    struct tg_pval *v, bool *oom, struct tg_sv text, struct tg_arena *mem);

/*
 * tg_pval_node - @v (path and row set) takes the value at @node of @f.
 * TG_E_CONFIG "file:line:col: /path: ..."; TG_E_MEMORY.
 */
int tg_pval_node(struct tg_pval *v, const struct tg_pfile *f,
    const struct tg_ynode *node, const struct tg_reference *ref,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;

enum tg_pcmp {
	TG_PC_EQUAL,
	TG_PC_TIGHTER, /* the first is stricter than the second */
	TG_PC_LOOSER,
	TG_PC_APART /* neither: other lock, other branch, other members */
};
enum tg_pcmp tg_pval_cmp(const struct tg_pval *a, const struct tg_pval *b);

/* The first item of @a that @b lacks, or NULL. */
const char *tg_pval_extra(const struct tg_pval *a, const struct tg_pval *b);
bool tg_pval_has(const struct tg_pval *v, struct tg_sv item);

/* *out = a with the items of both (union) or those in both (intersect). */
int tg_pval_union(struct tg_pval *out, const struct tg_pval *a,
    const struct tg_pval *b, struct tg_arena *mem, struct tg_err *err)
    TG_MUST_CHECK;
int tg_pval_intersect(struct tg_pval *out, const struct tg_pval *a,
    const struct tg_pval *b, struct tg_arena *mem, struct tg_err *err)
    TG_MUST_CHECK;

/* Appends "30", "[a, b]"; a long set is cut with its size. */
int tg_pval_print(struct tg_buf *out, const struct tg_pval *v,
    struct tg_err *err) TG_MUST_CHECK;

#endif
