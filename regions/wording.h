/*
 * wording.h - a region's fixed sentences (regions/<code>/wording.yaml) in
 * English and French, under stable keys such as "claim.pseudonymised".
 */
#ifndef TG_REGIONS_WORDING_H
#define TG_REGIONS_WORDING_H

#include "base/attr.h"
#include "base/err.h"
#include "base/yaml.h"

#define TG_WORDING_MAX 512 /* sentences of a region */

struct tg_wording {
	struct tg_yaml *yaml;		  /* owned */
	const struct tg_ynode *sentences; /* borrowed from yaml */
};

/* Every sentence has both languages.  TG_E_CONFIG with file:line:col, TG_E_IO,
 * TG_E_MEMORY. */
int tg_wording_load(
    struct tg_wording *out, const char *path, struct tg_err *err) TG_MUST_CHECK;
void tg_wording_free(struct tg_wording *w);

/* The sentence under @key in "en" or "fr", borrowed; NULL when there is none.
 */
const char *
tg_wording_find(const struct tg_wording *w, const char *key, const char *lang);

#endif
