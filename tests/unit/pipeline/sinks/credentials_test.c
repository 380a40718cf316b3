#include "pipeline/sinks/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "tests/unit/pipeline/sinks/scratch.h"
#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

#define ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define PAIR "aws_access_key_id = " ID "\naws_secret_access_key=" SECRET "\n"

static const struct ini_row {
	const char *text;
	enum tg_err_class cls; /* TG_E_NONE: accepted */
	const char *says;
} ini_rows[] = {
    {"[p]\n" PAIR, TG_E_NONE, ""},
    {"# note\n; note\n\n[other]\nx=1\n[p]\n" PAIR "\n", TG_E_NONE, ""},
    {"[ p ]\t\n" PAIR "aws_session_token=a/b+c=\nregion=eu-west-2\n"
     "endpoint_url = https://s3.example.org\n",
	TG_E_NONE, ""},
    {"[p]\naws_access_key_id=" ID "\naws_secret_access_key=" SECRET, TG_E_NONE,
	""},
    {"", TG_E_KEY, "no profile [p]"},
    {"[q]\n" PAIR, TG_E_KEY, "no profile [p]"},
    {"[p]\naws_access_key_id=" ID "\n", TG_E_KEY, "lacks"},
    {"[p]\naws_secret_access_key=" SECRET "\n", TG_E_KEY, "lacks"},
    {"[p]\n" PAIR "[p]\n", TG_E_CONFIG, "f:4: the profile is there twice"},
    {"[p]\n" PAIR "region=a\nregion=b\n", TG_E_CONFIG, "f:5: the setting"},
    {"[p]\n" PAIR "output=json\n", TG_E_CONFIG, "f:4: unknown setting"},
    {"[p]\n" PAIR "credential_process=/bin/x\n", TG_E_CONFIG,
	"f:4: keys from another"},
    {"[p]\nrole_arn=x\n", TG_E_CONFIG, "f:2: keys from another"},
    {"[p]\n " PAIR, TG_E_CONFIG, "f:2: an indented line"},
    {"[p]\n" SECRET "\n", TG_E_CONFIG, "f:2: neither"},
    {PAIR, TG_E_CONFIG, "f:1: a setting before any"},
    {"[p\n" PAIR, TG_E_CONFIG, "f:1: a section without its"},
    {"[\n", TG_E_CONFIG, "f:1: a section without its"},
    {"[]\n", TG_E_CONFIG, "f:1: a section without a name"},
    {"[ ]\n", TG_E_CONFIG, "f:1: a section without a name"},
    {"[p]\r\n", TG_E_CONFIG, "f:1: a control byte"},
    {"[p]\naws_access_key_id=\n", TG_E_CONFIG, "f:2: empty"},
    {"[p]\naws_access_key_id=A/B\n", TG_E_CONFIG, "f:2: empty"},
    {"[p]\naws_access_key_id=A,B\n", TG_E_CONFIG, "f:2: empty"},
    {"[p]\naws_secret_access_key=a b\n", TG_E_CONFIG, "f:2: empty"},
    {"[p]\naws_secret_access_key=a\xc3\xa9\n", TG_E_CONFIG, "f:2: empty"},
    {"[p]\nregion=EU\n", TG_E_CONFIG, "f:2: empty"},
    {"[p]\n" SECRET "=x\n", TG_E_CONFIG, "f:2: unknown setting"},
};

START_TEST(parse_is_strict_and_quotes_nothing)
{
	const struct ini_row *row = &ini_rows[_i];
	struct tg_credentials *c = tg_secret_alloc(sizeof(*c));
	struct tg_err err = {.cls = TG_E_NONE};
	int rc;

	ck_assert_ptr_nonnull(c);
	memset(c, 0, sizeof(*c));
	rc = tg_credentials_parse(c, tg_sv_of(row->text), "f", "p", &err);
	ck_assert_int_eq(rc, row->cls == TG_E_NONE ? 0 : -1);
	ck_assert_int_eq(err.cls, row->cls);
	ck_assert_msg(strstr(err.text, row->says) != NULL, "%s", err.text);
	ck_assert_ptr_null(strstr(err.text, SECRET));
	if (rc == 0) {
		ck_assert_str_eq(c->key_id, ID);
		ck_assert_str_eq(c->secret, SECRET);
	}
	tg_secret_free(c);
}
END_TEST

