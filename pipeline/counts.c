#include "pipeline/counts.h"

#include <string.h>
#include "base/banned.h"

struct tg_count_stage *
tg_counts_stage(struct tg_counts *c, const char *name)
{
	for (size_t i = 0; i < c->n_stage; i++)
		if (strcmp(c->stage[i].name, name) == 0)
			return &c->stage[i];
	if (c->n_stage == TG_COUNT_STAGES)
		return &c->stage[TG_COUNT_STAGES - 1];
	c->stage[c->n_stage].name = name;
	return &c->stage[c->n_stage++];
}

int
tg_counts_drop(struct tg_counts *c, const char *stage, const char *code,
    uint64_t n, struct tg_err *err)
{
	struct tg_count_stage *s = tg_counts_stage(c, stage);

	for (size_t i = 0; i < s->n_drop; i++)
		if (strcmp(s->drop[i].code, code) == 0) {
			s->drop[i].n += n;
			return 0;
		}
	if (s->n_drop == TG_COUNT_CODES)
		return tg_fail(
		    err, TG_E_BUG, "more than %d reason codes", TG_COUNT_CODES);
	s->drop[s->n_drop++] = (struct tg_count_drop){code, n};
	return 0;
}

static void
count_unit(struct tg_count_type *t, uint64_t serial)
{
	if (t->last != serial || serial == 0) {
		t->units++;
		t->last = serial;
	}
}

void
tg_counts_finding(struct tg_counts *c, uint16_t type, uint64_t serial)
{
	if (type >= TG_COUNT_TYPES)
		return;
	c->type[type].spans++;
	count_unit(&c->type[type], serial);
}

void
tg_counts_kept(struct tg_counts *c, uint16_t type, uint64_t serial)
{
	c->kept_findings++;
	if (type >= TG_COUNT_TYPES)
		return;
	count_unit(&c->type[type], serial);
	tg_counts_done(c, type, 0);
}

void
tg_counts_done(struct tg_counts *c, uint16_t type, unsigned action)
{
	if (type < TG_COUNT_TYPES && action < TG_COUNT_ACTIONS)
		c->type[type].done[action]++;
}

static void
add_type(struct tg_count_type *t, const struct tg_count_type *of)
{
	t->spans += of->spans;
	t->units += of->units;
	if (of->units > 0)
		t->last = of->last;
	for (size_t i = 0; i < TG_COUNT_ACTIONS; i++)
		t->done[i] += of->done[i];
}

void
tg_counts_texts(struct tg_counts *c, struct tg_counts *of)
{
	uint64_t n, more;

	for (size_t i = 0; i < TG_COUNT_TYPES; i++)
		add_type(&c->type[i], &of->type[i]);
	for (size_t at = offsetof(struct tg_counts, records);
	     at < offsetof(struct tg_counts, oldest); at += sizeof(n)) {
		memcpy(&n, (const char *)c + at, sizeof(n));
		memcpy(&more, (const char *)of + at, sizeof(more));
		n += more;
		memcpy((char *)c + at, &n, sizeof(n));
	}
	memset(of, 0, sizeof(*of));
}

void
tg_counts_tensor(struct tg_counts *c, const char *pattern, const char *kind,
    int layer, bool kept)
{
	struct tg_count_tensor *t;
	size_t i = 0;

	if (c->n_pattern == TG_COUNT_PATTERNS - 1 &&
	    strcmp(pattern, "*") != 0) {
		while (i < c->n_pattern &&
		    (strcmp(c->pattern[i].pattern, pattern) != 0 ||
			strcmp(c->pattern[i].kind, kind) != 0))
			i++;
		if (i == c->n_pattern)
			pattern = kind = "*";
		i = 0;
	}
	while (i < c->n_pattern &&
	    (strcmp(c->pattern[i].pattern, pattern) != 0 ||
		strcmp(c->pattern[i].kind, kind) != 0))
		i++;
	t = &c->pattern[i];
	if (i == c->n_pattern) {
		*t = (struct tg_count_tensor){pattern, kind, 0, 0};
		c->n_pattern++;
	}
	t->kept += kept;
	t->dropped += !kept;
	if (kept && layer >= 0 && layer < TG_COUNT_LAYERS)
		c->layer[layer] = true;
}

static struct tg_json *
drops(const struct tg_count_stage *s)
{
	struct tg_json *a = tg_json_array();
	int bad = a == NULL;

	for (size_t i = 0; i < s->n_drop; i++) {
		struct tg_json *d = tg_json_object();

		bad |= tg_json_set_str(d, "code", s->drop[i].code);
		bad |= tg_json_set_int(d, "n", (int64_t)s->drop[i].n);
		bad |= tg_json_push(a, d);
	}
	if (bad) {
		tg_json_free(a);
		return NULL;
	}
	return a;
}

struct tg_json *
tg_counts_funnel(const struct tg_counts *c)
{
	struct tg_json *a = tg_json_array();
	int bad = a == NULL;

	for (size_t i = 0; i < c->n_stage; i++) {
		const struct tg_count_stage *s = &c->stage[i];
		struct tg_json *o = tg_json_object();

		bad |= tg_json_set_str(o, "stage", s->name);
		bad |= tg_json_set_int(o, "in", (int64_t)s->in);
		bad |= tg_json_set_int(o, "out", (int64_t)s->out);
		bad |= tg_json_set(o, "dropped", drops(s));
		bad |= tg_json_push(a, o);
	}
	if (bad) {
		tg_json_free(a);
		return NULL;
	}
	return a;
}
