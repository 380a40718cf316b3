#include "report/evidence.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "report/doc.h"
#include "tests/unit/report/fixture.h"

Suite *evidence_suite(void);

static struct fixture f;
static struct tg_buf text;

static void
setup(void)
{
	fixture_open(&f);
	tg_buf_init(&text, TG_DOC_MAX);
}

static void
teardown(void)
{
	tg_buf_deinit(&text);
	fixture_close(&f);
}

/* One file of the pack of the fixture as it is now. */
static const char *
written(const char *status, const char *name)
{
	struct tg_json *model = fixture_model(&f, status);

	fixture_write(&f, model);
	tg_json_free(model);
	tg_buf_reset(&text);
	slurp(&text, f.dir, name);
	return text.p;
}

static void
has(const char *s, const char *part)
{
	ck_assert_msg(strstr(s, part) != NULL, "\"%s\" is missing", part);
}

static void
has_not(const char *s, const char *part)
{
	ck_assert_msg(strstr(s, part) == NULL, "\"%s\" is there", part);
}

START_TEST(the_same_input_gives_the_same_bytes)
{
	struct tg_buf again;

	tg_buf_init(&again, TG_DOC_MAX);
	fixture_policy(&f);
	(void)written("awaiting-decision", "evidence.json");
	ck_assert_int_eq(tg_buf_addsv(&again, tg_buf_sv(&text), NULL), 0);
	ck_assert_int_eq(setenv("TZ", "Asia/Tokyo", 1), 0);
	(void)written("awaiting-decision", "evidence.json");
	ck_assert(tg_sv_eq(tg_buf_sv(&again), tg_buf_sv(&text)));
	has(text.p, "\"schema\":\"https://tracegate.dev/evidence/1\"");
	tg_buf_deinit(&again);
}
END_TEST

START_TEST(fixed_sentences_are_always_there)
{
	has(written("awaiting-decision", "evidence.en.html"),
	    "Nothing has been sent.");
	has(text.p, "What this report does not show");
	has(text.p, "Prepared by Ada Muster");
	has(text.p, "English edition");
	has(text.p, "Nothing can be sent until 2 authorised people sign.");
	has(text.p, "4,000 redacted records");
	has(text.p, "24 December 2026");
	has(text.p, "24 November 2026, 02:41 UTC");
	has(text.p, "9f2c41d8 07abe3c5");
	has(written("awaiting-decision", "evidence.fr.html"),
	    "Rien n’a été envoyé.");
	has(text.p, "<html lang=\"fr\">");
	has(text.p, "Ce que ce rapport ne montre pas");
	has(text.p, "édition française");
	has(text.p, "24 novembre 2026, 02 h 41 UTC");
	has(text.p,
	    "4\xE2\x80\xAF"
	    "000 enregistrements expurgés");
}
END_TEST

START_TEST(nothing_has_been_sent_is_said_only_while_true)
{
	struct tg_json *e = tg_json_object();

	has_not(
	    written("uploaded", "evidence.en.html"), "Nothing has been sent");
	has(text.p, "The data have been sent.");
	has_not(
	    written("uploading", "evidence.en.html"), "Nothing has been sent");
	/* Whatever the status says, the ledger's word is taken. */
	ck_assert_int_eq(tg_json_set_int(e, "index", 1290), 0);
	ck_assert_int_eq(tg_json_set_str(e, "type", "export.intent"), 0);
	ck_assert_int_eq(tg_json_set_int(e, "time", NOW), 0);
	ck_assert_int_eq(tg_json_push(f.ledger, e), 0);
	has_not(
	    written("approved", "evidence.en.html"), "Nothing has been sent");
	has(text.p, "Sending has begun");
}
END_TEST

