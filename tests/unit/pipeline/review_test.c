/* A person reads a sample: which records, whether they are those that were
 * sealed, and what makes their word count. */
#include "pipeline/review.h"

#include "base/binomial.h"
#include "base/crypt.h"
#include "base/enc.h"
#include "pipeline/members.h"
#include "pipeline/standing.h"
#include "tests/unit/pipeline/export.h"

#include "base/banned.h"

Suite *review_suite(void);

#define RECORDS 40u
#define LEAST 8

static struct export x;
static struct tg_run_ref run;
static uint8_t seed[TG_KEY_LEN];

/* The records of a run, in files of three kinds, as members.c writes them. */
static void
fill(struct tg_members *m)
{
	struct tg_err err;
	char text[64];

	for (unsigned i = 0; i < RECORDS; i++) {
		if (i == 0)
			OK(tg_members_open(m, "data/a.jsonl", &err));
		if (i == 30 || i == 31)
			OK(tg_members_open(
			    m, i == 30 ? "data/b.json" : "data/c.jsonl", &err));
		(void)snprintf(text, sizeof(text), "{\"n\":%u}", i);
		if (i == 30) /* a document, over lines */
			(void)snprintf(
			    text, sizeof(text), "{\n \"n\": [%u,\n 1]\n}", i);
		OK(tg_members_add(m, tg_sv_of(text),
		    i == 30 ? TG_SV("") : TG_SV("\n"), &err));
	}
	OK(tg_members_close(m, &err));
}

static void
asked(int64_t least, int64_t most, bool demanded)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_int(o, "min_records", least);
	bad |= tg_json_set_int(o, "max_findings", most);
	bad |= tg_json_set_bool(o, "demanded", demanded);
	ck_assert_int_eq(bad, 0);
	export_change(&x, "review", o);
	(void)snprintf(
	    run.manifest_sha256, sizeof(run.manifest_sha256), "%s", x.sha);
}

static void
setup(void)
{
	struct tg_members m;
	uint8_t root[TG_LEDGER_HASH];
	struct tg_json *r = tg_json_object();
	struct tg_buf b;
	struct tg_err err;
	int bad = 0;

	export_init(&x);
	memset(seed, 7, sizeof(seed));
	run = (struct tg_run_ref){.id = "EXP-2026-11-24-UK-01",
	    .bundle_id = EXPORT_ID,
	    .bundle = x.dir,
	    .state = TG_RUN_AWAITING};
	run.dir = strdup(scratch_path(&x.s, "run"));
	OK(tg_fs_mkdirs(run.dir, 0700, &err));
	OK(tg_fs_write(scratch_path(&x.s, "run/seed"),
	    (struct tg_sv){(const char *)seed, sizeof(seed)}, 0600, TG_FS_NEW,
	    &err));
	OK(tg_members_init(&m, scratch_path(&x.s, "run/spool"), seed, &err));
	fill(&m);
	OK(tg_merkle_root(&m.tree, root, &err));
	tg_members_deinit(&m);
	tg_buf_init(&b, 128);
	OK(tg_b64_add(&b, root, sizeof(root), TG_B64_PADDED, &err));
	bad |= tg_json_set_int(r, "count", RECORDS);
	bad |= tg_json_set_sv(r, "root", tg_buf_sv(&b));
	ck_assert_int_eq(bad, 0);
	tg_buf_deinit(&b);
	export_change(&x, "records", r);
	asked(LEAST, 0, true);
	run.manifest = x.manifest;
}

static void
teardown(void)
{
	free(run.dir);
	export_deinit(&x);
}

/* ---- which ------------------------------------------------------------- */

/* By its words, one by one: the rank of a record. */
static uint64_t
rank(uint64_t record)
{
	uint8_t key[TG_KEY_LEN], number[8], out[8];
	uint64_t n = 0;

	tg_crypt_derive(key, seed, "review/1", tg_sv_of(run.manifest_sha256));
	for (unsigned i = 0; i < 8; i++)
		number[7 - i] = (uint8_t)(record >> (8 * i));
	tg_crypt_blake2b(out, sizeof(out), number, sizeof(number), key);
	for (unsigned i = 0; i < 8; i++)
		n = n << 8 | out[i];
	return n;
}

/* The i-th of those drawn has i records of a lesser rank. */
static const int64_t sizes[] = {0, 1, 2, 7, 39, 40, 41, 1000};

