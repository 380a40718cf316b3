#include "redactors/rule.h"

#include "base/buf.h"

#include "base/banned.h"

#define PATTERN_MAX 8192 /* bytes, with the boundary */

static const char before[] = "(?<![0-9A-Za-z\\x80-\\xff])(?:";
static const char after[] = ")(?![0-9A-Za-z\\x80-\\xff])";

static int
bounded(struct tg_buf *b, const struct tg_rule *rule, struct tg_err *err)
{
	const bool bound = rule->boundary != TG_BOUND_NONE;

	if ((bound && tg_buf_adds(b, before, err) < 0) ||
	    tg_buf_addsv(b, rule->pattern, err) < 0 ||
	    (bound && tg_buf_adds(b, after, err) < 0))
		return -1;
	return 0;
}

int
tg_rules_search(struct tg_rule *rule, struct tg_err *err)
{
	struct tg_buf b;
	int rc;

	tg_buf_init(&b, PATTERN_MAX);
	rc = bounded(&b, rule, err);
	if (rc == 0)
		rc = tg_regex_search(&rule->re, tg_buf_sv(&b), err);
	tg_buf_deinit(&b);
	return rc;
}

int
tg_rules_compile(struct tg_rule *rule, struct tg_pf_head *head, size_t *where,
    struct tg_err *err)
{
	struct tg_buf b;
	int rc = -1;

	/* Reads what PCRE2 will read, and refuses what it does not know. */
	if (tg_pf_derive(head, rule->pattern, where, err) < 0)
		return -1;
	rule->slow = head->slow;
	rule->number = head->digits.number;
	rule->most = head->most;
	tg_buf_init(&b, PATTERN_MAX);
	if (bounded(&b, rule, err) < 0)
		goto out;
	rc = tg_regex_compile(&rule->re, tg_buf_sv(&b), where, err);
	if (rc == 0 && (rule->keyed || rule->slow))
		rc = tg_regex_search(&rule->re, tg_buf_sv(&b), err);
	if (rule->boundary != TG_BOUND_NONE && *where >= sizeof(before) - 1)
		*where -= sizeof(before) - 1;
out:
	tg_buf_deinit(&b);
	return rc;
}