START_TEST(another_policy_than_the_manifests_is_refused)
{
	struct tg_evidence_in in;
	struct tg_json *model = NULL;
	struct tg_err err = {0};

	fixture_policy(&f);
	ck_assert_int_eq(tg_json_set_str(tg_json_get(f.manifest, "policy"),
			     "effective_sha256", "00"),
	    0);
	in = fixture_in(&f, "approved");
	ck_assert_int_eq(tg_evidence_model(&model, &in, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	ck_assert_ptr_null(model);
}
END_TEST

START_TEST(what_is_no_manifest_is_refused)
{
	struct tg_json *other = tg_json_object();
	struct tg_json *model = NULL;
	struct tg_evidence_in in = fixture_in(&f, "approved");
	struct tg_err err = {0};

	in.manifest = other;
	ck_assert_int_eq(tg_evidence_model(&model, &in, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	tg_json_free(other);
}
END_TEST

START_TEST(an_empty_manifest_is_not_assessed_throughout)
{
	struct tg_json *bare = tg_json_object();
	const struct tg_json *rows;
	struct tg_json *model;

	ck_assert_int_eq(tg_json_set_str(bare, "run", "EXP-1"), 0);
	ck_assert_int_eq(tg_json_set(bare, "recipient", tg_json_object()), 0);
	tg_json_free(f.manifest);
	f.manifest = bare;
	model = fixture_model(&f, "awaiting-decision");
	rows = tg_json_get(model, "requirements");
	for (size_t i = 0; i < tg_json_len(rows); i++)
		ck_assert_str_ne(
		    tg_json_get_str(tg_json_at(rows, i), "result", ""),
		    strcmp(tg_json_get_str(tg_json_at(rows, i), "id", ""),
			"signed-and-recorded") == 0
			? ""
			: "met");
	fixture_write(&f, model);
	slurp(&text, f.dir, "evidence.en.html");
	has(text.p, "Not assessed: the manifest holds no figures");
	has(text.p, "Not assessed: 0 items were examined.");
	has_not(text.p, "Encrypted to 0");
	tg_json_free(model);
}
END_TEST

START_TEST(zero_examined_prints_not_assessed)
{
	struct tg_json *r = tg_json_get(f.manifest, "residual");

	has(written("awaiting-decision", "evidence.en.html"),
	    "examined <b>61,044</b> items");
	ck_assert_int_eq(tg_json_set_int(r, "examined", 0), 0);
	has_not(written("awaiting-decision", "evidence.en.html"),
	    "A second, independent pass");
	has(text.p, "<i>–</i>Not assessed: 0 items were examined.");
}
END_TEST

START_TEST(open_rows_are_those_somebody_must_answer)
{
	struct tg_evidence_open rows[TG_EVIDENCE_ROWS];
	struct tg_json *model;
	struct tg_json *none = tg_json_object();
	struct tg_err err = {0};
	size_t n = 0;

	fixture_policy(&f);
	model = fixture_model(&f, "awaiting-decision");
	ck_assert_int_eq(tg_evidence_open_rows(rows, &n, model, &err), 0);
	ck_assert_uint_ge(n, 6);
	ck_assert_int_eq(rows[0].row, 3);
	ck_assert_str_eq(rows[0].id, "dpia-reference");
	ck_assert_str_eq(rows[0].result, "to_confirm");
	ck_assert_int_eq(rows[n - 2].row, 21);
	ck_assert_str_eq(rows[n - 2].id, "human-review");
	ck_assert_str_eq(rows[n - 2].result, "not_assessed");
	/* Not a model: never "nothing open". */
	ck_assert_int_eq(tg_evidence_open_rows(rows, &n, none, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	tg_json_free(none);
	tg_json_free(model);
}
END_TEST

START_TEST(an_untested_claim_is_refused)
{
	has(written("awaiting-decision", "evidence.en.html"),
	    "The anonymity claim was refused: “Singling out”, “Linkability” "
	    "did not pass.");
	has(text.p, "These data are pseudonymised. They remain personal data.");
	has(written("awaiting-decision", "evidence.fr.html"),
	    "L’anonymat n’est pas retenu");
}
END_TEST

START_TEST(groups_are_shown_with_their_risk)
{
	has(written("awaiting-decision", "evidence.en.html"),
	    "6; the policy asks 5");
	has(text.p, "at most 16.67%; mean 1.37%");
	has(text.p, "22 groups; of one person: 0");
	has(text.p, "10,000 and more");
	has(text.p, "4,000 records compared; links found: 3,179");
	has(written("awaiting-decision", "evidence.fr.html"),
	    "Groupes par taille, tels qu’ils partent");
	has(text.p, "au plus 16,67");
}
END_TEST

START_TEST(links_are_shown_with_what_was_compared)
{
	has(written("awaiting-decision", "evidence.en.html"),
	    "earlier bundles within their retention: 3, to recipients: 2");
	has(text.p, "like that of another trace here, 6 (0.15%) like one");
	has(text.p, "still held by the exporter");
	has(written("awaiting-decision", "evidence.fr.html"),
	    "lots antérieurs dans leur durée de conservation");
	has(text.p, "encore détenue par l’exportateur");
}
END_TEST

START_TEST(a_first_bundle_says_that_there_was_nothing_to_compare)
{
	struct tg_json *e =
	    tg_json_get(tg_json_get(f.manifest, "linkability"), "earlier");

	ck_assert_int_eq(tg_json_set_int(e, "bundles", 0), 0);
	has(written("awaiting-decision", "evidence.en.html"),
	    "no earlier bundle: none is within its retention.");
}
END_TEST

/* The claim with all three tests passed; @key: what became of the key. */
static const char *
claimed(const char *key)
{
	struct tg_json *a = tg_json_get(f.manifest, "anonymisation");
	struct tg_json *l = tg_json_get(f.manifest, "linkability");
	struct tg_json *none = tg_json_object();

	ck_assert_int_eq(tg_json_set_str(a, "free_text", "synthetic_only"), 0);
	ck_assert_int_eq(tg_json_set_int(none, "linked_records", 0), 0);
	ck_assert_int_eq(tg_json_set(l, "values", none), 0);
	ck_assert_int_eq(tg_json_set_str(f.pseudonym_key, "state", key), 0);
	ck_assert_int_eq(
	    tg_json_set_int(f.pseudonym_key, "destroyed_at", 1795478400), 0);
	return written("awaiting-decision", "evidence.en.html");
}

START_TEST(a_claim_stands_when_all_tests_passed_and_the_key_is_gone)
{
	has(claimed("destroyed"),
	    "we consider these data anonymous in the hands of");
	has_not(text.p, "The anonymity claim was refused");
	has(text.p, "destroyed on 24 November 2026");
}
END_TEST

START_TEST(a_claim_is_refused_while_pseudonyms_can_be_made_again)
{
	has(claimed("held"),
	    "The anonymity claim was refused: the key of the pseudonyms is "
	    "not destroyed.");
	has_not(text.p, "we consider these data anonymous");
	has(claimed("unknown"), "the key of the pseudonyms is not destroyed.");
}
END_TEST

START_TEST(groups_not_measured_are_never_a_pass)
{
	struct tg_json *none = tg_json_object();

	ck_assert_int_eq(tg_json_set_bool(none, "measured", false), 0);
	ck_assert_int_eq(tg_json_set(f.manifest, "anonymity", none), 0);
	has(written("awaiting-decision", "evidence.en.html"),
	    "Not assessed: no field that tells people apart leaves");
	has_not(text.p, "Smallest group (k)</dt>");
	has(text.p, "Not tested.");
}
END_TEST

START_TEST(a_lapsed_approval_does_not_count)
{
	struct tg_json *model = fixture_model(&f, "awaiting-decision");
	const struct tg_json *list =
	    tg_json_get(tg_json_get(model, "approvals"), "signed");

	ck_assert_uint_eq(tg_json_len(list), 2);
	ck_assert(tg_json_get_bool(tg_json_at(list, 0), "counts", false));
	ck_assert(!tg_json_get_bool(tg_json_at(list, 1), "counts", true));
	ck_assert(tg_json_get_bool(tg_json_at(list, 1), "lapsed", false));
	tg_json_free(model);
}
END_TEST

START_TEST(an_unknown_reason_prints_its_code)
{
	has(written("awaiting-decision", "evidence.en.html"),
	    "<code>ACT-NEW-CODE</code>");
	has(text.p, "A graph whose prompt held personal data");
}
END_TEST

START_TEST(tensors_are_shown_by_layer_and_name_pattern)
{
	static const char tensors[] =
	    "{\"tensors\":3,\"tensors_kept\":2,\"layers\":[4,17],\"kinds\":[],"
	    "\"names\":[{\"pattern\":\"blocks.#.hook_resid_*\",\"kind\":"
	    "\"residual_stream\",\"kept\":2,\"dropped\":0},{\"pattern\":"
	    "\"hook_embed\",\"kind\":\"embeddings\",\"kept\":0,\"dropped\":1}]"
	    "}";
	struct tg_json *t;
	struct tg_err err;

	ck_assert_int_eq(tg_json_parse(&t, TG_SV(tensors), "t", &err), 0);
	ck_assert_int_eq(
	    tg_json_set(tg_json_get(f.manifest, "activations"), "tensors", t),
	    0);
	has(written("awaiting-decision", "evidence.en.html"), "4, 17");
	has(text.p, "Layers of which tensors leave");
	has(text.p, "blocks.#.hook_resid_*");
	has(text.p, "hook_embed");
	fixture_close(&f);
	fixture_open(&f);
	has_not(written("awaiting-decision", "evidence.en.html"),
	    "Layers of which");
}
END_TEST

START_TEST(policy_values_and_texts_are_in_the_pack)
{
	fixture_policy(&f);
	has(written("awaiting-decision", "evidence.en.html"),
	    "<code>/sampling/rate_max</code>");
	has(text.p, "tracegate.policy/1");
	has(text.p, "types_without_detector");
}
END_TEST

#define EVIL                                                          \
	"<script>&\"'</script><img src=x onerror=y>|`*_[x](http://e)" \
	"# \x01\x7f\xE2\x80\xAE ]]> --> {0}{*1}\n- x\n1. y\\"

/* Every text of the tree becomes EVIL. */
static void
poison(struct tg_json *j)
{
	void *iter = NULL;

	if (tg_json_kind(j) == TG_JSON_ARRAY) {
		for (size_t i = 0; i < tg_json_len(j); i++)
			poison(tg_json_at(j, i));
		if (tg_json_kind(tg_json_at(j, 0)) == TG_JSON_STR)
			ck_assert_int_eq(tg_json_push_str(j, EVIL), 0);
		return;
	}
	for (const char *k = tg_json_key_first(j, &iter); k != NULL;
	     k = tg_json_key_next(j, &iter)) {
		struct tg_json *v = tg_json_get(j, k);

		if (tg_json_kind(v) == TG_JSON_STR)
			ck_assert_int_eq(tg_json_set_str(j, k, EVIL), 0);
		else
			poison(v);
	}
}

/* Every tag in the text is one that the writer makes. */
static void
only_our_tags(const char *s)
{
	static const char *const tags[] = {"!DOCTYPE", "a", "b", "body",
	    "caption", "code", "desc", "div", "figcaption", "figure", "h1",
	    "h2", "h3", "head", "header", "hr", "html", "i", "li", "line",
	    "main", "meta", "p", "path", "pre", "rect", "section", "span",
	    "style", "svg", "table", "tbody", "td", "text", "th", "thead",
	    "title", "tr", "ul"};

	for (; (s = strchr(s, '<')) != NULL; s++) {
		const char *name = s[1] == '/' ? s + 2 : s + 1;
		const size_t n = strcspn(name, " >\n");
		bool known = false;

		for (size_t i = 0; i < TG_COUNT(tags); i++)
			known = known ||
			    (strlen(tags[i]) == n &&
				memcmp(tags[i], name, n) == 0);
		ck_assert_msg(known, "tag <%.20s", name);
	}
}

START_TEST(no_field_can_become_markup)
{
	static const char *const page[] = {
	    "evidence.en.html", "evidence.fr.html"};
	static const char *const plain[] = {"evidence.en.md", "evidence.fr.md"};

	poison(f.manifest);
	poison(f.ledger);
	poison(f.decisions);
	for (size_t i = 0; i < TG_COUNT(page); i++) {
		only_our_tags(written(EVIL, page[i]));
		has_not(text.p, "onerror=y>");
		has_not(text.p, "\x01");
		has_not(text.p, "\xE2\x80\xAE");
		ck_assert_uint_eq(strlen(text.p), text.n);
	}
	for (size_t i = 0; i < TG_COUNT(plain); i++) {
		const char *s = written(EVIL, plain[i]);

		for (const char *p = s; (p = strchr(p, '<')) != NULL; p++)
			ck_assert_msg(p > s && p[-1] == '\\', "%.30s", p);
		has_not(s, "](http:");
		has_not(s, "\n- x\n");
		has_not(s, "\x7f");
	}
}
END_TEST

START_TEST(commands_to_paste_hold_no_foreign_text)
{
	struct tg_json *who = tg_json_get(f.manifest, "preparer");

	has(written("awaiting-decision", "evidence.en.md"),
	    "minisign -V -P RWQf6LRCGA9i53");
	ck_assert_int_eq(tg_json_set_str(who, "key", "RW$(id)"), 0);
	has(written("awaiting-decision", "evidence.en.md"),
	    "minisign -V -P PUBLIC-KEY -m");
}
END_TEST

START_TEST(the_page_loads_nothing)
{
	static const char *const page[] = {
	    "evidence.en.html", "evidence.fr.html"};

	fixture_policy(&f);
	for (size_t i = 0; i < TG_COUNT(page); i++) {
		const char *s = written("awaiting-decision", page[i]);

		only_our_tags(s);
		has_not(s, " src=");
		has_not(s, "srcset");
		has_not(s, "@import");
		has_not(s, "url(");
		has_not(s, "<link");
		has_not(s, "http-equiv=\"refresh");
		for (const char *p = s; (p = strstr(p, "href=")) != NULL; p++)
			ck_assert_msg(p[6] == '#', "%.30s", p);
	}
}
END_TEST

/* Of the bundle itself, as the register has it when the page is written. */
START_TEST(a_hold_over_the_bundle_is_told_before_and_after_its_date)
{
	struct tg_evidence_in in = fixture_in(&f, "uploaded");
	struct tg_json *hold = tg_json_object(), *model = NULL;
	struct tg_err err = {0};
	int bad = 0;

	bad |= tg_json_set_str(hold, "id", "HOLD-7");
	bad |= tg_json_set_int(hold, "reviewed", 1793491200);
	in.hold = hold;
	for (int past = 0; past < 2; past++) {
		bad |= tg_json_set_bool(hold, "past", past == 1);
		ck_assert_int_eq(tg_evidence_model(&model, &in, &err), 0);
		fixture_write(&f, model);
		tg_json_free(model);
		tg_buf_reset(&text);
		slurp(&text, f.dir, "evidence.en.md");
		has(text.p,
		    past ? "Kept past its date under legal hold HOLD-7, "
			   "reviewed 1 November 2026."
			 : "This bundle is under legal hold HOLD-7");
	}
	ck_assert_int_eq(bad, 0);
	tg_json_free(hold);
}
END_TEST

START_TEST(what_a_person_found_is_in_both_languages_with_its_bound)
{
	struct tg_evidence_in in = fixture_in(&f, "refused");
	struct tg_json *doc = tg_json_object(), *model = NULL;
	struct tg_json *list = tg_json_array(), *type = tg_json_object();
	struct tg_err err = {0};
	int bad = 0;

	bad |= tg_json_set_str(type, "type", "PERSON");
	bad |= tg_json_set_int(type, "records", 1);
	bad |= tg_json_push(list, type);
	bad |= tg_json_set(doc, "types", list);
	bad |= tg_json_set_int(doc, "examined", 50);
	bad |= tg_json_set_int(doc, "population", 4000);
	bad |= tg_json_set_int(doc, "found", 1);
	bad |= tg_json_set_int(doc, "upper_ppb", 91396919);
	bad |= tg_json_set_int(doc, "signed_at", 1793491200);
	bad |= tg_json_set_str(doc, "role", "dpo");
	bad |= tg_json_set_str(doc, "reviewer_keyid", "0011223344556677");
	ck_assert_int_eq(bad, 0);
	in.review = doc;
	ck_assert_int_eq(tg_evidence_model(&model, &in, &err), 0);
	fixture_write(&f, model);
	tg_json_free(model);
	slurp(&text, f.dir, "evidence.en.md");
	has(text.p,
	    "Personal data was found in 1 of 50 records reviewed, drawn "
	    "at random from 4,000. With 95% confidence the true share is "
	    "below 9.14%.");
	has(text.p, "0011223344556677");
	has(text.p, "This export is refused.");
	tg_buf_reset(&text);
	slurp(&text, f.dir, "evidence.fr.md");
	has(text.p, "Relu et signé le 1er novembre 2026");
	has(text.p, "Cet export est refusé.");
	tg_json_free(doc);
}
END_TEST

START_TEST(the_folder_must_be_there)
{
	struct tg_json *model = fixture_model(&f, "approved");
	struct tg_err err = {0};

	ck_assert_int_eq(
	    tg_evidence_write("/nonexistent/folder", model, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	tg_json_free(model);
}
END_TEST

Suite *
evidence_suite(void)
{
	Suite *s = suite_create("report/evidence");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, the_same_input_gives_the_same_bytes);
	tcase_add_test(c, fixed_sentences_are_always_there);
	tcase_add_test(c, nothing_has_been_sent_is_said_only_while_true);
	tcase_add_test(c, another_policy_than_the_manifests_is_refused);
	tcase_add_test(c, what_is_no_manifest_is_refused);
	tcase_add_test(c, an_empty_manifest_is_not_assessed_throughout);
	tcase_add_test(c, zero_examined_prints_not_assessed);
	tcase_add_test(c, groups_are_shown_with_their_risk);
	tcase_add_test(c, groups_not_measured_are_never_a_pass);
	tcase_add_test(c, links_are_shown_with_what_was_compared);
	tcase_add_test(
	    c, a_first_bundle_says_that_there_was_nothing_to_compare);
	tcase_add_test(
	    c, a_claim_stands_when_all_tests_passed_and_the_key_is_gone);
	tcase_add_test(
	    c, a_claim_is_refused_while_pseudonyms_can_be_made_again);
	tcase_add_test(c, open_rows_are_those_somebody_must_answer);
	tcase_add_test(c, an_untested_claim_is_refused);
	tcase_add_test(c, a_lapsed_approval_does_not_count);
	tcase_add_test(c, tensors_are_shown_by_layer_and_name_pattern);
	tcase_add_test(c, an_unknown_reason_prints_its_code);
	tcase_add_test(c, policy_values_and_texts_are_in_the_pack);
	tcase_add_test(c, no_field_can_become_markup);
	tcase_add_test(c, commands_to_paste_hold_no_foreign_text);
	tcase_add_test(c, the_page_loads_nothing);
	tcase_add_test(
	    c, a_hold_over_the_bundle_is_told_before_and_after_its_date);
	tcase_add_test(
	    c, what_a_person_found_is_in_both_languages_with_its_bound);
	tcase_add_test(c, the_folder_must_be_there);
	suite_add_tcase(s, c);
	return s;
}
