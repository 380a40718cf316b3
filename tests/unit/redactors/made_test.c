/* Valid numbers of nobody in many groupings and sentences are covered; near
 * misses, numbers of machines and of models are not. */
#include "tests/unit/redactors/made.h"

#include <stdio.h>

#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define TIMES 12 /* values of a grouping and sentence */

/* @v cut as @group says: a number is so many bytes, another byte itself. */
static size_t
grouped(char *out, size_t cap, const char *v, const char *group)
{
	size_t m = 0;

	while (*group != '\0' && *v != '\0') {
		size_t k = 0;

		if (*group < '0' || *group > '9') {
			out[m++] = *group++;
			continue;
		}
		while (*group >= '0' && *group <= '9')
			k = k * 10 + (size_t)(*group++ - '0');
		while (k-- > 0 && *v != '\0' && m + 2 < cap)
			out[m++] = *v++;
	}
	while (m > 0 && out[m - 1] == ' ')
		m--;
	out[m] = '\0';
	return m;
}

static void
covered(const struct made *row, const char *sentence, const char *group,
    uint64_t *state)
{
	char value[MADE_MAX], shown[2 * MADE_MAX], text[512];
	const char *const at = strstr(sentence, "%s");
	const size_t before = (size_t)(at - sentence);
	struct tg_findings f;
	bool all = false;
	size_t n;

	row->make(value, state);
	n = grouped(shown, sizeof(shown), value, group);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)before, sentence,
	    shown, at + 2);
	f = fixture_scan(text, "text");
	for (size_t i = 0; i < f.n; i++)
		all =
		    all || (f.f[i].start <= before && f.f[i].end >= before + n);
	ck_assert_msg(
	    all, "%s as '%s' in '%s': %s", row->type, group, sentence, value);
}

START_TEST(made_values_are_covered)
{
	const struct made *row = &made_rows[_i];
	uint64_t state = 20260101 + (uint64_t)_i;

	for (size_t g = 0; row->group[g] != NULL; g++)
		for (size_t s = 0; row->sentence[s] != NULL; s++)
			for (int k = 0; k < TIMES; k++)
				covered(row, row->sentence[s], row->group[g],
				    &state);
}
END_TEST

/* What stands in front of the value and behind it. */
static const struct {
	const char *before, *after;
} beside[] = {{"", " 3"}, {"", " 12 items"}, {"", " 2024"}, {"", " 3.5"},
    {"3 ", ""}, {"no. 7: ", ", 8"}, {"(2) ", " (3)"}, {"2024 ", " 06"}};

/* A check sum must not be taken over digits that are not of the value. */
START_TEST(a_number_beside_hides_nothing)
{
	const struct made *row = &made_rows[_i];
	/* A value alone may be found because it is alone. */
	const char *const said = row->sentence[strlen(row->sentence[0]) == 2];
	const size_t before = (size_t)(strstr(said, "%s") - said);
	uint64_t state = 77 + (uint64_t)_i;
	char sentence[128];

	for (size_t b = 0; b < TG_COUNT(beside); b++) {
		(void)snprintf(sentence, sizeof(sentence), "%.*s%s%%s%s%s",
		    (int)before, said, beside[b].before, beside[b].after,
		    said + before + 2);
		for (size_t g = 0; row->group[g] != NULL; g++)
			for (int k = 0; k < 2 * TIMES; k++)
				covered(row, sentence, row->group[g], &state);
	}
}
END_TEST

/* The last digit changed: the check no longer holds. */
START_TEST(a_near_miss_is_not_of_the_type)
{
	static const char *const checked[] = {"CREDIT_CARD", "IBAN", "FR_NIR",
	    "FR_SIRET", "FR_TAX_ID", "FR_VAT", "FR_RIB", "UK_NHS_NUMBER",
	    "UK_VAT", "US_NPI", "US_DEA", "US_ABA_ROUTING", "IMEI"};
	const struct made *row = &made_rows[_i];
	uint64_t state = 7 + (uint64_t)_i;
	char value[MADE_MAX];
	bool has = false;

	for (size_t i = 0; i < TG_COUNT(checked); i++)
		has = has || strcmp(checked[i], row->type) == 0;
	for (int k = 0; has && k < TIMES; k++) {
		size_t n;

		row->make(value, &state);
		n = strlen(value);
		value[n - 1] =
		    (char)(value[n - 1] == '9' ? '0' : value[n - 1] + 1);
		ck_assert_msg(!fixture_has(fixture_scan(value, ""), row->type),
		    "%s: %s", row->type, value);
	}
}
END_TEST

