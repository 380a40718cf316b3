/* linkage_test.c - what is said of links equals what comparing every record
 * with every other one says, on generated tables; and what is a near-duplicate.
 */
#include "pipeline/linkage.h"

#include <sys/stat.h>

#include "pipeline/sketch.h"
#include "tests/unit/pipeline/scratch.h"

#include "base/banned.h"

#define TABLES 300
#define BUNDLES 3
#define UNITS 40
#define VALUES 3 /* of a unit, at most */
#define MEMORY 2048

static const uint8_t key[TG_KEY_LEN] = {5};
static struct scratch s;
static struct tg_err err;

static void
setup(void)
{
	scratch_init(&s);
}

static void
teardown(void)
{
	scratch_deinit(&s);
}

/* ---- tables ------------------------------------------------------------ */

struct unit {
	unsigned trace, subject, quasi, text; /* quasi, text 0: none */
	unsigned value[VALUES], n_value;
};

struct bundle {
	struct unit unit[UNITS];
	size_t n;
	unsigned recipient;
};

static const char *const recipients[] = {"lab", "regulator"};

static unsigned
draw(unsigned n)
{
	uint32_t v;

	s.env.random(s.env.ctx, &v, sizeof(v));
	return v % n;
}

static void
generate(struct bundle *b)
{
	/* Few or many of each, so that there are tables without any link. */
	const unsigned wide = draw(2) == 0 ? 12 : 400;

	*b = (struct bundle){
	    .n = 1 + draw(UNITS), .recipient = draw(TG_COUNT(recipients))};
	for (size_t i = 0; i < b->n; i++) {
		struct unit *u = &b->unit[i];

		u->trace = draw(wide);
		u->subject = draw(wide);
		u->quasi = draw(wide);
		u->text = draw(wide);
		u->n_value = draw(VALUES + 1);
		for (size_t k = 0; k < u->n_value; k++)
			u->value[k] = draw(wide);
	}
}

static void
digest(uint8_t out[TG_CLASS_DIGEST], const char *kind, unsigned v)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s %u", kind, v);
	tg_crypt_blake2b(out, TG_CLASS_DIGEST, text, strlen(text), key);
}

/* Texts that have no word in common. */
static void
text_of(char out[128], unsigned v)
{
	(void)snprintf(out, 128, "a%u b%u c%u d%u e%u", v, v, v, v, v);
}

static void
add(struct tg_linkage *l, const struct bundle *b)
{
	/* Records of up to three units, as a document of spans has them. */
	for (size_t from = 0; from < b->n;) {
		size_t to = from + 1 + draw(3);

		to = to > b->n ? b->n : to;
		tg_linkage_begin(l);
		for (size_t i = from; i < to; i++) {
			char text[128];

			if (b->unit[i].text == 0)
				continue;
			text_of(text, b->unit[i].text);
			OK(tg_linkage_text(
			    l, (uint32_t)(i - from), text, strlen(text), &err));
		}
		for (size_t i = from; i < to; i++) {
			const struct unit *u = &b->unit[i];
			struct tg_class_row row = {.by = TG_SUBJECT_PERSON};
			uint8_t value[TG_CLASS_DIGEST];

			digest(row.trace, "trace", u->trace);
			digest(row.subject, "subject", u->subject);
			digest(row.quasi, "quasi", u->quasi);
			for (size_t k = 0; k < u->n_value; k++) {
				digest(value, "value", u->value[k]);
				OK(tg_linkage_value(l, &row, value, &err));
			}
			OK(tg_linkage_unit(l, (uint32_t)(i - from), &row,
			    u->quasi != 0, &err));
		}
		from = to;
	}
}

static const char *
file_of(size_t i)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "links-%zu", i);
	return scratch_path(&s, name);
}

static void
measure(struct tg_linkage_result *out, const struct bundle *all, size_t i)
{
	struct tg_linkage_earlier e[BUNDLES];
	struct tg_linkage *l = NULL;

	for (size_t k = 0; k < i; k++)
		e[k] = (struct tg_linkage_earlier){
		    file_of(k), recipients[all[k].recipient]};
	OK(tg_linkage_new(&l, scratch_path(&s, "work"), key, MEMORY, &err));
	add(l, &all[i]);
	OK(tg_linkage_finish(
	    l, file_of(i), recipients[all[i].recipient], e, i, out, &err));
	tg_linkage_free(l);
}

/* ---- brute force ------------------------------------------------------- */

static bool
has_value(const struct unit *u, unsigned v)
{
	for (size_t k = 0; k < u->n_value; k++)
		if (u->value[k] == v)
			return true;
	return false;
}

