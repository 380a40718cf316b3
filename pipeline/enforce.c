#include "pipeline/enforce.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define CODE "GATE-"
#define CODE_MAX 32

static const char *const words[] = {[TG_ENFORCE_BLOCK] = "block",
    [TG_ENFORCE_WARN] = "warn",
    [TG_ENFORCE_REPORT] = "report"};

int
tg_gates_ask(struct tg_gates *g, const struct tg_policy *p, struct tg_err *err)
{
	const char *word;

	*g = (struct tg_gates){.how = TG_ENFORCE_BLOCK};
	if (tg_policy_str(p, "/gates/enforcement", &word, err) < 0)
		return -1;
	for (size_t i = 0; i < TG_COUNT(words); i++)
		if (strcmp(words[i], word) == 0)
			g->how = (enum tg_enforcement)i;
	return 0;
}

int
tg_gates_let(struct tg_gates *g, int rc, struct tg_err *err)
{
	static const char never[] = "GATE-NOT-RUN"; /* nothing examined */

	if (rc == 0 || g->how == TG_ENFORCE_BLOCK || err->cls != TG_E_NO ||
	    strncmp(err->text, never, sizeof(never) - 1) == 0 ||
	    strncmp(err->text, CODE, sizeof(CODE) - 1) != 0 ||
	    g->n == TG_GATES_MAX)
		return rc;
	(void)snprintf(g->failed[g->n++], TG_ERR_TEXT, "%s", err->text);
	tg_err_clear(err);
	return 0;
}

struct tg_json *
tg_gates_json(const struct tg_gates *g)
{
	struct tg_json *o = tg_json_object(), *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < g->n; i++) {
		struct tg_json *f = tg_json_object();
		char code[CODE_MAX];

		(void)snprintf(code, sizeof(code), "%.*s",
		    (int)strcspn(g->failed[i], ":"), g->failed[i]);
		bad |= tg_json_set_str(f, "code", code);
		bad |= tg_json_set_str(f, "text", g->failed[i]);
		bad |= tg_json_push(list, f);
	}
	bad |= tg_json_set_str(o, "enforcement", words[g->how]);
	bad |= tg_json_set(o, "not_blocked", list);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}
