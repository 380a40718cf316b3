/*
 * s3_put.c - drives the sinks against a real server, for s3-*.sh and
 * sigv4-botocore.py.  Credentials come from the environment, as ever.
 *
 *	s3_put mkbucket ENDPOINT BUCKET
 *	s3_put put LEDGER BUNDLE ENDPOINT URL NAME FILE [KILL-AT]
 *	s3_put sign METHOD PATH REGION SECONDS PAYLOAD [PART]…
 *	    PART: h:NAME<TAB>VALUE, a header, or q:NAME<TAB>VALUE
 *
 * put makes a real receipt in a ledger of its own, prints "sent TRIES" or
 * "was there" and ends with the exit status of the error class; with KILL-AT
 * it kills itself once so many bytes went out.  sign prints the Authorization
 * header's value.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "base/log.h"
#include "base/num.h"
#include "pipeline/sinks/s3_call.h"
#include "pipeline/sinks/sigv4.h"
#include "pipeline/sinks/sink.h"

#include "base/banned.h"

static int
complain(const struct tg_err *err)
{
	(void)fprintf(stderr, "s3_put: %s\n", err->text);
	if (err->hint[0] != '\0')
		(void)fprintf(stderr, "hint: %s\n", err->hint);
	return tg_err_exit(err->cls);
}

static int
mkbucket(char **arg, const struct tg_env *env)
{
	const struct tg_sink_options opt = {.endpoint = arg[0]};
	const struct tg_s3_request req = {.method = TG_HTTP_PUT, .fd = -1};
	struct tg_http_reply reply;
	struct tg_s3_answer a;
	struct tg_err err;
	struct tg_s3 s3;
	char url[128];
	int rc;

	(void)snprintf(url, sizeof(url), "s3://%s", arg[1]);
	if (tg_s3_init(&s3, tg_sv_of(url), &opt, env, &err) < 0)
		return complain(&err);
	rc = tg_s3_call(&s3, &req, &reply, &err);
	if (rc == 0) {
		tg_s3_answer(&a, &reply, 0);
		if (a.status != 200)
			rc = tg_s3_fail(&err, &a, tg_credentials_last4(s3.who));
	}
	tg_http_reply_deinit(&reply);
	tg_s3_deinit(&s3);
	return rc < 0 ? complain(&err) : 0;
}

static void
kill_at(void *ctx, uint64_t sent, uint64_t total)
{
	const uint64_t *at = ctx;

	if (sent >= *at && sent < total)
		(void)raise(SIGKILL);
}

/* The receipt of an intent in the ledger below @dir. */
static int
receipt(struct tg_receipt **out, struct tg_ledger **ledger, const char *dir,
    const char *bundle, const char *url, const struct tg_env *env,
    struct tg_err *err)
{
	const struct tg_intent what = {.bundle_id = bundle,
	    .manifest_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934"
			       "ca495991b7852b855",
	    .target = url,
	    .deadline = env->now(env->ctx) + 86400};
	char log[512], state[512];

	(void)snprintf(log, sizeof(log), "%s/log", dir);
	(void)snprintf(state, sizeof(state), "%s/state", dir);
	if (tg_ledger_create(
		log, state, "example.org/s3-conformance", env, err) < 0 ||
	    tg_ledger_open(ledger, log, state, env, err) < 0)
		return -1;
	return tg_receipt_intent(out, *ledger, &what, err);
}

