/* pseudonym_test.c - keys of pseudonyms: whose they are, when they go, and that
 * nothing is left to make them from. */
#include "pipeline/pseudonym_key.h"

#include <sys/stat.h>

#include "pipeline/journal.h"
#include "tests/unit/pipeline/export.h"

#include "base/banned.h"

#define DAY EXPORT_DAY
#define NOW INT64_C(1795478400) /* 2026-11-24, as scratch.h */

static struct export x;
static struct tg_err err;
static const uint8_t master[TG_KEY_LEN] = {1, 2, 3};
static const uint8_t other_master[TG_KEY_LEN] = {3, 2, 1};

static void
setup(void)
{
	export_init(&x);
}

static void
teardown(void)
{
	export_deinit(&x);
}

/* The scope of most tests, of one recipient and period. */
static struct tg_pseudonym_scope
scope(void)
{
	return (struct tg_pseudonym_scope){.destroyed_at = "retention_end",
	    .purpose = "safety_research",
	    .recipient = "lab",
	    .bundle_id = "",
	    .period = 690,
	    .period_ends = NOW + 10 * DAY};
}

static void
key_of(uint8_t out[TG_KEY_LEN], const struct tg_pseudonym_scope *s)
{
	OK(tg_pseudonym_key(out, x.state, s, master, NULL, &x.s.env, &err));
}

static bool
same(const struct tg_pseudonym_scope *a, const struct tg_pseudonym_scope *b)
{
	uint8_t one[TG_KEY_LEN], two[TG_KEY_LEN];

	key_of(one, a);
	key_of(two, b);
	return tg_crypt_same(one, two, TG_KEY_LEN);
}

static struct tg_pseudonym_end
end_of(void)
{
	return (struct tg_pseudonym_end){.state_dir = x.state,
	    .ledger = x.l,
	    .by = tg_trust_by_key(x.trust, tg_minisign_public(x.key[PREPARER])),
	    .key = x.key[PREPARER],
	    .env = &x.s.env};
}

static struct tg_json *
keys(void)
{
	struct tg_json *list = NULL;

	OK(tg_pseudonym_keys(&list, x.state, x.s.clock.now, &err));
	return list;
}

/* A run whose bundle was sealed with @key and is kept until @until. */
static void
bundle(const char *run, const char *id, const uint8_t key[TG_KEY_LEN],
    int64_t until)
{
	char dir[256], path[384], key_id[TG_PSEUDONYM_ID], text[512];

	tg_pseudonym_key_id(key_id, key);
	(void)snprintf(
	    dir, sizeof(dir), "%s/runs/%s/bundle/%s", x.state, run, id);
	OK(tg_fs_mkdirs(dir, 0700, &err));
	(void)snprintf(path, sizeof(path), "%s/manifest.json", dir);
	(void)snprintf(text, sizeof(text),
	    "{\"created\":%lld,\"anonymisation\":{\"pseudonym_key_id\":\"%s\"},"
	    "\"retention\":{\"delete_after\":%lld}}",
	    (long long)NOW, key_id, (long long)until);
	scratch_put(path, tg_sv_of(text));
	(void)snprintf(
	    path, sizeof(path), "%s/runs/%s/plan.json", x.state, run);
	(void)snprintf(text, sizeof(text), "{\"bundle_id\":\"%s\"}", id);
	scratch_put(path, tg_sv_of(text));
	(void)snprintf(path, sizeof(path), "%s/runs/%s/journal", x.state, run);
	OK(tg_journal_add(path, TG_RUN_BUNDLED, NOW, &err));
}

/* Files below the state folder that hold @bytes. */
static unsigned
holding(const uint8_t bytes[TG_KEY_LEN])
{
	struct tg_fs_names names;
	struct tg_buf b;
	unsigned n = 0;

	tg_buf_init(&b, 1u << 26);
	OK(tg_fs_list(&names, x.state, true, &err));
	for (size_t i = 0; i < names.n; i++) {
		char *path = tg_fs_join(x.state, names.name[i]);

		scratch_get(&b, path);
		n += memmem(b.p, b.n, bytes, TG_KEY_LEN) != NULL;
		free(path);
	}
	tg_fs_names_free(&names);
	tg_buf_deinit(&b);
	return n;
}

/* The random half that is stored for the one key there is. */
static void
half_of(uint8_t half[TG_KEY_LEN], const char *id)
{
	char *path = tg_pseudonym_path(x.state, id, ".key");
	struct stat st;
	struct tg_buf b;

	tg_buf_init(&b, 64);
	scratch_get(&b, path);
	ck_assert_uint_eq(b.n, TG_KEY_LEN);
	memcpy(half, b.p, TG_KEY_LEN);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	tg_buf_deinit(&b);
	free(path);
}

