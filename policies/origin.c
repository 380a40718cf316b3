#include "policies/origin.h"

#include "base/yaml.h"
#include "policies/code.h"
#include "policies/compiled.h"
#include "policies/effective.h"
#include "policies/honour.h"

#include "base/banned.h"

#define NAMES_MAX 1024 /* segments offered for "did you mean" */

/* Whether @what is @path, a head of it, or one of its segments. */
static bool
names(const char *path, const char *what)
{
	const size_t n = strlen(what);

	if (what[0] == '/')
		return strncmp(path, what, n) == 0 &&
		    (path[n] == '\0' || path[n] == '/');
	for (const char *s = strchr(path, '/'); s != NULL; s = strchr(s, '/')) {
		s++;
		if (strncmp(s, what, n) == 0 && (s[n] == '\0' || s[n] == '/'))
			return true;
	}
	return false;
}

static int
fail_none(const struct tg_policy *p, const char *what, struct tg_err *err)
{
	const char *word[NAMES_MAX + 1], *near;
	size_t n = 0;

	for (size_t i = 0; i < p->leaves.n && n < NAMES_MAX; i++)
		word[n++] = what[0] == '/'
		    ? p->leaves.v[i].path
		    : strrchr(p->leaves.v[i].path, '/') + 1;
	word[n] = NULL;
	near = tg_nearest(tg_sv_of(what), word);
	return tg_fail(err, TG_E_USAGE,
	    "explain: no leaf of the policy is called so%s%s%s",
	    near == NULL ? "" : " (did you mean '", near == NULL ? "" : near,
	    near == NULL ? "" : "'?)");
}

static const struct tg_control *
control_of(const struct tg_policy *p, const char *id)
{
	for (size_t i = 0; i < p->n_controls; i++) {
		const struct tg_control *c =
		    tg_controls_find(&p->controls[i], tg_sv_of(id));

		if (c != NULL)
			return c;
	}
	return NULL;
}

static bool
about(const struct tg_control *c, const char *path)
{
	for (size_t i = 0; i < c->n_leaf; i++)
		if (names(path, c->leaf[i]))
			return true;
	return false;
}

/* The @i-th control behind @v: the one its number comes from, then those whose
 * leaves hold it; NULL at the end. */
static const struct tg_control *
behind(const struct tg_policy *p, const struct tg_pval *v, size_t i)
{
	const struct tg_control *own = control_of(p, v->source);

	if (own != NULL && i-- == 0)
		return own;
	for (size_t k = 0; k < p->n_controls; k++)
		for (size_t m = 0; m < p->controls[k].n; m++) {
			const struct tg_control *c = &p->controls[k].c[m];

			if (c != own && about(c, v->path) && i-- == 0)
				return c;
		}
	return NULL;
}

static const char *
duty(const struct tg_control *c, bool french)
{
	return french && c->duty_fr[0] != '\0' ? c->duty_fr : c->duty_en;
}

/* ---- text -------------------------------------------------------------- */

static int
said_by(struct tg_buf *out, const struct tg_policy *p, const struct tg_pval *v,
    struct tg_err *err)
{
	for (size_t i = 0; i < p->n_layer; i++) {
		const struct tg_layer *l = &p->layer[i];
		const struct tg_pval *own =
		    tg_leaves_find(&l->leaves, tg_sv_of(v->path));

		if (own == NULL)
			continue;
		if (tg_buf_addf(out, err, "  %-8s ", l->id) < 0 ||
		    tg_pval_print(out, own, err) < 0 ||
		    tg_buf_addf(out, err, "  %s:%u%s\n", l->file.name,
			own->line, v->from == l ? "  (holds)" : "") < 0)
			return -1;
	}
	return 0;
}

static int
controls(struct tg_buf *out, const struct tg_policy *p, const struct tg_pval *v,
    bool french, struct tg_err *err)
{
	const struct tg_control *c;

	for (size_t i = 0; (c = behind(p, v, i)) != NULL; i++) {
		if (tg_buf_addf(out, err, "  %-8s %s: %s%s\n", c->id, c->source,
			duty(c, french),
			c->confirm ? " (counsel confirms the source)" : "") < 0)
			return -1;
		if (c->n_code > 0 && tg_buf_addf(out, err, "  %-8s", "") < 0)
			return -1;
		for (size_t k = 0; k < c->n_code; k++)
			if (tg_buf_addf(out, err, " %s", c->code[k]) < 0)
				return -1;
		if (c->n_code > 0 && tg_buf_addc(out, '\n', err) < 0)
			return -1;
	}
	return 0;
}

/* Who makes the leaf true, and the codes of a "no" that it decides. */
static int
honoured(struct tg_buf *out, const struct tg_pval *v, bool french,
    struct tg_err *err)
{
	const struct tg_honour *h = tg_honour_find(v->row->pattern);
	const struct tg_code *c;

	if (h == NULL)
		return tg_fail(err, TG_E_BUG, "no row for %s", v->row->pattern);
	if (tg_buf_addf(out, err, "  %-8s ", french ? "tenue" : "honoured") <
		0 ||
	    tg_honour_say(out, h, french, err) < 0)
		return -1;
	for (size_t i = 0; (c = tg_code_at(i)) != NULL; i++)
		if (strcmp(c->rule, v->row->pattern) == 0 &&
		    tg_buf_addf(out, err, " [%s]", c->code) < 0)
			return -1;
	return tg_buf_addc(out, '\n', err);
}