static const char *const forms[] = {"0.%s", "%s.5", "-1.%se-05", "a%s", "%sf",
    "x%s", "%s%s%s", "41%.6s-%.4s-4111-8111-%.12s", "\"%s\": 0.%s", "%se+12"};

/* Valid numbers inside of others: floats, hex, UUIDs, longer runs. */
START_TEST(a_number_inside_another_is_none)
{
	uint64_t state = 99;
	char value[MADE_MAX], text[4 * MADE_MAX];

	for (unsigned r = 0; r < made_n; r++) {
		if (strcmp(made_rows[r].group[0], "3-2-4") == 0)
			continue;
		for (int k = 0; k < TIMES; k++) {
			made_rows[r].make(value, &state);
			if (value[0] > '9' || strlen(value) < 12 ||
			    strspn(value, "0123456789") != strlen(value))
				continue;
				/* The formats are those of the table above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			(void)snprintf(
			    text, sizeof(text), forms[_i], value, value, value);
#pragma GCC diagnostic pop
			if (_i == 8)
				text[0] = ' ';
			ck_assert_msg(!fixture_has(fixture_scan(text, ""),
					  made_rows[r].type) ||
				_i == 8,
			    "%s in %s", made_rows[r].type, text);
		}
	}
}
END_TEST

static const char *const machine[] = {
    "[536904399, 404833048, 732829320, 943476591]",
    "\"activations\": [0.8200, 12.0625, 3.1415926535, 1e-07]",
    "\"tokens\": [21820, 563, 9434765919, 1123456789]",
    "layer 17 feature 12345 position 3 act 48.5",
    "2026-11-25T04:50:00.123456Z",
    "1700000000.123",
    "1700000000123",
    "v2.10.3-rc.1+build.20261125",
    "torch==2.3.1+cu121",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "550e8400-e29b-41d4-a716-446655440000",
    "0x7fffffffffffffff",
    "rows 10, cols 20-29-59 to 30",
    "12:30:45.678 INFO worker-3 pid 31337",
    "dim=4096 heads=32 vocab=256000",
    "gemma-2-2b/17-gemmascope-res-16k/12345",
    "\"feature_key\": \"17-gemmascope-2-res-16k\"",
    "n_ctx 131072 of 1048576",
    "3 cours de danse et 2 places assises",
    "2 men on the road to Dover",
    "in 5 days he was on 3rd place",
    "Section 12, Table 3, Figure 4",
    "the token is something_that_is_long",
    "token_ids: 1234567890123456",
    "cache_key=lambda_function_name_of_mine",
    "lives in a house of 3 rooms",
    "commit 2c26b46b68ffc68ff99b453c1d30413413422d70",
    "loss 0.4111111111111111 at step 4111111111",
    "x = y + 12 - 34 * 56",
    "GPU 0000:3b:00.0 at 12:34:56:78",
    "7-zip 23.01 (x64) 2023-06-20",
};

START_TEST(numbers_of_machines_are_left_alone)
{
	const struct tg_findings f = fixture_scan(machine[_i], "");

	ck_assert_msg(f.n == 0, "%s: %s", machine[_i],
	    f.n == 0 ? "" : tg_rules_type(fixture_rules(), f.f[0].type));
}
END_TEST

static const struct {
	const char *type, *before, *value, *after;
} written[] = {
    {"ADDRESS", "I live at ", "10 Demo Street, London SW1A 1AA", "."},
    {"ADDRESS", "ship to ", "1600 N Example Ave Apt 4B, Springfield, IL 62704",
	" now"},
    {"ADDRESS", "au ", "12 bis rue de la R\xc3\xa9publique, 75011 Paris", "."},
    {"ADDRESS", "",
	"3 all\xc3\xa9"
	"e des Tilleuls\n34000 Montpellier",
	""},
    {"ADDRESS", "write to ", "PO Box 1234", " please"},
    {"ADDRESS", "", "BP 123, 69003 Lyon Cedex 03", ""},
    {"ADDRESS", "to ", "PSC 0413, Box 8144\nAPO AA 42323", ""},
    {"LOCATION", "she lives in ", "Exampleton", " now"},
    {"LOCATION",
	"n\xc3\xa9"
	"e \xc3\xa0 ",
	"Saint-Exemple", " en mai"},
    {"UK_SORT_CODE", "", "20-29-59 63748472", ""},
    {"UK_SORT_CODE", "bank details: ", "202959 63748472", ""},
    {"UK_VRM", "number plate ", "A123 BCD", ""},
    {"FR_PLATE", "plaque ", "1234 AB 75", ""},
    {"PHONE", "", "tel:+44-20-7946-0958", ""},
    {"PHONE", "Jane, ", "60 56 85 91", " (office)"},
    {"EMAIL", "to ", "\"jean dupont\"@example.com", ""},
    {"EMAIL", "ssh ", "demo@192.0.2.7", ""},
    {"GPS", "at ", "40.446\xc2\xb0 N 79.982\xc2\xb0 W", ""},
    {"SECRET", "<demoKey>\n  ", "0a1b2c3d4e5f6a7b8c9d", "\n</demoKey>"},
    {"SECRET", "demo_token ::= \"", "0a1b2c3d4e5f6a7b8c9d", "\""},
    {"SECRET", "curl -u ", "demo:hunter2x", " https://example.com"},
};

START_TEST(other_forms_are_covered)
{
	char text[512];
	const size_t a = strlen(written[_i].before);
	const size_t b = a + strlen(written[_i].value);

	(void)snprintf(text, sizeof(text), "%s%s%s", written[_i].before,
	    written[_i].value, written[_i].after);
	ck_assert_msg(
	    fixture_covered(fixture_scan(text, "text"), written[_i].type, a, b),
	    "%s", text);
}
END_TEST

/* The names of the issue; each has a rule. */
static const char *const types[] = {"EMAIL", "PHONE", "IP_ADDRESS",
    "MAC_ADDRESS", "URL_CREDENTIALS", "IBAN", "CREDIT_CARD", "CRYPTO_BTC",
    "CRYPTO_ETH", "GPS", "DATE_OF_BIRTH", "AGE", "PERSON", "ADDRESS",
    "LOCATION", "JWT", "PRIVATE_KEY", "SECRET", "IMEI", "VIN", "UK_NINO",
    "UK_NHS_NUMBER", "UK_UTR", "UK_PASSPORT", "UK_DRIVING_LICENCE",
    "UK_POSTCODE", "UK_SORT_CODE", "UK_BANK_ACCOUNT", "UK_VAT", "UK_VRM",
    "FR_NIR", "FR_TAX_ID", "FR_SIREN", "FR_SIRET", "FR_VAT", "FR_RIB", "FR_CNI",
    "FR_PASSPORT", "FR_PERMIS", "FR_PLATE", "FR_RPPS", "FR_POSTCODE", "US_SSN",
    "US_ITIN", "US_EIN", "US_ABA_ROUTING", "US_BANK_ACCOUNT", "US_PASSPORT",
    "US_DRIVER_LICENSE", "US_NPI", "US_DEA", "US_MBI", "US_ZIP"};

START_TEST(every_type_has_a_rule_in_front_of_the_prefilter)
{
	const struct tg_rules *r = fixture_rules();

	for (size_t k = 0; k < TG_COUNT(types); k++) {
		bool found = false;

		for (size_t i = 0; i < r->n; i++)
			found = found ||
			    strcmp(r->type[r->rule[i].type], types[k]) == 0;
		ck_assert_msg(found, "%s", types[k]);
	}
	for (size_t i = 0; i < r->n; i++)
		ck_assert_msg(!r->rule[i].slow || r->rule[i].keyed, "%s",
		    r->rule[i].info.id);
}
END_TEST

Suite *made_suite(void);
Suite *
made_suite(void)
{
	Suite *s = suite_create("made");
	TCase *tc = tcase_create("made");

	tcase_add_unchecked_fixture(tc, fixture_start, fixture_stop);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, made_values_are_covered, 0, (int)made_n);
	tcase_add_loop_test(tc, a_number_beside_hides_nothing, 0, (int)made_n);
	tcase_add_loop_test(tc, a_near_miss_is_not_of_the_type, 0, (int)made_n);
	tcase_add_loop_test(
	    tc, a_number_inside_another_is_none, 0, (int)TG_COUNT(forms));
	tcase_add_loop_test(
	    tc, numbers_of_machines_are_left_alone, 0, (int)TG_COUNT(machine));
	tcase_add_loop_test(
	    tc, other_forms_are_covered, 0, (int)TG_COUNT(written));
	tcase_add_test(tc, every_type_has_a_rule_in_front_of_the_prefilter);
	suite_add_tcase(s, tc);
	return s;
}
