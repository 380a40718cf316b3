#include "pipeline/bundle/hkdf.h"

#include <string.h>

#include "base/enc.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

/* RFC 5869 appendix A, cases 1 to 3, the first 32 bytes of OKM. */
static const struct {
	const char *ikm, *salt, *info, *okm;
} row[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	"000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
	"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
     "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
     "404142434445464748494a4b4c4d4e4f",
	"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
	"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
	"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
	"b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
	"d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
	"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
	"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"},
};

START_TEST(hkdf_matches_rfc_5869)
{
	uint8_t ikm[80], salt[80], info[80], want[TG_HKDF_LEN];
	struct tg_hkdf h;
	const size_t n_ikm = strlen(row[_i].ikm) / 2,
		     n_salt = strlen(row[_i].salt) / 2,
		     n_info = strlen(row[_i].info) / 2;

	ck_assert(tg_hex_decode(ikm, n_ikm, tg_sv_of(row[_i].ikm)));
	ck_assert(tg_hex_decode(salt, n_salt, tg_sv_of(row[_i].salt)));
	ck_assert(tg_hex_decode(info, n_info, tg_sv_of(row[_i].info)));
	ck_assert(tg_hex_decode(want, sizeof want, tg_sv_of(row[_i].okm)));
	tg_hkdf(&h, ikm, n_ikm, salt, n_salt,
	    (struct tg_sv){(const char *)info, n_info});
	ck_assert_mem_eq(h.key, want, sizeof want);
}
END_TEST

Suite *
hkdf_suite(void)
{
	Suite *const s = suite_create("hkdf");
	TCase *const t = tcase_create("hkdf");

	tcase_add_loop_test(t, hkdf_matches_rfc_5869, 0, (int)TG_COUNT(row));
	suite_add_tcase(s, t);
	return s;
}
