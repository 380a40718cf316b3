/* jkeys_test.c - duplicate keys of one object. */
#include <stdio.h>

#include "base/jscan.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

struct verdict {
	int rc;
	size_t at;
};

static struct verdict
scan(struct tg_jdoc *d, const char *p, size_t n)
{
	struct verdict v = {.at = 0};

	v.rc = tg_jscan(d, (struct tg_sv){p, n}, &v.at, NULL);
	return v;
}

static void
add_keys(struct tg_buf *b, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		ck_assert_int_eq(tg_buf_addf(b, NULL, "%s\"k%u\":0",
				     b->n == 1 ? "" : ",", i),
		    0);
}

START_TEST(duplicate_keys_are_found_in_objects_of_any_size)
{
	struct tg_jdoc d;
	struct tg_buf b;

	tg_jdoc_init(&d);
	tg_buf_init(&b, 1u << 20);
	for (unsigned n = 1; n < 600; n = n < 70 ? n + 1 : n * 2) {
		for (unsigned twice = 0; twice < n; twice += 1 + n / 7) {
			size_t where;

			tg_buf_reset(&b);
			ck_assert_int_eq(tg_buf_addc(&b, '{', NULL), 0);
			add_keys(&b, 0, n);
			where = b.n + 1;
			add_keys(&b, n, n + 1);
			ck_assert_int_eq(tg_buf_addc(&b, '}', NULL), 0);
			ck_assert_int_eq(scan(&d, b.p, b.n).rc, 0);
			b.n = where - 1;
			ck_assert_int_eq(tg_buf_addf(&b, NULL,
					     ",\"\\u006b%u\":[1,2]}", twice),
			    0);
			ck_assert_uint_eq(scan(&d, b.p, b.n).at, where);
		}
	}
	tg_buf_deinit(&b);
	tg_jdoc_deinit(&d);
}
END_TEST

/* Keys that meet in one slot: the same low 32 bits of FNV-1a's 64 folded are
 * not needed, the same slot of the table is.  Found by trying. */
static uint32_t
slot_of(const char *s, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)s[i]) * UINT64_C(0x100000001b3);
	return (uint32_t)(h ^ h >> 32);
}

START_TEST(keys_that_collide_are_compared_all_the_same)
{
	enum { KEYS = 400, SLOTS = 1024 };
	struct tg_jdoc d;
	struct tg_buf b;
	unsigned found = 0;
	size_t where;

	tg_jdoc_init(&d);
	tg_buf_init(&b, 1u << 20);
	ck_assert_int_eq(tg_buf_addc(&b, '{', NULL), 0);
	for (unsigned i = 0; found < KEYS; i++) {
		char k[16];
		const int n = snprintf(k, sizeof(k), "k%u", i);

		if ((slot_of(k, (size_t)n) & (SLOTS - 1)) > 3)
			continue;
		ck_assert_int_eq(tg_buf_addf(&b, NULL, "%s\"%s\":{\"a\":%u}",
				     found > 0 ? "," : "", k, i),
		    0);
		found++;
	}
	ck_assert_int_eq(tg_buf_addc(&b, '}', NULL), 0);
	ck_assert_int_eq(scan(&d, b.p, b.n).rc, 0);
	ck_assert_uint_eq(d.nodes[0].n, KEYS);

	/* The first key again, as the last. */
	where = b.n;
	b.p[b.n - 1] = ',';
	ck_assert_int_eq(tg_buf_add(&b, d.text.p + d.nodes[1].key_start,
			     d.nodes[1].key_end - d.nodes[1].key_start, NULL),
	    0);
	ck_assert_int_eq(tg_buf_adds(&b, ":0}", NULL), 0);
	ck_assert_uint_eq(scan(&d, b.p, b.n).at, where);
	tg_buf_deinit(&b);
	tg_jdoc_deinit(&d);
}
END_TEST

Suite *
jkeys_suite(void)
{
	Suite *s = suite_create("jkeys");
	TCase *t = tcase_create("jkeys");

	tcase_add_test(t, duplicate_keys_are_found_in_objects_of_any_size);
	tcase_add_test(t, keys_that_collide_are_compared_all_the_same);
	suite_add_tcase(s, t);
	return s;
}
