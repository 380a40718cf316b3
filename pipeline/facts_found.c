/* facts_found.c - what is found in a record, and how the log tells it. */
#include <stdlib.h>

#include "pipeline/facts_priv.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

#define RESTS 64 /* kinds of findings that are told by their number */

/* Code points of the first @n bytes. */
static uint32_t
points(struct tg_trace_text t, size_t n)
{
	uint32_t c = 0;

	for (size_t i = 0; i < n && i < t.n; i++)
		c += ((unsigned char)t.bytes[i] & 0xc0) != 0x80;
	return c;
}

static const char *
field_of(const struct tg_record *r, const struct tg_text *t)
{
	const enum tg_field_id f = (enum tg_field_id)r->field[t->node];

	if (f != TG_FIELD_none)
		return tg_field_name(f);
	if (t->kind == TG_TXT_KEY)
		return "key";
	return t->content ? "text" : "other";
}

static void
hit(struct tg_facts *f, const struct tg_record *r, const struct tg_text *t,
    const struct tg_finding *found)
{
	struct tg_facts_hit *h = &f->hit[f->n_hit];

	if (f->n_hit == TG_FACTS_HITS) {
		f->more++;
		return;
	}
	*h = (struct tg_facts_hit){.unit = t->unit,
	    .seq = (uint32_t)f->n_hit++,
	    .f = *found,
	    .field = field_of(r, t),
	    .byte = r->offset + r->doc.nodes[t->node].start,
	    .placed = !r->tensors};
	h->from = points(t->text.text, found->start);
	h->to = points(t->text.text, found->end);
	h->of = points(t->text.text, t->text.text.n);
}

/* A record begins. */
void
tg_facts_begin(struct tg_facts *f, uint64_t no)
{
	f->no = no;
	f->n_hit = f->more = 0;
}

int
tg_facts_text(struct tg_facts *f, const struct tg_record *r,
    const struct tg_text *t, const struct tg_findings *found,
    struct tg_err *err TG_UNUSED)
{
	if (f->no != r->no)
		tg_facts_begin(f, r->no);
	for (size_t i = 0; i < found->n; i++)
		hit(f, r, t, &found->f[i]);
	return 0;
}

