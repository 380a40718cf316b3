#include "tests/unit/pipeline/sinks/s3_bench.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

/* tg_env's context is the fixed clock's. */
static struct bench *bench_now;

static void
note_wait(void *ctx TG_UNUSED, int64_t ms)
{
	struct bench *b = bench_now;

	if (b->n_waited < BENCH_WAITS)
		b->waited[b->n_waited++] = ms;
}

void
s3_bench_init(struct bench *b)
{
	static const char *const vars[] = {"AWS_ACCESS_KEY_ID", FAKE_KEY,
	    "AWS_SECRET_ACCESS_KEY", FAKE_SECRET};

	*b = (struct bench){.f = {.now = BENCH_NOW}};
	memcpy(b->vars, vars, sizeof(vars));
	scratch_init(&b->t);
	b->t.env.wait_ms = note_wait;
	bench_now = b;
}

void
s3_bench_file(struct bench *b, const void *p, size_t n)
{
	b->file = scratch_bytes(&b->t, "local", p, n);
	b->put = scratch_put(BENCH_NAME, b->file);
}

int
s3_bench_open(struct bench *b)
{
	b->t.fixed.vars = b->vars;
	fake_start(&b->f);
	(void)snprintf(
	    b->endpoint, sizeof(b->endpoint), "http://127.0.0.1:%u", b->f.port);
	if (b->opt.endpoint == NULL)
		b->opt.endpoint = b->endpoint;
	if (b->file == NULL)
		s3_bench_file(b, "twelve bytes", 12);
	b->receipt = scratch_receipt(&b->t, "tg-uk-1", BENCH_URL);
	return tg_sink_open(
	    &b->sink, TG_SV(BENCH_URL), &b->opt, &b->t.env, &b->err);
}

int
s3_bench_put(struct bench *b)
{
	return tg_sink_put(b->sink, b->receipt, &b->put, &b->res, &b->err);
}

int
s3_bench_run(struct bench *b)
{
	int rc;

	ck_assert_msg(s3_bench_open(b) == 0, "%s", b->err.text);
	rc = s3_bench_put(b);
	fake_stop(&b->f);
	ck_assert_str_eq(b->f.problem, "");
	ck_assert_ptr_null(strstr(b->err.text, FAKE_SECRET));
	ck_assert_ptr_null(strstr(b->err.text, "do not echo"));
	return rc;
}

void
s3_bench_deinit(struct bench *b)
{
	fake_stop(&b->f);
	tg_sink_free(b->sink);
	tg_receipt_free(b->receipt);
	free(b->file);
	scratch_deinit(&b->t);
}

void
s3_bench_stored(const struct bench *b, const char *key, size_t n)
{
	char hex[TG_SHA256_HEX];

	tg_sha256_hex(hex, b->put.sha256);
	for (size_t i = 0; i < b->f.n_object; i++) {
		if (strcmp(b->f.object[i].key, key) != 0)
			continue;
		ck_assert_uint_eq(b->f.object[i].n, n);
		ck_assert_str_eq(b->f.object[i].sha256, hex);
		return;
	}
	ck_abort_msg("no object %s", key);
}
