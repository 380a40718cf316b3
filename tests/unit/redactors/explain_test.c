/* Why something is a finding, or is none; and that asking changes nothing. */
#include <stdlib.h>

#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define SEEN_MAX 256

struct seen {
	struct tg_why why[SEEN_MAX];
	size_t n;
};

static void
see(void *ctx, const struct tg_why *why)
{
	struct seen *s = ctx;

	if (s->n < SEEN_MAX)
		s->why[s->n++] = *why;
}

/* The first of @type with @fate; view NULL: any. */
static const struct tg_why *
find(
    const struct seen *s, const char *type, enum tg_fate fate, const char *view)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->why[i].fate == fate &&
		    strcmp(tg_rules_type(fixture_rules(), s->why[i].type),
			type) == 0 &&
		    (view == NULL || strcmp(s->why[i].view, view) == 0))
			return &s->why[i];
	return NULL;
}

static void
explain(struct seen *out, const char *text, const char *key)
{
	out->n = 0;
	tg_scanner_explain(fixture_scanner(), see, out);
	(void)fixture_scan(text, key);
	tg_scanner_explain(fixture_scanner(), NULL, NULL);
}

static const struct {
	const char *text, *key, *type;
	enum tg_fate fate;
	const char *view, *chain0, *verdict, *list, *place;
} rows[] = {
    {"write to jane.roe@example.org", "", "EMAIL", TG_FATE_FOUND, "raw", NULL,
	NULL, NULL, NULL},
    {"write to jane.roe\xef\xbc\xa0"
     "example.org",
	"", "EMAIL", TG_FATE_FOUND, "shadow", NULL, NULL, NULL, NULL},
    {"a jane.roe%40example.org b", "", "EMAIL", TG_FATE_FOUND, "decoded",
	"escapes", NULL, NULL, NULL},
    {"x d3JpdGUgdG8gamFuZS5yb2VAZXhhbXBsZS5vcmcgbm93 y", "", "EMAIL",
	TG_FATE_FOUND, "decoded", "base64", NULL, NULL, NULL},
    {"x 777269746520746f206a616e652e726f65406578616d706c652e6f7267 y", "",
	"EMAIL", TG_FATE_FOUND, "decoded", "hex", NULL, NULL, NULL},
    {"NIR 1 85 05 78 006 084 91", "", "FR_NIR", TG_FATE_FOUND, NULL, NULL, "ok",
	"words", "before"},
    {"NIR 1 85 05 78 006 084 92", "", "FR_NIR", TG_FATE_INVALID, NULL, NULL,
	"fail", NULL, NULL},
    {"card 4111111111111112", "", "CREDIT_CARD", TG_FATE_INVALID, NULL, NULL,
	"fail", NULL, NULL},
};

START_TEST(a_match_says_how_it_was_seen)
{
	struct seen s;
	const struct tg_why *w;
	bool same;

	explain(&s, rows[_i].text, rows[_i].key);
	w = find(&s, rows[_i].type, rows[_i].fate, rows[_i].view);
	ck_assert_msg(w != NULL, "row %d: %zu seen", _i, s.n);
	same = rows[_i].chain0 == NULL
	    ? w->n_chain == 0 || rows[_i].view == NULL
	    : w->n_chain == 1 && strcmp(w->chain[0], rows[_i].chain0) == 0;
	if (rows[_i].verdict != NULL)
		same = same && strcmp(w->verdict, rows[_i].verdict) == 0;
	if (rows[_i].list != NULL)
		same = same && w->list != NULL &&
		    strcmp(w->list, rows[_i].list) == 0 &&
		    strcmp(w->place, rows[_i].place) == 0;
	ck_assert_msg(same, "row %d: %s %s %s %s %s", _i, w->view,
	    w->n_chain > 0 ? w->chain[0] : "-", w->verdict,
	    w->list == NULL ? "-" : w->list, w->place == NULL ? "-" : w->place);
}
END_TEST

START_TEST(the_parts_are_the_score)
{
	struct seen s;
	size_t n = 0, wrong = 0;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		explain(&s, rows[i].text, rows[i].key);
		for (size_t k = 0; k < s.n; k++, n++) {
			const struct tg_why *w = &s.why[k];
			const int sum =
			    w->base + w->valid + w->context + w->whole;

			wrong += w->score != (sum > 100 ? 100 : sum) ||
			    (w->fate == TG_FATE_FOUND) !=
				(w->score >= w->minimum &&
				    w->fate != TG_FATE_BELOW &&
				    w->fate != TG_FATE_INVALID &&
				    w->fate != TG_FATE_BOUNDARY &&
				    w->fate != TG_FATE_ALLOWED &&
				    w->fate != TG_FATE_NEGATIVE);
		}
	}
	ck_assert_uint_gt(n, 8);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Every finding is one that was seen; asking does not change what is found. */
START_TEST(asking_changes_nothing)
{
	static const char text[] =
	    "Dear Dr Priya Raman, card 4111 1111 1111 1111, NIR 1 85 05 78 006 "
	    "084 91, jane.roe@example.org, call 020 7946 0123 in London.";
	struct tg_finding plain[32];
	struct tg_findings f = fixture_scan(text, "");
	const size_t n = f.n < 32 ? f.n : 32, below = f.below;
	struct seen s = {.n = 0};
	size_t seen = 0;

	ck_assert_uint_ge(f.n, 4);
	memcpy(plain, f.f, n * sizeof(plain[0]));
	tg_scanner_explain(fixture_scanner(), see, &s);
	f = fixture_scan(text, "");
	tg_scanner_explain(fixture_scanner(), NULL, NULL);
	ck_assert_uint_eq(f.n, n);
	ck_assert_uint_eq(f.below, below);
	ck_assert_int_eq(memcmp(plain, f.f, n * sizeof(plain[0])), 0);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < s.n; k++)
			if (s.why[k].rule == plain[i].rule &&
			    s.why[k].score == plain[i].score &&
			    s.why[k].start >= plain[i].start &&
			    s.why[k].end <= plain[i].end) {
				seen++;
				break;
			}
	ck_assert_uint_eq(seen, n);
}
END_TEST

START_TEST(every_fate_has_a_name)
{
	for (int f = TG_FATE_FOUND; f <= TG_FATE_BOUNDARY; f++)
		ck_assert_ptr_nonnull(tg_fate_name((enum tg_fate)f));
}
END_TEST

Suite *explain_suite(void);

Suite *
explain_suite(void)
{
	Suite *s = suite_create("explain");
	TCase *t = tcase_create("why");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);
	tcase_add_loop_test(
	    t, a_match_says_how_it_was_seen, 0, (int)TG_COUNT(rows));
	tcase_add_test(t, the_parts_are_the_score);
	tcase_add_test(t, asking_changes_nothing);
	tcase_add_test(t, every_fate_has_a_name);
	suite_add_tcase(s, t);
	return s;
}
