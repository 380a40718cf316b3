/*
 * sink.h - where a sealed bundle goes.  A sink sees files and a receipt, never
 * a record.  One row in sinks.def and one file a sink.
 */
#ifndef TG_PIPELINE_SINKS_SINK_H
#define TG_PIPELINE_SINKS_SINK_H

#include <stdint.h>

#include "base/attr.h"
#include "base/digest.h"
#include "base/env.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/ledger/receipt.h"

/* How to reach the target; every member may be NULL or 0 for the default. */
struct tg_sink_options {
	const char *base; /* what a relative file: path is relative to; NULL:
			   * the current folder */
	const char *endpoint;	 /* "http://127.0.0.1:18080" */
	const char *region;	 /* "eu-west-2" */
	const char *owner;	 /* account that the bucket must belong to */
	const char *ca_bundle;	 /* PEM file */
	const char *credentials; /* shared credentials file */
	const char *profile;
	int path_style;	    /* -1, 0 automatic; 1 always; 2 never */
	unsigned max_tries; /* 0: 8 */
	bool allow_http;    /* plain HTTP to other hosts than loopback */
	void (*progress)(void *ctx, uint64_t sent, uint64_t total);
	void *progress_ctx;
};

struct tg_sink; /* an open target */

/* One row of sinks.def. */
struct tg_sink_kind {
	const char *scheme; /* "file", "s3" */
	int (*open)(struct tg_sink **out, struct tg_sv url,
	    const struct tg_sink_options *opt, const struct tg_env *env,
	    struct tg_err *err);
};

struct tg_put {
	const char *name; /* below the target: "tg-uk-…/manifest.json" */
	const char *path; /* local file */
	uint64_t size;	  /* bytes */
	uint8_t sha256[TG_SHA256_LEN]; /* of the local file */
	const char *content_type;
	const char *expires_at; /* "2026-12-24T00:00:00Z": until when it is
				 * kept, metadata of the object; NULL: none */
};

struct tg_put_result {
	bool was_there; /* the same bytes were there already */
	uint64_t sent;	/* bytes */
	unsigned tries;
	char etag[128];	   /* or "" */
	char version[128]; /* object version or "" */
	bool unmarked; /* the target holds no metadata: expires_at is not there
			*/
};

#define TG_SINK_REGION 64 /* bytes of a region's name, NUL included */
#define TG_SINK_COUNTRY 3 /* of an ISO 3166-1 alpha-2 code */

/* Where a target says that it is. */
struct tg_sink_place {
	bool asked; /* false: this kind of target has nobody to ask */
	char region[TG_SINK_REGION];
	char country[TG_SINK_COUNTRY]; /* of the region; "": not known */
	bool named;		       /* the operator named the same region */
};

/* The folder that a "file:" URL names, in the URL, as sink_file.c takes it;
 * NULL for another kind of target. */
const char *tg_sink_folder(const char *url);

/* Whether a target keeps what is replaced or deleted. */
enum tg_sink_versions {
	TG_VERSIONS_UNASKED, /* this kind of target has nobody to ask */
	TG_VERSIONS_NEVER,
	TG_VERSIONS_KEPT,
	TG_VERSIONS_SUSPENDED /* older ones are still there */
};

/* TG_E_USAGE unknown scheme, TG_E_CONFIG bad URL, TG_E_KEY no credentials. */
int tg_sink_open(struct tg_sink **out, struct tg_sv url,
    const struct tg_sink_options *opt, const struct tg_env *env,
    struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_sink_put - the object exists whole with these bytes, or nothing changed.
 * Refuses (TG_E_NO) to replace an object with other bytes.  The receipt must
 * name this target's URL and the bundle that is the first part of the name
 * (TG_E_BUG).  TG_E_IO after the retries, TG_E_KEY when the server refuses the
 * credentials, TG_E_CONFIG for a bucket, region, clock or name that will not
 * do, TG_E_LIMIT when the target is full or the file over what one piece may
 * have, TG_E_INTEGRITY when the local file is not what @put says (nothing is
 * sent) or what the target holds differs.
 */
int tg_sink_put(struct tg_sink *s, const struct tg_receipt *receipt,
    const struct tg_put *put, struct tg_put_result *res, struct tg_err *err)
    TG_MUST_CHECK;
/*
 * tg_sink_place - asks the target where it is; sends nothing of a bundle.
 * TG_E_IO: no answer after the retries; TG_E_CONFIG: one that names no region,
 * or as tg_sink_put; TG_E_KEY.
 */
int tg_sink_place(struct tg_sink *s, struct tg_sink_place *out,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_sink_versions - asks it that; errors as of tg_sink_place. */
int tg_sink_versions(struct tg_sink *s, enum tg_sink_versions *out,
    struct tg_err *err) TG_MUST_CHECK;
/* "", "never", "kept", "suspended". */
const char *tg_sink_versions_name(enum tg_sink_versions v);
void tg_sink_free(struct tg_sink *s);

#endif
