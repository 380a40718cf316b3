/* message_test.c - what is refused, and in which words. */
#include <check.h>
#include <stdio.h>

#include "policies/policy.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *message_suite(void);

/* A project over base and fr.  The head takes four lines. */
static const struct {
	const char *text, *want; /* after "<dir>/p.yaml:" */
} projects[] = {
    {"limits: {max_tokens: 5}\n", "5:10: unknown key 'max_tokens'"},
    {"limits: {max_token_per_trace: 5}\n",
	"5:10: unknown key 'max_token_per_trace' (did you mean "
	"'max_tokens_per_trace'?)"},
    {"limit: {max_tokens_per_trace: 5}\n",
	"5:1: unknown key 'limit' (did you mean 'limits'?)"},
    {"provenence: {}\n",
	"5:1: unknown key 'provenence' (did you mean 'provenance'?)"},
    {"limits: 5\n", "5:9: /limits: a map of keys is wanted"},
    {"limits: {max_tokens_per_trace: {x: 1}}\n",
	"5:32: /limits/max_tokens_per_trace: a whole number 1 to 100000000 "
	"is wanted"},
    {"limits: {max_tokens_per_trace: 0800}\n",
	"5:32: /limits/max_tokens_per_trace: a whole number 1 to 100000000 "
	"is wanted"},
    {"limits: {on_exceed: drop_recor}\n",
	"5:21: /limits/on_exceed: truncate_window < drop_record is wanted "
	"(did you mean 'drop_record'?)"},
    {"activations: {on_span: keep}\n",
	"5:24: /activations/on_span: keep is no answer to a finding: "
	"/activations/on_clean, beside one"},
    {"activations: {form: aggregate_only}\n",
	"5:21: /activations/form: aggregate_only is not built yet"},
    {"activations: {on_span: quantise}\n",
	"5:24: /activations/on_span: quantise is for size only: "
	"/activations/value_bits, beside an answer"},
    {"sampling: {rate_max: 2%}\n",
	"5:22: /sampling/rate_max: a ratio 0 to 1 with up to nine decimals is "
	"wanted"},
    {"logging: {signed: yes}\n",
	"5:19: /logging/signed: true or false is wanted"},
    {"purposes: {allow: safety_research}\n",
	"5:19: a list such as [a, b] is wanted"},
    {"purposes: {allow: []}\n",
	"5:19: E-EMPTY: /purposes/allow allows nothing"},
    {"purposes: {allow: [safety_research, safety_research]}\n",
	"5:37: 'safety_research' is in the list twice"},
    {"purposes: {allow: [safety_research, marketing]}\n",
	"5:19: E-RELAX: /purposes/allow: 'marketing' is not in what "
	"BASE:20 allows"},
    {"retention:\n  data:\n    debug: {max_days: 45}\n",
	"7:23: E-RELAX: /retention/data/debug/max_days: 45 is looser than 30 "
	"(BASE:37)"},
    {"retention: {data: {research: {max_days: 3000}}}\n",
	"5:41: E-RELAX: /retention/data/research: no base or region file has "
	"it, and a project cannot bring it"},
    {"retention: {data: {debuk: {max_days: 3}}}\n",
	"5:38: E-RELAX: /retention/data/debuk: no base or region file has it, "
	"and a project cannot bring it (did you mean 'debug'?)"},
    {"redaction: {detectors: {EMIAL: {action: block_run}}}\n",
	"5:41: E-RELAX: /redaction/detectors/EMIAL: no base or region file has "
	"it, and a project cannot bring it (did you mean 'EMAIL'?)"},
    {"redaction: {detectors: {email: {action: block_run}}}\n",
	"5:25: 'email' is no name of the form that /redaction/detectors takes"},
    {"anonymisation: {free_text: reviewed}\n",
	"5:28: E-RELAX: /anonymisation/free_text: reviewed is looser than "
	"synthetic_only (FRFILE:70)"},
    {"anonymisation: {fields: {timestamp: {op: pseudonymise}}}\n",
	"5:42: E-INCOMPARABLE: /anonymisation/fields/timestamp/op: "
	"pseudonymise is neither stricter nor looser than generalise "
	"(BASE:120)"},
    {"encryption: {mode: plain}\n",
	"5:20: /encryption/mode: recipient_sealed is wanted"},
    {"anonymisation: {claims: {FR: pseudonymised}}\n",
	"5:30: E-LOCKED: /anonymisation/claims/FR: pseudonymised differs from "
	"anonymised (FRFILE:68)"},
    {"anonymisation: {claims: {UK: pseudonymised}}\n",
	"5:26: 'UK' is no ISO 3166-1 country code (the United Kingdom is GB)"},
    {"transfers: {destinations_allow: [FR, UK]}\n",
	"5:38: /transfers/destinations_allow: 'UK' is no ISO 3166-1 country "
	"code (the United Kingdom is GB)"},
    {"transfers: {destinations_allow: [\"@EAA\"]}\n",
	"5:34: unknown set '@EAA' (did you mean '@EEA'?)"},
    {"transfers: {origins: {FR: {mechanisms: {IN: [A46-2-c]}}}}\n",
	"5:45: E-RELAX: /transfers/origins/FR/mechanisms/IN: the parents allow "
	"nothing there"},
    {"transfers: {origins: {FR: {mechanisms: {\"@EEA\": [intra_eea], "
     "DE: [none]}}}}\n",
	"5:66: E-CONFLICT: /transfers/origins/FR/mechanisms/DE has another "
	"value in line 5"},
    {"provenance: {\"/limits/max_tokens_per_trace\": seed}\n"
     "sampling: {unit: subject}\n",
	"5:14: provenance of '/limits/max_tokens_per_trace', which this file "
	"does not set"},
    {"sampling: {rate_max: 0.04}\nprovenance: {\"/sampling\": law}\n",
	"6:27: a provenance is seed, choice or a control such as FR-20"},
    {"controls: [FR-99]\n", "5:11: no control 'FR-99' in base or the regions"},
    {"jurisdiction: FR\nsampling: {unit: subject}\n",
	"5:15: 'jurisdiction' is for region files"},
    {"extends: [uk]\n",
	"5:10: 'extends' is [base]: the regions are named by "
	"the job"},
    {"review_by: 2027\nsampling: {unit: subject}\n",
	"5:12: 'review_by' wants a date such as 2027-06-01"},
    {"title: {en: x}\nsampling: {unit: subject}\n",
	"5:8: the key 'fr' is missing"},
    {"sampling: {unit: subject}\nsampling: {rate_max: 0.01}\n",
	"6:1: the key stands twice, first in line 5"},
    {"sampling: {unit: &a subject}\n", "5:18: anchors are not allowed"},
    {"sampling: {unit: !!str subject}\n", "5:18: tags are not allowed"},
    {"sampling: {rate_max: 0.005}\n",
	"BASE:51:17: E-CONFLICT: /sampling/rate_default 0.01 is over "
	"/sampling/rate_max 0.005 (P:5)"},
    {"retention: {records: {pipeline_log: {min_days: 400}}}\n",
	"5:48: E-CONFLICT: /retention/records/pipeline_log/min_days 400 is "
	"over /retention/records/pipeline_log/max_days 366 (BASE:42)"},
    {"purposes: {deny: [incident_debug, safety_research, formal_audit, "
     "regulator_request]}\n",
	"BASE:20:10: E-EMPTY: /purposes/allow: everything in it is denied "
	"(P:5)"},
    {"", "1:1: the policy says nothing"},
};