static int
put(int n, char **arg, const struct tg_env *env)
{
	struct tg_sink_options opt = {.endpoint = arg[2]};
	struct tg_put what = {
	    .name = arg[4], .path = arg[5], .content_type = "application/x"};
	struct tg_put_result res = {.tries = 0};
	struct tg_ledger *ledger = NULL;
	struct tg_receipt *r = NULL;
	struct tg_sink *s = NULL;
	uint64_t at;
	struct tg_err err;
	int rc = -1;

	if (n > 6) {
		if (!tg_parse_u64(&at, tg_sv_of(arg[6]), 1, UINT64_MAX))
			return 2;
		opt.progress = kill_at;
		opt.progress_ctx = &at;
	}
	if (tg_sha256_file(what.sha256, what.path, &what.size, &err) < 0 ||
	    receipt(&r, &ledger, arg[0], arg[1], arg[3], env, &err) < 0 ||
	    tg_sink_open(&s, tg_sv_of(arg[3]), &opt, env, &err) < 0 ||
	    tg_sink_put(s, r, &what, &res, &err) < 0)
		goto out;
	if (res.was_there)
		(void)printf("was there\n");
	else
		(void)printf("sent %u\n", res.tries);
	rc = 0;
out:
	tg_sink_free(s);
	tg_receipt_free(r);
	tg_ledger_free(ledger);
	return rc < 0 ? complain(&err) : 0;
}

/* "h:name<tab>value" into @h, "q:name<tab>value" into @q; cuts @arg. */
static bool
sort_pairs(struct tg_sigv4_pair *h, size_t *n_h, struct tg_sigv4_pair *q,
    size_t *n_q, int n, char **arg)
{
	for (int i = 0; i < n; i++) {
		char *tab = strchr(arg[i], '\t');

		if (tab == NULL || strlen(arg[i]) < 3 || arg[i][1] != ':' ||
		    *n_h == TG_SIGV4_PAIRS || *n_q == TG_SIGV4_PAIRS)
			return false;
		*tab = '\0';
		if (arg[i][0] == 'h')
			h[(*n_h)++] =
			    (struct tg_sigv4_pair){arg[i] + 2, tab + 1};
		else
			q[(*n_q)++] =
			    (struct tg_sigv4_pair){arg[i] + 2, tab + 1};
	}
	return true;
}

static int
sign(int n, char **arg, const struct tg_env *env)
{
	struct tg_sigv4_pair h[TG_SIGV4_PAIRS], q[TG_SIGV4_PAIRS];
	struct tg_sigv4_request req = {.method = arg[0],
	    .path = arg[1],
	    .payload = arg[4],
	    .header = h,
	    .query = q};
	struct tg_sigv4_who who = {
	    .key_id = env->get(env->ctx, "AWS_ACCESS_KEY_ID"),
	    .secret = env->get(env->ctx, "AWS_SECRET_ACCESS_KEY"),
	    .region = arg[2]};
	struct tg_buf out;
	struct tg_err err;
	int rc;

	if (!tg_parse_i64(&who.time, tg_sv_of(arg[3]), 0, INT64_MAX / 2) ||
	    !sort_pairs(h, &req.n_header, q, &req.n_query, n - 5, arg + 5) ||
	    who.key_id == NULL || who.secret == NULL)
		return 2;
	tg_buf_init(&out, TG_SIGV4_TEXT);
	rc = tg_sigv4_authorization(&out, &tg_sigv4_aws, &who, &req, &err);
	if (rc == 0)
		(void)printf("%s\n", out.p);
	tg_buf_deinit(&out);
	return rc < 0 ? complain(&err) : 0;
}

int
main(int argc, char **argv)
{
	struct tg_log log = {.out = stderr, .min = TG_LOG_INFO};
	struct tg_env env = tg_env_system();

	env.log = &log;
	if (tg_crypt_init(NULL) < 0)
		return 70;
	if (argc == 4 && strcmp(argv[1], "mkbucket") == 0)
		return mkbucket(argv + 2, &env);
	if ((argc == 8 || argc == 9) && strcmp(argv[1], "put") == 0)
		return put(argc - 2, argv + 2, &env);
	if (argc >= 7 && strcmp(argv[1], "sign") == 0)
		return sign(argc - 2, argv + 2, &env);
	(void)fprintf(stderr, "usage: see the top of s3_put.c\n");
	return 2;
}
