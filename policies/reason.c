#include "policies/reason.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

static bool
starts_path(const char *path, const char *head)
{
	const size_t n = strlen(head);

	return strncmp(path, head, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

/* A control speaks of the leaf when it names it or a map above it. */
static bool
speaks_of(const struct tg_control *c, const char *path)
{
	for (size_t i = 0; i < c->n_leaf; i++)
		if (starts_path(path, c->leaf[i]))
			return true;
	return false;
}

void
tg_reason_append(char out[TG_REASON_TEXT], const char *item)
{
	static const char more[] = ", ...";
	size_t used = strlen(out);
	const size_t n = strlen(item);

	if (used + 2 + n + sizeof(more) > TG_REASON_TEXT) {
		if (used >= 3 && memcmp(out + used - 3, "...", 3) == 0)
			return;
		memcpy(out + used, used == 0 ? more + 2 : more,
		    used == 0 ? sizeof(more) - 2 : sizeof(more));
		return;
	}
	if (used > 0) {
		memcpy(out + used, ", ", 2);
		used += 2;
	}
	memcpy(out + used, item, n + 1);
}

void
tg_reason_controls(const struct tg_policy *p, struct tg_reason *r)
{
	for (int strict = 1; strict >= 0 && r->controls[0] == '\0'; strict--)
		for (size_t i = 0; i < p->n_controls; i++)
			for (size_t k = 0; k < p->controls[i].n; k++) {
				const struct tg_control *c =
				    &p->controls[i].c[k];

				if (tg_control_has_code(c, r->code) &&
				    (strict == 0 || speaks_of(c, r->path)))
					tg_reason_append(r->controls, c->id);
			}
}

int
tg_reason_add(struct tg_gate *g, const char *code, const char *path,
    struct tg_err *err, const char *fmt, ...)
{
	const struct tg_leaf *leaf = tg_policy_find(g->p, path);
	struct tg_reason *r;
	va_list ap;

	if (g->out->n == TG_REASONS_MAX)
		return tg_fail(
		    err, TG_E_LIMIT, "more than %d reasons", TG_REASONS_MAX);
	r = &g->out->r[g->out->n++];
	*r = (struct tg_reason){.code = code,
	    .file = leaf == NULL ? "" : leaf->file,
	    .line = leaf == NULL ? 0 : leaf->line};
	(void)snprintf(r->path, sizeof(r->path), "%s", path);
	va_start(ap, fmt);
	(void)vsnprintf(r->detail, sizeof(r->detail), fmt, ap);
	va_end(ap);
	tg_reason_controls(g->p, r);
	return 0;
}