/* @want with P, BASE and FR as the paths that were opened. */
static void
expected(char *out, size_t cap, const char *want)
{
	static const struct {
		const char *name, *file;
	} names[] = {{"BASE", "policies/base.yaml"},
	    {"FRFILE", "regions/fr/policy.yaml"}};
	size_t used = 0;

	if (want[0] >= '0' && want[0] <= '9')
		used =
		    (size_t)snprintf(out, cap, "%s:", sandbox_path("p.yaml"));
	else if (want[0] == ':')
		used = (size_t)snprintf(out, cap, "%s", sandbox_path("p.yaml"));
	for (const char *p = want; *p != '\0';) {
		const char *with = NULL;
		size_t n = 1;

		for (size_t i = 0; i < TG_COUNT(names); i++)
			if (strncmp(p, names[i].name, strlen(names[i].name)) ==
			    0) {
				with = root_path(names[i].file);
				n = strlen(names[i].name);
			}
		if (strncmp(p, "(P:", 3) == 0) {
			out[used++] = '(';
			with = sandbox_path("p.yaml");
			n = 2;
		}
		if (with == NULL) {
			out[used++] = *p++;
			continue;
		}
		used += (size_t)snprintf(out + used, cap - used, "%s", with);
		p += n;
	}
	out[used] = '\0';
}

