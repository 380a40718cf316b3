#include "base/enc.h"

#include "tests/unit/base/suites.h"

#include "base/banned.h"

/* RFC 4648 section 10; base32 in our lower case without padding. */
static const struct {
	const char *text, *b64, *bare, *b32, *hex;
} vectors[] = {
    {"", "", "", "", ""},
    {"f", "Zg==", "Zg", "my", "66"},
    {"fo", "Zm8=", "Zm8", "mzxq", "666f"},
    {"foo", "Zm9v", "Zm9v", "mzxw6", "666f6f"},
    {"foob", "Zm9vYg==", "Zm9vYg", "mzxw6yq", "666f6f62"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE", "mzxw6ytb", "666f6f6261"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy", "mzxw6ytboi", "666f6f626172"},
};

START_TEST(the_vectors_of_rfc_4648_hold_both_ways)
{
	const struct tg_sv in = tg_sv_of(vectors[_i].text);
	char out[16], b32[32];
	struct tg_buf b;
	size_t n = 99;

	tg_buf_init(&b, 100);
	ck_assert_int_eq(tg_b64_add(&b, in.p, in.n, TG_B64_PADDED, NULL), 0);
	ck_assert(tg_sv_is(tg_buf_sv(&b), vectors[_i].b64));
	ck_assert(
	    tg_b64_decode(out, sizeof(out), &n, tg_buf_sv(&b), TG_B64_PADDED));
	ck_assert(tg_sv_eq((struct tg_sv){out, n}, in));
	tg_buf_reset(&b);
	ck_assert_int_eq(tg_b64_add(&b, in.p, in.n, TG_B64_BARE, NULL), 0);
	ck_assert(tg_sv_is(tg_buf_sv(&b), vectors[_i].bare));
	ck_assert(tg_b64_decode(out, in.n, &n, tg_buf_sv(&b), TG_B64_BARE));
	ck_assert(tg_sv_eq((struct tg_sv){out, n}, in));
	if (in.n > 0)
		ck_assert(!tg_b64_decode(
		    out, in.n - 1, &n, tg_buf_sv(&b), TG_B64_BARE));
	tg_buf_reset(&b);
	ck_assert_int_eq(tg_hex_add(&b, in.p, in.n, NULL), 0);
	ck_assert(tg_sv_is(tg_buf_sv(&b), vectors[_i].hex));
	ck_assert(tg_hex_decode(out, in.n, tg_buf_sv(&b)));
	ck_assert(tg_sv_eq((struct tg_sv){out, in.n}, in));
	tg_base32(b32, in.p, in.n);
	ck_assert_str_eq(b32, vectors[_i].b32);
	tg_buf_deinit(&b);
}
END_TEST

static const struct {
	const char *text;
	enum tg_b64_pad pad;
} refused[] = {
    {"Zg=", TG_B64_PADDED},
    {"Zg", TG_B64_PADDED},
    {"Zg===", TG_B64_PADDED},
    {"Zm9v=", TG_B64_PADDED},
    {"====", TG_B64_PADDED},
    {"=", TG_B64_PADDED},
    {"Z===", TG_B64_PADDED},
    {"Zg==Zg==", TG_B64_PADDED},
    {"Zh==", TG_B64_PADDED}, /* tail bits */
    {"Zm9=", TG_B64_PADDED},
    {"Zg==\n", TG_B64_PADDED},
    {"Zm 9", TG_B64_PADDED},
    {"Zm-_", TG_B64_PADDED},
    {"Zg==", TG_B64_BARE},
    {"Z", TG_B64_BARE},
    {"Zh", TG_B64_BARE},
    {"Zm9", TG_B64_BARE},
    {"Zm9vZ", TG_B64_BARE},
};

START_TEST(base64_that_encoding_would_not_give_is_refused)
{
	char out[64];
	size_t n = 77;

	ck_assert(!tg_b64_decode(
	    out, sizeof(out), &n, tg_sv_of(refused[_i].text), refused[_i].pad));
	ck_assert_uint_eq(n, 77);
}
END_TEST