static int
by_unit(const void *a, const void *b)
{
	const struct tg_facts_hit *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

void
tg_facts_sort(struct tg_facts *f)
{
	if (f->n_hit > 1)
		qsort(f->hit, f->n_hit, sizeof(*f->hit), by_unit);
}

static int
notes(struct tg_buf *b, uint8_t bits, struct tg_err *err)
{
	static const struct {
		uint8_t bit;
		const char *key;
	} known[] = {{TG_FOUND_HIGHER, "higher"}, {TG_FOUND_MIXED, "mixed"},
	    {TG_FOUND_AGAIN, "again"}};

	for (size_t i = 0; i < TG_COUNT(known); i++)
		if (tg_facts_add_flag(
			b, known[i].key, (bits & known[i].bit) != 0, err) < 0)
			return -1;
	return 0;
}

static int
one_hit(struct tg_facts *f, const struct tg_facts_hit *h, bool first,
    struct tg_err *err)
{
	const struct tg_rule_info *rule = tg_rules_info(f->rules, h->f.rule);
	struct tg_buf *b = &f->line;

	if (tg_buf_addf(b, err, "%s{\"type\":\"%s\"", first ? "" : ",",
		tg_rules_type(f->rules, h->f.type)) < 0 ||
	    tg_facts_add_text(b, "rule", rule->id, err) < 0 ||
	    tg_facts_add_number(b, "score", h->f.score, err) < 0 ||
	    tg_facts_add_text(b, "action",
		tg_action_name((enum tg_action)h->f.action), err) < 0 ||
	    tg_facts_add_text(b, "field", h->field, err) < 0 ||
	    tg_facts_add_number(b, "from", h->from, err) < 0 ||
	    tg_facts_add_number(b, "to", h->to, err) < 0 ||
	    tg_facts_add_number(b, "of", h->of, err) < 0 ||
	    (h->placed && tg_facts_add_number(b, "byte", h->byte, err) < 0) ||
	    tg_facts_add_flag(b, "checked", h->f.checked, err) < 0 ||
	    notes(b, h->f.notes, err) < 0 ||
	    tg_facts_add_flag(b, "shared", h->unit == TG_UNIT_NONE, err) < 0)
		return -1;
	return tg_buf_addc(b, '}', err);
}

/* What is said of a finding behind the last that is told. */
struct kind {
	const struct tg_facts_hit *like;
	uint64_t n;
};

struct rest {
	struct kind kind[RESTS];
	size_t n;
	uint64_t lost; /* of which nothing is said */
};

static bool
alike(const struct tg_finding *a, const struct tg_finding *b)
{
	return a->type == b->type && a->score == b->score &&
	    a->action == b->action && a->notes == b->notes;
}

static void
add_rest(struct rest *r, const struct tg_facts_hit *h)
{
	size_t i = 0;

	while (i < r->n && !alike(&r->kind[i].like->f, &h->f))
		i++;
	if (i == RESTS) {
		r->lost++;
		return;
	}
	if (i == r->n)
		r->kind[r->n++] = (struct kind){h, 0};
	r->kind[i].n++;
}

static int
put_rest(struct tg_facts *f, const struct rest *r, struct tg_err *err)
{
	struct tg_buf *b = &f->line;

	for (size_t i = 0; i < r->n; i++) {
		const struct tg_finding *x = &r->kind[i].like->f;

		if (tg_buf_addf(b, err, "%s{\"type\":\"%s\"",
			i == 0 ? ",\"rest\":[" : ",",
			tg_rules_type(f->rules, x->type)) < 0 ||
		    tg_facts_add_number(b, "score", x->score, err) < 0 ||
		    tg_facts_add_text(b, "action",
			tg_action_name((enum tg_action)x->action), err) < 0 ||
		    notes(b, x->notes, err) < 0 ||
		    tg_facts_add_number(b, "n", r->kind[i].n, err) < 0 ||
		    tg_buf_addc(b, '}', err) < 0)
			return -1;
	}
	if (r->n > 0 && tg_buf_addc(b, ']', err) < 0)
		return -1;
	return r->lost == 0 ? 0 : tg_facts_add_number(b, "lost", r->lost, err);
}

/* One that is told, while there is room. */
static int
next_hit(struct tg_facts *f, const struct tg_facts_hit *h, size_t *told,
    struct rest *rest, struct tg_err *err)
{
	if (*told < TG_FACTS_FOUND)
		return one_hit(f, h, (*told)++ == 0, err);
	add_rest(rest, h);
	return 0;
}

int
tg_facts_hits(struct tg_facts *f, uint32_t unit, size_t *at, struct tg_err *err)
{
	struct rest rest = {.lost = f->more}; /* maybe of another unit */
	size_t shared = f->n_hit, told = 0, all;

	while (shared > 0 && f->hit[shared - 1].unit == TG_UNIT_NONE)
		shared--;
	while (*at < shared && f->hit[*at].unit < unit)
		++*at;
	if (tg_buf_adds(&f->line, ",\"found\":[", err) < 0)
		return -1;
	all = f->n_hit - shared;
	for (size_t i = shared; i < f->n_hit; i++)
		if (next_hit(f, &f->hit[i], &told, &rest, err) < 0)
			return -1;
	for (; *at < shared && f->hit[*at].unit == unit; ++*at, all++)
		if (next_hit(f, &f->hit[*at], &told, &rest, err) < 0)
			return -1;
	if (tg_buf_addc(&f->line, ']', err) < 0)
		return -1;
	if (all - told + f->more > 0 &&
	    tg_facts_add_number(&f->line, "more", all - told + f->more, err) <
		0)
		return -1;
	return put_rest(f, &rest, err);
}