START_TEST(a_project_is_refused_in_these_words)
{
	struct tg_err err = {0};
	char want[2 * TG_ERR_TEXT];

	ck_assert_ptr_null(with_project("fr", projects[_i].text, &err));
	expected(want, sizeof(want), projects[_i].want);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
}
END_TEST

/* What the author is told to type. */
static const struct {
	const char *text, *hint;
} hints[] = {
    {"retention: {data: {debug: {max_days: 30 days}}}\n",
	"the number alone, without ' days': the unit is in the key"},
    {"limits: {max_tokens_per_trace: 0800}\n", ""},
    {"limits: {max_tokens_per_trace: 12:30:45}\n", ""},
    {"sampling: {rate_max: 2%}\n", "2 % is 0.02"},
    {"sampling: {rate_max: 5}\n", "5 % is 0.05"},
    {"sampling:\n  rate_max: 0,05\n",
	"a decimal point, not a comma: 0.05 is 5 %"},
    {"logging: {signed: yes}\n", "type true"},
    {"logging: {signed: off}\n", "type false"},
    {"max_tokens_per_trace: 9\n",
	"'max_tokens_per_trace' stands below /limits"},
    {"limits: {k_min: 9}\n", "'k_min' stands below /anonymisation"},
    {"limits: {nonsense: 9}\n", ""},
    {"retention: {data: {debug: {max_days: 45}}}\n", "at most 30"},
    {"anonymisation: {k_min: 3}\n", "at least 11"},
    {"anonymisation: {free_text: reviewed}\n", "one of synthetic_only, none"},
    {"anonymisation: {wp29: {linkability: not_tested}}\n", "only test"},
    {"activations: {kinds_allow: [logits]}\n",
	"of [neuron_stats, sae_density, sae_topk]"},
    {"sampling: {unit: *a}\n", "a text that begins with * wants quotes"},
    {"sampling:\n\tunit: subject\n",
	"a text that begins with @, ` or % wants quotes; a line is indented "
	"with spaces, never with tabs"},
    {"sampling:\n  unit:subject\n  rate_max: 0.01\n",
	"a text with ': ' in it wants quotes; a key is followed by a colon and "
	"a space and stands as far in as those beside it"},
    {"sampling:\n  rate_max: 0.01\n  unit subject\n  caps: {}\n",
	"a key is followed by a colon and a space (it begins at 7:3)"},
    {"purposes: {allow: [formal_audit}\n",
	"the list is not closed with ] (it begins at 5:19)"},
};

START_TEST(a_refusal_says_what_to_type)
{
	struct tg_err err = {0};

	ck_assert_ptr_null(with_project("fr", hints[_i].text, &err));
	ck_assert_str_eq(err.hint, hints[_i].hint);
}
END_TEST

