/*
 * policy.h - the effective policy: base < regions < project < scope
 * configuration, merged so that a child may only tighten, every leaf with its
 * winning file and line, all under one digest.
 *
 * A leaf is asked for by its path ("/limits/max_tokens_per_trace").  A leaf
 * that the compiled policy lacks is an error for the asker (TG_E_CONFIG,
 * "E-NO-SUCH-LEAF"), never a default.
 */
#ifndef TG_POLICIES_POLICY_H
#define TG_POLICIES_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

struct tg_policy; /* immutable */

/* A record of exception.h, whose bytes were checked. */
struct tg_policy_exception {
	const char *path, *sha256; /* hex */
};

#define TG_POLICY_EXCEPTIONS 8

struct tg_policy_src {
	const char *policy_dir;	   /* holds base.yaml, reference-*.yaml */
	const char *region_dir;	   /* holds <region>/policy.yaml */
	const char *const *region; /* "uk", "fr", "us"; strictest wins */
	size_t n_region;
	const char *project;	  /* a further policy file, or NULL */
	const char *scope_config; /* Gemma Scope wrapper's JSON, or NULL */
	/* Each changes the one leaf that it names where the policy is that of
	 * its region alone, and nothing elsewhere. */
	const struct tg_policy_exception *exception;
	size_t n_exception;
};

int tg_policy_compile(struct tg_policy **out, const struct tg_policy_src *src,
    struct tg_err *err) TG_MUST_CHECK;
void tg_policy_free(struct tg_policy *p);

enum tg_leaf_kind { TG_LEAF_SCALAR, TG_LEAF_LIST };

struct tg_leaf {
	const char *path;
	enum tg_leaf_kind kind;
	const char *text;	 /* scalar */
	const char *const *item; /* list, sorted */
	size_t n;
	const char *file; /* winner, as named in the digest list */
	uint32_t line;
	const char *source; /* provenance: "seed", "choice", control id,
			     * "declared" (scope configuration),
			     * "exception", "" */
	const char *rule;   /* merge rule: "min", "max", "intersect", ... */
};

/* Borrowed from @p; NULL when there is none.  In path order with _at. */
const struct tg_leaf *
tg_policy_find(const struct tg_policy *p, const char *path);
size_t tg_policy_count(const struct tg_policy *p);
const struct tg_leaf *tg_policy_at(const struct tg_policy *p, size_t i);

/* Typed look-ups; TG_E_CONFIG when the leaf is missing. */
int tg_policy_u64(const struct tg_policy *p, const char *path, uint64_t *out,
    struct tg_err *err) TG_MUST_CHECK;
int tg_policy_ratio(const struct tg_policy *p, const char *path,
    uint64_t *out_ppb, struct tg_err *err) TG_MUST_CHECK;
int tg_policy_str(const struct tg_policy *p, const char *path, const char **out,
    struct tg_err *err) TG_MUST_CHECK;
int tg_policy_bool(const struct tg_policy *p, const char *path, bool *out,
    struct tg_err *err) TG_MUST_CHECK;
/* Whether the list at @path holds @item; TG_E_CONFIG when no such list. */
int tg_policy_has(const struct tg_policy *p, const char *path, const char *item,
    bool *out, struct tg_err *err) TG_MUST_CHECK;

/* SHA-256 hex of the canonical JSON; the canonical JSON itself. */
const char *tg_policy_sha256(const struct tg_policy *p);
struct tg_sv tg_policy_canonical(const struct tg_policy *p);
/* The files that went in: name, declared version ("" if none), SHA-256 hex,
 * whole text. */
struct tg_policy_file {
	const char *name, *version, *sha256;
	struct tg_sv text;
};
size_t
tg_policy_files(const struct tg_policy *p, const struct tg_policy_file **out);

#endif
