/*
 * redactors_fault.c - every allocation of the rule loader, of a scan in each
 * view, of names and of replacements fails once: a clean error, never a text
 * with fewer findings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "redactors/operators.h"
#include "redactors/scan.h"
#include "tests/fault/alloc.h"

#include "base/banned.h"

/* Small on purpose: the number of runs is the number of allocations. */
static const char pack[] =
    "version: 1\n"
    "pack: fault\n"
    "lists: {tel: [tel, phone]}\n"
    "person:\n"
    "  titles: [mme, dr]\n"
    "  particles: [de]\n"
    "  intros: [my name is]\n"
    "rules:\n"
    "  - id: f.mail\n"
    "    type: EMAIL\n"
    "    category: direct_identifier\n"
    "    pattern: '[a-z.]{1,40}@[a-z.]{1,40}'\n"
    "    boundary: word\n"
    "    score: {base: 80}\n"
    "    examples:\n"
    "      match: ['[[a@example.org]]', 'to b@example.org']\n"
    "      no_match: ['a', 'b']\n"
    "  - id: f.phone\n"
    "    type: PHONE\n"
    "    category: direct_identifier\n"
    "    pattern: '0\\d{4} \\d{6}'\n"
    "    boundary: strict\n"
    "    score: {base: 20, context: 60}\n"
    "    context: {words: {en: ['@tel']}, keys: [phone]}\n"
    "    examples:\n"
    "      match: ['tel [[01632 960123]]', 'phone 01632 960124']\n"
    "      no_match: ['01632 960123', 'x']\n"
    "  - id: f.card\n"
    "    type: CREDIT_CARD\n"
    "    category: direct_identifier\n"
    "    pattern: '\\d{4}(?: \\d{4}){3}'\n"
    "    validator: credit_card\n"
    "    boundary: strict\n"
    "    score: {base: 0, valid: 90}\n"
    "    examples:\n"
    "      match: ['[[4111 1111 1111 1111]]', 'x 4111 1111 1111 1111']\n"
    "      no_match: ['4111 1111 1111 1112', 'y']\n"
    "  - id: f.titled\n"
    "    type: PERSON\n"
    "    category: direct_identifier\n"
    "    engine: person\n"
    "    form: titled\n"
    "    score: {base: 75}\n"
    "    examples:\n"
    "      match: ['Mme [[Rubija]]', 'Dr Rubija']\n"
    "      no_match: ['mme', 'rubija']\n";
static const char bad_pack[] =
    "version: 1\npack: bad\nrules:\n  - id: f.bad\n    type: BAD\n"
    "    category: direct_identifier\n    pattern: '(a+)+$'\n"
    "    score: {base: 80}\n    examples: {match: [a, aa], no_match: [b, c]}\n";

static char *pack_path, *bad_path, *names;
static struct tg_rules *rules;

static int
wrong(struct tg_err *err)
{
	return tg_fail(err, TG_E_BUG, "the result is wrong");
}

static int
load(struct tg_rules **out, const char *path, struct tg_err *err)
{
	const char *const packs[] = {path}, *const folders[] = {names};
	const struct tg_rules_src src = {packs, 1, folders, 1};

	return tg_rules_load(out, &src, err);
}

static int
run_load(struct tg_err *err)
{
	struct tg_rules *r = NULL;
	int rc;

	if (load(&r, pack_path, err) < 0)
		return r == NULL ? -1 : wrong(err);
	rc = tg_rules_count(r) == 4 && tg_rules_type_find(r, "PHONE") >= 0
	    ? 0
	    : wrong(err);
	tg_rules_free(r);
	return rc;
}

/* Refused for its pattern; until then memory may fail. */
static int
run_refused(struct tg_err *err)
{
	struct tg_rules *r = NULL;

	if (load(&r, bad_path, err) == 0) {
		tg_rules_free(r);
		return wrong(err);
	}
	if (err->cls != TG_E_CONFIG)
		return -1;
	tg_err_clear(err);
	return 0;
}

static int
run_scanner(struct tg_err *err)
{
	struct tg_scanner *s = NULL;

	if (tg_scanner_new(&s, rules, err) < 0)
		return s == NULL ? -1 : wrong(err);
	tg_scanner_free(s);
	return 0;
}