/* Faults in the shipped layers, planted into a copy. */
static const struct {
	const char *file, *from, *to, *regions;
	const char *want; /* after "<dir>/x/" */
} plants[] = {
    {"regions/fr/policy.yaml", "free_text: synthetic_only",
	"free_text: reviewed", "fr",
	"regions/fr/policy.yaml:70:14: E-CLAIM-FREETEXT: "
	"/anonymisation/free_text is reviewed, the claim 'anonymised' "
	"(DIR/regions/fr/policy.yaml:68) asks for synthetic_only or stricter"},
    {"regions/fr/policy.yaml", "level: anonymised_tested", "level: k_anonymous",
	"fr",
	"regions/fr/policy.yaml:67:10: E-CLAIM-LEVEL: /anonymisation/level is "
	"k_anonymous, the claim 'anonymised' (DIR/regions/fr/policy.yaml:68) "
	"asks for anonymised_tested or stricter"},
    {"regions/us/policy.yaml", "level: k_anonymous", "level: pseudonymised",
	"us",
	"policies/base.yaml:102:10: E-CLAIM-LEVEL: /anonymisation/level is "
	"pseudonymised, the claim 'deidentified_ccpa' "
	"(DIR/regions/us/policy.yaml:74) asks for k_anonymous or stricter"},
    {"policies/base.yaml", "  \"/sampling/caps\": choice\n", "", "uk",
	"policies/base.yaml:58:23: E-NO-SOURCE: /sampling/caps/max_records is "
	"a number without a provenance"},
    {"regions/uk/policy.yaml", "  \"/anonymisation/k_min\": choice\n", "", "uk",
	"regions/uk/policy.yaml:60:10: E-NO-SOURCE: /anonymisation/k_min is a "
	"number without a provenance"},
    {"regions/uk/policy.yaml", "max_days: 30", "max_days: 31", "uk",
	"regions/uk/policy.yaml:37:30: E-RELAX: "
	"/retention/data/debug/max_days: "
	"31 is looser than 30 (DIR/policies/base.yaml:37)"},
    {"regions/fr/policy.yaml", "FR_SIRET:    {action: label, min_score: 0.50",
	"FR_SIRET:    {action: tag, min_score: 0.50", "fr",
	"regions/fr/policy.yaml:61:27: E-RELAX: "
	"/redaction/detectors/FR_SIRET/action: tag is looser than label, which "
	"holds where nothing is said"},
    {"regions/fr/policy.yaml", "k_min\": FR-12", "k_min\": FR-99", "fr",
	"regions/fr/policy.yaml:133:27: no control 'FR-99' in base or this "
	"region"},
    {"regions/fr/policy.yaml", "id: fr", "id: france", "fr",
	"regions/fr/policy.yaml:3:5: its id 'france' is not the folder's name "
	"'fr'"},
    {"regions/fr/policy.yaml", "layer: region", "layer: project", "fr",
	"regions/fr/policy.yaml:5:8: a project file stands where a region "
	"file is wanted"},
    {"regions/fr/policy.yaml", "FR-22]", "FR-23]", "fr",
	"regions/fr/policy.yaml:13:11: no control 'FR-23' in "
	"DIR/regions/fr/controls.yaml"},
    {"regions/fr/policy.yaml", "review_by: 2027-06-01\n", "", "fr",
	"regions/fr/policy.yaml:2:1: the key 'review_by' is missing"},
    {"regions/fr/policy.yaml", "jurisdiction: FR ", "", "fr",
	"regions/fr/policy.yaml:2:1: the key 'jurisdiction' (a country code) "
	"is "
	"missing"},
    {"regions/fr/policy.yaml", "tracegate.policy/1", "tracegate.policy/2", "fr",
	"regions/fr/policy.yaml:2:9: the schema is not tracegate.policy/1"},
    {"policies/base.yaml", "retention_class: debug}",
	"retention_class: debugging}", "uk",
	"policies/base.yaml:16:134: E-CONFLICT: "
	"/purposes/define/incident_debug/retention_class: there is no "
	"retention class 'debugging'"},
    {"policies/reference-2026-11.yaml", "\"NL\",\"NO\"", "\"NL\",\"XX\"", "uk",
	"policies/reference-2026-11.yaml:7:137: 'XX' is no ISO 3166-1 country "
	"code"},
    {"policies/controls.yaml", "leaves: [/activations]",
	"leaves: [/activation]", "uk",
	"policies/controls.yaml:12:13: XC-01: no policy has a leaf "
	"'/activation'"},
    {"regions/uk/controls.yaml", "duty: {en: \"Purpose",
	"dutty: {en: \"Purpose", "uk",
	"regions/uk/controls.yaml:9:5: unknown key 'dutty' (did you mean "
	"'duty'?)"},
};