static bool
bundle_has_value(const struct bundle *b, unsigned v)
{
	for (size_t i = 0; i < b->n; i++)
		if (has_value(&b->unit[i], v))
			return true;
	return false;
}

/* Exactly one subject has this combination. */
static bool
is_unique(const struct bundle *b, unsigned quasi)
{
	bool any = false;
	unsigned subject = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct unit *u = &b->unit[i];

		if (u->quasi != quasi)
			continue;
		if (any && u->subject != subject)
			return false;
		any = true;
		subject = u->subject;
	}
	return any;
}

static bool
shares_value(const struct bundle *b, size_t i)
{
	for (size_t k = 0; k < b->n; k++)
		for (size_t v = 0; k != i && v < b->unit[i].n_value; v++)
			if (has_value(&b->unit[k], b->unit[i].value[v]))
				return true;
	return false;
}

/* Another trace of @b has the text. */
static bool
has_text(const struct bundle *b, unsigned text, const unsigned *but)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->unit[i].text == text &&
		    (but == NULL || b->unit[i].trace != *but))
			return true;
	return false;
}

/* Numbers of a kind, each once: those of the first record that has it. */
static bool
first_value(const struct bundle *b, size_t i, size_t k)
{
	const unsigned v = b->unit[i].value[k];

	for (size_t n = 0; n < i; n++)
		if (has_value(&b->unit[n], v))
			return false;
	for (size_t n = 0; n < k; n++)
		if (b->unit[i].value[n] == v)
			return false;
	return true;
}

static bool
first_quasi(const struct bundle *b, size_t i)
{
	for (size_t n = 0; n < i; n++)
		if (b->unit[n].quasi == b->unit[i].quasi)
			return false;
	return true;
}

static void
brute_values(
    struct tg_linkage_result *r, const struct bundle *all, size_t at, size_t i)
{
	const struct bundle *b = &all[at];

	for (size_t k = 0; k < b->unit[i].n_value; k++) {
		bool same = false, other = false;

		if (!first_value(b, i, k))
			continue;
		for (size_t e = 0; e < at; e++)
			if (bundle_has_value(&all[e], b->unit[i].value[k])) {
				const bool to =
				    all[e].recipient == b->recipient;

				same = same || to;
				other = other || !to;
			}
		r->values++;
		r->values_same += same;
		r->values_other += other;
	}
}

static struct tg_linkage_result
brute(const struct bundle *all, size_t at)
{
	const struct bundle *b = &all[at];
	struct tg_linkage_result r = {.records = b->n, .bundles = at};
	bool to[TG_COUNT(recipients)] = {false};

	for (size_t e = 0; e < at; e++)
		to[all[e].recipient] = true;
	for (size_t k = 0; k < TG_COUNT(recipients); k++)
		r.recipients += to[k];
	for (size_t i = 0; i < b->n; i++) {
		const struct unit *u = &b->unit[i];
		bool before = false, text_before = false;

		for (size_t e = 0; e < at; e++) {
			before = before || is_unique(&all[e], u->quasi);
			text_before =
			    text_before || has_text(&all[e], u->text, NULL);
		}
		brute_values(&r, all, at, i);
		r.linked += shares_value(b, i);
		if (u->quasi != 0 && first_quasi(b, i) &&
		    is_unique(b, u->quasi)) {
			r.unique++;
			r.unique_earlier += before;
		}
		if (u->text == 0)
			continue;
		r.texts++;
		r.texts_here += has_text(b, u->text, &u->trace);
		r.texts_earlier += text_before;
	}
	return r;
}

START_TEST(links_are_those_of_every_record_with_every_other_one)
{
	uint64_t links = 0, clean = 0;
	bool equal = true;

	for (unsigned t = 0; t < TABLES && equal; t++) {
		struct bundle all[BUNDLES];

		for (size_t i = 0; i < BUNDLES && equal; i++) {
			struct tg_linkage_result got, want;

			memset(&got, 0, sizeof(got));
			generate(&all[i]);
			measure(&got, all, i);
			want = brute(all, i);
			equal = memcmp(&got, &want, sizeof(got)) == 0;
			links += got.linked + got.unique_earlier +
			    got.values_same + got.values_other +
			    got.texts_here + got.texts_earlier;
			clean += got.linked == 0 && got.texts_here == 0;
		}
	}
	ck_assert(equal);
	/* It saw both. */
	ck_assert_uint_gt(links, 10000);
	ck_assert_uint_gt(clean, 10);
}
END_TEST

