/*
 * uri.h - target URLs, endpoints, object names, percent-encoding.
 * Nothing here touches the network or the disk.
 */
#ifndef TG_PIPELINE_SINKS_URI_H
#define TG_PIPELINE_SINKS_URI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_URI_MAX 4096 /* bytes of a target URL */
#define TG_URI_KEY_MAX                                                 \
	1024		     /* bytes of an object key: S3 user guide, \
			      * "Naming Amazon S3 objects" */
#define TG_URI_BUCKET_MAX 63 /* bytes: same guide, "Bucket naming rules" */
#define TG_URI_HOST_MAX 255  /* bytes of a host name */
#define TG_URI_REGION_MAX 32 /* bytes */

/* 1 to TG_URI_MAX bytes, none of them below 0x20 or 0x7f. */
bool tg_uri_printable(struct tg_sv s) TG_MUST_CHECK;

/*
 * tg_uri_name - a name below a target: parts between single slashes, none
 * empty, "." or ".."; UTF-8 without control bytes; at most TG_URI_KEY_MAX.
 */
bool tg_uri_name(struct tg_sv s) TG_MUST_CHECK;

/* Lower-case letters, digits and '-', 1 to TG_URI_REGION_MAX bytes. */
bool tg_uri_region(struct tg_sv s) TG_MUST_CHECK;

/*
 * tg_uri_encode - appends @s with every byte but A-Z a-z 0-9 - . _ ~ as %XX,
 * upper-case (RFC 3986 section 2.3, what SigV4 signs); '/' stays when
 * @keep_slash.
 */
int tg_uri_encode(struct tg_buf *out, struct tg_sv s, bool keep_slash,
    struct tg_err *err) TG_MUST_CHECK;

struct tg_uri_s3 {
	char bucket[TG_URI_BUCKET_MAX + 1];
	char prefix[TG_URI_KEY_MAX + 1]; /* no slash at either end; or "" */
};

/* "s3://bucket", "s3://bucket/pre/fix/".  TG_E_CONFIG. */
int tg_uri_s3(struct tg_uri_s3 *out, struct tg_sv url, struct tg_err *err)
    TG_MUST_CHECK;

struct tg_uri_endpoint {
	bool https;
	bool loopback; /* localhost, 127.0.0.0/8 or ::1 */
	bool is_ip;
	/* Host in lower case, ":port" only when not the scheme's own: what the
	 * Host header holds and what is signed. */
	char authority[TG_URI_HOST_MAX + 8];
};

/* "https://host[:port][/]".  TG_E_CONFIG; a user name, a path, a query are
 * refused. */
int tg_uri_endpoint(struct tg_uri_endpoint *out, struct tg_sv url,
    struct tg_err *err) TG_MUST_CHECK;

#endif
