/*
 * bag.h - the tag files of a BagIt 1.0 bag (RFC 8493): bagit.txt,
 * bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt.  In bytewise order
 * a bag is
 *
 *	bag-info.txt bagit.txt data/… manifest-sha256.txt
 *	tagmanifest-sha256.txt
 *
 * so the tag files before the data can be written once the digests of the data
 * are known.  The manifests are what "sha256sum -c" reads.
 */
#ifndef TG_PIPELINE_BUNDLE_BAG_H
#define TG_PIPELINE_BUNDLE_BAG_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/bundle/seal.h"

#define TG_BAG_MEMBERS_MAX 100000
#define TG_BAG_TAG_MAX (32U << 20) /* bytes of one tag file */
#define TG_BAG_TAGS 4

#define TG_BAG_INFO "bag-info.txt"
#define TG_BAG_BAGIT "bagit.txt"
#define TG_BAG_MANIFEST "manifest-sha256.txt"
#define TG_BAG_TAGMANIFEST "tagmanifest-sha256.txt"

/* One payload file: what the manifest says of it. */
struct tg_bag_entry {
	struct tg_sv name; /* "data/…" */
	uint64_t size;
	uint8_t sha256[TG_SHA256_LEN];
};

/* The four texts. */
struct tg_bag {
	struct tg_buf info, bagit, manifest, tagmanifest;
};

void tg_bag_init(struct tg_bag *b);
void tg_bag_deinit(struct tg_bag *b);

/*
 * tg_bag_make - the texts for @e, which is in bytewise order.  Payload-Oxum is
 * added after @info.  TG_E_INPUT: a name that is not tg_name_ok or not below
 * data/, twice or out of order; a line of @info that is no line; no payload at
 * all.  TG_E_LIMIT: over TG_BAG_MEMBERS_MAX.
 */
int tg_bag_make(struct tg_bag *b, const struct tg_bag_entry *e, size_t n,
    const struct tg_seal_info *info, size_t n_info, struct tg_err *err)
    TG_MUST_CHECK;

/*
 * tg_bag_check - the texts read (@b) are those of a bag with exactly the
 * payload @e: TG_E_INTEGRITY.  Lines of bag-info.txt other than Payload-Oxum
 * are free text.
 */
int tg_bag_check(const struct tg_bag *b, const struct tg_bag_entry *e, size_t n,
    struct tg_err *err) TG_MUST_CHECK;

#endif