START_TEST(a_second_reading_forgets_the_first)
{
	struct bundle all[1];
	struct tg_linkage_result once, twice;
	struct tg_linkage *l = NULL;

	generate(all);
	measure(&once, all, 0);
	OK(tg_linkage_new(&l, scratch_path(&s, "work"), key, MEMORY, &err));
	add(l, all);
	OK(tg_linkage_again(l, &err));
	add(l, all);
	OK(tg_linkage_finish(l, file_of(0), "lab", NULL, 0, &twice, &err));
	tg_linkage_free(l);
	ck_assert_mem_eq(&once, &twice, sizeof(once));
}
END_TEST

/* ---- what is kept ------------------------------------------------------ */

static void
one_bundle(struct tg_linkage_result *out, const uint8_t with[TG_KEY_LEN],
    const char *to, const char *earlier, int want)
{
	const struct tg_linkage_earlier e = {earlier, "lab"};
	struct bundle b = {.n = 2,
	    .unit = {{.trace = 1,
			 .subject = 1,
			 .quasi = 7,
			 .text = 3,
			 .value = {9},
			 .n_value = 1},
		{.trace = 2, .subject = 2, .quasi = 8, .text = 4}}};
	struct tg_linkage *l = NULL;

	OK(tg_linkage_new(&l, scratch_path(&s, "work"), with, MEMORY, &err));
	add(l, &b);
	ck_assert_int_eq(tg_linkage_finish(l, scratch_path(&s, to), "lab", &e,
			     earlier == NULL ? 0 : 1, out, &err),
	    want);
	tg_linkage_free(l);
}

