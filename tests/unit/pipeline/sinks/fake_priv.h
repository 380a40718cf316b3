/* fake_priv.h - what the two files of the fake server share. */
#ifndef TG_TESTS_UNIT_PIPELINE_SINKS_FAKE_PRIV_H
#define TG_TESTS_UNIT_PIPELINE_SINKS_FAKE_PRIV_H

#include "tests/unit/pipeline/sinks/fake_s3.h"

#define HEAD_MAX 32768
#define HEADERS 40

/* One request as it came. */
struct fake_request {
	char head[HEAD_MAX]; /* cut into strings */
	char method[8], target[4096];
	char *name[HEADERS], *value[HEADERS];
	size_t n;
	char *body;
	size_t n_body;
};

struct fake_auth {
	char key[64], date[16], region[64], names[512], signature[80];
};

/* The value, or NULL. */
const char *fake_header(const struct fake_request *r, const char *name);
/* Notes the first rule that was broken. */
void fake_problem(struct fake_s3 *f, const char *what);
void fake_sha256(char out[65], const void *p, size_t n);

void fake_check_path(struct fake_s3 *f, const char *p);
void fake_check_headers(
    struct fake_s3 *f, const struct fake_request *r, const char *names);
/* The signature that the request should have. */
void fake_signature(char out[65], const struct fake_s3 *f,
    const struct fake_request *r, const struct fake_auth *a);

#endif
