/*
 * jscan_bench.c - MB/s of the structural scanner (AVX2 and scalar) against
 * jansson's json_loadb on the same generated JSON lines, in one process.
 *
 *	jscan_bench [MiB]
 *
 * Each figure is the median of five passes over the whole text, one line a
 * document; the passes take turns.  Two texts: chat records with an array of
 * token strings, and activation records of [index, value] pairs.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/jscan.h"
#include "base/num.h"

#include "base/banned.h"

#define PASSES 5
#define WAYS 3

static uint64_t
draw(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static const char *const words[] = {"the", "trace", "of", "a", "model",
    "caf\xc3\xa9", "is", "read", "by", "\\u00e9t\\u00e9", "people", "who",
    "ask", "\\\"why\\\"", "and", "then", "write", "it", "down", "\\n"};

static int
add_words(struct tg_buf *b, uint64_t *s, int n, const char *between)
{
	for (int i = 0; i < n; i++) {
		if ((i > 0 && tg_buf_adds(b, between, NULL) < 0) ||
		    tg_buf_adds(b, words[draw(s) % TG_COUNT(words)], NULL) < 0)
			return -1;
	}
	return 0;
}

static int
text_record(struct tg_buf *b, uint64_t *s)
{
	if (tg_buf_addf(b, NULL,
		"{\"trace_id\": \"%016llx\", \"model\": \"m-2b\", \"prompt\": "
		"\"",
		(unsigned long long)draw(s)) < 0 ||
	    add_words(b, s, 200, " ") < 0 ||
	    tg_buf_adds(b, "\", \"tokens\": [\"", NULL) < 0 ||
	    add_words(b, s, 350, "\", \"") < 0)
		return -1;
	return tg_buf_adds(b, "\"], \"ok\": true}\n", NULL);
}

static int
acts_record(struct tg_buf *b, uint64_t *s)
{
	if (tg_buf_addf(b, NULL, "{\"trace_id\":\"%016llx\",\"acts\":[",
		(unsigned long long)draw(s)) < 0)
		return -1;
	for (int i = 0; i < 2000; i++) {
		if (tg_buf_addf(b, NULL, "%s[%u,%u.%04u]", i > 0 ? "," : "",
			(unsigned)(draw(s) % 16384), (unsigned)(draw(s) % 90),
			(unsigned)(draw(s) % 10000)) < 0)
			return -1;
	}
	return tg_buf_adds(b, "]}\n", NULL);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
with_jscan(struct tg_jdoc *d, struct tg_sv line)
{
	size_t at;

	return tg_jscan(d, line, &at, NULL) == 0;
}

static bool
with_jansson(struct tg_sv line)
{
	json_t *j = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);

	json_decref(j);
	return j != NULL;
}

/* Seconds for one pass, below 0 when a line was refused. */
static double
pass(struct tg_sv text, const char *path)
{
	struct tg_jdoc d;
	double t0;
	size_t lines = 0, good = 0;

	(void)tg_jscan_force(path);
	tg_jdoc_init(&d);
	t0 = now();
	for (size_t i = 0; i < text.n; lines++) {
		const char *p = text.p + i;
		const char *nl = memchr(p, '\n', text.n - i);
		const struct tg_sv line = {p, (size_t)(nl - p)};

		good +=
		    path != NULL ? with_jscan(&d, line) : with_jansson(line);
		i += line.n + 1;
	}
	t0 = now() - t0;
	tg_jdoc_deinit(&d);
	return lines > 0 && good == lines ? t0 : -1;
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int
measure(const char *what, struct tg_sv text)
{
	static const char *const way[WAYS] = {"avx2", "scalar", NULL};
	double t[WAYS][PASSES], mb = (double)text.n / 1e6, jansson;

	for (int i = 0; i < PASSES; i++) {
		for (int w = 0; w < WAYS; w++) {
			t[w][i] = pass(text, way[w]);
			if (t[w][i] < 0)
				return -1;
		}
	}
	for (int w = 0; w < WAYS; w++)
		qsort(t[w], PASSES, sizeof(t[w][0]), by_value);
	jansson = t[WAYS - 1][PASSES / 2];
	for (int w = 0; w < WAYS; w++)
		(void)printf("%-6s %-8s %8.1f MB/s  %6.1fx\n", what,
		    way[w] != NULL ? way[w] : "jansson", mb / t[w][PASSES / 2],
		    jansson / t[w][PASSES / 2]);
	return 0;
}

int
main(int argc, char **argv)
{
	static int (*const record[])(struct tg_buf *, uint64_t *) = {
	    text_record, acts_record};
	static const char *const name[] = {"text", "acts"};
	uint64_t mib = 16;
	int rc = EXIT_SUCCESS;

	if (argc > 1 && !tg_parse_u64(&mib, tg_sv_of(argv[1]), 1, 1024))
		return EXIT_FAILURE;
	if (!tg_jscan_force("avx2"))
		(void)printf("no AVX2 here: \"avx2\" is the scalar path\n");
	for (size_t i = 0; i < TG_COUNT(record); i++) {
		struct tg_buf b;
		uint64_t seed = 42;

		tg_buf_init(&b, (size_t)(mib + 1) << 20);
		while (b.n < mib << 20) {
			if (record[i](&b, &seed) < 0)
				break;
		}
		if (b.n < mib << 20 || measure(name[i], tg_buf_sv(&b)) < 0) {
			(void)fprintf(stderr, "%s: failed\n", name[i]);
			rc = EXIT_FAILURE;
		}
		tg_buf_deinit(&b);
	}
	return rc;
}