START_TEST(an_earlier_bundle_that_cannot_be_compared_is_not_taken_for_clean)
{
	static const uint8_t other[TG_KEY_LEN] = {6};
	struct tg_linkage_result r;
	struct stat st;

	one_bundle(&r, key, "one", NULL, 0);
	ck_assert_int_eq(stat(scratch_path(&s, "one"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_uint_eq(r.bundles + r.without, 0);
	one_bundle(&r, key, "two", scratch_path(&s, "one"), 0);
	ck_assert_uint_eq(r.bundles, 1);
	ck_assert_uint_eq(r.values_same, 1);
	ck_assert_uint_eq(r.unique_earlier, 2);
	ck_assert_uint_eq(r.texts_earlier, 2);
	/* Not there; under another key. */
	one_bundle(&r, key, "two", scratch_path(&s, "none"), 0);
	ck_assert_uint_eq(r.without, 1);
	ck_assert_uint_eq(r.bundles, 0);
	one_bundle(&r, other, "two", scratch_path(&s, "one"), 0);
	ck_assert_uint_eq(r.without, 1);
	ck_assert_uint_eq(r.texts_earlier, 0);
}
END_TEST

/* What is done to a good file: cut at, or a byte changed at; from the end when
 * negative. */
static const struct {
	bool cut;
	long at;
} damage[] = {{true, 0}, {true, 10}, {true, 63}, {true, 64}, {true, -1},
    {true, -16}, {false, 0}, {false, 5}, {false, 64}, {false, -16}};

START_TEST(a_damaged_file_of_an_earlier_bundle_stops_the_run)
{
	struct tg_linkage_result r;
	struct tg_buf b;
	size_t at;

	tg_buf_init(&b, 1u << 20);
	one_bundle(&r, key, "one", NULL, 0);
	scratch_get(&b, scratch_path(&s, "one"));
	at = damage[_i].at < 0 ? b.n - (size_t)-damage[_i].at
			       : (size_t)damage[_i].at;
	if (damage[_i].cut)
		b.n = at;
	else
		b.p[at] = (char)(b.p[at] ^ 0x7f);
	ck_assert_int_eq(unlink(scratch_path(&s, "one")), 0);
	ck_assert_int_eq(tg_fs_write(scratch_path(&s, "one"), tg_buf_sv(&b),
			     0600, TG_FS_NEW, &err),
	    0);
	one_bundle(&r, key, "two", scratch_path(&s, "one"), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(the_key_is_drawn_once_and_private)
{
	uint8_t a[TG_KEY_LEN], b[TG_KEY_LEN];
	char path[128];

	OK(tg_linkage_key(a, s.dir, &s.env, &err));
	OK(tg_linkage_key(b, s.dir, &s.env, &err));
	ck_assert_mem_eq(a, b, sizeof(a));
	(void)snprintf(path, sizeof(path), "%s/linkage.key", s.dir);
	ck_assert_int_eq(chmod(path, 0644), 0);
	FAILS(tg_linkage_key(b, s.dir, &s.env, &err), TG_E_KEY);
}
END_TEST

/* ---- near-duplicates --------------------------------------------------- */

static bool
near(const char *a, const char *b, const uint8_t with[TG_KEY_LEN])
{
	uint8_t x[TG_SKETCH_BANDS][TG_SKETCH_BAND];
	uint8_t y[TG_SKETCH_BANDS][TG_SKETCH_BAND];
	struct tg_sketch sketch;

	tg_sketch_init(&sketch, key);
	tg_sketch_begin(&sketch);
	tg_sketch_add(&sketch, a, strlen(a));
	if (!tg_sketch_end(&sketch, x))
		return false;
	tg_sketch_init(&sketch, with);
	tg_sketch_begin(&sketch);
	tg_sketch_add(&sketch, b, strlen(b));
	if (!tg_sketch_end(&sketch, y))
		return false;
	for (size_t i = 0; i < TG_SKETCH_BANDS; i++)
		if (memcmp(x[i], y[i], TG_SKETCH_BAND) == 0)
			return true;
	return false;
}

#define LONG                                                                   \
	"the garden behind the house was dry that summer and nobody knew why " \
	"the well had lost its water before the first week of june although "  \
	"rain had come in spring as it always did in those years by the sea"
#define CJK "\xe4\xbb\x8a\xe6\x98\xa8"
static const struct {
	const char *a, *b;
	bool near;
} pairs[] = {
    {LONG, LONG, true},
    {LONG, LONG " they said", true},
    {"So " LONG, LONG, true},
    {"Hello, how are you?", "hello HOW  are you", true},
    {"yes", "Yes.", true},
    {"two words", "two words!", true},
    {"two words", "words two", false},
    {"yes", "no", false},
    {LONG, "an entirely different text about trains that leave at noon", false},
    {CJK "\xe5\xa4\xa9\xe6\xb0\x94", CJK "\xe5\xa4\xa9\xe6\xb0\x94", true},
    {CJK "\xe5\xa4\xa9", "\xe5\xa4\xa9" CJK, false},
    {"", "", false},
    {"...", "...", false},
};

START_TEST(what_is_a_near_duplicate)
{
	static const uint8_t other[TG_KEY_LEN] = {6};

	ck_assert_msg(near(pairs[_i].a, pairs[_i].b, key) == pairs[_i].near,
	    "%s | %s", pairs[_i].a, pairs[_i].b);
	/* Under another key nothing is recognised. */
	ck_assert(!near(pairs[_i].a, pairs[_i].b, other));
}
END_TEST

/* @n words, every @change-th another one in @b. */
static void
words(char *a, char *b, size_t cap, unsigned n, unsigned change)
{
	size_t x = 0, y = 0;

	for (unsigned i = 0; i < n; i++) {
		const unsigned w = draw(1u << 30), v = draw(1u << 30);

		x += (size_t)snprintf(a + x, cap - x, "w%u ", w);
		y += (size_t)snprintf(
		    b + y, cap - y, "w%u ", (i + 1) % change == 0 ? v : w);
	}
}

/* One word in @change is another: the share of shingles in common is (change -
 * 3) / (change + 3).  Of 300 pairs at least and at most so many are found. */
static const struct {
	unsigned change, words, least, most;
} curve[] = {{57, 513, 298, 300}, /* 0.90: .9999 */
    {27, 486, 268, 299},	  /* 0.80: .947 */
    {9, 504, 5, 38},		  /* 0.50: .061 */
    {6, 504, 0, 6}};		  /* 0.33: .002 */

START_TEST(how_near_is_as_the_header_says)
{
	static char a[8192], b[8192];
	unsigned found = 0;

	for (unsigned i = 0; i < 300; i++) {
		words(a, b, sizeof(a), curve[_i].words, curve[_i].change);
		found += near(a, b, key);
	}
	ck_assert_msg(found >= curve[_i].least && found <= curve[_i].most,
	    "%u of 300", found);
}
END_TEST

Suite *linkage_suite(void);

Suite *
linkage_suite(void)
{
	Suite *suite = suite_create("linkage");
	TCase *tc = tcase_create("links");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
	    tc, links_are_those_of_every_record_with_every_other_one);
	tcase_add_test(tc, a_second_reading_forgets_the_first);
	tcase_add_test(tc,
	    an_earlier_bundle_that_cannot_be_compared_is_not_taken_for_clean);
	tcase_add_loop_test(tc,
	    a_damaged_file_of_an_earlier_bundle_stops_the_run, 0,
	    TG_COUNT(damage));
	tcase_add_test(tc, the_key_is_drawn_once_and_private);
	tcase_add_loop_test(tc, what_is_a_near_duplicate, 0, TG_COUNT(pairs));
	tcase_add_loop_test(
	    tc, how_near_is_as_the_header_says, 0, TG_COUNT(curve));
	suite_add_tcase(suite, tc);
	return suite;
}