START_TEST(a_key_is_of_one_purpose_recipient_period_and_bundle)
{
	const struct tg_pseudonym_scope a = scope();
	struct tg_pseudonym_scope b = a;

	ck_assert(same(&a, &b));
	b.recipient = "regulator";
	ck_assert(!same(&a, &b));
	b = a;
	b.purpose = "formal_audit";
	ck_assert(!same(&a, &b));
	b = a;
	b.period++;
	ck_assert(!same(&a, &b));
	b = a;
	b.per_bundle = true;
	b.bundle_id = "tg-fr-aaaaaaaaaa";
	ck_assert(!same(&a, &b));
}
END_TEST

START_TEST(neither_half_alone_makes_it)
{
	const struct tg_pseudonym_scope s = scope();
	static const uint8_t half[TG_KEY_LEN] = {9};
	uint8_t a[TG_KEY_LEN], b[TG_KEY_LEN];

	OK(tg_pseudonym_key(a, x.state, &s, master, half, &x.s.env, &err));
	/* Another master: another key, and the first one stays as it was. */
	OK(tg_pseudonym_key(
	    b, x.state, &s, other_master, half, &x.s.env, &err));
	ck_assert(!tg_crypt_same(a, b, TG_KEY_LEN));
	OK(tg_pseudonym_key(b, x.state, &s, master, NULL, &x.s.env, &err));
	ck_assert(tg_crypt_same(a, b, TG_KEY_LEN));
	ck_assert_uint_eq(holding(a), 0);
}
END_TEST

/* Scopes that differ in one thing. */
static struct tg_pseudonym_scope
other_scope(int i)
{
	struct tg_pseudonym_scope s = scope();

	if (i == 1)
		s.recipient = "regulator";
	if (i == 2)
		s.purpose = "formal_audit";
	if (i == 3)
		s.period++;
	s.per_bundle = i >= 4;
	if (s.per_bundle)
		s.bundle_id = i == 4 ? "tg-fr-aaaaaaaaaa" : "tg-fr-bbbbbbbbbb";
	return s;
}

START_TEST(the_same_half_makes_another_key_for_each_scope)
{
	static const uint8_t half[TG_KEY_LEN] = {9};
	uint8_t key[6][TG_KEY_LEN];
	bool distinct = true;

	for (int i = 0; i < 6; i++) {
		const struct tg_pseudonym_scope s = other_scope(i);

		OK(tg_pseudonym_key(
		    key[i], x.state, &s, master, half, &x.s.env, &err));
		for (int k = 0; k < i; k++)
			distinct = distinct &&
			    !tg_crypt_same(key[i], key[k], TG_KEY_LEN);
	}
	ck_assert(distinct);
}
END_TEST

START_TEST(a_half_handed_in_gives_the_same_key_anywhere)
{
	const struct tg_pseudonym_scope s = scope();
	static const uint8_t half[TG_KEY_LEN] = {9}, another[TG_KEY_LEN] = {8};
	const char *elsewhere = scratch_path(&x.s, "elsewhere");
	uint8_t a[TG_KEY_LEN], b[TG_KEY_LEN];

	OK(tg_pseudonym_key(a, x.state, &s, master, half, &x.s.env, &err));
	OK(tg_pseudonym_key(b, elsewhere, &s, master, half, &x.s.env, &err));
	ck_assert(tg_crypt_same(a, b, TG_KEY_LEN));
	FAILS(tg_pseudonym_key(b, x.state, &s, master, another, &x.s.env, &err),
	    TG_E_KEY);
}
END_TEST

START_TEST(a_key_that_others_may_read_is_refused)
{
	const struct tg_pseudonym_scope s = scope();
	char id[TG_PSEUDONYM_ID];
	uint8_t a[TG_KEY_LEN];
	char *path;

	key_of(a, &s);
	tg_pseudonym_key_id(id, a);
	path = tg_pseudonym_path(x.state, id, ".key");
	ck_assert_int_eq(chmod(path, 0640), 0);
	free(path);
	FAILS(tg_pseudonym_key(a, x.state, &s, master, NULL, &x.s.env, &err),
	    TG_E_KEY);
}
END_TEST

