/*
 * fake_s3.h - an S3 server of one thread on loopback, for tests: it checks the
 * signature by code of its own (libcrypto's HMAC, nothing of ours), the
 * payload digest and which headers are signed, keeps objects in memory and
 * misbehaves as told.
 */
#ifndef TG_TESTS_UNIT_PIPELINE_SINKS_FAKE_S3_H
#define TG_TESTS_UNIT_PIPELINE_SINKS_FAKE_S3_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_BUCKET "tg-bucket"
#define FAKE_KEY "AKIAIOSFODNN7EXAMPLE"
#define FAKE_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define FAKE_OBJECTS 8
#define FAKE_SCRIPT 24

enum fake_fault {
	FAKE_OK,
	FAKE_503,	  /* SlowDown, Retry-After: 7 */
	FAKE_500,	  /* no body at all */
	FAKE_507,	  /* no room */
	FAKE_RESET_MID,	  /* connection reset in mid-body */
	FAKE_DROP,	  /* connection closed before any answer */
	FAKE_SWALLOW,	  /* read whole, closed before any answer */
	FAKE_LOST,	  /* stored; the answer is lost */
	FAKE_500_AFTER,	  /* stored; 500 */
	FAKE_RACE,	  /* somebody else's object is there: 412 */
	FAKE_WRONG_BYTES, /* stored with a byte less */
	FAKE_FORGET,	  /* 200, not stored */
	FAKE_HUGE,	  /* 503 with a body without end */
	FAKE_GARBAGE,	  /* not HTTP */
	FAKE_DENIED,	  /* 403 AccessDenied */
	FAKE_CLOSE_AFTER, /* answered, then closed without a word */
	FAKE_STALL	  /* no answer, connection open */
};

struct fake_object {
	char key[1200]; /* as on the request line, after the bucket */
	char sha256[65];
	char expires[32]; /* x-amz-meta-expires-at, or "" */
	char type[128];
	size_t n;
};

struct fake_s3 {
	/* Set before fake_start. */
	const char *secret, *token, *region;
	const char *owner;    /* 403 to who expects another; NULL: all may */
	const char *versions; /* the answer of GetBucketVersioning */
	int64_t now;
	bool no_conditional;	 /* 501 to If-None-Match, as Swift */
	bool ignore_conditional; /* as older servers */
	bool close_after_head;	 /* then a PUT comes on a new connection */
	enum fake_fault put[FAKE_SCRIPT], head[FAKE_SCRIPT];
	enum fake_fault place[FAKE_SCRIPT]; /* to GetBucketLocation */
	const char *location; /* the answer's body; NULL: of the region */

	/* Read after fake_stop. */
	char trace[64]; /* a letter a request: H G P */
	unsigned n_put, n_head, n_place, n_conn;
	char problem[200]; /* the first rule that a request broke, or "" */
	struct fake_object object[FAKE_OBJECTS];
	size_t n_object;

	uint16_t port;
	int listener, stop[2];
	pthread_t thread;
	bool running;
};

void fake_start(struct fake_s3 *f);
void fake_stop(struct fake_s3 *f);
void fake_add(struct fake_s3 *f, const char *key, const char *sha256, size_t n);

#endif
