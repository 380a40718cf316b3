/*
 * open.h - a sealed volume back to its files: age -> zstd -> strict ustar -> a
 * bag whose manifests are checked.  Nothing is left of a volume with a defect.
 */
#ifndef TG_PIPELINE_BUNDLE_OPEN_H
#define TG_PIPELINE_BUNDLE_OPEN_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/bundle/age.h"
#include "pipeline/bundle/seal.h"
#include "pipeline/bundle/ustar.h"

struct tg_bundle_open {
	const char *path; /* "…/payload-00000.tar.zst.age" */
	const struct tg_age_keys *keys;
	/* What the signed manifest says of it, or NULL.  The digest of the age
	 * file is compared before anything is decrypted; the digest, bytes and
	 * members of the tar while and after it is read. */
	const struct tg_volume *want;
	/* Without @want: most bytes of tar and most members; 0 is 0. */
	uint64_t max_tar_bytes, max_members;
	size_t recipients;   /* stanzas the header must have; 0: any number */
	const char *out_dir; /* new folder, or NULL: nothing is written */
	/* Told of every member, tag files too, after the checks of ustar.h and
	 * before those of the bag; or NULL. */
	const struct tg_ustar_events *on;
};

/*
 * tg_bundle_open_volume - *@out (may be NULL) gets what was found, to compare
 * with the manifest.  TG_E_INTEGRITY: any defect or difference; TG_E_KEY: no
 * key fits; TG_E_NO: out_dir is there already.
 */
int tg_bundle_open_volume(struct tg_volume *out,
    const struct tg_bundle_open *spec, struct tg_err *err) TG_MUST_CHECK;

#endif