START_TEST(a_key_goes_when_the_last_of_its_bundles_is_past_its_retention)
{
	const struct tg_pseudonym_scope s = scope();
	uint8_t a[TG_KEY_LEN];
	struct tg_json *list;

	key_of(a, &s);
	bundle("EXP-1", "tg-uk-aaaaaaaaaa", a, NOW + 5 * DAY);
	bundle("EXP-2", "tg-uk-bbbbbbbbbb", a, NOW + 3 * DAY);
	x.s.clock.now = NOW + 5 * DAY - 1;
	list = keys();
	ck_assert_uint_eq(tg_json_len(list), 1);
	ck_assert(!tg_json_get_bool(tg_json_at(list, 0), "due", true));
	ck_assert_int_eq(
	    tg_json_get_int(tg_json_at(list, 0), "due_at", 0), NOW + 5 * DAY);
	ck_assert_uint_eq(
	    tg_json_len(tg_json_get(tg_json_at(list, 0), "bundles")), 2);
	tg_json_free(list);
	x.s.clock.now++;
	list = keys();
	ck_assert(tg_json_get_bool(tg_json_at(list, 0), "due", false));
	tg_json_free(list);
}
END_TEST

/* { word of the policy, sealed, seconds from now, due } */
static const struct {
	const char *word;
	bool sealed;
	int64_t later;
	bool due;
} dues[] = {
    {"bundle_sealed", true, 0, true},
    {"bundle_sealed", false, 10 * DAY - 1, false},
    {"bundle_sealed", false, 10 * DAY, true},
    {"retention_end", false, 10 * DAY - 1, false},
    {"retention_end", false, 10 * DAY, true},
    {"never", true, 4000 * DAY, false},
    {"never", false, 4000 * DAY, false},
};

START_TEST(when_a_key_is_due)
{
	struct tg_pseudonym_scope s = scope();
	struct tg_json *list;
	uint8_t a[TG_KEY_LEN];

	s.destroyed_at = dues[_i].word;
	key_of(a, &s);
	if (dues[_i].sealed)
		bundle("EXP-1", "tg-uk-aaaaaaaaaa", a, NOW + 30 * DAY);
	x.s.clock.now = NOW + dues[_i].later;
	list = keys();
	ck_assert_uint_eq(tg_json_len(list), 1);
	ck_assert(tg_json_get_bool(tg_json_at(list, 0), "due", !dues[_i].due) ==
	    dues[_i].due);
	tg_json_free(list);
}
END_TEST

/* Makes a key, seals a bundle with it, lets it come due; its half. */
static struct tg_json *
due_key(uint8_t half[TG_KEY_LEN], char id[TG_PSEUDONYM_ID])
{
	const struct tg_pseudonym_scope s = scope();
	uint8_t a[TG_KEY_LEN];

	key_of(a, &s);
	tg_pseudonym_key_id(id, a);
	half_of(half, id);
	bundle("EXP-1", "tg-uk-aaaaaaaaaa", a, NOW + 3 * DAY);
	x.s.clock.now = NOW + 4 * DAY;
	return keys();
}

/* Of the record; good until the next call. */
static const char *
record_path(const char *id)
{
	static char path[256];

	(void)snprintf(
	    path, sizeof(path), "%s/pseudonyms/destroyed/%s.json", x.state, id);
	return path;
}

static struct tg_json *
record_of(const char *id, char sha[TG_SHA256_HEX])
{
	struct tg_json *r = NULL;

	OK(tg_pseudonym_record(&r, sha, record_path(id), x.trust, NULL, &err));
	return r;
}

START_TEST(nothing_is_left_to_make_a_destroyed_key_from)
{
	const struct tg_pseudonym_scope s = scope();
	const struct tg_pseudonym_end end = end_of();
	char id[TG_PSEUDONYM_ID], sha[TG_SHA256_HEX];
	uint8_t half[TG_KEY_LEN], again[TG_KEY_LEN];
	struct tg_json *list = due_key(half, id), *r;
	char new_id[TG_PSEUDONYM_ID];
	int64_t at = -1;

	ck_assert_uint_eq(holding(half), 1);
	OK(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err));
	tg_json_free(list);
	ck_assert_uint_eq(holding(half), 0);
	list = keys();
	ck_assert_uint_eq(tg_json_len(list), 0);
	tg_json_free(list);

	r = record_of(id, sha);
	ck_assert_str_eq(tg_json_get_str(r, "reason", ""), "retention_end");
	ck_assert_int_eq(tg_json_get_int(r, "late_s", 0), DAY);
	ck_assert_int_eq(tg_json_get_int(r, "destroyed_at", 0), NOW + 4 * DAY);
	tg_json_free(r);
	OK(tg_ledger_find(
	    x.l, TG_PSEUDONYM_ENTRY, "record_sha256", sha, &at, &err));
	ck_assert_int_ge(at, 0);

	/* Not even by hand; and the same subject has another pseudonym. */
	FAILS(
	    tg_pseudonym_key(again, x.state, &s, master, half, &x.s.env, &err),
	    TG_E_KEY);
	key_of(again, &s);
	tg_pseudonym_key_id(new_id, again);
	ck_assert_str_ne(new_id, id);
}
END_TEST

