#include "pipeline/bundle/bech32.h"

#include <stdlib.h>

#include "base/enc.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

/* BIP 173, "Test vectors": valid ones whose data is whole bytes. */
static const struct {
	const char *text, *hrp;
	enum tg_bech32_case letters;
	const char *hex;
} valid[] = {
    {"A12UEL5L", "a", TG_BECH32_UPPER, ""},
    {"a12uel5l", "a", TG_BECH32_LOWER, ""},
    {"?1ezyfcl", "?", TG_BECH32_LOWER, ""},
    {"an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcluded"
     "charactersbio1tt5tgs",
	"an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcl"
	"udedcharactersbio",
	TG_BECH32_LOWER, ""},
    {"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", TG_BECH32_LOWER,
	"00443214c74254b635cf84653a56d7c675be77df"},
    {"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split",
	TG_BECH32_LOWER,
	"c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"},
};

/* The same source, invalid ones, and what age adds: one case only. */
static const struct {
	const char *text, *hrp;
	enum tg_bech32_case letters;
} invalid[] = {
    {"pzry9x0s0muk", "", TG_BECH32_LOWER},
    {"1pzry9x0s0muk", "x", TG_BECH32_LOWER},
    {"x1b4n0q5v", "x", TG_BECH32_LOWER},
    {"li1dgmt3", "li", TG_BECH32_LOWER},
    {"de1lg7wt\xff", "de", TG_BECH32_LOWER},
    {"A1G7SGD8", "a", TG_BECH32_UPPER},
    {"A12UEL5L", "a", TG_BECH32_LOWER},
    {"a12uel5l", "a", TG_BECH32_UPPER},
    {"a12uEL5L", "a", TG_BECH32_LOWER},
    {"a12uel5", "a", TG_BECH32_LOWER},
    {"a12uel5l ", "a", TG_BECH32_LOWER},
    {"b12uel5l", "a", TG_BECH32_LOWER},
    {"", "a", TG_BECH32_LOWER},
    {"a1", "a", TG_BECH32_LOWER},
};

START_TEST(bech32_valid_vector_decodes_and_encodes_again)
{
	const size_t n = strlen(valid[_i].hex) / 2;
	uint8_t want[64], got[64];
	struct tg_buf text;

	ck_assert(tg_hex_decode(want, n, tg_sv_of(valid[_i].hex)));
	ck_assert(tg_bech32_decode(got, n, valid[_i].hrp,
	    tg_sv_of(valid[_i].text), valid[_i].letters));
	ck_assert_mem_eq(got, want, n);
	tg_buf_init(&text, 256);
	ck_assert_int_eq(tg_bech32_add(&text, valid[_i].hrp, want, n,
			     valid[_i].letters, NULL),
	    0);
	ck_assert_str_eq(text.p, valid[_i].text);
	tg_buf_deinit(&text);
}
END_TEST

START_TEST(bech32_invalid_vector_is_refused)
{
	uint8_t got[64];

	for (size_t n = 0; n < 8; n++)
		ck_assert(!tg_bech32_decode(got, n, invalid[_i].hrp,
		    tg_sv_of(invalid[_i].text), invalid[_i].letters));
}
END_TEST

START_TEST(bech32_every_other_length_is_refused_and_leaves_zeros)
{
	const struct tg_sv text =
	    TG_SV("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw");
	uint8_t got[64];

	for (size_t n = 0; n < sizeof got; n++) {
		memset(got, 0xaa, sizeof got);
		ck_assert_int_eq(
		    tg_bech32_decode(got, n, "abcdef", text, TG_BECH32_LOWER),
		    n == 20);
		for (size_t i = 0; i < n && n != 20; i++)
			ck_assert_uint_eq(got[i], 0);
	}
}
END_TEST

START_TEST(bech32_any_changed_character_is_refused)
{
	char text[] = "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw";
	uint8_t got[20];

	for (size_t i = 0; i < sizeof text - 1; i++) {
		const char c = text[i];

		for (int x = 0; x < 256; x++) {
			if ((char)x == c)
				continue;
			text[i] = (char)x;
			ck_assert(!tg_bech32_decode(got, sizeof got, "abcdef",
			    (struct tg_sv){text, sizeof text - 1},
			    TG_BECH32_LOWER));
		}
		text[i] = c;
	}
}
END_TEST

Suite *
bech32_suite(void)
{
	Suite *const s = suite_create("bech32");
	TCase *const t = tcase_create("bech32");

	tcase_add_loop_test(t, bech32_valid_vector_decodes_and_encodes_again, 0,
	    (int)TG_COUNT(valid));
	tcase_add_loop_test(
	    t, bech32_invalid_vector_is_refused, 0, (int)TG_COUNT(invalid));
	tcase_add_test(
	    t, bech32_every_other_length_is_refused_and_leaves_zeros);
	tcase_add_test(t, bech32_any_changed_character_is_refused);
	suite_add_tcase(s, t);
	return s;
}
