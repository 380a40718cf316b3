#include <check.h>
#include <string.h>

#include "tests/unit/pipeline/export.h"

#include "base/banned.h"

Suite *decision_suite(void);

static struct export x;
static char name[TG_DECISION_NAME];

static void
set_up(void)
{
	export_init(&x);
}

static void
tear_down(void)
{
	export_deinit(&x);
}

START_TEST(the_document_says_what_it_binds_and_is_canonical)
{
	struct tg_json *d = NULL;
	struct tg_buf b;
	struct tg_err err;

	OK(export_decide(
	    &x, LEGAL, "legal", TG_APPROVE_WITH_CONDITIONS, name, &err));
	tg_buf_init(&b, TG_DECISION_MAX);
	scratch_get(&b, export_path(&x, name));
	OK(tg_decision_parse(&d, tg_buf_sv(&b), &err));
	ck_assert_str_eq(
	    tg_json_get_str(tg_json_get(d, "subjects"), "manifest_sha256", ""),
	    x.sha);
	ck_assert_uint_eq(tg_json_len(tg_json_get(
			      tg_json_get(d, "subjects"), "evidence_files")),
	    2);
	ck_assert_str_eq(
	    tg_json_get_str(d, "decision", ""), "approve_with_conditions");
	ck_assert_int_eq(
	    tg_json_get_int(tg_json_get(d, "caps"), "max_records", -1), 3);
	ck_assert_str_eq(
	    tg_json_text(tg_json_at(
		tg_json_get(tg_json_get(d, "recipient"), "keys"), 0)),
	    x.recipient);
	tg_json_free(d);
	tg_buf_deinit(&b);
	export_reason_is(&x, name, "");
}
END_TEST

