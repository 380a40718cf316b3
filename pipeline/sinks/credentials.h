/*
 * credentials.h - the access key of an S3 target, in secure memory.
 *
 * Where from, first that applies: a file or profile named by the caller;
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; the profile
 * AWS_PROFILE ("default") of AWS_SHARED_CREDENTIALS_FILE or of
 * $HOME/.aws/credentials.  The order of the AWS SDKs.  No error text ever
 * holds more of it than the key id's last four characters.
 */
#ifndef TG_PIPELINE_SINKS_CREDENTIALS_H
#define TG_PIPELINE_SINKS_CREDENTIALS_H

#include "base/attr.h"
#include "base/env.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/sinks/uri.h"

#define TG_CREDENTIALS_ID_MAX 128      /* bytes; IAM API: 16 to 128 */
#define TG_CREDENTIALS_SECRET_MAX 256  /* bytes */
#define TG_CREDENTIALS_TOKEN_MAX 8192  /* bytes; AWS gives no ceiling */
#define TG_CREDENTIALS_FILE_MAX 65536u /* bytes */

struct tg_credentials {
	char key_id[TG_CREDENTIALS_ID_MAX + 1];
	char secret[TG_CREDENTIALS_SECRET_MAX + 1];
	char token[TG_CREDENTIALS_TOKEN_MAX + 1]; /* or "" */
	/* Settings a profile may hold beside the key; or "". */
	char region[TG_URI_REGION_MAX + 1];
	char endpoint[TG_URI_HOST_MAX + 16];
};

/*
 * tg_credentials_load - @file, @profile: NULL when the caller names none.
 * TG_E_KEY: none found, half of a pair, the file open to others, a malformed
 * value; TG_E_CONFIG: "file:line: ..." of a file that is not well formed.
 */
int tg_credentials_load(struct tg_credentials **out, const char *file,
    const char *profile, const struct tg_env *env, struct tg_err *err)
    TG_MUST_CHECK;
void tg_credentials_free(struct tg_credentials *c);

/*
 * tg_credentials_parse - the section [@profile] of @text into @c.  Strict:
 * "[name]", "key = value", whole-line comments with # or ;, blank lines.  A
 * second section or key of the same name, an unknown key, an indented line, a
 * control byte are refused; so are the settings that would ask another program
 * or service for the key.  @name is for messages.
 */
int tg_credentials_parse(struct tg_credentials *c, struct tg_sv text,
    const char *name, const char *profile, struct tg_err *err) TG_MUST_CHECK;

/* The last four characters of the key id; "" when it has fewer than eight. */
const char *tg_credentials_last4(const struct tg_credentials *c) TG_MUST_CHECK;

#endif
