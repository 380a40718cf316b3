#include "policies/control.h"

#include <check.h>
#include <stdio.h>

#include "policies/compiled.h"
#include "policies/provenance.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *control_suite(void);

/* Every region, so every controls.yaml there is. */
static bool
known(const struct tg_policy *p, const char *id)
{
	for (size_t i = 0; i < p->n_controls; i++)
		if (tg_controls_find(&p->controls[i], tg_sv_of(id)) != NULL)
			return true;
	return false;
}

START_TEST(every_provenance_is_seed_choice_or_a_control_there_is)
{
	struct tg_policy *p = shipped("uk,fr,us");
	size_t n = 0;

	for (size_t i = 0; i < p->n_layer; i++)
		for (size_t k = 0; k < p->layer[i].n_prov; k++) {
			const char *s = p->layer[i].prov[k].source;

			ck_assert_msg(strcmp(s, "seed") == 0 ||
				strcmp(s, "choice") == 0 || known(p, s),
			    "%s: %s", p->layer[i].file.name, s);
			n++;
		}
	ck_assert_uint_gt(n, 90);
	tg_policy_free(p);
}
END_TEST

/* The other way: what a controls.yaml lists, its policy lists. */
START_TEST(every_control_is_listed_by_its_policy)
{
	struct tg_policy *p = shipped("uk,fr,us");
	const struct tg_pval *list =
	    tg_leaves_find(&p->leaves, TG_SV("/controls"));
	size_t n = 0;

	ck_assert_ptr_nonnull(list);
	for (size_t i = 0; i < p->n_controls; i++) {
		const bool fr = strcmp(p->controls[i].region, "fr") == 0;

		for (size_t k = 0; k < p->controls[i].n; k++) {
			const struct tg_control *c = &p->controls[i].c[k];

			ck_assert_msg(
			    tg_pval_has(list, tg_sv_of(c->id)), "%s", c->id);
			ck_assert_msg(
			    !fr || c->duty_fr[0] != '\0', "%s", c->id);
			n++;
		}
	}
	ck_assert_uint_eq(n, 8 + 17 + 22 + 18);
	ck_assert_uint_eq(list->n, n);
	tg_policy_free(p);
}
END_TEST

/* The stable codes (policy-and-evidence.md 4.8). */
static const char *const codes[] = {"PUR-NOT-ALLOWED", "LEG-BASIS",
    "LEG-LIA-MISSING", "DPIA-MISSING", "DPA-INCOMPLETE", "XFR-DENIED",
    "XFR-NOT-ALLOWED", "XFR-MECHANISM", "XFR-CHECKS", "XFR-ASSESSMENT-STALE",
    "XFR-ONWARD", "DSP-BULK", "DSP-WARN", "DSP-SCREEN", "SMP-OUT", "SMP-RATE",
    "SMP-CAP-SUBJECT", "SMP-CAP-TOTAL", "LIM-TOKENS", "LIM-BYTES",
    "RED-DROP-RECORD", "RED-ENGINE-ERROR", "RED-LANGUAGE", "RED-NIR",
    "RED-SPECIAL", "ANO-K", "ANO-SUPPRESSED", "ANO-L", "ANO-DATE", "ANO-CLAIM",
    "ANO-HASH", "ACT-KIND", "ACT-SOURCE", "ACT-POS", "ACT-TOPK",
    "GATE-RESIDUAL", "GATE-CANARY", "GATE-REVIEW", "GATE-INTRUDER",
    "GATE-NOT-RUN", "APR-MISSING", "APR-EXPIRED", "APR-ROLE", "APR-SAME-PERSON",
    "APR-DIGEST", "APR-REJECTED", "KEY-AGE", "KEY-CUSTODY", "TGT-SCHEME",
    "TGT-PATTERN", "TGT-RESIDENCY", "TGT-RESIDENCY-MISMATCH", "TGT-OWNER",
    "RET-TOO-LONG", "RET-EXPIRED", "RET-HELD", "RET-AIACT", "BUD-WARN",
    "BUD-CAP", "LAT-P90", "EXC-UNKNOWN", "EXC-NEVER", "EXC-INHERITED",
    "EXC-NOT-LOOSER", "EXC-TOO-LONG", "EXC-UNSIGNED", "EXC-EXPIRED",
    "EXC-REVOKED", "EXC-SCOPE", "APR-SUSPENDED", "APR-REVOKED", "APR-CAP",
    "APR-SCOPE", "DPA-CLAUSE", "KEY-COUNT", "KEY-HOLDER", "KEY-STORE",
    "TGT-HEALTH"};

