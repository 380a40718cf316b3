#include "pipeline/s70_recheck.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/input.h"
#include "pipeline/settings.h"
#include "pipeline/sources/source.h"
#include "pipeline/stage.h"
#include "base/banned.h"

struct look {
	struct tg_recheck *out;
	const struct tg_rules *rules;
	const char *member;
};

static int
finding(void *ctx, const struct tg_record *r, const struct tg_text *t,
    const struct tg_finding *f, struct tg_err *err TG_UNUSED)
{
	const struct look *look = ctx;
	const struct tg_rule_info *rule = tg_rules_info(look->rules, f->rule);

	if (f->action == TG_ACT_KEEP)
		return 0;
	if (look->out->findings++ == 0)
		(void)snprintf(look->out->first, sizeof(look->out->first),
		    "%s: record %llu, rule %s, bytes %u to %u of a %s",
		    look->member, (unsigned long long)r->no, rule->id, f->start,
		    f->end, t->kind == TG_TXT_KEY ? "key" : "text");
	return 0;
}

/* "data/<format>/…" */
static const struct tg_source *
format_of(const char *member)
{
	char name[64];
	const char *from = strchr(member, '/');
	const char *to = from == NULL ? NULL : strchr(from + 1, '/');

	if (to == NULL || (size_t)(to - from) > sizeof(name))
		return NULL;
	memcpy(name, from + 1, (size_t)(to - from - 1));
	name[to - from - 1] = '\0';
	return tg_source_find(name);
}

static int
one(struct tg_intake *t, struct look *look, const struct tg_member *m,
    struct tg_err *err)
{
	struct tg_input in = {.path = m->path};

	look->member = m->name;
	t->pass->vocab = m->vocab;
	t->pass->expected = format_of(m->name);
	t->pass->texts_gone = m->texts_gone;
	if (tg_input_run(t, &in, -1, err) < 0)
		return tg_fail_in(err, "recheck: %s", m->name);
	if (in.quarantined != 0 || in.records != m->records ||
	    memcmp(in.sha256, m->sha256, sizeof(in.sha256)) != 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "recheck: %s is not what was written", m->name);
	look->out->records += in.records;
	return 0;
}

int
tg_s70_recheck(struct tg_recheck *out, const struct tg_members *m,
    const struct tg_rules *rules, const struct tg_attributes *attrs,
    const struct tg_policy *policy, unsigned threads, struct tg_err *err)
{
	struct look look = {.out = out, .rules = rules};
	struct tg_settings set;
	struct tg_counts *counts = calloc(1, sizeof(*counts));
	struct tg_pass pass;
	struct tg_intake intake;
	int rc = -1;

	*out = (struct tg_recheck){0};
	if (counts == NULL)
		return tg_fail_memory(err);
	tg_settings_plain(&set, TG_MODE_RECHECK);
	tg_settings_tensor_map(&set, policy);
	if (tg_pass_init(&pass, &set, rules, attrs, counts, err) < 0) {
		free(counts);
		return -1;
	}
	pass.on_finding = finding;
	pass.ctx = &look;
	tg_intake_init(&intake, &pass);
	intake.threads = threads;
	if (tg_settings_scanner(pass.scanner, rules, policy, err) < 0)
		goto out;
	for (size_t i = 0; i < m->n; i++)
		if (one(&intake, &look, &m->list[i], err) < 0)
			goto out;
	out->texts = counts->texts;
	out->unknown = counts->unknown;
	rc = 0;
out:
	tg_intake_deinit(&intake);
	tg_pass_deinit(&pass);
	free(counts);
	return rc;
}

int
tg_recheck_clean(const struct tg_recheck *r, struct tg_err *err)
{
	if (r->findings > 0)
		return tg_fail(err, TG_E_NO,
		    "REC-RESIDUE: %llu findings in the packed output, the "
		    "first in %s",
		    (unsigned long long)r->findings, r->first);
	if (r->unknown > 0)
		return tg_fail(err, TG_E_NO,
		    "REC-RESIDUE: %llu values in the packed output that the "
		    "format does not know",
		    (unsigned long long)r->unknown);
	if (r->texts == 0)
		return tg_fail(err, TG_E_NO,
		    "GATE-NOT-RUN: no text was left to recheck; nothing "
		    "examined is no pass");
	return 0;
}
