#include "base/crypt.h"

#include "base/enc.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

static void
fill_key(uint8_t key[TG_KEY_LEN])
{
	for (uint8_t i = 0; i < TG_KEY_LEN; i++)
		key[i] = i;
}

/* RFC 7693 appendix A. */
START_TEST(blake2b_of_abc_is_the_rfcs)
{
	uint8_t out[64];
	char hex[129];

	tg_crypt_blake2b(out, sizeof(out), "abc", 3, NULL);
	tg_hex(hex, out, sizeof(out));
	ck_assert_str_eq(hex,
	    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
	    "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}
END_TEST

/* Made with Python's hashlib.blake2b. */
START_TEST(keyed_hash_and_derived_key_are_what_hashlib_gives)
{
	uint8_t key[TG_KEY_LEN], out[TG_KEY_LEN];
	char hex[2 * TG_KEY_LEN + 1];

	fill_key(key);
	tg_crypt_blake2b(out, sizeof(out), "abc", 3, key);
	tg_hex(hex, out, sizeof(out));
	ck_assert_str_eq(hex,
	    "d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7"
	    "f");
	/* Fewer bytes than libsodium's documented minimum of 16. */
	tg_crypt_blake2b(out, 8, "abc", 3, key);
	tg_hex(hex, out, 8);
	ck_assert_str_eq(hex, "30531c41ec34cdef");
	tg_crypt_derive(out, key, "sample", TG_SV("night-7"));
	tg_hex(hex, out, sizeof(out));
	ck_assert_str_eq(hex,
	    "7b28888c1ef3a60318b985ab1a6b7f2b13931842735ffd5612e7167eeb1a6ef"
	    "1");
}
END_TEST

START_TEST(a_label_and_its_info_do_not_run_into_each_other)
{
	uint8_t key[TG_KEY_LEN], a[TG_KEY_LEN], b[TG_KEY_LEN];

	fill_key(key);
	tg_crypt_derive(a, key, "ab", TG_SV("c"));
	tg_crypt_derive(b, key, "a", TG_SV("bc"));
	ck_assert(!tg_crypt_same(a, b, sizeof(a)));
	tg_crypt_derive(b, key, "ab", TG_SV("c"));
	ck_assert(tg_crypt_same(a, b, sizeof(a)));
	ck_assert(tg_crypt_same(a, NULL, 0));
}
END_TEST

START_TEST(secret_memory_is_aligned_and_wiped)
{
	for (size_t n = 1; n < 70; n++) {
		unsigned char *const p = tg_secret_alloc(n);

		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % 16, 0);
		memset(p, 1, n);
		tg_crypt_wipe(p, n);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(p[i], 0);
		tg_secret_free(p);
	}
	ck_assert_ptr_null(tg_secret_alloc(SIZE_MAX));
	tg_secret_free(NULL);
}
END_TEST

START_TEST(random_bytes_differ)
{
	uint8_t a[32], b[32];

	tg_crypt_random(a, sizeof(a));
	tg_crypt_random(b, sizeof(b));
	ck_assert(!tg_crypt_same(a, b, sizeof(a)));
}
END_TEST

Suite *
crypt_suite(void)
{
	Suite *s = suite_create("crypt");
	TCase *t = tcase_create("crypt");

	tcase_add_test(t, blake2b_of_abc_is_the_rfcs);
	tcase_add_test(t, keyed_hash_and_derived_key_are_what_hashlib_gives);
	tcase_add_test(t, a_label_and_its_info_do_not_run_into_each_other);
	tcase_add_test(t, secret_memory_is_aligned_and_wiped);
	tcase_add_test(t, random_bytes_differ);
	suite_add_tcase(s, t);
	return s;
}