START_TEST(every_byte_but_the_64_digits_is_refused)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
				     "nopqrstuvwxyz0123456789+/";
	unsigned int good = 0;

	for (int c = 0; c < 256; c++) {
		char text[4] = {'A', 'A', 'A', (char)c};
		char out[3];
		size_t n;

		if (!tg_b64_decode(
			out, 3, &n, (struct tg_sv){text, 4}, TG_B64_BARE))
			continue;
		good++;
		ck_assert_ptr_nonnull(memchr(digits, c, 64));
	}
	ck_assert_uint_eq(good, 64);
}
END_TEST

START_TEST(hex_takes_both_cases_and_nothing_else)
{
	uint8_t out[2] = {9, 9};
	char text[5];

	ck_assert(tg_hex_decode(out, 2, TG_SV("aBFf")));
	ck_assert_uint_eq(out[0], 0xAB);
	ck_assert_uint_eq(out[1], 0xFF);
	ck_assert(!tg_hex_decode(out, 2, TG_SV("aBF")));
	ck_assert(!tg_hex_decode(out, 2, TG_SV("aBFf0")));
	ck_assert(!tg_hex_decode(out, 2, TG_SV("aBFf00")));
	ck_assert(!tg_hex_decode(out, 2, TG_SV("00 g")));
	ck_assert_uint_eq(out[0], 0xAB);
	tg_hex(text, out, 2);
	ck_assert_str_eq(text, "abff");
}
END_TEST

START_TEST(an_encoding_that_does_not_fit_adds_nothing)
{
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 7);
	ck_assert_int_eq(tg_b64_add(&b, "foob", 4, TG_B64_PADDED, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_int_eq(tg_hex_add(&b, "foob", 4, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_uint_eq(b.n, 0);
	tg_buf_deinit(&b);
}
END_TEST

/* RFC 3629 section 4, and the borders of each of its ranges. */
static const struct {
	const char *text;
	size_t n, valid;
} utf8s[] = {
    {"", 0, 0},
    {"plain ascii text", 16, 16},
    {"12345678\xFF", 9, 8},
    {"a\0b", 3, 3},
    {"\xC2\x80", 2, 2},
    {"\xDF\xBF", 2, 2},
    {"\xC1\xBF", 2, 0},
    {"\xC0\x80", 2, 0},
    {"\xE0\xA0\x80", 3, 3},
    {"\xE0\x9F\xBF", 3, 0},
    {"\xED\x9F\xBF", 3, 3},
    {"\xED\xA0\x80", 3, 0}, /* surrogate */
    {"\xEF\xBF\xBF", 3, 3},
    {"\xF0\x90\x80\x80", 4, 4},
    {"\xF0\x8F\xBF\xBF", 4, 0},
    {"\xF4\x8F\xBF\xBF", 4, 4},
    {"\xF4\x90\x80\x80", 4, 0},
    {"\xF5\x80\x80\x80", 4, 0},
    {"\x80", 1, 0},
    {"ab\xE2\x82", 4, 2},
    {"ab\xE2\x82\xAC", 5, 5},
    {"ab\xE2\x28\xA1", 5, 2},
    {"ab\xF0\x90\x80", 5, 2},
    {"\xF0\x90\x80\xC0", 4, 0},
};

START_TEST(utf8_is_valid_as_far_as_rfc_3629_says)
{
	ck_assert_uint_eq(
	    tg_utf8_valid((struct tg_sv){utf8s[_i].text, utf8s[_i].n}),
	    utf8s[_i].valid);
}
END_TEST

Suite *
enc_suite(void)
{
	Suite *s = suite_create("enc");
	TCase *t = tcase_create("enc");

	tcase_add_loop_test(t, the_vectors_of_rfc_4648_hold_both_ways, 0,
	    (int)TG_COUNT(vectors));
	tcase_add_loop_test(t, base64_that_encoding_would_not_give_is_refused,
	    0, (int)TG_COUNT(refused));
	tcase_add_test(t, every_byte_but_the_64_digits_is_refused);
	tcase_add_test(t, hex_takes_both_cases_and_nothing_else);
	tcase_add_test(t, an_encoding_that_does_not_fit_adds_nothing);
	tcase_add_loop_test(
	    t, utf8_is_valid_as_far_as_rfc_3629_says, 0, (int)TG_COUNT(utf8s));
	suite_add_tcase(s, t);
	return s;
}