START_TEST(the_records_of_the_least_rank_are_drawn_in_their_order)
{
	const size_t want = sizes[_i] < RECORDS ? (size_t)sizes[_i] : RECORDS;
	struct tg_review_draw d;
	struct tg_err err;
	bool same = true;

	asked(sizes[_i], 0, true);
	OK(tg_review_draw_open(&d, &run, false, &err));
	ck_assert_uint_eq(d.n, want);
	for (size_t i = 0; i < d.n; i++) {
		const uint64_t record = (uint64_t)tg_json_get_int(
		    tg_json_at(d.items, i), "record", -1);
		size_t below = 0;

		for (uint64_t k = 0; k < RECORDS; k++)
			below += rank(k) < rank(record);
		same = same && below == i;
	}
	ck_assert(same);
	tg_review_draw_free(&d);
}
END_TEST

START_TEST(what_is_shown_is_the_record)
{
	struct tg_review_draw d;
	struct tg_buf text;
	struct tg_err err;
	bool same = true;

	asked(RECORDS, 0, true);
	OK(tg_review_draw_open(&d, &run, false, &err));
	tg_buf_init(&text, 4096);
	for (size_t i = 0; i < d.n; i++) {
		const int64_t n =
		    tg_json_get_int(tg_json_at(d.items, i), "record", -1);
		char want[64];

		(void)snprintf(want, sizeof(want),
		    n == 30 ? "{\n \"n\": [%lld,\n 1]\n}" : "{\"n\":%lld}",
		    (long long)n);
		tg_buf_reset(&text);
		OK(tg_review_draw_text(&text, &d, i, &err));
		same = same && tg_sv_is(tg_buf_sv(&text), want);
	}
	ck_assert(same);
	tg_buf_deinit(&text);
	tg_review_draw_free(&d);
}
END_TEST

/* One byte of the redacted records is another one. */
static const char *const part[] = {
    "run/spool/00000000.part", "run/spool/00000001.part"};

START_TEST(other_records_than_those_that_were_sealed_are_not_read)
{
	struct tg_review_draw d;
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1u << 16);
	scratch_get(&b, scratch_path(&x.s, part[_i]));
	b.p[b.n / 2] = b.p[b.n / 2] == '1' ? '2' : '1';
	scratch_put(scratch_path(&x.s, part[_i]), tg_buf_sv(&b));
	FAILS(tg_review_draw_open(&d, &run, false, &err), TG_E_INTEGRITY);
	ck_assert_int_eq(unlink(scratch_path(&x.s, part[_i])), 0);
	FAILS(tg_review_draw_open(&d, &run, false, &err), TG_E_INTEGRITY);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(what_was_drawn_and_changed_since_is_not_shown)
{
	struct tg_review_draw d;
	struct tg_buf b;
	struct tg_err err;

	asked(RECORDS, 0, true);
	OK(tg_review_draw_open(&d, &run, false, &err));
	tg_buf_init(&b, 1u << 16);
	scratch_get(&b, scratch_path(&x.s, part[1]));
	b.p[2] = 'x';
	scratch_put(scratch_path(&x.s, part[1]), tg_buf_sv(&b));
	tg_buf_reset(&b);
	for (size_t i = 0; i < d.n; i++)
		if (tg_json_get_int(tg_json_at(d.items, i), "record", 0) == 30)
			FAILS(tg_review_draw_text(&b, &d, i, &err),
			    TG_E_INTEGRITY);
	tg_buf_deinit(&b);
	tg_review_draw_free(&d);
}
END_TEST

/* ---- answered ---------------------------------------------------------- */

/* All are answered; in the first @bad something was found. */
static void
answered(struct tg_review_draw *d, size_t bad)
{
	const char *const person = "PERSON";
	struct tg_err err;
	size_t i;

	OK(tg_review_draw_open(d, &run, false, &err));
	while ((i = tg_review_draw_next(d)) < d->n) {
		OK(tg_review_draw_shown(d, i, &err));
		OK(tg_review_draw_answer(d, i, &person, i < bad ? 1 : 0, &err));
	}
}

START_TEST(answers_are_kept_and_only_of_what_was_shown)
{
	const char *const text = "Ann Other", *const type = "PHONE";
	struct tg_review_draw d;
	size_t examined, found;
	struct tg_err err;

	OK(tg_review_draw_open(&d, &run, false, &err));
	FAILS(tg_review_draw_answer(&d, 0, NULL, 0, &err), TG_E_NO);
	OK(tg_review_draw_shown(&d, 0, &err));
	FAILS(tg_review_draw_answer(&d, 0, &text, 1, &err), TG_E_USAGE);
	OK(tg_review_draw_answer(&d, 0, &type, 1, &err));
	tg_review_draw_free(&d);
	OK(tg_review_draw_open(&d, &run, false, &err));
	ck_assert_uint_eq(tg_review_draw_next(&d), 1);
	tg_review_draw_count(&d, &examined, &found);
	ck_assert_uint_eq(examined, 1);
	ck_assert_uint_eq(found, 1);
	tg_review_draw_free(&d);
	/* Another manifest is another sample. */
	asked(LEAST, 1, true);
	OK(tg_review_draw_open(&d, &run, false, &err));
	ck_assert_uint_eq(tg_review_draw_next(&d), 0);
	tg_review_draw_free(&d);
}
END_TEST