START_TEST(controls_name_known_codes_and_sections)
{
	struct tg_policy *p = shipped("uk,fr,us");

	for (size_t i = 0; i < p->n_controls; i++)
		for (size_t k = 0; k < p->controls[i].n; k++) {
			const struct tg_control *c = &p->controls[i].c[k];

			for (size_t m = 0; m < c->n_code; m++) {
				size_t j = 0;

				while (j < TG_COUNT(codes) &&
				    strcmp(codes[j], c->code[m]) != 0)
					j++;
				ck_assert_msg(j < TG_COUNT(codes), "%s: %s",
				    c->id, c->code[m]);
			}
			for (size_t m = 0; m < c->n_shown; m++)
				ck_assert_msg(
				    strncmp(c->shown[m], "EP-", 3) == 0, "%s",
				    c->id);
		}
	tg_policy_free(p);
}
END_TEST

/* The detector types of the project, by these very names. */
static const char *const types[] = {"ADDRESS", "AGE", "CREDIT_CARD",
    "DATE_OF_BIRTH", "EMAIL", "FR_CNI", "FR_NIR", "FR_PASSPORT", "FR_PLATE",
    "FR_POSTCODE", "FR_RIB", "FR_SIREN", "FR_SIRET", "FR_TAX_ID", "FR_VAT",
    "GPS", "IBAN", "IP_ADDRESS", "JWT", "MAC_ADDRESS", "PERSON", "PHONE",
    "PRIVATE_KEY", "SECRET", "UK_DRIVING_LICENCE", "UK_NHS_NUMBER", "UK_NINO",
    "UK_PASSPORT", "UK_POSTCODE", "UK_SORT_CODE", "UK_UTR", "UK_VAT",
    "URL_CREDENTIALS", "US_ABA_ROUTING", "US_BANK_ACCOUNT", "US_DRIVER_LICENSE",
    "US_EIN", "US_ITIN", "US_PASSPORT", "US_SSN", "US_ZIP"};

START_TEST(the_policies_name_every_detector_type_and_no_other)
{
	struct tg_policy *p = shipped("uk,fr,us");
	const char *head = "/redaction/detectors/";
	char path[SANDBOX_PATH];
	size_t n = 0;

	for (size_t i = 0; i < TG_COUNT(types); i++) {
		static const char *const keys[] = {
		    "action", "min_score", "fides"};

		for (size_t k = 0; k < TG_COUNT(keys); k++) {
			(void)snprintf(path, sizeof(path), "%s%s/%s", head,
			    types[i], keys[k]);
			ck_assert_msg(
			    tg_policy_find(p, path) != NULL, "%s", path);
		}
	}
	for (size_t i = 0; i < tg_policy_count(p); i++)
		n += strncmp(tg_policy_at(p, i)->path, head, strlen(head)) ==
			0 &&
		    strstr(tg_policy_at(p, i)->path, "/action") != NULL;
	ck_assert_uint_eq(n, TG_COUNT(types));
	tg_policy_free(p);
}
END_TEST

Suite *
control_suite(void)
{
	Suite *s = suite_create("policies/control");
	TCase *t = tcase_create("control");

	tcase_add_test(
	    t, every_provenance_is_seed_choice_or_a_control_there_is);
	tcase_add_test(t, every_control_is_listed_by_its_policy);
	tcase_add_test(t, controls_name_known_codes_and_sections);
	tcase_add_test(t, the_policies_name_every_detector_type_and_no_other);
	suite_add_tcase(s, t);
	return s;
}
