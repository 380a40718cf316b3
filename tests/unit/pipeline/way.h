/*
 * way.h - a pass over single records with a small rule set of the tests' own:
 * EMAIL (label), SECRETX (drop the record), and what the format tables say.
 */
#ifndef TG_TESTS_UNIT_PIPELINE_WAY_H
#define TG_TESTS_UNIT_PIPELINE_WAY_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/settings.h"
#include "pipeline/stage.h"
#include "redactors/regex.h"
#include "tests/unit/pipeline/scratch.h"

struct way {
	struct scratch s;
	struct tg_settings set;
	struct tg_rules *rules;
	struct tg_attributes *attrs;
	struct tg_counts *counts;
	struct tg_pass pass;
	struct tg_record rec;
	struct tg_buf out;
	const char *code;
	struct tg_err err;
};

static const char way_rules[] =
    "version: 1\n"
    "pack: test\n"
    "rules:\n"
    "  - id: t.email\n"
    "    type: EMAIL\n"
    "    category: direct_identifier\n"
    "    pattern: '[a-z.]{1,32}@[a-z]{1,32}\\.(?:org|com)'\n"
    "    boundary: none\n"
    "    score: {base: 90}\n"
    "    examples:\n"
    "      match: ['to [[a.b@example.org]]', '[[x@example.com]]!']\n"
    "      no_match: ['a at b', '@example.org']\n"
    "  - id: t.secret\n"
    "    type: SECRETX\n"
    "    category: secret\n"
    "    pattern: 'sk-[0-9]{12}'\n"
    "    boundary: none\n"
    "    score: {base: 90}\n"
    "    examples:\n"
    "      match: ['k [[sk-123456789012]]', '[[sk-000000000000]]']\n"
    "      no_match: ['sk-1', 'sk']\n"
    "  - id: t.card\n"
    "    type: CARDX\n"
    "    category: direct_identifier\n"
    "    pattern: '4[0-9]{15}'\n"
    "    boundary: strict\n"
    "    score: {base: 90}\n"
    "    examples:\n"
    "      match: ['pay [[4111111111111111]]', '[[4222222222222222]]']\n"
    "      no_match: ['411', '5111111111111111']\n"
    "  - id: t.nino\n"
    "    type: NINOX\n"
    "    category: direct_identifier\n"
    "    pattern: '[A-Z]{2}[0-9]{6}[A-D]'\n"
    "    boundary: strict\n"
    "    score: {base: 90}\n"
    "    examples:\n"
    "      match: ['no [[AB123456C]]', '[[ZY987654A]]']\n"
    "      no_match: ['AB12', 'AB123456E']\n"
    "  - id: t.key\n"
    "    type: KEYX\n"
    "    category: secret\n"
    "    pattern: '-----BEGIN KEY-----[0-9A-Z\\s]{0,8192}-----END KEY-----'\n"
    "    boundary: none\n"
    "    score: {base: 90}\n"
    "    examples:\n"
    "      match: ['[[-----BEGIN KEY-----A1-----END KEY-----]]',\n"
    "        'x [[-----BEGIN KEY-----B-----END KEY-----]]']\n"
    "      no_match: ['-----BEGIN KEY-----', 'KEY']\n"
    "  - id: t.person\n"
    "    type: PERSON\n"
    "    category: direct_identifier\n"
    "    pattern: 'Ms [A-Z][a-z]{1,20} [A-Z][a-z]{1,20}'\n"
    "    boundary: none\n"
    "    score: {base: 90}\n"
    "    examples:\n"
    "      match: ['[[Ms Ann Lee]]', 'to [[Ms Ida Roe]]']\n"
    "      no_match: ['Ms', 'Mr Ann Lee']\n"
    /* What a name that was struck leaves behind. */
    "  - id: t.behind\n"
    "    type: PERSON\n"
    "    category: direct_identifier\n"
    "    pattern: '-Simonet'\n"
    "    boundary: none\n"
    "    score: {base: 90}\n"
    "    context: {words: [none], negative: [imogen], before: 8}\n"
    "    examples:\n"
    "      match: ['x[[-Simonet]]', '][[-Simonet]]']\n"
    "      no_match: ['Simonet', 'Imogen-Simonet']\n";

static inline void
way_init(struct way *w, enum tg_mode mode)
{
	const char *root = getenv("TG_ROOT");
	const char *pack;
	char attrs[512];

	*w = (struct way){.code = NULL};
	/* As in the fixture of the redactors. */
	if (getenv("TG_VALGRIND") != NULL)
		tg_regex_use_jit(false);
	scratch_init(&w->s);
	pack = scratch_path(&w->s, "rules.yaml");
	ck_assert_int_eq(
	    tg_fs_write(pack, TG_SV(way_rules), 0600, TG_FS_NEW, &w->err), 0);
	const struct tg_rules_src src = {&pack, 1, NULL, 0};

	if (tg_rules_load(&w->rules, &src, &w->err) < 0)
		ck_abort_msg("%s", w->err.text);
	(void)snprintf(attrs, sizeof(attrs), "%s/policies/otel-attributes.yaml",
	    root == NULL ? "." : root);
	if (tg_attributes_load(&w->attrs, attrs, &w->err) < 0)
		ck_abort_msg("%s", w->err.text);
	tg_settings_plain(&w->set, mode);
	w->counts = calloc(1, sizeof(*w->counts));
	ck_assert_ptr_nonnull(w->counts);
	ck_assert_int_eq(tg_pass_init(&w->pass, &w->set, w->rules, w->attrs,
			     w->counts, &w->err),
	    0);
	tg_scanner_set(w->pass.scanner,
	    (uint16_t)tg_rules_type_find(w->rules, "SECRETX"), 50,
	    TG_ACT_DROP_RECORD);
	tg_record_init(&w->rec);
	tg_buf_init(&w->out, 16u << 20);
}

static inline void
way_deinit(struct way *w)
{
	tg_record_deinit(&w->rec);
	tg_buf_deinit(&w->out);
	tg_pass_deinit(&w->pass);
	tg_attributes_free(w->attrs);
	tg_rules_free(w->rules);
	free(w->counts);
	scratch_deinit(&w->s);
}

/* One record through the stages and out; "" when nothing leaves; NULL when it
 * goes to quarantine. */
static inline const char *
way_go(struct way *w, const char *text)
{
	tg_record_reset(&w->rec);
	tg_buf_reset(&w->out);
	tg_err_clear(&w->err);
	w->pass.format = NULL;
	w->rec.raw = tg_sv_of(text);
	w->rec.no = 1;
	if (tg_pass_record(&w->pass, &w->rec, &w->code, &w->err) < 0)
		return NULL;
	ck_assert_msg(tg_emit(&w->pass, &w->rec, &w->out, &w->err) == 0, "%s",
	    w->err.text);
	return w->out.n == 0 ? "" : w->out.p;
}

#endif