START_TEST(a_planted_fault_is_refused_in_these_words)
{
	char file[SANDBOX_PATH], policies[SANDBOX_PATH], want[2 * TG_ERR_TEXT];
	const char *tail = plants[_i].want, *dir;
	struct tg_err err = {0};

	sandbox_copy_policies("x");
	(void)snprintf(file, sizeof(file), "x/%s", plants[_i].file);
	sandbox_edit(file, plants[_i].from, plants[_i].to);
	(void)snprintf(
	    policies, sizeof(policies), "%s", sandbox_path("x/policies"));
	ck_assert_ptr_null(compile_from(policies, sandbox_path("x/regions"),
	    plants[_i].regions, NULL, NULL, &err));
	dir = strstr(tail, "DIR");
	if (dir == NULL)
		(void)snprintf(
		    want, sizeof(want), "%s/%s", sandbox_path("x"), tail);
	else
		(void)snprintf(want, sizeof(want), "%s/%.*s%s%s",
		    sandbox_path("x"), (int)(dir - tail), tail,
		    sandbox_path("x"), dir + 3);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
}
END_TEST

START_TEST(unknown_region_names_those_there_are)
{
	char want[2 * TG_ERR_TEXT];
	struct tg_err err = {0};

	ck_assert_ptr_null(compile_from(root_path("policies"),
	    root_path("regions"), "uk,de", NULL, NULL, &err));
	(void)snprintf(want, sizeof(want),
	    "no region 'de' in %s; there are: fr, uk, us",
	    root_path("regions"));
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_null(compile_from(root_path("policies"),
	    root_path("regions"), "GB", NULL, NULL, &err));
	(void)snprintf(want, sizeof(want),
	    "no region 'GB' in %s (did you mean 'uk'?); there are: fr, uk, us",
	    root_path("regions"));
	ck_assert_str_eq(err.text, want);
}
END_TEST

/* A class of data that no parent has is kept for no day: 0, which no file can
 * say. */
START_TEST(a_region_brings_no_retention_class)
{
	struct tg_err err = {0};
	char policies[SANDBOX_PATH];

	sandbox_copy_policies("m");
	sandbox_edit("m/regions/fr/policy.yaml",
	    "    debug:        {max_days: 30}",
	    "    research: {max_days: 1}\n    debug:        {max_days: 30}");
	sandbox_edit("m/regions/fr/policy.yaml", "provenance:\n",
	    "provenance:\n  \"/retention/data/research/max_days\": choice\n");
	(void)snprintf(
	    policies, sizeof(policies), "%s", sandbox_path("m/policies"));
	ck_assert_ptr_null(compile_from(
	    policies, sandbox_path("m/regions"), "fr", NULL, NULL, &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text,
	    "fr/policy.yaml:36:26: E-RELAX: /retention/data/research/max_days: "
	    "1 "
	    "is looser than 0, which holds where nothing is said"));
}
END_TEST