START_TEST(parse_takes_what_stands_beside_the_key)
{
	struct tg_credentials *c = tg_secret_alloc(sizeof(*c));

	ck_assert_ptr_nonnull(c);
	memset(c, 0, sizeof(*c));
	ck_assert_int_eq(
	    tg_credentials_parse(c, tg_sv_of(ini_rows[2].text), "f", "p", NULL),
	    0);
	ck_assert_str_eq(c->token, "a/b+c=");
	ck_assert_str_eq(c->region, "eu-west-2");
	ck_assert_str_eq(c->endpoint, "https://s3.example.org");
	tg_secret_free(c);
}
END_TEST

START_TEST(parse_refuses_a_nul)
{
	struct tg_credentials *c = tg_secret_alloc(sizeof(*c));
	struct tg_err err;

	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(tg_credentials_parse(
			     c, (struct tg_sv){"[p\0]\n", 5}, "f", "p", &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	tg_secret_free(c);
}
END_TEST

START_TEST(every_length_has_a_ceiling)
{
	struct tg_credentials *c = tg_secret_alloc(sizeof(*c));
	struct tg_err err;
	struct tg_buf b;

	ck_assert_ptr_nonnull(c);
	tg_buf_init(&b, 100000);
	ck_assert_int_eq(
	    tg_buf_adds(&b, "[p]\naws_secret_access_key=", NULL), 0);
	for (int i = 0; i <= TG_CREDENTIALS_SECRET_MAX; i++)
		ck_assert_int_eq(tg_buf_addc(&b, 's', NULL), 0);
	ck_assert_int_eq(
	    tg_credentials_parse(c, tg_buf_sv(&b), "f", "p", &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	tg_buf_deinit(&b);
	tg_secret_free(c);
}
END_TEST

static struct tg_credentials *
load(const char *file, const char *profile, const char *const *vars,
    struct tg_err *err)
{
	struct tg_env_fixed fixed = {.vars = vars};
	const struct tg_env env = tg_env_fixed(&fixed);
	struct tg_credentials *c = NULL;

	*err = (struct tg_err){.cls = TG_E_NONE};
	if (tg_credentials_load(&c, file, profile, &env, err) < 0)
		ck_assert_ptr_null(c);
	return c;
}

START_TEST(load_takes_the_environment)
{
	const char *const vars[] = {"AWS_ACCESS_KEY_ID", ID,
	    "AWS_SECRET_ACCESS_KEY", SECRET, "AWS_SESSION_TOKEN", "tok", NULL};
	struct tg_err err;
	struct tg_credentials *c = load(NULL, NULL, vars, &err);

	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->key_id, ID);
	ck_assert_str_eq(c->secret, SECRET);
	ck_assert_str_eq(c->token, "tok");
	ck_assert_str_eq(tg_credentials_last4(c), "MPLE");
	tg_credentials_free(c);
}
END_TEST

START_TEST(load_refuses_half_a_pair)
{
	const char *const id[] = {"AWS_ACCESS_KEY_ID", ID, NULL};
	const char *const secret[] = {
	    "AWS_SECRET_ACCESS_KEY", SECRET, "AWS_ACCESS_KEY_ID", "", NULL};
	const char *const bad[] = {
	    "AWS_ACCESS_KEY_ID", ID, "AWS_SECRET_ACCESS_KEY", "se cret", NULL};
	struct tg_err err;

	ck_assert_ptr_null(load(NULL, NULL, id, &err));
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_ptr_nonnull(strstr(err.text, "AWS_SECRET_ACCESS_KEY is not"));
	ck_assert_ptr_null(load(NULL, NULL, secret, &err));
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_ptr_nonnull(strstr(err.text, "AWS_ACCESS_KEY_ID is not"));
	ck_assert_ptr_null(load(NULL, NULL, bad, &err));
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_ptr_null(strstr(err.text, "cret\""));
}
END_TEST

START_TEST(load_without_anything_says_what_to_set)
{
	struct tg_err err;

	ck_assert_ptr_null(load(NULL, NULL, NULL, &err));
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_ptr_nonnull(strstr(err.hint, "AWS_SHARED_CREDENTIALS_FILE"));
}
END_TEST

START_TEST(load_takes_file_and_profile_in_order)
{
	struct scratch t;
	struct tg_err err;
	struct tg_credentials *c;
	char *file, *home;

	scratch_init(&t);
	file = scratch_file(&t, "keys",
	    "[default]\naws_access_key_id=DEFAULT1\naws_secret_access_key=d\n"
	    "[lab]\naws_access_key_id=LABLABLAB\naws_secret_access_key=l\n");
	free(scratch_file(&t, ".aws/credentials",
	    "[default]\naws_access_key_id=FROMHOME\naws_secret_access_key="
	    "h\n"));
	home = t.dir;
	{
		/* The caller's own choice comes before the environment. */
		const char *const vars[] = {"AWS_ACCESS_KEY_ID", ID,
		    "AWS_SECRET_ACCESS_KEY", SECRET,
		    "AWS_SHARED_CREDENTIALS_FILE", file, NULL};

		c = load(file, NULL, vars, &err);
		ck_assert_str_eq(c->key_id, "DEFAULT1");
		tg_credentials_free(c);
		c = load(NULL, "lab", vars, &err);
		ck_assert_str_eq(c->key_id, "LABLABLAB");
		tg_credentials_free(c);
		c = load(NULL, NULL, vars, &err);
		ck_assert_str_eq(c->key_id, ID);
		tg_credentials_free(c);
	}
	{
		const char *const vars[] = {"AWS_SHARED_CREDENTIALS_FILE", file,
		    "AWS_PROFILE", "lab", "HOME", home, NULL};

		c = load(NULL, NULL, vars, &err);
		ck_assert_str_eq(c->key_id, "LABLABLAB");
		tg_credentials_free(c);
		ck_assert_ptr_null(load(NULL, "nobody", vars, &err));
		ck_assert_int_eq(err.cls, TG_E_KEY);
	}
	{
		const char *const vars[] = {"HOME", home, NULL};

		c = load(NULL, NULL, vars, &err);
		ck_assert_str_eq(c->key_id, "FROMHOME");
		tg_credentials_free(c);
	}
	free(file);
	scratch_deinit(&t);
}
END_TEST

START_TEST(load_refuses_a_file_that_others_can_read)
{
	struct scratch t;
	struct tg_err err;
	char *file;

	scratch_init(&t);
	file = scratch_file(&t, "keys", "[default]\n" PAIR);
	ck_assert_int_eq(chmod(file, 0640), 0);
	ck_assert_ptr_null(load(file, NULL, NULL, &err));
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_ptr_nonnull(strstr(err.hint, "chmod 600"));
	free(file);
	scratch_deinit(&t);
}
END_TEST

START_TEST(last4_of_a_short_id_is_nothing)
{
	struct tg_credentials *c = tg_secret_alloc(sizeof(*c));

	ck_assert_ptr_nonnull(c);
	(void)snprintf(c->key_id, sizeof(c->key_id), "%s", "short12");
	ck_assert_str_eq(tg_credentials_last4(c), "");
	tg_secret_free(c);
}
END_TEST

Suite *
credentials_suite(void)
{
	Suite *s = suite_create("credentials");
	TCase *tc = tcase_create("credentials");

	tcase_add_loop_test(
	    tc, parse_is_strict_and_quotes_nothing, 0, TG_COUNT(ini_rows));
	tcase_add_test(tc, parse_takes_what_stands_beside_the_key);
	tcase_add_test(tc, parse_refuses_a_nul);
	tcase_add_test(tc, every_length_has_a_ceiling);
	tcase_add_test(tc, load_takes_the_environment);
	tcase_add_test(tc, load_refuses_half_a_pair);
	tcase_add_test(tc, load_without_anything_says_what_to_set);
	tcase_add_test(tc, load_takes_file_and_profile_in_order);
	tcase_add_test(tc, load_refuses_a_file_that_others_can_read);
	tcase_add_test(tc, last4_of_a_short_id_is_nothing);
	suite_add_tcase(s, tc);
	return s;
}
