#include <check.h>
#include <string.h>

#include "pipeline/bundle/sums.h"
#include "pipeline/verify.h"
#include "tests/unit/pipeline/export.h"

#include "base/banned.h"

Suite *verify_suite(void);

static struct export x;

/* The last run of tg_verify_path. */
static struct {
	struct tg_verify_sum sum;
	char failed[64];       /* the first check that did */
	char not_assessed[64]; /* likewise */
	char text[512];	       /* of the first that failed */
} seen;

static void
note(void *ctx, const struct tg_verify_check *c)
{
	(void)ctx;
	ck_assert(c->result != TG_CHECK_OK || c->examined > 0);
	ck_assert_str_ne(c->text, "");
	if (c->result == TG_CHECK_FAILED && seen.failed[0] == '\0') {
		(void)snprintf(seen.failed, sizeof(seen.failed), "%s", c->name);
		(void)snprintf(seen.text, sizeof(seen.text), "%s", c->text);
	}
	if (c->result == TG_CHECK_NOT_ASSESSED && seen.not_assessed[0] == '\0')
		(void)snprintf(seen.not_assessed, sizeof(seen.not_assessed),
		    "%s", c->name);
}

static int
verify(const char *path, const struct tg_verify_opts *opts, struct tg_err *err)
{
	struct tg_verify_opts o = *opts;

	memset(&seen, 0, sizeof(seen));
	o.now = x.s.clock.now;
	o.report = note;
	return tg_verify_path(&seen.sum, path, &o, err);
}

static struct tg_verify_opts
all(void)
{
	return (struct tg_verify_opts){
	    .trust = x.trust, .vkey = tg_ledger_vkey(x.l)};
}

static void
set_up(void)
{
	char name[TG_DECISION_NAME];
	struct tg_err err;

	export_init(&x);
	OK(export_decide(&x, LEGAL, "legal", TG_APPROVE, name, &err));
	OK(export_decide(&x, DPO, "dpo", TG_APPROVE, name, &err));
	x.s.clock.now += 60;
	export_intent(&x);
	export_sums(&x);
}

static void
tear_down(void)
{
	export_deinit(&x);
}

static void
passes(void)
{
	const struct tg_verify_opts o = all();
	struct tg_err err;

	if (verify(x.dir, &o, &err) < 0)
		ck_abort_msg("%s: %s", seen.failed, seen.text);
}

/* The bundle fails; the first check that does is @name (NULL: any). */
static void
fails(const char *name)
{
	const struct tg_verify_opts o = all();
	struct tg_err err;

	FAILS(verify(x.dir, &o, &err), TG_E_INTEGRITY);
	ck_assert_uint_gt(seen.sum.failed, 0);
	if (name != NULL)
		ck_assert_msg(strcmp(seen.failed, name) == 0, "%s: %s",
		    seen.failed, seen.text);
}

START_TEST(a_whole_bundle_passes_every_check)
{
	passes();
	ck_assert_int_eq(seen.sum.kind, TG_VERIFY_BUNDLE);
	ck_assert_uint_eq(seen.sum.ok, 10);
	ck_assert_uint_eq(seen.sum.not_assessed, 0);
	ck_assert_uint_gt(seen.sum.examined, 20);
}
END_TEST

/* Whoever changes a file and not SHA256SUMS. */
START_TEST(a_changed_bit_in_any_file_is_found)
{
	struct tg_fs_names names;
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1 << 20);
	OK(tg_fs_list(&names, x.dir, true, &err));
	ck_assert_uint_eq(names.n, 14);
	for (size_t i = 0; i < names.n; i++) {
		const char *path = export_path(&x, names.name[i]);

		scratch_get(&b, path);
		for (size_t k = 0; k < b.n; k += 1 + b.n / 7) {
			b.p[k] = (char)(b.p[k] ^ 1);
			scratch_put(path, tg_buf_sv(&b));
			fails("files");
			b.p[k] = (char)(b.p[k] ^ 1);
		}
		scratch_put(path, tg_buf_sv(&b));
	}
	passes();
	tg_fs_names_free(&names);
	tg_buf_deinit(&b);
}
END_TEST