static int
paragraph(struct tg_buf *out, const struct tg_policy *p,
    const struct tg_pval *v, bool french, struct tg_err *err)
{
	if (tg_buf_addf(out, err, "%s = ", v->path) < 0 ||
	    tg_pval_print(out, v, err) < 0 ||
	    tg_buf_adds(out, "\n  may be   ", err) < 0 ||
	    tg_schema_describe(out, v->row, err) < 0 ||
	    tg_buf_addf(out, err, "; merged by %s\n",
		tg_schema_rule_name(v->row->rule)) < 0 ||
	    honoured(out, v, french, err) < 0 || said_by(out, p, v, err) < 0)
		return -1;
	if (v->source[0] != '\0' &&
	    tg_buf_addf(out, err, "  from     %s\n", v->source) < 0)
		return -1;
	return controls(out, p, v, french, err);
}

int
tg_origin_text(struct tg_buf *out, size_t *n, const struct tg_policy *p,
    const char *what, bool french, struct tg_err *err)
{
	*n = 0;
	for (size_t i = 0; i < p->leaves.n; i++) {
		if (!names(p->leaves.v[i].path, what))
			continue;
		if ((*n > 0 && tg_buf_addc(out, '\n', err) < 0) ||
		    paragraph(out, p, &p->leaves.v[i], french, err) < 0)
			return -1;
		++*n;
	}
	return *n == 0 ? fail_none(p, what, err) : 0;
}

/* ---- JSON -------------------------------------------------------------- */

struct tg_json *
tg_origin_said_by(const struct tg_policy *p, const struct tg_pval *v)
{
	struct tg_json *a = tg_json_array();
	int bad = a == NULL;

	for (size_t i = 0; bad == 0 && i < p->n_layer; i++) {
		const struct tg_layer *l = &p->layer[i];
		const struct tg_pval *own =
		    tg_leaves_find(&l->leaves, tg_sv_of(v->path));
		struct tg_json *o;

		if (own == NULL)
			continue;
		o = tg_json_object();
		bad |= tg_json_push(a, o);
		if (bad != 0)
			break;
		bad |= tg_json_set_str(o, "layer", l->id);
		bad |= tg_json_set_str(o, "version",
		    l->file.version == NULL ? "" : l->file.version);
		bad |= tg_json_set_str(o, "file", l->file.name);
		bad |= tg_json_set_int(o, "line", (int64_t)own->line);
		bad |= tg_json_set(o, "value", tg_effective_value(own));
		bad |= tg_json_set_bool(o, "holds", v->from == l);
	}
	if (bad == 0)
		return a;
	tg_json_free(a);
	return NULL;
}

static struct tg_json *
controls_json(const struct tg_policy *p, const struct tg_pval *v, bool french)
{
	struct tg_json *a = tg_json_array();
	const struct tg_control *c;
	int bad = a == NULL;

	for (size_t i = 0; bad == 0 && (c = behind(p, v, i)) != NULL; i++) {
		struct tg_json *o = tg_json_object(), *codes = tg_json_array();

		bad |= tg_json_push(a, o);
		for (size_t k = 0; bad == 0 && k < c->n_code; k++)
			bad |= tg_json_push_str(codes, c->code[k]);
		if (bad != 0) {
			tg_json_free(codes);
			break;
		}
		bad |= tg_json_set_str(o, "id", c->id);
		bad |= tg_json_set_str(o, "source", c->source);
		bad |= tg_json_set_str(o, "duty", duty(c, french));
		bad |= tg_json_set(o, "codes", codes);
	}
	if (bad == 0)
		return a;
	tg_json_free(a);
	return NULL;
}

static int
honoured_json(struct tg_json *o, const struct tg_pval *v, bool french)
{
	const struct tg_honour *h = tg_honour_find(v->row->pattern);
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_buf said;
	int bad;

	tg_buf_init(&said, TG_ERR_TEXT);
	bad = h == NULL || tg_honour_say(&said, h, french, &err) < 0 ||
	    tg_json_set_str(o, "honoured_by", tg_honour_word(h->by)) < 0 ||
	    tg_json_set_sv(o, "honoured", tg_buf_sv(&said)) < 0;
	tg_buf_deinit(&said);
	return bad;
}

static struct tg_json *
leaf_json(const struct tg_policy *p, const struct tg_pval *v, bool french)
{
	struct tg_json *o = tg_json_object();
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_buf text;
	int bad = o == NULL;

	if (bad != 0)
		return NULL;
	tg_buf_init(&text, TG_ERR_TEXT);
	bad |= tg_schema_describe(&text, v->row, &err);
	bad |= tg_json_set_str(o, "path", v->path);
	bad |= tg_json_set(o, "value", tg_effective_value(v));
	if (bad == 0)
		bad |= tg_json_set_sv(o, "what", tg_buf_sv(&text));
	bad |= tg_json_set_str(o, "rule", tg_schema_rule_name(v->row->rule));
	bad |= honoured_json(o, v, french);
	bad |= tg_json_set(o, "said_by", tg_origin_said_by(p, v));
	bad |= tg_json_set_str(o, "source", v->source);
	bad |= tg_json_set(o, "controls", controls_json(p, v, french));
	tg_buf_deinit(&text);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

int
tg_origin_json(struct tg_json **out, size_t *n, const struct tg_policy *p,
    const char *what, bool french, struct tg_err *err)
{
	struct tg_json *a = tg_json_array();
	int bad = a == NULL;

	*n = 0;
	for (size_t i = 0; bad == 0 && i < p->leaves.n; i++) {
		if (!names(p->leaves.v[i].path, what))
			continue;
		bad |= tg_json_push(a, leaf_json(p, &p->leaves.v[i], french));
		++*n;
	}
	if (bad == 0 && *n > 0) {
		*out = a;
		return 0;
	}
	tg_json_free(a);
	return bad != 0 ? tg_fail_memory(err) : fail_none(p, what, err);
}
