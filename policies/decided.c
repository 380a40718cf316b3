#include "policies/decided.h"

#include <stdio.h>

#include "policies/code.h"
#include "policies/compiled.h"
#include "policies/effective.h"
#include "policies/origin.h"
#include "policies/reason.h"

#include "base/banned.h"

#define DETECTORS "/redaction/detectors/"

static struct tg_json *
leaf(const struct tg_policy *p, const struct tg_pval *v)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set(o, "value", tg_effective_value(v));
	bad |= tg_json_set_str(o, "file", v->from->file.name);
	bad |= tg_json_set_int(o, "line", (int64_t)v->line);
	bad |= tg_json_set_str(o, "source", v->source);
	bad |= tg_json_set(o, "said_by", tg_origin_said_by(p, v));
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static int
leaves(struct tg_json *o, const struct tg_policy *p)
{
	struct tg_json *map = tg_json_object();
	int bad = 0;

	for (size_t i = 0; bad == 0 && i < p->leaves.n; i++)
		bad |= tg_json_set(
		    map, p->leaves.v[i].path, leaf(p, &p->leaves.v[i]));
	return bad | tg_json_set(o, "leaves", map);
}

static int
controls(struct tg_json *o, const struct tg_policy *p)
{
	struct tg_json *map = tg_json_object();
	int bad = 0;

	for (size_t i = 0; i < p->n_controls; i++)
		for (size_t k = 0; k < p->controls[i].n; k++) {
			const struct tg_control *c = &p->controls[i].c[k];
			struct tg_json *one = tg_json_object();

			bad |= tg_json_set_str(one, "source", c->source);
			bad |= tg_json_set_str(one, "duty_en", c->duty_en);
			bad |= tg_json_set_str(one, "duty_fr", c->duty_fr);
			bad |= tg_json_set_bool(one, "confirm", c->confirm);
			bad |= tg_json_set(map, c->id, one);
		}
	return bad | tg_json_set(o, "controls", map);
}

/* The ids of "UK-13, XC-07". */
static struct tg_json *
ids(const char *list)
{
	struct tg_json *a = tg_json_array();
	int bad = 0;

	while (*list != '\0') {
		const size_t n = strcspn(list, ",");

		/* What did not fit shows as "...". */
		if (list[0] != '.')
			bad |= tg_json_push(
			    a, tg_json_str((struct tg_sv){list, n}));
		list += n;
		list += strspn(list, ", ");
	}
	if (bad == 0)
		return a;
	tg_json_free(a);
	return NULL;
}

static int
reason(struct tg_json *list, const struct tg_reason *r, struct tg_sv type)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "code", r->code);
	bad |= tg_json_set_sv(o, "type", type);
	bad |= tg_json_set_str(o, "path", r->path);
	bad |= tg_json_set(o, "controls", ids(r->controls));
	return bad | tg_json_push(list, o);
}

/* Whether @v says what is done to findings of *@type: its operator, else its
 * action. */
static bool
decides(const struct tg_policy *p, const struct tg_pval *v, struct tg_sv *type)
{
	const size_t n = sizeof(DETECTORS) - 1;
	const char *last = strrchr(v->path, '/');
	char path[TG_REASON_TEXT];

	if (strncmp(v->path, DETECTORS, n) != 0 || last < v->path + n)
		return false;
	*type = (struct tg_sv){v->path + n, (size_t)(last - v->path) - n};
	if (strcmp(last, "/operator") == 0)
		return true;
	if (strcmp(last, "/action") != 0)
		return false;
	(void)snprintf(
	    path, sizeof(path), DETECTORS "%.*s/operator", TG_SV_FMT(*type));
	return tg_policy_find(p, path) == NULL;
}

/* Of the types whose findings drop the record. */
static int
drops(struct tg_json *list, const struct tg_policy *p)
{
	int bad = 0;

	for (size_t i = 0; i < p->leaves.n; i++) {
		const struct tg_pval *v = &p->leaves.v[i];
		struct tg_reason r;
		struct tg_sv type;

		if (v->text == NULL || strcmp(v->text, "drop_record") != 0 ||
		    !decides(p, v, &type))
			continue;
		/* The NIR has a code of its own (decree 2019-341). */
		r = (struct tg_reason){.code = tg_sv_is(type, "FR_NIR")
			? "RED-NIR"
			: "RED-DROP-RECORD"};
		(void)snprintf(r.path, sizeof(r.path), "%s", v->path);
		tg_reason_controls(p, &r);
		bad |= reason(list, &r, type);
	}
	return bad;
}

static int
reasons(struct tg_json *o, const struct tg_policy *p, const char *class)
{
	struct tg_json *list = tg_json_array();
	const struct tg_code *c;
	int bad = drops(list, p);

	for (size_t i = 0; (c = tg_code_at(i)) != NULL; i++) {
		struct tg_reason r;

		if (tg_code_reason(&r, p, c->code, class))
			bad |= reason(list, &r, TG_SV(""));
	}
	return bad | tg_json_set(o, "reasons", list);
}

int
tg_policy_decided(struct tg_json **out, const struct tg_policy *p,
    const char *class, struct tg_err *err)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "schema", TG_DECIDED_SCHEMA);
	bad |= tg_json_set_str(o, "effective_sha256", tg_policy_sha256(p));
	bad |= leaves(o, p);
	bad |= controls(o, p);
	bad |= reasons(o, p, class);
	if (bad == 0) {
		*out = o;
		return 0;
	}
	tg_json_free(o);
	return tg_fail_memory(err);
}