/* The one finding of @text by a scanner of its own is of @type. */
static int
finds(const char *text, const char *key, const char *type, struct tg_err *err)
{
	struct tg_scanner *s = NULL;
	struct tg_findings f;
	int rc = -1;

	if (tg_scanner_new(&s, rules, err) < 0)
		return -1;
	if (tg_scan(s, (struct tg_trace_text){text, strlen(text)},
		(struct tg_trace_text){key, strlen(key)}, &f, err) == 0)
		rc = f.n == 1 &&
			strcmp(tg_rules_type(rules, f.f[0].type), type) == 0
		    ? 0
		    : wrong(err);
	tg_scanner_free(s);
	return rc;
}

static int
run_scan(struct tg_err *err)
{
	return finds("write to jean@example.org now", "", "EMAIL", err);
}

static int
run_context(struct tg_err *err)
{
	return finds("at 01632 960123", "phone", "PHONE", err);
}

static int
run_folded(struct tg_err *err)
{
	return finds("pay 4111\xe2\x80\xaf"
		     "1111\xe2\x80\xaf"
		     "1111\xe2\x80\xaf"
		     "11\xe2\x80\x8b"
		     "11 now",
	    "", "CREDIT_CARD", err);
}

static int
run_joined(struct tg_err *err)
{
	return finds("pay 4111 1111 1111 11\n11 now", "", "CREDIT_CARD", err);
}

static int
run_escaped(struct tg_err *err)
{
	return finds("to jean%40example.org", "", "EMAIL", err);
}

/* base64 of "value: jean@example.org" */
static int
run_decoded(struct tg_err *err)
{
	return finds("x dmFsdWU6IGplYW5AZXhhbXBsZS5vcmc= y", "", "EMAIL", err);
}

static int
run_person(struct tg_err *err)
{
	return finds("ask Mme Ysaline Rubija", "", "PERSON", err);
}

/* Each action's replacement of one finding, many times. */
static int
run_replace(struct tg_err *err)
{
	static const uint8_t secret[TG_KEY_LEN] = {7};
	static const struct tg_operators_keys keys = {
	    secret, secret, secret, 2026};
	static const char text[] = "jean@example.org";
	struct tg_operators *o = NULL;
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, 1 << 20);
	if (tg_operators_new(&o, rules, err) < 0)
		goto out;
	tg_operators_keys(o, &keys);
	for (int a = TG_ACT_KEEP; a <= TG_ACT_BLOCK_RUN; a++) {
		const struct tg_finding f = {.start = 0,
		    .end = sizeof(text) - 1,
		    .type = (uint16_t)tg_rules_type_find(rules, "EMAIL"),
		    .action = (uint8_t)a};
		const struct tg_operand x = {
		    .f = &f, .text = {text, sizeof(text) - 1}};

		for (int i = 0; i < 100; i++)
			if (tg_operators_apply(o, &b, &x, NULL, err) < 0)
				goto out;
	}
	/* A label is never wrong; nothing may be missing. */
	rc =
	    b.n > 700 && memmem(b.p, b.n, "[EMAIL", 6) != NULL ? 0 : wrong(err);
out:
	tg_operators_free(o);
	tg_buf_deinit(&b);
	return rc;
}

static const struct tg_fault_row rows[] = {
    {"rules load", run_load},
    {"rules refused", run_refused},
    {"scanner", run_scanner},
    {"scan", run_scan},
    {"scan, context", run_context},
    {"scan, folded", run_folded},
    {"scan, joined lines", run_joined},
    {"scan, escapes", run_escaped},
    {"scan, base64", run_decoded},
    {"scan, person", run_person},
    {"replacements", run_replace},
};

static int
prepare(struct tg_err *err)
{
	char *given;
	int rc = -1;

	pack_path = tg_fs_join(tg_fault_scratch, "pack.yaml");
	bad_path = tg_fs_join(tg_fault_scratch, "bad.yaml");
	names = tg_fs_join(tg_fault_scratch, "names");
	given = names == NULL ? NULL : tg_fs_join(names, "given.txt");
	if (pack_path == NULL || bad_path == NULL || given == NULL)
		(void)tg_fail_memory(err);
	else if (tg_fs_mkdirs(names, 0700, err) == 0 &&
	    tg_fs_write(given, TG_SV("Ysaline\n"), 0600, TG_FS_NEW, err) == 0 &&
	    tg_fs_write(pack_path, tg_sv_of(pack), 0600, TG_FS_NEW, err) == 0 &&
	    tg_fs_write(bad_path, tg_sv_of(bad_pack), 0600, TG_FS_NEW, err) ==
		0)
		rc = load(&rules, pack_path, err);
	free(given);
	return rc;
}

int
main(void)
{
	const int rc = tg_fault_main(rows, TG_COUNT(rows), prepare);

	tg_rules_free(rules);
	free(pack_path);
	free(bad_path);
	free(names);
	return rc;
}
