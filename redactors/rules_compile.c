#include "redactors/rule.h"

#include "base/buf.h"

#include "base/banned.h"

#define PATTERN_MAX 8192 /* bytes, with the boundary */

int
tg_rules_compile(struct tg_rule *rule, struct tg_pf_head *head, size_t *where,
    struct tg_err *err)
{
	static const char before[] = "(?<![0-9A-Za-z\\x80-\\xff])(?:";
	static const char after[] = ")(?![0-9A-Za-z\\x80-\\xff])";
	const bool bound = rule->boundary != TG_BOUND_NONE;
	struct tg_buf b;
	int rc = -1;

	/* Reads what PCRE2 will read, and refuses what it does not know. */
	if (tg_pf_derive(head, rule->pattern, where, err) < 0)
		return -1;
	rule->slow = head->slow;
	tg_buf_init(&b, PATTERN_MAX);
	if ((bound && tg_buf_adds(&b, before, err) < 0) ||
	    tg_buf_addsv(&b, rule->pattern, err) < 0 ||
	    (bound && tg_buf_adds(&b, after, err) < 0))
		goto out;
	rc = tg_regex_compile(&rule->re, tg_buf_sv(&b), where, err);
	if (bound && *where >= sizeof(before) - 1)
		*where -= sizeof(before) - 1;
out:
	tg_buf_deinit(&b);
	return rc;
}
