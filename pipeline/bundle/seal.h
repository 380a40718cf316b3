/*
 * seal.h - one volume: a BagIt 1.0 bag (RFC 8493) -> strict ustar -> zstd ->
 * age v1, streamed to one file.  The SHA-256 of the uncompressed tar is the
 * reproducible one (design, section 4).
 */
#ifndef TG_PIPELINE_BUNDLE_SEAL_H
#define TG_PIPELINE_BUNDLE_SEAL_H

#include <stdint.h>

#include "base/attr.h"
#include "base/digest.h"
#include "base/err.h"
#include "pipeline/bundle/age.h"

struct tg_seal_member {
	const char *name;	       /* inside the bag: "data/…" */
	const char *path;	       /* the file now */
	uint64_t size;		       /* bytes */
	uint8_t sha256[TG_SHA256_LEN]; /* what it must still be: else
					* TG_E_INTEGRITY */
};

struct tg_seal_info {
	const char *key,
	    *value; /* a line of bag-info.txt, in the order given */
};

struct tg_seal_spec {
	const char *out; /* "…/payload-00000.tar.zst.age" */
	const struct tg_seal_member *member;
	size_t n_member;
	const struct tg_seal_info *info; /* Payload-Oxum is added */
	size_t n_info;
	const uint8_t (*recipient)[TG_AGE_KEY_LEN];
	size_t n_recipient;
	int zstd_level;
};

struct tg_volume {
	uint64_t bytes;
	uint8_t sha256[TG_SHA256_LEN]; /* of the age file */
	uint64_t tar_bytes;
	uint8_t tar_sha256[TG_SHA256_LEN];
	uint64_t tar_members;
};

/* @spec->out is replaced when present (a volume is sealed again after a
 * crash: fresh keys, same tar digest). */
int tg_seal_volume(struct tg_volume *out, const struct tg_seal_spec *spec,
    struct tg_err *err) TG_MUST_CHECK;

#endif
