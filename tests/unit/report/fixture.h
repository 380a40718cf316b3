/* fixture.h - the made-up export of data/, and a folder to write to. */
#ifndef TG_TESTS_UNIT_REPORT_FIXTURE_H
#define TG_TESTS_UNIT_REPORT_FIXTURE_H

#include "base/buf.h"
#include "base/json.h"
#include "policies/policy.h"
#include "tests/unit/policies/sandbox.h"
#include "report/evidence.h"

/* A made-up digest of the manifest. */
#define MANIFEST_SHA256 \
	"9f2c41d807abe3c555106f7e9a34d2c81e7b40f388d62a95c01f7be463aa5d09"
/* 24 November 2026, 02:41 UTC. */
#define NOW 1795488060

struct fixture {
	struct tg_json *manifest, *ledger, *decisions, *pseudonym_key;
	struct tg_policy *policy; /* NULL until fixture_policy */
	char dir[64];		  /* empty, removed by fixture_close */
};

void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);
/* The shipped policy of the United Kingdom, and the manifest made to name
 * it. */
void fixture_policy(struct fixture *f);
struct tg_evidence_in fixture_in(const struct fixture *f, const char *status);
/* The model; fails the test when it cannot be made. */
struct tg_json *fixture_model(const struct fixture *f, const char *status);
/* Writes the pack of @model into f->dir. */
void fixture_write(const struct fixture *f, const struct tg_json *model);
/* The bytes of dir/name, appended. */
void slurp(struct tg_buf *out, const char *dir, const char *name);
/* The row with @id. */
const struct tg_json *row_of(const struct tg_json *model, const char *id);
/* Its "result". */
const char *result_of(const struct tg_json *model, const char *id);

/* fixture_on - a model with the shipped policy, after @change (may be NULL)
 * was made to the manifest; the caller frees. */
struct tg_json *fixture_on(void (*change)(struct tg_json *manifest));

/* What the manifest says of the groups as they leave; and changes for
 * fixture_on: no such part, no field that tells people apart. */
struct tg_json *fixture_left(struct tg_json *m);
void fixture_no_groups(struct tg_json *m);
void fixture_no_quasi_identifier(struct tg_json *m);

#endif
