/* selftest.c - a rule set that does not do what its examples say is refused. */
#include <stdio.h>

#include "redactors/scan.h"
#include "redactors/token.h"

#include "base/banned.h"

#define TOKEN_TAIL 42 /* a separator and the longest surrogate */

static int
refuse(const struct tg_rule *rule, const struct tg_example *e, const char *what,
    struct tg_err *err)
{
	return tg_fail(err, TG_E_CONFIG, "%s:%u:%u: rule '%s': %s",
	    rule->info.pack, e->line, e->col, rule->info.id, what);
}

static int
run(struct tg_scanner *s, const struct tg_rule *rule,
    const struct tg_example *e, struct tg_findings *f, struct tg_err *err)
{
	const struct tg_trace_text text = {e->text, e->n};
	const struct tg_trace_text key = {e->key, strlen(e->key)};

	if (tg_scan(s, text, key, f, err) == 0)
		return 0;
	/* A rule whose own examples cost too much is a bad rule. */
	if (err != NULL && err->cls == TG_E_INPUT)
		err->cls = TG_E_CONFIG;
	return tg_fail_in(err, "%s:%u:%u: rule '%s'", rule->info.pack, e->line,
	    e->col, rule->info.id);
}

static int
test_match(struct tg_scanner *s, const struct tg_rule *rule,
    const struct tg_example *e, struct tg_err *err)
{
	struct tg_findings f;

	if (run(s, rule, e, &f, err) < 0)
		return -1;
	if (f.n == 0)
		return refuse(
		    rule, e, "this 'match' example is not found", err);
	for (size_t i = 0; e->marked && i < f.n; i++)
		if (f.f[i].start == e->span.start && f.f[i].end == e->span.end)
			return 0;
	if (!e->marked)
		return 0;
	return tg_fail(err, TG_E_CONFIG,
	    "%s:%u:%u: rule '%s': found at %u to %u, not at %zu to %zu",
	    rule->info.pack, e->line, e->col, rule->info.id, f.f[0].start,
	    f.f[0].end, e->span.start, e->span.end);
}

static int
test_rule(struct tg_scanner *s, const struct tg_rule *rule, struct tg_err *err)
{
	struct tg_findings f;

	for (size_t i = 0; i < rule->n_match; i++)
		if (test_match(s, rule, &rule->match[i], err) < 0)
			return -1;
	for (size_t i = 0; i < rule->n_no_match; i++) {
		if (run(s, rule, &rule->no_match[i], &f, err) < 0)
			return -1;
		if (f.n != 0)
			return refuse(rule, &rule->no_match[i],
			    "this 'no_match' example is found", err);
	}
	return 0;
}

/* A name of a type that tokens have no room for: "[TYPE]" would be scanned. */
static int
test_type(const struct tg_rules *r, uint16_t type, struct tg_err *err)
{
	const char *name = r->type[type], *pack = "";
	char text[TG_TOKEN_MAX + 2];
	const int n = snprintf(text, sizeof(text), "[%s]", name);
	uint32_t line = 0;

	if (n > 0 && (size_t)n <= TG_TOKEN_MAX - TOKEN_TAIL &&
	    tg_token_length(text, (size_t)n) == (size_t)n)
		return 0;
	for (size_t i = r->n; i-- > 0;)
		if (r->rule[i].type == type) {
			pack = r->rule[i].info.pack;
			line = r->rule[i].info.line;
		}
	return tg_fail(err, TG_E_CONFIG,
	    "%s:%u: the type '%s' has more than three digits or 36 letters, or "
	    "ends in '_'",
	    pack, line, name);
}

/* What is written for a finding is never found itself (token.h). */
static int
test_replacement(struct tg_scanner *s, const struct tg_rules *r,
    const char *type, struct tg_err *err)
{
	static const char *const forms[] = {"[%s]", "to [%s_k3y5n2aa].",
	    "[%s_22345672]", "[%s_c2345672]", "Dear [%s:12] and [%s_ab234567]",
	    "by [%s_3] of [%s_12345], [%s_n012345678901]",
	    "[%s_6zzwhiqges6t3dnw7m4am32ggi]", "on [%s~bcd-fg-hjkm]",
	    "**** **** - ***@*******.***"};
	struct tg_findings f;
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, 1024);
	for (size_t i = 0; i < TG_COUNT(forms); i++) {
		const char *form = forms[i], *mark;

		tg_buf_reset(&b);
		for (; (mark = strstr(form, "%s")) != NULL; form = mark + 2)
			if (tg_buf_add(&b, form, (size_t)(mark - form), err) <
				0 ||
			    tg_buf_adds(&b, type, err) < 0)
				goto out;
		if (tg_buf_adds(&b, form, err) < 0 ||
		    tg_scan(s, (struct tg_trace_text){b.p, b.n},
			(struct tg_trace_text){"", 0}, &f, err) < 0) {
			if (err != NULL && err->cls == TG_E_INPUT)
				err->cls = TG_E_CONFIG;
			goto out;
		}
		if (f.n == 0)
			continue;
		tg_fail(err, TG_E_CONFIG,
		    "%s:%u:1: rule '%s' matches the replacement of type %s",
		    r->rule[f.f[0].rule].info.pack,
		    r->rule[f.f[0].rule].info.line,
		    r->rule[f.f[0].rule].info.id, type);
		goto out;
	}
	rc = 0;
out:
	tg_buf_deinit(&b);
	return rc;
}

int
tg_selftest(const struct tg_rules *r, struct tg_err *err)
{
	struct tg_scanner *s = NULL;
	int rc = -1;

	if (tg_scanner_new(&s, r, err) < 0)
		return -1;
	for (size_t i = 0; i < r->n; i++) {
		tg_scanner_only(s, (int)i);
		if (test_rule(s, &r->rule[i], err) < 0 &&
		    !tg_rules_go_on(r, err))
			goto out;
	}
	tg_scanner_only(s, -1);
	for (size_t i = 0; i < r->n_types; i++)
		if ((test_type(r, (uint16_t)i, err) < 0 ||
			test_replacement(s, r, r->type[i], err) < 0) &&
		    !tg_rules_go_on(r, err))
			goto out;
	rc = 0;
out:
	tg_scanner_free(s);
	return rc;
}