/* Whoever changes a file and makes SHA256SUMS again: it is not signed. */
START_TEST(a_changed_file_is_found_when_the_sums_are_made_again)
{
	static const struct {
		const char *file, *check;
		bool comment; /* the first line is nobody's */
	} row[] = {{"manifest.json", NULL, false},
	    {"manifest.json.minisig", "signature", true},
	    {"payload-00000.tar.zst.age", "volumes", false},
	    {"VERIFY.txt", "named files", false},
	    {"records.checkpoint", "named files", false},
	    {"intent.json", "intent", false},
	    {"intent.tlog-proof", "intent", false},
	    {"decision-legal.json", "decisions", false},
	    {"decision-legal.json.minisig", "decisions", true},
	    {"evidence/evidence.json", "decisions", false},
	    {"evidence/evidence.en.html", "decisions", false}};
	struct tg_buf b;

	tg_buf_init(&b, 1 << 20);
	for (size_t i = 0; i < TG_COUNT(row); i++) {
		const char *path = export_path(&x, row[i].file);
		size_t from = 0;

		scratch_get(&b, path);
		if (row[i].comment)
			from = (size_t)(strchr(b.p, '\n') - b.p);
		for (size_t k = from; k < b.n; k += 1 + b.n / 11) {
			b.p[k] = (char)(b.p[k] ^ 1);
			scratch_put(path, tg_buf_sv(&b));
			export_sums(&x);
			fails(row[i].check);
			b.p[k] = (char)(b.p[k] ^ 1);
			path = export_path(&x, row[i].file);
		}
		scratch_put(path, tg_buf_sv(&b));
	}
	export_sums(&x);
	passes();
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(a_missing_file_is_found)
{
	struct tg_fs_names names;
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1 << 20);
	OK(tg_fs_list(&names, x.dir, true, &err));
	for (size_t i = 0; i < names.n; i++) {
		const char *path = export_path(&x, names.name[i]);

		scratch_get(&b, path);
		ck_assert_int_eq(unlink(path), 0);
		fails("files");
		scratch_put(path, tg_buf_sv(&b));
	}
	passes();
	tg_fs_names_free(&names);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(an_extra_file_is_found_listed_or_not)
{
	static const char *const name[] = {"extra", "payload-00001.tar.zst.age",
	    "evidence/extra.txt", "decision-legal-7.json.minisig",
	    "manifest.json.legal.minisig"};

	for (size_t i = 0; i < TG_COUNT(name); i++) {
		scratch_put(export_path(&x, name[i]), TG_SV("more\n"));
		fails("files");
		export_sums(&x);
		fails(strncmp(name[i], "evidence", 8) == 0 ? "decisions"
							   : "accounts");
		ck_assert_int_eq(unlink(export_path(&x, name[i])), 0);
		export_sums(&x);
	}
	ck_assert_int_eq(symlink("manifest.json", export_path(&x, "link")), 0);
	fails("files");
	ck_assert_int_eq(unlink(export_path(&x, "link")), 0);
	passes();
}
END_TEST

START_TEST(nothing_to_trust_is_never_a_pass)
{
	const struct tg_verify_opts none = {.vkey = NULL};
	char rw[TG_MINISIGN_PUB_STR];
	struct tg_verify_opts o;
	struct tg_err err;

	FAILS(verify(x.dir, &none, &err), TG_E_NO);
	ck_assert_str_eq(seen.not_assessed, "signature");
	ck_assert_uint_eq(seen.sum.failed, 0);
	/* The exporter's key alone says nothing about the decisions. */
	tg_minisign_pub_str(rw, tg_minisign_public(x.key[PREPARER]));
	o = (struct tg_verify_opts){.exporter = rw};
	FAILS(verify(x.dir, &o, &err), TG_E_NO);
	ck_assert_str_eq(seen.not_assessed, "decisions");
	/* A trust file alone is enough: the signed manifest names the
	 * ledger. */
	o = (struct tg_verify_opts){.trust = x.trust};
	OK(verify(x.dir, &o, &err));
}
END_TEST

START_TEST(another_exporter_or_ledger_than_expected_fails)
{
	struct tg_verify_opts o = all();
	char rw[TG_MINISIGN_PUB_STR];
	struct tg_err err;

	tg_minisign_pub_str(rw, tg_minisign_public(x.key[LEGAL]));
	o.exporter = rw;
	FAILS(verify(x.dir, &o, &err), TG_E_INTEGRITY);
	ck_assert_str_eq(seen.failed, "signature");
	o = all();
	o.vkey = "example.com/foo+530d903a+"
		 "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
	FAILS(verify(x.dir, &o, &err), TG_E_INTEGRITY);
	ck_assert_str_eq(seen.failed, "ledger key");
}
END_TEST

/* Signed by somebody who is trusted, but not to export. */
START_TEST(an_approver_cannot_sign_as_exporter)
{
	struct tg_minisign_key *own = x.key[PREPARER];

	x.key[PREPARER] = x.key[LEGAL];
	export_change(&x, "schema",
	    tg_json_str(TG_SV("https://tracegate.dev/manifest/1")));
	x.key[PREPARER] = own;
	export_sums(&x);
	fails("signature");
}
END_TEST

START_TEST(a_signature_of_another_bundle_fails)
{
	export_change(&x, "bundle_id", tg_json_str(TG_SV("tg-uk-other")));
	export_sums(&x);
	fails("signature"); /* the comment names the other one */
}
END_TEST

START_TEST(before_it_is_sent_it_is_not_assessed_whole)
{
	struct tg_verify_opts o = all();
	struct tg_err err;

	ck_assert_int_eq(unlink(export_path(&x, "intent.json")), 0);
	export_sums(&x);
	fails("intent"); /* the proof without its entry */
	ck_assert_int_eq(unlink(export_path(&x, "intent.tlog-proof")), 0);
	export_sums(&x);
	FAILS(verify(x.dir, &o, &err), TG_E_NO);
	ck_assert_str_eq(seen.not_assessed, "intent");
}
END_TEST

START_TEST(an_intent_of_another_bundle_fails)
{
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1 << 17);
	OK(tg_ledger_entry(x.l, 0, &b, &err));
	scratch_put(export_path(&x, "intent.json"), tg_buf_sv(&b));
	tg_buf_reset(&b);
	OK(tg_ledger_prove(x.l, 0, &b, &err));
	scratch_put(export_path(&x, "intent.tlog-proof"), tg_buf_sv(&b));
	export_sums(&x);
	fails("intent");
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(decisions_count_at_the_time_of_the_intent)
{
	char name[TG_DECISION_NAME];
	struct tg_err err;

	x.s.clock.now += 400 * EXPORT_DAY; /* lapsed long since */
	passes();
	/* But a decision made after it was sent came too late. */
	OK(export_decide(&x, LEGAL, "legal", TG_APPROVE, name, &err));
	export_sums(&x);
	fails("decisions");
}
END_TEST

START_TEST(a_bundle_that_was_rejected_fails)
{
	char name[TG_DECISION_NAME];
	struct tg_err err;

	OK(export_decide(&x, BOTH, "dpo", TG_REJECT, name, &err));
	export_sums(&x);
	fails("decisions");
	ck_assert_ptr_nonnull(strstr(seen.text, "refused"));
}
END_TEST

START_TEST(more_recipients_in_the_manifest_than_in_the_file_fail)
{
	struct tg_json *p = tg_json_copy(tg_json_get(x.manifest, "payload"));

	ck_assert_int_eq(
	    tg_json_push_str(tg_json_get(p, "recipients"), x.recipient), 0);
	export_change(&x, "payload", p);
	export_sums(&x);
	fails("volumes");
}
END_TEST

START_TEST(a_manifest_that_names_nothing_is_no_pass)
{
	struct tg_json *p = tg_json_copy(tg_json_get(x.manifest, "payload"));
	struct tg_verify_opts o = all();
	struct tg_err err;

	ck_assert_int_eq(tg_json_set(p, "volumes", tg_json_array()), 0);
	export_change(&x, "payload", p);
	export_sums(&x);
	ck_assert_int_eq(verify(x.dir, &o, &err), -1);
	ck_assert_str_eq(seen.not_assessed, "volumes");
}
END_TEST

START_TEST(paths_in_a_manifest_do_not_leave_the_bundle)
{
	static const char *const name[] = {
	    "../plain", "/etc/hostname", "evidence/evidence.json", ""};

	for (size_t i = 0; i < TG_COUNT(name); i++) {
		struct tg_json *p =
		    tg_json_copy(tg_json_get(x.manifest, "payload"));

		ck_assert_int_eq(
		    tg_json_set_str(tg_json_at(tg_json_get(p, "volumes"), 0),
			"file", name[i]),
		    0);
		export_change(&x, "payload", p);
		export_sums(&x);
		fails("volumes");
	}
}
END_TEST

START_TEST(a_ledger_is_held_against_the_key_that_is_given)
{
	struct tg_verify_opts o = all();
	struct tg_err err;

	OK(verify(x.ledger, &o, &err));
	ck_assert_int_eq(seen.sum.kind, TG_VERIFY_LEDGER);
	ck_assert_uint_eq(seen.sum.ok, 2);
	o.vkey = NULL;
	FAILS(verify(x.ledger, &o, &err), TG_E_NO);
	ck_assert_str_eq(seen.not_assessed, "key");
	o = all();
	scratch_put(scratch_path(&x.s, "ledger/checkpoint"), TG_SV("x\n"));
	FAILS(verify(x.ledger, &o, &err), TG_E_INTEGRITY);
	ck_assert_str_eq(seen.failed, "ledger");
}
END_TEST

START_TEST(a_decision_is_verified_by_itself)
{
	const char *path = export_path(&x, "decision-legal.json");
	struct tg_verify_opts o = all();
	struct tg_err err;

	OK(verify(path, &o, &err));
	ck_assert_int_eq(seen.sum.kind, TG_VERIFY_DECISION);
	ck_assert_uint_eq(seen.sum.ok, 2);
	o.trust = NULL;
	FAILS(verify(path, &o, &err), TG_E_NO);
	o = all();
	/* Away from its bundle: the signature holds, its subjects are gone. */
	ck_assert_int_eq(
	    rename(path, scratch_path(&x.s, "decision-legal.json")), 0);
	ck_assert_int_eq(rename(export_path(&x, "decision-legal.json.minisig"),
			     scratch_path(&x.s, "decision-legal.json.minisig")),
	    0);
	path = scratch_path(&x.s, "decision-legal.json");
	FAILS(verify(path, &o, &err), TG_E_NO);
	ck_assert_str_eq(seen.not_assessed, "subjects");
	scratch_put(path, TG_SV("{}\n"));
	FAILS(verify(path, &o, &err), TG_E_INTEGRITY);
}
END_TEST

START_TEST(an_evidence_folder_is_held_against_its_bundle)
{
	const char *dir = export_path(&x, "evidence");
	struct tg_verify_opts o = all();
	struct tg_err err;

	OK(verify(dir, &o, &err));
	ck_assert_int_eq(seen.sum.kind, TG_VERIFY_EVIDENCE);
	ck_assert_uint_eq(seen.sum.ok, 3);
	scratch_put(
	    export_path(&x, "evidence/evidence.en.html"), TG_SV("forged\n"));
	FAILS(verify(dir, &o, &err), TG_E_INTEGRITY);
	ck_assert_str_eq(seen.failed, "decisions");
	scratch_copy_tree(dir, scratch_path(&x.s, "alone"));
	FAILS(verify(scratch_path(&x.s, "alone"), &o, &err), TG_E_NO);
	ck_assert_str_eq(seen.not_assessed, "manifest");
	scratch_put(scratch_path(&x.s, "alone/evidence.json"), TG_SV("{\n"));
	FAILS(verify(scratch_path(&x.s, "alone"), &o, &err), TG_E_INTEGRITY);
}
END_TEST

START_TEST(what_is_none_of_these_is_said_to_be_none)
{
	struct tg_verify_opts o = all();
	struct tg_err err;

	FAILS(verify(scratch_path(&x.s, "trust.yaml"), &o, &err), TG_E_USAGE);
	FAILS(verify(scratch_path(&x.s, "nothing"), &o, &err), TG_E_USAGE);
	FAILS(verify(x.s.dir, &o, &err), TG_E_USAGE);
	ck_assert_uint_eq(seen.sum.ok, 0);
}
END_TEST

Suite *
verify_suite(void)
{
	Suite *s = suite_create("verify");
	TCase *c = tcase_create("verify");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_whole_bundle_passes_every_check);
	tcase_add_test(c, a_changed_bit_in_any_file_is_found);
	tcase_add_test(c, a_changed_file_is_found_when_the_sums_are_made_again);
	tcase_add_test(c, a_missing_file_is_found);
	tcase_add_test(c, an_extra_file_is_found_listed_or_not);
	tcase_add_test(c, nothing_to_trust_is_never_a_pass);
	tcase_add_test(c, another_exporter_or_ledger_than_expected_fails);
	tcase_add_test(c, an_approver_cannot_sign_as_exporter);
	tcase_add_test(c, a_signature_of_another_bundle_fails);
	tcase_add_test(c, before_it_is_sent_it_is_not_assessed_whole);
	tcase_add_test(c, an_intent_of_another_bundle_fails);
	tcase_add_test(c, decisions_count_at_the_time_of_the_intent);
	tcase_add_test(c, a_bundle_that_was_rejected_fails);
	tcase_add_test(
	    c, more_recipients_in_the_manifest_than_in_the_file_fail);
	tcase_add_test(c, a_manifest_that_names_nothing_is_no_pass);
	tcase_add_test(c, paths_in_a_manifest_do_not_leave_the_bundle);
	tcase_add_test(c, a_ledger_is_held_against_the_key_that_is_given);
	tcase_add_test(c, a_decision_is_verified_by_itself);
	tcase_add_test(c, an_evidence_folder_is_held_against_its_bundle);
	tcase_add_test(c, what_is_none_of_these_is_said_to_be_none);
	suite_add_tcase(s, c);
	return s;
}
