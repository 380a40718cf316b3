/* VERIFY.txt is run, as printed, on a bundle made here. */
#include "pipeline/bundle/verifytxt.h"

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/bundle/minisign.h"
#include "pipeline/bundle/sums.h"
#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/seal_kit.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/fs.h"

#include "base/banned.h"

#define ORIGIN "exports.example.org/tracegate/uk"
#define VKEY ORIGIN "+530d903a+ASjeBL0Mk0Gd0xiT3Oc2mXbBLLKmbK4eQ/yr7u6Vv3Ht"
#define PUB "RWS6UCo604J0vB2xSz3KfnKp3ZDtJ3Zvjy/SE71SbhnJS+34O/YnyESW"

/* The indented lines of the text are the commands; those after "prints" are
 * what the one before must print. */
static void
script_of(struct tg_buf *out, struct tg_sv text)
{
	bool prints = false;

	tg_buf_init(out, AID_MAX);
	ck_assert_int_eq(tg_buf_adds(out, "set -e\n", NULL), 0);
	while (text.n > 0) {
		const char *const lf = memchr(text.p, '\n', text.n);
		const struct tg_sv line = {text.p, (size_t)(lf - text.p)};

		if (tg_sv_starts(line, TG_SV("    ")) && !prints &&
		    !tg_sv_starts(line, TG_SV("    exports."))) {
			ck_assert_int_eq(
			    tg_buf_add(out, line.p + 4, line.n - 4, NULL), 0);
			ck_assert_int_eq(tg_buf_addc(out, '\n', NULL), 0);
		} else if (line.n > 0 && line.p[0] != ' ') {
			prints = tg_sv_is(line, "prints");
		}
		text.p = lf + 1;
		text.n -= line.n + 1;
	}
}

struct bundle {
	char *dir;
	struct tg_minisign_key *key;
	char pub[TG_MINISIGN_PUB_STR];
	struct tg_volume volume[2];
	size_t n;
};

static void
write_signed(struct bundle *b, const char *name, const struct tg_buf *text)
{
	char sig_name[64];
	struct tg_buf sig;

	aid_write(aid_path(b->dir, name), text->p, text->n);
	tg_buf_init(&sig, AID_MAX);
	ck_assert_int_eq(tg_minisign_sign(&sig, b->key, tg_buf_sv(text),
			     "tracegate/1 test", NULL),
	    0);
	(void)snprintf(sig_name, sizeof sig_name, "%s.minisig", name);
	aid_write(aid_path(b->dir, sig_name), sig.p, sig.n);
	tg_buf_deinit(&sig);
}

static void
add_manifest(struct bundle *b, const struct tg_buf *verify)
{
	char hex[TG_SHA256_HEX], tar[TG_SHA256_HEX];
	uint8_t d[TG_SHA256_LEN];
	struct tg_buf m;

	tg_buf_init(&m, AID_MAX);
	ck_assert_int_eq(
	    tg_buf_adds(&m, "{\"payload\":{\"volumes\":[", NULL), 0);
	for (size_t i = 0; i < b->n; i++) {
		tg_sha256_hex(hex, b->volume[i].sha256);
		tg_sha256_hex(tar, b->volume[i].tar_sha256);
		ck_assert_int_eq(
		    tg_buf_addf(&m, NULL,
			"%s{\"file\":\"payload-0000%zu.tar.zst.age\","
			"\"sha256\":\"%s\",\"tar\":{\"sha256\":\"%s\"}}",
			i == 0 ? "" : ",", i, hex, tar),
		    0);
	}
	ck_assert_int_eq(tg_sha256_bytes(d, verify->p, verify->n, NULL), 0);
	tg_sha256_hex(hex, d);
	ck_assert_int_eq(
	    tg_buf_addf(&m, NULL,
		"]},\"files\":[{\"file\":\"VERIFY.txt\",\"sha256\":\"%s\"}]}\n",
		hex),
	    0);
	write_signed(b, "manifest.json", &m);
	write_signed(b, "decision-legal.json", &m);
	tg_buf_deinit(&m);
}

static void
add_sums(struct bundle *b)
{
	struct tg_fs_names names;
	struct tg_sum sum[16];
	struct tg_buf text;

	ck_assert_int_eq(tg_fs_list(&names, b->dir, false, NULL), 0);
	ck_assert_uint_le(names.n, TG_COUNT(sum));
	for (size_t i = 0; i < names.n; i++) {
		sum[i].name = tg_sv_of(names.name[i]);
		ck_assert_int_eq(
		    tg_sha256_file(sum[i].sha256,
			aid_path(b->dir, names.name[i]), NULL, NULL),
		    0);
	}
	tg_buf_init(&text, TG_SUMS_BYTES);
	ck_assert_int_eq(tg_sums_add(&text, sum, names.n, NULL), 0);
	aid_write(aid_path(b->dir, TG_SUMS_FILE), text.p, text.n);
	tg_buf_deinit(&text);
	tg_fs_names_free(&names);
}

static void
add_volumes(struct bundle *b, const char *scratch)
{
	struct kit_volume k;
	char path[600];

	for (size_t i = 0; i < b->n; i++) {
		kit_volume(&k, scratch, "unused");
		k.spec.n_member -= i;
		(void)snprintf(path, sizeof path,
		    "%s/payload-0000%zu.tar.zst.age", b->dir, i);
		k.spec.out = path;
		ck_assert_int_eq(
		    tg_seal_volume(&b->volume[i], &k.spec, NULL), 0);
	}
}