START_TEST(a_key_is_written_over_before_its_name_goes)
{
	const struct tg_pseudonym_end end = end_of();
	char id[TG_PSEUDONYM_ID];
	uint8_t half[TG_KEY_LEN];
	struct tg_json *list = due_key(half, id);
	char *path = tg_pseudonym_path(x.state, id, ".key");
	const char *second = scratch_path(&x.s, "second-name");
	struct tg_buf b;

	ck_assert_int_eq(link(path, second), 0);
	free(path);
	OK(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err));
	tg_json_free(list);
	tg_buf_init(&b, 64);
	scratch_get(&b, second);
	ck_assert_uint_eq(b.n, TG_KEY_LEN);
	ck_assert(!tg_crypt_same(b.p, half, TG_KEY_LEN));
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(an_end_that_was_interrupted_goes_on)
{
	struct tg_pseudonym_end end = end_of();
	char id[TG_PSEUDONYM_ID], sha[TG_SHA256_HEX], before[128];
	uint8_t half[TG_KEY_LEN];
	struct tg_json *list = due_key(half, id), *r;
	char *path;

	/* Stopped before anything was touched. */
	(void)snprintf(before, sizeof(before), "%s/tmp-moved", x.s.dir);
	ck_assert_int_eq(rename(x.state, before), 0);
	FAILS(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err), TG_E_IO);
	ck_assert_int_eq(rename(before, x.state), 0);
	ck_assert_uint_eq(holding(half), 1);

	/* Stopped when the record could not be written. */
	path = tg_pseudonym_path(x.state, "destroyed", "");
	scratch_put(path, TG_SV("a file where the folder goes"));
	FAILS(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err), TG_E_IO);
	tg_json_free(list);
	ck_assert_uint_eq(holding(half), 0);
	ck_assert_int_eq(unlink(path), 0);
	free(path);

	/* It is still known, and due whatever the clock says. */
	x.s.clock.now = NOW;
	list = keys();
	ck_assert_uint_eq(tg_json_len(list), 1);
	ck_assert(tg_json_get_bool(tg_json_at(list, 0), "begun", false));
	ck_assert(tg_json_get_bool(tg_json_at(list, 0), "due", false));
	OK(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err));
	r = record_of(id, sha);
	ck_assert_str_eq(tg_json_get_str(r, "reason", ""), "retention_end");
	tg_json_free(r);

	/* Once more, as if killed before the last unlink: one record, one
	 * entry. */
	OK(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err));
	tg_json_free(list);
}
END_TEST

static void
change(const char *path, const char *from, const char *to)
{
	struct tg_buf b;
	char *at;

	ck_assert_uint_eq(strlen(from), strlen(to));
	tg_buf_init(&b, 1u << 20);
	scratch_get(&b, path);
	at = memmem(b.p, b.n, from, strlen(from));
	ck_assert_ptr_nonnull(at);
	memcpy(at, to, strlen(to));
	scratch_put(path, tg_buf_sv(&b));
	tg_buf_deinit(&b);
}

START_TEST(a_record_that_was_changed_is_none)
{
	const struct tg_pseudonym_end end = end_of();
	char id[TG_PSEUDONYM_ID];
	uint8_t half[TG_KEY_LEN];
	struct tg_json *list = due_key(half, id), *m = tg_json_object();
	struct tg_json *a = tg_json_object(), *state = NULL, *r = NULL;

	ck_assert_int_eq(tg_json_set_str(a, "pseudonym_key_id", id), 0);
	ck_assert_int_eq(tg_json_set(m, "anonymisation", a), 0);
	OK(tg_pseudonym_state(&state, x.state, m, x.trust, x.l, &err));
	ck_assert_str_eq(tg_json_get_str(state, "state", ""), "held");
	tg_json_free(state);
	OK(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err));
	tg_json_free(list);
	OK(tg_pseudonym_state(&state, x.state, m, x.trust, x.l, &err));
	ck_assert_str_eq(tg_json_get_str(state, "state", ""), "destroyed");
	ck_assert_int_ge(tg_json_get_int(state, "ledger_index", -1), 0);
	tg_json_free(state);
	change(record_path(id), "\"late_s\":86400", "\"late_s\":86401");
	FAILS(
	    tg_pseudonym_record(&r, NULL, record_path(id), x.trust, NULL, &err),
	    TG_E_INTEGRITY);
	OK(tg_pseudonym_state(&state, x.state, m, x.trust, x.l, &err));
	ck_assert_str_eq(tg_json_get_str(state, "state", ""), "unknown");
	tg_json_free(state);
	tg_json_free(m);
}
END_TEST

