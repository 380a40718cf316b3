/* The worked examples: each computed by hand or published as a sample. */
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

static const struct {
	const char *name, *text;
	enum tg_checked want;
} rows[] = {
    {"credit_card", "4111 1111 1111 1111", TG_CHECK_GOOD},
    {"credit_card", "2223003122003222", TG_CHECK_GOOD},
    {"credit_card", "4111 1111 1111 1112", TG_CHECK_BAD},
    {"credit_card", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", TG_CHECK_BAD},
    {"credit_card", "4111111111111111 3",
	TG_CHECK_GOOD}, /* all 17 sum up too */
    {"iban", "FR14 2004 1010 0505 0001 3M02 606", TG_CHECK_GOOD},
    {"iban", "GB82 WEST 1234 5698 7654 32", TG_CHECK_GOOD},
    {"iban", "FR76 3000 6000 0112 3456 7890 189", TG_CHECK_GOOD},
    {"iban", "FR14 2004 1010 0505 0001 3M02 607", TG_CHECK_BAD},
    {"iban", "GB82 WEST 1234 5698 7654", TG_CHECK_BAD},
    {"bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", TG_CHECK_GOOD},
    {"bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", TG_CHECK_BAD},
    {"bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", TG_CHECK_GOOD},
    {"bitcoin", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", TG_CHECK_GOOD},
    {"bitcoin", "bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", TG_CHECK_BAD},
    {"imei", "490154203237518", TG_CHECK_GOOD},
    {"imei", "490154203237519", TG_CHECK_BAD},
    {"vin", "1M8GDM9AXKP042788", TG_CHECK_GOOD},
    {"vin", "1M8GDM9A1KP042788", TG_CHECK_PLAIN},
    {"vin", "1M8GDM9AOKP042788", TG_CHECK_BAD},
    {"vin", "12345678901234567", TG_CHECK_BAD},
    {"ipv4", "192.0.2.17", TG_CHECK_PLAIN},
    {"ipv4", "198.51.100.0/24", TG_CHECK_PLAIN},
    {"ipv4", "198.51.100.0/33", TG_CHECK_BAD},
    {"ipv4", "256.0.2.17", TG_CHECK_BAD},
    {"ipv6", "2001:db8::8a2e:370:7334", TG_CHECK_PLAIN},
    {"ipv6", "fe80::1%eth0", TG_CHECK_PLAIN},
    {"ipv6", "2001:db8:8ac0:4a:1c2b:3d4e:5f60:7182", TG_CHECK_GOOD},
    {"ipv6", "00:00:5e:ff:fe:00:53:af", TG_CHECK_PLAIN},
    {"ipv6", "12:30:45", TG_CHECK_BAD},
    {"ipv6", "a::b", TG_CHECK_BAD},
    {"mac", "00:00:5e:00:53:af", TG_CHECK_PLAIN},
    {"mac", "ff:ff:ff:ff:ff:ff", TG_CHECK_BAD},
    {"mac", "00:00-5e:00:53:af", TG_CHECK_BAD},
    {"email", "j.dupont+t@ex-ample.co.uk", TG_CHECK_PLAIN},
    {"email", "icon@2x.png", TG_CHECK_BAD},
    {"phone_e164", "+44 20 7946 0958", TG_CHECK_PLAIN},
    {"phone_e164", "+33 (0)6 39 98 01 23", TG_CHECK_PLAIN},
    {"phone_e164", "+33 0", TG_CHECK_BAD},
    {"phone_e164", "+1.4142135623", TG_CHECK_BAD},
    {"phone_fr", "06 39 98 01 23", TG_CHECK_PLAIN},
    {"phone_fr", "00 12 34 56 78", TG_CHECK_BAD},
    {"phone_uk", "020 7946 0958", TG_CHECK_PLAIN},
    {"phone_uk", "01632 960001", TG_CHECK_PLAIN},
    {"phone_uk", "0207946095", TG_CHECK_BAD},
    {"phone_us", "(202) 555-0132", TG_CHECK_PLAIN},
    {"phone_us", "123-456-7890", TG_CHECK_BAD},
    {"phone_us", "211-555-0132", TG_CHECK_BAD},
    {"date", "12/05/1985", TG_CHECK_PLAIN},
    {"date", "3 fevrier 1990", TG_CHECK_PLAIN},
    {"date", "March 3rd, 1990", TG_CHECK_PLAIN},
    {"date", "45/45/1985", TG_CHECK_BAD},
    {"date", "12/05/1785", TG_CHECK_BAD},
    {"uk_nino", "AB 12 34 56 C", TG_CHECK_PLAIN},
    {"uk_nino", "BG123456A", TG_CHECK_BAD},
    {"uk_nino", "QQ123456C", TG_CHECK_BAD},
    {"uk_nino", "AO123456A", TG_CHECK_BAD},
    {"uk_nhs", "943 476 5919", TG_CHECK_GOOD},
    {"uk_nhs", "943 476 5918", TG_CHECK_BAD},
    {"uk_nhs", "111 111 1111", TG_CHECK_BAD},
    {"uk_utr", "1123456789", TG_CHECK_GOOD},
    {"uk_utr", "1955839661", TG_CHECK_GOOD},
    {"uk_utr", "2955839661", TG_CHECK_BAD},
    {"uk_vat", "GB 980 7806 84", TG_CHECK_GOOD},
    {"uk_vat", "GB100190874", TG_CHECK_GOOD},
    {"uk_vat", "980780685", TG_CHECK_BAD},
    {"uk_vat_list", "GB GD 001", TG_CHECK_PLAIN},
    {"uk_vat_list", "ha501", TG_CHECK_PLAIN},
    {"uk_vat_list", "HA499", TG_CHECK_BAD},
    {"uk_vat_list", "GD 888 8100 03", TG_CHECK_GOOD},
    {"uk_vat_list", "GD888810004", TG_CHECK_BAD},
    {"uk_vat_list", "HA888810003", TG_CHECK_BAD},
    {"uk_driving_licence", "MORGA 753116 SM9IJ", TG_CHECK_GOOD},
    {"uk_driving_licence", "MORGA753116SM9IJ 35", TG_CHECK_GOOD},
    {"uk_driving_licence", "MORGA 719116 SM9IJ", TG_CHECK_BAD},
    {"uk_driving_licence", "99999 753116 SM9IJ", TG_CHECK_BAD},
    {"uk_postcode", "SW1A 1AA", TG_CHECK_PLAIN},
    {"uk_postcode", "M1 1AE", TG_CHECK_PLAIN},
    {"uk_postcode", "QA1 1AA", TG_CHECK_BAD},
    {"uk_postcode", "M1 1CA", TG_CHECK_BAD},
    {"uk_vrm", "AB51 ABC", TG_CHECK_PLAIN},
    {"uk_vrm", "AB30 ABC", TG_CHECK_BAD},
    {"fr_nir", "1 85 05 78 006 084 91", TG_CHECK_GOOD},
    {"fr_nir", "2 55 08 2A 168 025 97", TG_CHECK_GOOD},
    {"fr_nir", "2 53 07 2b 073 004 70", TG_CHECK_GOOD},
    {"fr_nir", "1 85 05 78 006 084 92", TG_CHECK_BAD},
    {"fr_nir", "1850578006084", TG_CHECK_PLAIN},
    {"fr_nir", "1 85 13 78 006 084", TG_CHECK_BAD},
    {"fr_tax_id", "30 23 217 600 053", TG_CHECK_GOOD},
    {"fr_tax_id", "0701987765493", TG_CHECK_GOOD},
    {"fr_tax_id", "30 23 217 600 054", TG_CHECK_BAD},
    {"fr_siren", "732 829 320", TG_CHECK_GOOD},
    {"fr_siren", "404833047", TG_CHECK_BAD},
    {"fr_siret", "732 829 320 00074", TG_CHECK_GOOD},
    {"fr_siret", "356 000 000 09075", TG_CHECK_GOOD},
    {"fr_siret", "732 829 320 00079", TG_CHECK_BAD},
    {"fr_vat", "FR83404833048", TG_CHECK_GOOD},
    {"fr_vat", "44732829320", TG_CHECK_GOOD},
    {"fr_vat", "FR84404833048", TG_CHECK_BAD},
    {"fr_rib", "20041 01005 0500013M026 06", TG_CHECK_GOOD},
    {"fr_rib", "30006 00001 12345678901 89", TG_CHECK_GOOD},
    {"fr_rib", "20041 01005 0500013M026 07", TG_CHECK_BAD},
    {"fr_rpps", "10003456786", TG_CHECK_GOOD},
    {"fr_rpps", "10003456787", TG_CHECK_BAD},
    {"fr_plate", "AB-123-CD", TG_CHECK_PLAIN},
    {"fr_plate", "SS-123-AB", TG_CHECK_BAD},
    {"us_ssn", "536-90-4399", TG_CHECK_PLAIN},
    {"us_ssn", "666-12-3456", TG_CHECK_BAD},
    {"us_ssn", "536-00-4399", TG_CHECK_BAD},
    {"us_itin", "912-90-3456", TG_CHECK_PLAIN},
    {"us_itin", "912-89-4567", TG_CHECK_BAD},
    {"us_ein", "91-1144442", TG_CHECK_PLAIN},
    {"us_ein", "07-1144442", TG_CHECK_BAD},
    {"aba_routing", "021000021", TG_CHECK_GOOD},
    {"aba_routing", "112000025", TG_CHECK_BAD},
    {"us_npi", "1234567893", TG_CHECK_GOOD},
    {"us_npi", "1234567890", TG_CHECK_BAD},
    {"us_dea", "AB1234563", TG_CHECK_GOOD},
    {"us_dea", "AB1234560", TG_CHECK_BAD},
    {"us_mbi", "1EG4-TE5-MK73", TG_CHECK_PLAIN},
    {"us_mbi", "1SG4TE5MK73", TG_CHECK_BAD},
    {"jwt", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJkZW1vIn0", TG_CHECK_GOOD},
    {"secret_mixed", "Lo46lAQ9OFqPaFruZyuw", TG_CHECK_PLAIN},
    {"secret_mixed", "0a1b2c3d4e5f6a7b0a1b", TG_CHECK_BAD},
    {"secret_mixed", "LayerNormalisationOfBlock123", TG_CHECK_BAD},
    {"secret_token", "0a1b2c3d4e5f6a7b", TG_CHECK_PLAIN},
    {"secret_token", "17-gemmascope-2-res-16k", TG_CHECK_BAD},
    {"secret_token", "12345678901234567890", TG_CHECK_BAD},
    {"address", "172 Demovej 75", TG_CHECK_PLAIN},
    {"address", "12", TG_CHECK_BAD},
    {"street", "10 Demo Street, London SW1A 1AA", TG_CHECK_GOOD},
    {"street", "5 avenue Foch, 75016 Paris", TG_CHECK_GOOD},
    {"street", "12345 Demo Road", TG_CHECK_PLAIN},
    {"address", "Section 12", TG_CHECK_BAD},
    {"secret_value", "0a1b2c3d4e5f", TG_CHECK_PLAIN},
    {"secret_value", "${PASSWORD}", TG_CHECK_BAD},
    {"secret_value", "aaaaaaaaaaaa", TG_CHECK_BAD},
    {"phone_any", "60-56-85-91", TG_CHECK_PLAIN},
    {"phone_any", "0.12345678", TG_CHECK_BAD},
};

START_TEST(worked_examples_are_judged)
{
	const struct tg_validator *v =
	    tg_validator_find(tg_sv_of(rows[_i].name));
	const size_t n = strlen(rows[_i].text);
	struct tg_cut cut = {0, n};

	ck_assert_msg(v != NULL, "%s", rows[_i].name);
	ck_assert_msg(v->run(rows[_i].text, n, &cut) == rows[_i].want,
	    "%s of %s", rows[_i].name, rows[_i].text);
	ck_assert_uint_le(cut.end, n);
}
END_TEST

START_TEST(every_validator_is_in_the_table_of_examples)
{
	const char *const *name = tg_validator_names();

	for (; *name != NULL; name++) {
		bool found = false;

		for (size_t i = 0; i < TG_COUNT(rows); i++)
			found = found || strcmp(rows[i].name, *name) == 0;
		ck_assert_msg(found, "%s", *name);
		ck_assert(
		    tg_validator_find(tg_sv_of(*name))->source[0] != '\0');
	}
}
END_TEST

START_TEST(every_validator_survives_every_short_text)
{
	static const char bytes[] = "0A-. \x80:@%";
	const char *const *name = tg_validator_names();
	char text[5];

	for (; *name != NULL; name++)
		for (size_t k = 0; k < 10000; k++) {
			const size_t n = 1 + k % 4;
			struct tg_cut cut = {0, n};
			size_t v = k;

			for (size_t i = 0; i < n; i++, v /= 10)
				text[i] = bytes[v % 10];
			(void)tg_validator_find(tg_sv_of(*name))
			    ->run(text, n, &cut);
			ck_assert_uint_le(cut.end, n);
		}
}
END_TEST

Suite *validator_suite(void);
Suite *
validator_suite(void)
{
	Suite *s = suite_create("validator");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(
	    t, worked_examples_are_judged, 0, (int)TG_COUNT(rows));
	tcase_add_test(t, every_validator_is_in_the_table_of_examples);
	tcase_add_test(t, every_validator_survives_every_short_text);
	suite_add_tcase(s, t);
	return s;
}