/* Patterns are kept under a layer's id: no region may have that of base. */
START_TEST(two_layers_of_one_id_are_refused)
{
	struct tg_err err = {0};
	char policies[SANDBOX_PATH];

	sandbox_copy_policies("m");
	sandbox_write("m/regions/base/policy.yaml",
	    "schema: tracegate.policy/1\nid: base\nversion: 1\nlayer: region\n"
	    "jurisdiction: DE\neffective_from: 2026-11-24\n"
	    "review_by: 2027-06-01\nlogging: {signed: true}\n");
	(void)snprintf(
	    policies, sizeof(policies), "%s", sandbox_path("m/policies"));
	ck_assert_ptr_null(compile_from(
	    policies, sandbox_path("m/regions"), "base", NULL, NULL, &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(
	    err.text, "base/policy.yaml:2:5: the id 'base' is that of "));
}
END_TEST

/* Two laws that cannot both be kept. */
START_TEST(laws_that_contradict_do_not_meet)
{
	char policies[SANDBOX_PATH],
	    head[] = "schema: tracegate.policy/1\nid: zz\nversion: 1\nlayer: "
		     "region\n"
		     "jurisdiction: DE\neffective_from: 2026-11-24\n"
		     "review_by: 2027-06-01\n";
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"targets: {residency_allow: [US]}\n",
		"8:28: E-EMPTY: /targets/residency_allow: [US] has nothing in "
		"common with [AT, BE, BG, CY, CZ, DE, DK, EE, ES, FI, FR, GB, "
		"... 31 in all] ("},
	    {"redaction: {detectors: {UK_NINO: {fides: user.other}}}\n",
		"8:42: E-LOCKED: /redaction/detectors/UK_NINO/fides: "
		"user.other differs from "
		"user.government_id.national_identification_number ("},
	    /* An origin that is left without any mechanism is no origin that
	     * nobody asks for. */
	    {"transfers: {origins: {GB: {mechanisms: {JO: [domestic]}}}}\n",
		"8:45: E-EMPTY: /transfers/origins/GB/mechanisms: no key in "
		"common with "},
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		char text[1024], want[2 * TG_ERR_TEXT];
		struct tg_err err = {0};

		sandbox_copy_policies("m");
		(void)snprintf(text, sizeof(text), "%s%s", head, rows[i].text);
		sandbox_write("m/regions/zz/policy.yaml", text);
		(void)snprintf(policies, sizeof(policies), "%s",
		    sandbox_path("m/policies"));
		ck_assert_ptr_null(compile_from(policies,
		    sandbox_path("m/regions"), "uk,zz", NULL, NULL, &err));
		(void)snprintf(want, sizeof(want), "%s:%s",
		    sandbox_path("m/regions/zz/policy.yaml"), rows[i].want);
		ck_assert_msg(strncmp(err.text, want, strlen(want)) == 0,
		    "%s\n%s", err.text, want);
		ck_assert_ptr_nonnull(strstr(err.text, "uk/policy.yaml:"));
	}
}
END_TEST

START_TEST(missing_files_are_a_configuration_error)
{
	struct tg_err err = {0};

	ck_assert_ptr_null(compile_from(sandbox_path("none"),
	    root_path("regions"), "uk", NULL, NULL, &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_null(compile_from(root_path("policies"),
	    sandbox_path("none"), "uk", NULL, NULL, &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_null(compile_from(root_path("policies"),
	    root_path("regions"), "uk", sandbox_path("none.yaml"), NULL, &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_null(compile_from(root_path("policies"),
	    root_path("regions"), "uk", NULL, sandbox_path("none.json"), &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
}
END_TEST

Suite *
message_suite(void)
{
	Suite *s = suite_create("policies/messages");
	TCase *t = tcase_create("messages");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_loop_test(
	    t, a_project_is_refused_in_these_words, 0, (int)TG_COUNT(projects));
	tcase_add_loop_test(
	    t, a_refusal_says_what_to_type, 0, (int)TG_COUNT(hints));
	tcase_add_loop_test(t, a_planted_fault_is_refused_in_these_words, 0,
	    (int)TG_COUNT(plants));
	tcase_add_test(t, unknown_region_names_those_there_are);
	tcase_add_test(t, a_region_brings_no_retention_class);
	tcase_add_test(t, two_layers_of_one_id_are_refused);
	tcase_add_test(t, laws_that_contradict_do_not_meet);
	tcase_add_test(t, missing_files_are_a_configuration_error);
	suite_add_tcase(s, t);
	return s;
}