static bool
have_all(void)
{
	static const char *const programs[] = {
	    "age", "zstd", "minisign", "jq", "tar", "sha256sum"};

	for (size_t i = 0; i < TG_COUNT(programs); i++)
		if (!aid_have(programs[i], "verifytxt_commands_work"))
			return false;
	return true;
}

START_TEST(verifytxt_commands_work_as_printed)
{
	struct tg_verifytxt_volume v[2] = {{"payload-00000.tar.zst.age", NULL},
	    {"payload-00001.tar.zst.age", NULL}};
	struct bundle b = {.dir = aid_dir(), .n = (size_t)_i};
	char *const scratch = aid_dir();
	struct tg_verifytxt_role role = {"legal", b.pub};
	struct tg_verifytxt in = {
	    "tg-uk-2026", b.pub, v, b.n, &role, 1, ORIGIN, VKEY, KIT_RECIPIENT};
	struct tg_buf text, script, out;
	struct tg_err err = {0};

	if (!have_all())
		goto out;
	ck_assert_int_eq(
	    tg_minisign_keygen(aid_path(scratch, "k.key"),
		aid_path(scratch, "k.pub"), (struct tg_sv){NULL, 0}, 0, NULL),
	    0);
	ck_assert_int_eq(tg_minisign_load(&b.key, aid_path(scratch, "k.key"),
			     (struct tg_sv){NULL, 0}, NULL, NULL),
	    0);
	tg_minisign_pub_str(b.pub, tg_minisign_public(b.key));
	add_volumes(&b, scratch);
	for (size_t i = 0; i < b.n; i++)
		v[i].volume = &b.volume[i];
	tg_buf_init(&text, AID_MAX);
	ck_assert_msg(tg_verifytxt_add(&text, &in, &err) == 0, "%s", err.text);
	aid_write(aid_path(b.dir, TG_VERIFYTXT_FILE), text.p, text.n);
	add_manifest(&b, &text);
	add_sums(&b);
	aid_write(
	    aid_path(b.dir, "KEY.txt"), KIT_IDENTITY "\n", sizeof KIT_IDENTITY);
	script_of(&script, tg_buf_sv(&text));
	ck_assert_msg(aid_sh(b.dir, aid_path(scratch, "log"), script.p) == 0,
	    "%s", script.p);
	aid_slurp(&out, aid_path(scratch, "log"));
	ck_assert_ptr_nonnull(strstr(out.p, "manifest.json: OK"));
	ck_assert_ptr_nonnull(strstr(out.p, "comment signature verified"));
	ck_assert_ptr_nonnull(strstr(out.p, "data/report.md: OK"));
	ck_assert_ptr_nonnull(strstr(out.p, "not listed: KEY.txt"));
	for (size_t i = 0; i < b.n; i++) {
		char hex[TG_SHA256_HEX + 4], line[64];

		tg_sha256_hex(hex, b.volume[i].tar_sha256);
		(void)snprintf(
		    line, sizeof line, "payload-0000%zu.tar.zst.age: same", i);
		if (b.n == 1)
			ck_assert_ptr_nonnull(strstr(out.p, hex));
		else
			ck_assert_ptr_nonnull(strstr(out.p, line));
	}
	tg_buf_deinit(&out);
	tg_buf_deinit(&script);
	tg_buf_deinit(&text);
	tg_minisign_free(b.key);
out:
	aid_dir_free(b.dir);
	aid_dir_free(scratch);
}
END_TEST

START_TEST(verifytxt_takes_nothing_that_a_shell_would_read)
{
	const struct tg_volume volume = {0};
	struct tg_verifytxt_volume v = {"payload-00000.tar.zst.age", &volume};
	struct tg_verifytxt_role role = {"legal", NULL};
	const struct tg_verifytxt good = {
	    "tg-uk-1", PUB, &v, 1, &role, 1, ORIGIN, VKEY, NULL};
	struct tg_verifytxt in = good;
	struct tg_err err = {0};
	struct tg_buf text;

	tg_buf_init(&text, AID_MAX);
	ck_assert_msg(tg_verifytxt_add(&text, &in, &err) == 0, "%s", err.text);
	ck_assert_ptr_nonnull(strstr(text.p, "-m decision-legal.json"));
	tg_buf_reset(&text);
	for (unsigned i = 0; i < 9; i++) {
		in = good;
		v.file = i == 0 ? "a b.tar.zst.age"
		    : i == 1	? "payload.tar"
				: "payload-00000.tar.zst.age";
		role.role = i == 2 ? "legal;id" : "legal";
		role.pub = i == 3 ? "RW" : NULL;
		in.exporter_pub = i == 4 ? "$(id)" : PUB;
		in.bundle_id = i == 5 ? "a\nb" : "tg-uk-1";
		in.ledger_vkey = i == 6 ? "'" : VKEY;
		in.recipient_hint = i == 7 ? "\xff" : NULL;
		in.n_volume = i == 8 ? 0 : 1;
		ck_assert_int_eq(tg_verifytxt_add(&text, &in, &err), -1);
		ck_assert_int_eq(err.cls, TG_E_INPUT);
		ck_assert_uint_eq(text.n, 0);
	}
	tg_buf_deinit(&text);
}
END_TEST

Suite *
verifytxt_suite(void)
{
	Suite *const s = suite_create("verifytxt");
	TCase *const t = tcase_create("verifytxt");

	tcase_add_loop_test(t, verifytxt_commands_work_as_printed, 1, 3);
	tcase_add_test(t, verifytxt_takes_nothing_that_a_shell_would_read);
	suite_add_tcase(s, t);
	return s;
}
