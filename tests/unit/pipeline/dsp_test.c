#include "pipeline/dsp.h"

#include <check.h>

#include "tests/unit/pipeline/ledger/book.h"

#include "base/banned.h"

Suite *dsp_suite(void);

#define NOW INT64_C(1793491200) /* 2026-11-01T00:00:00Z */
#define DAY INT64_C(86400)

static const char manifest_text[] =
    "{\"recipient\":{\"id\":\"lab\"},\"us_dsp\":{\"window_days\":365,"
    "\"block_ppb\":1000000000,\"warn_ppb\":500000000,\"counts\":["
    "{\"category\":\"covered_identifiers\",\"persons\":%d,"
    "\"threshold\":1000},"
    "{\"category\":\"health\",\"persons\":%d,\"threshold\":100}]}}";

/* What two recipients got, and when. */
static const struct {
	int64_t time;
	const char *to;
	int covered, health;
} sent[] = {{NOW - 366 * DAY, "lab", 900, 90}, {NOW - 365 * DAY, "lab", 7, 7},
    {NOW - 364 * DAY, "lab", 300, 0}, {NOW - DAY, "other", 800, 99},
    {NOW - DAY, "lab", 100, 40}};

static struct tg_json *
manifest(const char *to, int covered, int health)
{
	struct tg_json *m = NULL, *r;
	struct tg_err err;
	char text[512];

	(void)snprintf(text, sizeof(text), manifest_text, covered, health);
	OK(tg_json_parse(&m, tg_sv_of(text), "manifest", &err));
	r = tg_json_object();
	ck_assert_int_eq(tg_json_set_str(r, "id", to), 0);
	ck_assert_int_eq(tg_json_set(m, "recipient", r), 0);
	return m;
}

static void
fill(struct book *b)
{
	for (size_t i = 0; i < TG_COUNT(sent); i++) {
		struct tg_json *body = tg_json_object();
		struct tg_json *m =
		    manifest(sent[i].to, sent[i].covered, sent[i].health);
		struct tg_ledger *l;
		struct tg_err err;
		uint64_t at;

		b->s.clock.now = sent[i].time;
		l = book_open(b);
		ck_assert_int_eq(tg_dsp_done(body, m), 0);
		OK(tg_ledger_append(l, "export.done", body, &at, &err));
		tg_ledger_free(l);
		tg_json_free(m);
	}
}

/* 400 and 40 are within the window. */
static const struct {
	int covered, health;
	bool stops, warns;
} rows[] = {
    {99, 9, false, false},
    {100, 0, false, true},
    {0, 10, false, true},
    {599, 59, false, true},
    {600, 0, true, false},
    {0, 60, true, false},
};

START_TEST(a_recipient_gets_no_more_than_its_share_in_the_window)
{
	struct tg_json *m = manifest("lab", rows[_i].covered, rows[_i].health);
	struct tg_ledger *l = NULL;
	struct book b;
	struct tg_err err = {.cls = TG_E_NONE};
	char say[TG_DSP_SAY];
	int rc;

	book_init(&b);
	b.s.clock.now = NOW - 400 * DAY;
	book_create(&b);
	fill(&b);
	OK(tg_ledger_read(&l, b.dir, NULL, &err));
	rc = tg_dsp_check(say, m, l, NOW, &err);
	ck_assert_int_eq(rc, rows[_i].stops ? -1 : 0);
	if (rc < 0) {
		ck_assert_int_eq(err.cls, TG_E_NO);
		ck_assert_ptr_nonnull(strstr(err.text, "DSP-BULK: "));
	} else {
		ck_assert_int_eq(say[0] != '\0', rows[_i].warns);
	}
	tg_ledger_free(l);
	tg_json_free(m);
	book_deinit(&b);
}
END_TEST

Suite *
dsp_suite(void)
{
	Suite *s = suite_create("pipeline/dsp");
	TCase *t = tcase_create("window");

	tcase_add_loop_test(t,
	    a_recipient_gets_no_more_than_its_share_in_the_window, 0,
	    (int)TG_COUNT(rows));
	suite_add_tcase(s, t);
	return s;
}