/* ---- signed ------------------------------------------------------------ */

static int
sign(enum who who, const char *role, const struct tg_review_draw *d,
    struct tg_err *err)
{
	const struct tg_review_sign s = {.run = &run,
	    .state_dir = x.state,
	    .trust = x.trust,
	    .ledger = x.l,
	    .who = tg_trust_by_key(x.trust, tg_minisign_public(x.key[who])),
	    .role = role,
	    .key = x.key[who],
	    .now = x.s.clock.now};

	return tg_review_sign(&s, d, err);
}

static void
state_is(enum tg_review_state want, bool ledger)
{
	const struct tg_review_against a = {.bundle = x.dir,
	    .manifest = x.manifest,
	    .manifest_sha256 = x.sha,
	    .trust = x.trust,
	    .ledger = ledger ? x.l : NULL,
	    .now = x.s.clock.now};
	struct tg_review r;
	struct tg_err err;

	OK(tg_review_read(&r, &a, &err));
	ck_assert_msg(r.state == want, "%s, not %s: %s",
	    tg_review_state_name(r.state), tg_review_state_name(want), r.why);
	ck_assert_int_eq(tg_review_lets(&r, run.id, &err) == 0,
	    want == TG_REVIEW_PASSED || want == TG_REVIEW_NOT_ASKED);
	tg_review_free(&r);
}

START_TEST(a_review_counts_when_all_was_read_and_nothing_found)
{
	struct tg_review_draw d;
	struct tg_err err;

	state_is(TG_REVIEW_WAITING, true);
	answered(&d, 0);
	OK(sign(DPO, "dpo", &d, &err));
	state_is(TG_REVIEW_PASSED, true);
	OK(sign(DPO, "dpo", &d, &err)); /* again changes nothing */
	tg_review_draw_free(&d);
}
END_TEST

START_TEST(nobody_signs_what_is_not_read)
{
	struct tg_review_draw d;
	struct tg_err err;

	OK(tg_review_draw_open(&d, &run, false, &err));
	OK(tg_review_draw_shown(&d, 0, &err));
	OK(tg_review_draw_answer(&d, 0, NULL, 0, &err));
	FAILS(sign(DPO, "dpo", &d, &err), TG_E_WAITING);
	state_is(TG_REVIEW_WAITING, true);
	tg_review_draw_free(&d);
}
END_TEST

START_TEST(the_preparer_and_who_lacks_the_role_do_not_sign)
{
	struct tg_review_draw d;
	struct tg_err err;

	answered(&d, 0);
	FAILS(sign(PREPARER, "exporter", &d, &err), TG_E_NO);
	ck_assert(tg_sv_starts(tg_sv_of(err.text), TG_SV("APR-SAME-PERSON")));
	FAILS(sign(DPO, "legal", &d, &err), TG_E_NO);
	ck_assert(tg_sv_starts(tg_sv_of(err.text), TG_SV("APR-ROLE")));
	state_is(TG_REVIEW_WAITING, true);
	tg_review_draw_free(&d);
}
END_TEST

START_TEST(a_finding_refuses_for_good_and_more_than_allowed_does)
{
	struct tg_review_draw d;
	struct tg_err err;

	answered(&d, 1);
	OK(sign(DPO, "dpo", &d, &err));
	state_is(TG_REVIEW_FOUND, true);
	ck_assert_int_eq(unlink(export_path(&x, TG_REVIEW_FILE)), 0);
	ck_assert_int_eq(unlink(export_path(&x, TG_REVIEW_SIG)), 0);
	state_is(TG_REVIEW_FOUND, true); /* says the ledger */
	FAILS(sign(LEGAL, "legal", &d, &err), TG_E_NO);
	tg_review_draw_free(&d);
	asked(LEAST, 2, true);
	answered(&d, 2);
	OK(sign(DPO, "dpo", &d, &err));
	state_is(TG_REVIEW_PASSED, true);
	tg_review_draw_free(&d);
}
END_TEST

START_TEST(it_is_asked_for_where_the_manifest_says_so)
{
	asked(LEAST, 0, false);
	state_is(TG_REVIEW_NOT_ASKED, true);
	asked(0, 0, false);
	state_is(TG_REVIEW_NOT_ASKED, true);
}
END_TEST

