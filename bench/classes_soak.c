/*
 * classes_soak.c - N made-up rows through the equivalence classes, both passes,
 * and the peak of resident memory: which must not grow with N.
 *
 *   classes_soak ROWS [MAX_MIB]     exit 1 when the peak is above MAX_MIB
 *
 * People are 1 in 3 rows; quasi-identifiers are drawn so that there are large
 * classes, many small ones and some alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/crypt.h"
#include "base/num.h"
#include "pipeline/anonymity.h"

#include "base/banned.h"

static uint64_t
mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ x >> 33;
}

static void
digest(uint8_t out[TG_CLASS_DIGEST], char kind, uint64_t v)
{
	const uint64_t a = mix(v * 8 + (uint64_t)kind), b = mix(a + 1);

	memcpy(out, &a, sizeof(a));
	memcpy(out + sizeof(a), &b, sizeof(b));
}

static void
row_of(struct tg_class_row *r, uint64_t i, uint64_t n)
{
	const uint64_t h = mix(i), who = h % (n / 3 + 1);

	*r = (struct tg_class_row){.has_sensitive = true};
	r->by = h >> 60 < 12 ? TG_SUBJECT_PERSON : TG_SUBJECT_TRACE;
	digest(r->trace, 't', who * 2 + (h >> 40) % 2);
	digest(r->subject, r->by == TG_SUBJECT_PERSON ? 'p' : 't',
	    r->by == TG_SUBJECT_PERSON ? who : who * 2 + (h >> 40) % 2);
	/* half in 64 classes, the rest in ever smaller ones */
	digest(r->quasi, 'q',
	    h % 2 == 0 ? (h >> 8) % 64 : 64 + (h >> 8) % (n / 16 + 1));
	digest(r->sensitive, 's', (h >> 20) % 1000);
}

static int
passes(uint64_t n, struct tg_class_result *out, struct tg_err *err)
{
	const struct tg_class_limits limits = {.k = 11, .l = 2};
	struct tg_classes *c = NULL;
	struct tg_class_row row;
	enum tg_class_verdict v;
	uint64_t gone = 0;
	char dir[] = "/tmp/classes-soak-XXXXXX";
	int rc = -1;

	if (mkdtemp(dir) == NULL)
		return tg_fail(err, TG_E_IO, "%s", dir);
	if (tg_classes_new(&c, dir, TG_ANONYMITY_MEMORY, err) < 0)
		return -1;
	for (uint64_t i = 0; i < n; i++) {
		row_of(&row, i, n);
		if (tg_classes_add(c, &row, err) < 0)
			goto out;
	}
	if (tg_classes_finish(c, &limits, out, err) < 0)
		goto out;
	for (uint64_t i = 0; i < n; i++) {
		row_of(&row, i, n);
		if (tg_classes_verdict(c, &row, &v, err) < 0)
			goto out;
		gone += v != TG_CLASS_KEEP;
	}
	rc = tg_classes_same(c, err);
	if (rc == 0 && gone != out->small + out->one_value)
		rc = tg_fail(err, TG_E_BUG, "%llu verdicts against %llu",
		    (unsigned long long)gone,
		    (unsigned long long)(out->small + out->one_value));
out:
	tg_classes_free(c);
	return rc;
}

int
main(int argc, char **argv)
{
	struct tg_class_result r = {.small = 0};
	struct tg_err err = {0};
	struct rusage u;
	uint64_t n, max = UINT64_MAX;

	if (argc < 2 || !tg_parse_u64(&n, tg_sv_of(argv[1]), 1, UINT32_MAX) ||
	    (argc > 2 && !tg_parse_u64(&max, tg_sv_of(argv[2]), 1, 1u << 20))) {
		(void)fprintf(stderr, "usage: classes_soak ROWS [MAX_MIB]\n");
		return 2;
	}
	if (tg_crypt_init(&err) < 0 || passes(n, &r, &err) < 0 ||
	    getrusage(RUSAGE_SELF, &u) < 0) {
		(void)fprintf(stderr, "classes_soak: %s\n", err.text);
		return 1;
	}
	(void)printf(
	    "%llu rows, %llu subjects, %llu classes, smallest %llu, "
	    "%llu rows go; %llu MiB on disk; %.1f s CPU; peak %ld MiB\n",
	    (unsigned long long)r.before.rows,
	    (unsigned long long)r.before.subjects,
	    (unsigned long long)r.before.classes,
	    (unsigned long long)r.before.min,
	    (unsigned long long)(r.small + r.one_value),
	    (unsigned long long)(r.spilled >> 20),
	    (double)clock() / CLOCKS_PER_SEC, u.ru_maxrss / 1024);
	if ((uint64_t)u.ru_maxrss / 1024 <= max)
		return 0;
	(void)fprintf(stderr, "classes_soak: more than %llu MiB\n",
	    (unsigned long long)max);
	return 1;
}
