#include "policies/code.h"

#include <stdio.h>

#include "policies/reason.h"

#include "base/banned.h"

#define CODE(code, stage, rule) {code, stage, rule},
static const struct tg_code codes[] = {
#include "policies/codes.def"
};
#undef CODE

const struct tg_code *
tg_code_at(size_t i)
{
	return i < TG_COUNT(codes) ? &codes[i] : NULL;
}

const struct tg_code *
tg_code_find(const char *code)
{
	for (size_t i = 0; i < TG_COUNT(codes); i++)
		if (strcmp(codes[i].code, code) == 0)
			return &codes[i];
	return NULL;
}

bool
tg_code_reason(struct tg_reason *out, const struct tg_policy *p,
    const char *code, const char *class)
{
	static const char place[] = "{class}";
	const struct tg_code *c = tg_code_find(code);
	const struct tg_leaf *leaf;
	const char *at;

	if (c == NULL)
		return false;
	*out = (struct tg_reason){.code = c->code, .file = ""};
	at = strstr(c->rule, place);
	if (at == NULL)
		(void)snprintf(out->path, sizeof(out->path), "%s", c->rule);
	else
		(void)snprintf(out->path, sizeof(out->path), "%.*s%.64s%s",
		    (int)(at - c->rule), c->rule, class,
		    at + sizeof(place) - 1);
	leaf = tg_policy_find(p, out->path);
	if (leaf != NULL) {
		out->file = leaf->file;
		out->line = leaf->line;
	}
	tg_reason_controls(p, out);
	return true;
}