START_TEST(a_signature_over_another_statement_is_none)
{
	const struct tg_pseudonym_end end = end_of();
	char id[TG_PSEUDONYM_ID], sig_path[300];
	uint8_t half[TG_KEY_LEN];
	struct tg_json *list = due_key(half, id), *r = NULL;
	struct tg_buf b, sig;

	tg_buf_init(&b, 1u << 16);
	tg_buf_init(&sig, 4096);
	OK(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err));
	tg_json_free(list);
	(void)snprintf(
	    sig_path, sizeof(sig_path), "%s.minisig", record_path(id));
	scratch_get(&b, record_path(id));
	OK(tg_minisign_sign(&sig, x.key[PREPARER], tg_buf_sv(&b),
	    "tracegate/1 export bundle=tg-uk-aaaaaaaaaa", &err));
	scratch_put(sig_path, tg_buf_sv(&sig));
	FAILS(
	    tg_pseudonym_record(&r, NULL, record_path(id), x.trust, NULL, &err),
	    TG_E_INTEGRITY);
	tg_buf_deinit(&b);
	tg_buf_deinit(&sig);
}
END_TEST

START_TEST(a_record_names_the_one_who_signed_it)
{
	struct tg_pseudonym_end end = end_of();
	char id[TG_PSEUDONYM_ID];
	uint8_t half[TG_KEY_LEN];
	struct tg_json *list = due_key(half, id), *r = NULL;

	end.by = tg_trust_by_key(x.trust, tg_minisign_public(x.key[LEGAL]));
	OK(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err));
	tg_json_free(list);
	FAILS(
	    tg_pseudonym_record(&r, NULL, record_path(id), x.trust, NULL, &err),
	    TG_E_INTEGRITY);
}
END_TEST

START_TEST(only_an_exporter_signs_a_record)
{
	struct tg_pseudonym_end end = end_of();
	char id[TG_PSEUDONYM_ID];
	uint8_t half[TG_KEY_LEN];
	struct tg_json *list = due_key(half, id), *r = NULL;

	end.key = x.key[LEGAL];
	end.by = tg_trust_by_key(x.trust, tg_minisign_public(end.key));
	OK(tg_pseudonym_destroy(&end, tg_json_at(list, 0), &err));
	tg_json_free(list);
	FAILS(
	    tg_pseudonym_record(&r, NULL, record_path(id), x.trust, NULL, &err),
	    TG_E_INTEGRITY);
}
END_TEST

Suite *pseudonym_suite(void);

Suite *
pseudonym_suite(void)
{
	Suite *s = suite_create("pseudonym");
	TCase *tc = tcase_create("keys");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_key_is_of_one_purpose_recipient_period_and_bundle);
	tcase_add_test(tc, neither_half_alone_makes_it);
	tcase_add_test(tc, the_same_half_makes_another_key_for_each_scope);
	tcase_add_test(tc, a_key_is_written_over_before_its_name_goes);
	tcase_add_test(tc, a_signature_over_another_statement_is_none);
	tcase_add_test(tc, a_record_names_the_one_who_signed_it);
	tcase_add_test(tc, a_half_handed_in_gives_the_same_key_anywhere);
	tcase_add_test(tc, a_key_that_others_may_read_is_refused);
	tcase_add_test(
	    tc, a_key_goes_when_the_last_of_its_bundles_is_past_its_retention);
	tcase_add_loop_test(tc, when_a_key_is_due, 0, TG_COUNT(dues));
	tcase_add_test(tc, nothing_is_left_to_make_a_destroyed_key_from);
	tcase_add_test(tc, an_end_that_was_interrupted_goes_on);
	tcase_add_test(tc, a_record_that_was_changed_is_none);
	tcase_add_test(tc, only_an_exporter_signs_a_record);
	suite_add_tcase(s, tc);
	return s;
}
