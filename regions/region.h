/*
 * region.h - the folders of regions/: regions/<code>/policy.yaml and, beside
 * it, controls.yaml, wording.yaml, identifiers.yaml, names/.  Adding a region
 * is adding a folder; which country it speaks for is the policy's own
 * "jurisdiction".
 */
#ifndef TG_REGIONS_REGION_H
#define TG_REGIONS_REGION_H

#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_REGIONS_MAX 256
#define TG_REGION_CODE 32 /* bytes of a folder's name */

struct tg_region {
	const char *code;	  /* "uk": the folder */
	const char *jurisdiction; /* "GB": ISO 3166-1 alpha-2 */
};

struct tg_regions {
	struct tg_arena mem;
	const char *dir;
	struct tg_region *region; /* sorted by code */
	size_t n;
};

/*
 * tg_regions_load - every folder of @dir that holds a policy.yaml.
 * TG_E_CONFIG: no folder, a name that is not [a-z][a-z0-9_-]*, a policy.yaml
 * without a jurisdiction; TG_E_IO, TG_E_MEMORY.
 */
int tg_regions_load(struct tg_regions *out, const char *dir, struct tg_err *err)
    TG_MUST_CHECK;
void tg_regions_free(struct tg_regions *r);

/*
 * tg_regions_find - the region of that code.  NULL with TG_E_CONFIG that names
 * those there are.  Borrowed from @r.
 */
const struct tg_region *tg_regions_find(
    const struct tg_regions *r, struct tg_sv code, struct tg_err *err);
/* The first region (by code) of that country, or NULL. */
const struct tg_region *
tg_regions_by_jurisdiction(const struct tg_regions *r, struct tg_sv country);

/* "<dir>/<code>/<file>" from @mem; NULL when out of memory. */
const char *tg_regions_path(const struct tg_regions *r, const char *code,
    const char *file, struct tg_arena *mem);

#endif