START_TEST(the_stock_tool_would_see_the_comment_that_is_promised)
{
	char want[512];
	struct tg_buf b;

	export_approve(&x, LEGAL, "legal", name);
	tg_buf_init(&b, 4096);
	scratch_get(&b, export_path(&x, "decision-legal.json.minisig"));
	(void)snprintf(want, sizeof(want),
	    "\ntrusted comment: tracegate/1 approve role=legal bundle=%s "
	    "sha256=%s\n",
	    EXPORT_ID, x.sha);
	ck_assert_ptr_nonnull(strstr(b.p, want));
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(who_may_not_decide_cannot_make_a_decision)
{
	struct tg_err err;

	FAILS(export_decide(&x, LEGAL, "dpo", TG_APPROVE, name, &err), TG_E_NO);
	ck_assert(tg_sv_starts(tg_sv_of(err.text), TG_SV("APR-ROLE")));
	FAILS(export_decide(&x, PREPARER, "exporter", TG_APPROVE, name, &err),
	    TG_E_NO);
	ck_assert(tg_sv_starts(tg_sv_of(err.text), TG_SV("APR-SAME-PERSON")));
}
END_TEST

START_TEST(a_decision_from_the_future_does_not_count)
{
	x.s.clock.now += TG_DECISION_SKEW + 1;
	export_approve(&x, LEGAL, "legal", name);
	x.s.clock.now -= TG_DECISION_SKEW + 1;
	export_reason_is(&x, "decision-legal.json", "APR-EXPIRED");
	x.s.clock.now += 1;
	export_reason_is(&x, "decision-legal.json", "");
}
END_TEST

/* Each member of the manifest that is bound, changed after the signature. */
static const struct {
	const char *member, *key, *value;
} moved[] = {{"recipient", "id", "rcp-other"}, {"recipient", "country", "US"},
    {"purpose", "id", "marketing"}, {"retention", "class", "audit"},
    {"policy", "effective_sha256",
	"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}};

START_TEST(what_changes_after_the_decision_undoes_it)
{
	struct tg_json *o;

	export_approve(&x, LEGAL, "legal", name);
	o = tg_json_copy(tg_json_get(x.manifest, moved[_i].member));
	ck_assert_int_eq(tg_json_set_str(o, moved[_i].key, moved[_i].value), 0);
	export_change(&x, moved[_i].member, o);
	export_reason_is(&x, "decision-legal.json", "APR-DIGEST");
	export_state_is(&x, TG_DECISIONS_WAITING, "APR-DIGEST");
}
END_TEST

/* The member alone, the digest of the manifest left as it was signed: each
 * comparison on its own. */
START_TEST(each_bound_member_is_compared_by_itself)
{
	struct tg_json *o;

	export_approve(&x, LEGAL, "legal", name);
	o = tg_json_copy(tg_json_get(x.manifest, moved[_i].member));
	ck_assert_int_eq(tg_json_set_str(o, moved[_i].key, moved[_i].value), 0);
	ck_assert_int_eq(tg_json_set(x.manifest, moved[_i].member, o), 0);
	export_reason_is(&x, "decision-legal.json", "APR-DIGEST");
}
END_TEST

START_TEST(another_key_of_the_recipient_undoes_it)
{
	struct tg_json *p;

	export_approve(&x, LEGAL, "legal", name);
	p = tg_json_copy(tg_json_get(x.manifest, "payload"));
	ck_assert_int_eq(
	    tg_json_push_str(tg_json_get(p, "recipients"), "age1more"), 0);
	ck_assert_int_eq(tg_json_set(x.manifest, "payload", p), 0);
	export_reason_is(&x, "decision-legal.json", "APR-DIGEST");
}
END_TEST

START_TEST(more_records_or_bytes_than_approved_undo_it)
{
	struct tg_json *r;

	export_approve(&x, LEGAL, "legal", name);
	r = tg_json_copy(tg_json_get(x.manifest, "records"));
	ck_assert_int_eq(tg_json_set_int(r, "count", 4), 0);
	ck_assert_int_eq(tg_json_set(x.manifest, "records", r), 0);
	export_reason_is(&x, "decision-legal.json", "APR-DIGEST");
}
END_TEST

START_TEST(evidence_that_changed_in_any_file_undoes_it)
{
	static const char *const file[] = {
	    "evidence/evidence.json", "evidence/evidence.en.html"};
	struct tg_buf b;

	export_approve(&x, LEGAL, "legal", name);
	tg_buf_init(&b, 1 << 16);
	for (size_t i = 0; i < TG_COUNT(file); i++) {
		scratch_get(&b, export_path(&x, file[i]));
		scratch_put(export_path(&x, file[i]), TG_SV("other\n"));
		export_reason_is(&x, "decision-legal.json", "APR-DIGEST");
		scratch_put(export_path(&x, file[i]), tg_buf_sv(&b));
		export_reason_is(&x, "decision-legal.json", "");
	}
	scratch_put(export_path(&x, "evidence/more.html"), TG_SV("more\n"));
	export_reason_is(&x, "decision-legal.json", "APR-DIGEST");
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(the_policy_of_now_is_held_against_it)
{
	struct tg_decision_against a;
	struct tg_decision_reason why;
	struct tg_err err;

	export_approve(&x, LEGAL, "legal", name);
	a = export_against(&x);
	a.policy_sha256 =
	    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
	OK(tg_decision_verify(NULL, &why, x.dir, name, &a, &err));
	ck_assert_str_eq(why.code, "APR-DIGEST");
}
END_TEST

START_TEST(no_bit_of_a_decision_or_its_signature_may_change)
{
	static const char *const tail[] = {"", ".minisig"};
	char file[TG_DECISION_NAME + 16];
	const struct tg_decision_against a = export_against(&x);
	struct tg_decision_reason why;
	struct tg_buf b;
	struct tg_err err;

	export_approve(&x, LEGAL, "legal", name);
	tg_buf_init(&b, 1 << 16);
	for (size_t k = 0; k < TG_COUNT(tail); k++) {
		size_t from = 0;

		(void)snprintf(file, sizeof(file), "%s%s", name, tail[k]);
		scratch_get(&b, export_path(&x, file));
		if (k == 1) /* the untrusted comment is nobody's */
			from = (size_t)(strchr(b.p, '\n') - b.p);
		for (size_t bit = from * 8; bit < b.n * 8; bit++) {
			b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
			scratch_put(export_path(&x, file), tg_buf_sv(&b));
			OK(tg_decision_verify(
			    NULL, &why, x.dir, name, &a, &err));
			ck_assert_msg(why.code[0] != '\0',
			    "bit %zu of %s may change", bit, file);
			b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
		}
		scratch_put(export_path(&x, file), tg_buf_sv(&b));
	}
	export_reason_is(&x, name, "");
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(a_decision_under_the_name_of_another_role_does_not_count)
{
	export_approve(&x, LEGAL, "legal", name);
	ck_assert_int_eq(rename(export_path(&x, "decision-legal.json"),
			     export_path(&x, "decision-dpo.json")),
	    0);
	ck_assert_int_eq(rename(export_path(&x, "decision-legal.json.minisig"),
			     export_path(&x, "decision-dpo.json.minisig")),
	    0);
	export_reason_is(&x, "decision-dpo.json", "APR-DIGEST");
}
END_TEST

START_TEST(a_role_that_was_taken_back_does_not_count)
{
	char text[4096];
	struct tg_err err;

	export_approve(&x, LEGAL, "legal", name);
	(void)snprintf(text, sizeof(text),
	    "persons:\n  - {id: m.hartley, name: Mary Hartley, roles: [dpo], "
	    "key: %s}\n",
	    tg_trust_find(x.trust, "m.hartley")->key);
	tg_trust_free(x.trust);
	OK(tg_trust_parse(&x.trust, tg_sv_of(text), "t", &err));
	export_reason_is(&x, "decision-legal.json", "APR-ROLE");
}
END_TEST

START_TEST(the_key_must_be_the_signers)
{
	const struct tg_person *p = tg_trust_find(x.trust, "m.hartley");
	const struct tg_decision_spec spec = {.decide = TG_APPROVE,
	    .role = "legal",
	    .signer = p,
	    .manifest = tg_buf_sv(&x.bytes),
	    .evidence_dir = export_path(&x, "evidence"),
	    .read_language = "fr",
	    .signed_at = x.s.clock.now,
	    .expires_at = x.s.clock.now + 1};
	struct tg_json *doc = NULL;
	struct tg_err err;

	OK(tg_decision_make(&doc, &spec, &err));
	FAILS(tg_decision_write(name, x.dir, doc, x.key[DPO], &err), TG_E_KEY);
	tg_json_free(doc);
}
END_TEST

/* Each spec with one thing wrong. */
START_TEST(a_decision_that_is_none_is_not_made)
{
	static const char *const cond[] = {"c"}, *const empty[] = {""};
	static const struct tg_answer row0 = {0, "x"}, no_text = {1, ""};
	const struct tg_decision_spec good = {.decide = TG_APPROVE,
	    .role = "legal",
	    .signer = tg_trust_find(x.trust, "m.hartley"),
	    .manifest = tg_buf_sv(&x.bytes),
	    .evidence_dir = export_path(&x, "evidence"),
	    .read_language = "en",
	    .signed_at = 10,
	    .expires_at = 20};
	struct tg_decision_spec s;
	struct tg_json *doc = NULL;
	struct tg_err err;

#define WRONG(class, change)                                      \
	do {                                                      \
		s = good;                                         \
		change;                                           \
		FAILS(tg_decision_make(&doc, &s, &err), (class)); \
		ck_assert_ptr_null(doc);                          \
	} while (0)
	WRONG(TG_E_USAGE, s.role = "Legal");
	WRONG(TG_E_USAGE, s.role = "");
	WRONG(TG_E_USAGE, s.decide = TG_REJECT);
	WRONG(TG_E_USAGE, s.decide = TG_APPROVE_WITH_CONDITIONS);
	WRONG(TG_E_USAGE, (s.condition = cond, s.n_condition = 1));
	WRONG(TG_E_USAGE,
	    (s.decide = TG_APPROVE_WITH_CONDITIONS, s.condition = empty,
		s.n_condition = 1));
	WRONG(TG_E_USAGE, (s.answer = &row0, s.n_answer = 1));
	WRONG(TG_E_USAGE, (s.answer = &no_text, s.n_answer = 1));
	WRONG(TG_E_USAGE, s.read_language = "");
	WRONG(TG_E_USAGE, s.read_language = NULL);
	WRONG(TG_E_USAGE, s.expires_at = 10);
	WRONG(TG_E_USAGE, s.signed_at = -1);
	WRONG(TG_E_INTEGRITY, s.manifest = TG_SV("{}\n"));
	WRONG(TG_E_INTEGRITY, s.manifest = TG_SV("{"));
	WRONG(TG_E_INTEGRITY, s.evidence_dir = "/nonexistent");
#undef WRONG
	OK(tg_decision_make(&doc, &good, &err));
	tg_json_free(doc);
}
END_TEST

START_TEST(names_of_decisions)
{
	static const struct {
		const char *name;
		bool ok;
	} row[] = {{"decision-legal.json", true}, {"decision-a_b.json", true},
	    {"decision-dpo-2.json", true}, {"decision-dpo-9.json", true},
	    {"decision-dpo-1.json", false}, {"decision-dpo-10.json", false},
	    {"decision-.json", false}, {"decision--2.json", false},
	    {"decision-DPO.json", false}, {"decision-a/b.json", false},
	    {"decision-legal.json.minisig", false}, {"decision-legal", false},
	    {"decisions-legal.json", false}};

	for (size_t i = 0; i < TG_COUNT(row); i++)
		ck_assert_msg(
		    tg_decision_name_ok(tg_sv_of(row[i].name)) == row[i].ok,
		    "%s", row[i].name);
}
END_TEST

Suite *
decision_suite(void)
{
	Suite *s = suite_create("decision");
	TCase *c = tcase_create("decision");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, the_document_says_what_it_binds_and_is_canonical);
	tcase_add_test(
	    c, the_stock_tool_would_see_the_comment_that_is_promised);
	tcase_add_test(c, who_may_not_decide_cannot_make_a_decision);
	tcase_add_test(c, a_decision_from_the_future_does_not_count);
	tcase_add_loop_test(
	    c, what_changes_after_the_decision_undoes_it, 0, TG_COUNT(moved));
	tcase_add_loop_test(
	    c, each_bound_member_is_compared_by_itself, 0, TG_COUNT(moved));
	tcase_add_test(c, another_key_of_the_recipient_undoes_it);
	tcase_add_test(c, more_records_or_bytes_than_approved_undo_it);
	tcase_add_test(c, evidence_that_changed_in_any_file_undoes_it);
	tcase_add_test(c, the_policy_of_now_is_held_against_it);
	tcase_add_test(c, no_bit_of_a_decision_or_its_signature_may_change);
	tcase_add_test(
	    c, a_decision_under_the_name_of_another_role_does_not_count);
	tcase_add_test(c, a_role_that_was_taken_back_does_not_count);
	tcase_add_test(c, the_key_must_be_the_signers);
	tcase_add_test(c, a_decision_that_is_none_is_not_made);
	tcase_add_test(c, names_of_decisions);
	suite_add_tcase(s, c);
	return s;
}
