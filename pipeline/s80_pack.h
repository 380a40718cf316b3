/*
 * s80_pack.h - members to volumes: consecutive ones, by size alone, each volume
 * a bag of its own, sealed to the recipients.
 */
#ifndef TG_PIPELINE_S80_PACK_H
#define TG_PIPELINE_S80_PACK_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/bundle/seal.h"
#include "pipeline/members.h"

#define TG_VOLUME_BYTES (256ull << 20) /* of members, before compression */
#define TG_VOLUMES_MAX 4096u

struct tg_packed {
	char file[32]; /* "payload-00000.tar.zst.age" */
	struct tg_volume volume;
	uint64_t records;
};

struct tg_pack {
	const char *dir; /* of the bundle */
	const char *bundle_id;
	const char *nonce_hex; /* 64 digits: makes the tar's digest hiding */
	const char *regions;   /* "uk" or "fr uk" */
	const char *policy_sha256;
	const uint8_t (*recipient)[TG_AGE_KEY_LEN];
	size_t n_recipient;
	int zstd_level;
};

/* *@out: @n volumes, freed with free().  @m is sorted by name. */
int tg_s80_pack(struct tg_packed **out, size_t *n, const struct tg_members *m,
    const struct tg_pack *how, struct tg_err *err) TG_MUST_CHECK;

#endif