START_TEST(a_manifest_that_does_not_say_is_no_permission)
{
	export_change(&x, "review", tg_json_object());
	state_is(TG_REVIEW_VOID, true);
}
END_TEST

/* What a forger changes, with the bound that would follow, signed again by a
 * person who may sign. */
static const struct {
	const char *key;
	int64_t number; /* or, when it is -1, */
	const char *text;
} forged[] = {
    {"examined", LEAST - 1, NULL},
    {"examined", RECORDS + 1, NULL},
    {"population", RECORDS - 1, NULL},
    {"found", -2, NULL},
    {"upper_ppb", 1, NULL},
    {"signed_at", INT64_C(1) << 40, NULL},
    {"manifest_sha256", -1, "00"},
    {"records_root", -1, "00"},
    {"schema", -1, "tracegate.review/2"},
    {"selection", -1, "by hand"},
    {"role", -1, "legal"},
    {"reviewer_keyid", -1, "0000000000000000"},
};

START_TEST(other_figures_do_not_count)
{
	const char *path = export_path(&x, TG_REVIEW_FILE);
	struct tg_review_draw d;
	struct tg_json *doc;
	struct tg_buf b, sig;
	char comment[256];
	struct tg_err err;
	int64_t bound;

	answered(&d, 0);
	OK(sign(DPO, "dpo", &d, &err));
	tg_review_draw_free(&d);
	OK(tg_json_load(&doc, path, &err));
	if (strcmp(forged[_i].key, "examined") == 0 &&
	    tg_binomial_upper(&bound, forged[_i].number, 0))
		ck_assert_int_eq(tg_json_set_int(doc, "upper_ppb", bound), 0);
	ck_assert_int_eq(forged[_i].number == -1
		? tg_json_set_str(doc, forged[_i].key, forged[_i].text)
		: tg_json_set_int(doc, forged[_i].key, forged[_i].number),
	    0);
	tg_buf_init(&b, 1u << 16);
	tg_buf_init(&sig, 4096);
	OK(tg_json_canonical(&b, doc, &err));
	(void)snprintf(comment, sizeof(comment),
	    "tracegate/1 review bundle=" EXPORT_ID " sha256=%s", x.sha);
	OK(tg_minisign_sign(&sig, x.key[DPO], tg_buf_sv(&b), comment, &err));
	scratch_put(path, tg_buf_sv(&b));
	state_is(TG_REVIEW_VOID, true); /* the old signature */
	scratch_put(export_path(&x, TG_REVIEW_SIG), tg_buf_sv(&sig));
	state_is(TG_REVIEW_VOID, true);
	tg_json_free(doc);
	tg_buf_deinit(&b);
	tg_buf_deinit(&sig);
}
END_TEST

START_TEST(the_review_of_one_export_is_not_that_of_another)
{
	struct tg_review_draw d;
	struct tg_err err;

	answered(&d, 0);
	OK(sign(DPO, "dpo", &d, &err));
	state_is(TG_REVIEW_PASSED, true);
	export_change(&x, "created", tg_json_int(1));
	state_is(TG_REVIEW_VOID, true);
	tg_review_draw_free(&d);
}
END_TEST

Suite *
review_suite(void)
{
	Suite *s = suite_create("pipeline/review");
	TCase *t = tcase_create("review");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t,
	    the_records_of_the_least_rank_are_drawn_in_their_order, 0,
	    (int)TG_COUNT(sizes));
	tcase_add_test(t, what_is_shown_is_the_record);
	tcase_add_loop_test(t,
	    other_records_than_those_that_were_sealed_are_not_read, 0,
	    (int)TG_COUNT(part));
	tcase_add_test(t, what_was_drawn_and_changed_since_is_not_shown);
	tcase_add_test(t, answers_are_kept_and_only_of_what_was_shown);
	tcase_add_test(t, a_review_counts_when_all_was_read_and_nothing_found);
	tcase_add_test(t, nobody_signs_what_is_not_read);
	tcase_add_test(t, the_preparer_and_who_lacks_the_role_do_not_sign);
	tcase_add_test(
	    t, a_finding_refuses_for_good_and_more_than_allowed_does);
	tcase_add_test(t, it_is_asked_for_where_the_manifest_says_so);
	tcase_add_test(t, a_manifest_that_does_not_say_is_no_permission);
	tcase_add_loop_test(
	    t, other_figures_do_not_count, 0, (int)TG_COUNT(forged));
	tcase_add_test(t, the_review_of_one_export_is_not_that_of_another);
	suite_add_tcase(s, t);
	return s;
}
