/*
 * http.h - the libcurl door: one HTTP/1.1 request, its body streamed from an
 * open file.  It signs nothing, follows nothing and retries nothing (but
 * libcurl sends again on its own when a kept connection died under it).
 */
#ifndef TG_PIPELINE_SINKS_HTTP_H
#define TG_PIPELINE_SINKS_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_HTTP_HEAD_MAX 65536u /* bytes of an answer's header */
#define TG_HTTP_BODY_MAX 65536u /* bytes of a body kept; the rest is cut */
#define TG_HTTP_CONNECT_S 20	/* until connected */
#define TG_HTTP_STALL_S 60	/* below TG_HTTP_STALL_BPS so long: broken */
#define TG_HTTP_STALL_BPS 128

struct tg_http; /* keeps its connection open between requests */

struct tg_http_options {
	const char *ca_bundle; /* PEM file, or NULL: the system's */
	const char *proxy;     /* or NULL: none */
	const char *no_proxy;  /* list of hosts, or NULL */
	bool plain;	       /* http:// allowed */
	bool loopback;	       /* no proxy, whatever is set */
	unsigned stall_s;      /* 0: TG_HTTP_STALL_S */
};

enum tg_http_method { TG_HTTP_HEAD, TG_HTTP_GET, TG_HTTP_PUT };

struct tg_http_field {
	const char *name, *value;
};

struct tg_http_request {
	enum tg_http_method method;
	const char *url; /* sent as it is: no dot segments removed */
	const struct tg_http_field *field;
	size_t n_field;
	int fd;	       /* body of a PUT from offset 0; -1: empty */
	uint64_t size; /* bytes of it */
	void (*progress)(void *ctx, uint64_t sent, uint64_t total);
	void *progress_ctx;
};

struct tg_http_reply {
	int status;	    /* 0: no whole answer came; see why */
	struct tg_buf head; /* "Name: value\r\n" lines of the last answer */
	struct tg_buf body; /* first TG_HTTP_BODY_MAX bytes */
	unsigned resent;    /* times libcurl sent the body anew by itself */
	char why[256];	    /* transport failure in libcurl's words */
};

int tg_http_new(struct tg_http **out, const struct tg_http_options *opt,
    struct tg_err *err) TG_MUST_CHECK;
void tg_http_free(struct tg_http *h);

/*
 * tg_http_do - 0 also when the transport failed in a way that may pass
 * (status is 0).  -1: TG_E_CONFIG certificate not trusted, CA file unusable,
 * URL refused; TG_E_MEMORY; TG_E_IO the local file could not be read.
 * @reply is initialised by it and released with tg_http_reply_deinit, always.
 */
int tg_http_do(struct tg_http *h, const struct tg_http_request *req,
    struct tg_http_reply *reply, struct tg_err *err) TG_MUST_CHECK;
void tg_http_reply_deinit(struct tg_http_reply *r);

/* The value of the first header @name (any case), trimmed; n 0: none. */
struct tg_sv
tg_http_header(const struct tg_http_reply *r, const char *name) TG_MUST_CHECK;

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7, IMF-fixdate). */
bool tg_http_date(int64_t *out, struct tg_sv s) TG_MUST_CHECK;

#endif
