/* s3_bench.h - a fake server, a file and a sink that knows where it is. */
#ifndef TG_TESTS_UNIT_PIPELINE_SINKS_S3_BENCH_H
#define TG_TESTS_UNIT_PIPELINE_SINKS_S3_BENCH_H

#include "pipeline/sinks/sink.h"
#include "tests/unit/pipeline/sinks/fake_s3.h"
#include "tests/unit/pipeline/sinks/scratch.h"

#define BENCH_URL "s3://" FAKE_BUCKET "/uk"
#define BENCH_NAME "tg-uk-1/payload-00000.tar.zst.age"
#define BENCH_KEY "uk/" BENCH_NAME
#define BENCH_NOW INT64_C(1795564800)

#define BENCH_WAITS 32

struct bench {
	struct scratch t;
	struct fake_s3 f;
	struct tg_sink_options opt;
	const char *vars[16];
	char endpoint[64], *file;
	struct tg_sink *sink;
	struct tg_receipt *receipt;
	struct tg_put put;
	struct tg_put_result res;
	struct tg_err err;
	int64_t waited[BENCH_WAITS]; /* ms, in order; nothing waits */
	size_t n_waited;
};

/* Nothing started yet: bend b->f, b->opt, b->vars first. */
void s3_bench_init(struct bench *b);
/* The bytes to put; else twelve. */
void s3_bench_file(struct bench *b, const void *p, size_t n);
/* Starts the server, opens the sink. */
int s3_bench_open(struct bench *b);
int s3_bench_put(struct bench *b);
/* Both, and stops the server; no request broke a rule, no secret came out. */
int s3_bench_run(struct bench *b);
void s3_bench_deinit(struct bench *b);
/* The server holds the file's digest under @key, @n bytes long. */
void s3_bench_stored(const struct bench *b, const char *key, size_t n);

#endif
