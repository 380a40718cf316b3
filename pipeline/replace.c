#include "pipeline/replace.h"

#include <string.h>

#include "pipeline/foreign.h"
#include "base/banned.h"

/* After so many rounds the whole text goes. */
#define ROUNDS 3

uint32_t
tg_replace_origin(const struct tg_text *t, size_t at, bool end)
{
	size_t from = 0, out = 0; /* in the original, in the redacted text */

	for (uint32_t k = 0; k < t->n_hit; k++) {
		const struct tg_hit *h = &t->hit[k];
		const size_t plain = h->start - from;

		if (at < out + plain || (end && at == out + plain))
			return (uint32_t)(from + (at - out));
		out += plain;
		if (at < out + h->by.n || (end && at == out + h->by.n))
			return end ? h->end : h->start;
		out += h->by.n;
		from = h->end;
	}
	return (uint32_t)(from + (at - out));
}

/* Behind all others: most hits come so. */
static int
append(struct tg_record *r, struct tg_text *t, const struct tg_hit *hit,
    struct tg_err *err)
{
	const uint32_t n = t->n_hit;
	struct tg_hit *list = t->hit;
	uint32_t cap = t->cap_hit;

	if (list == NULL || n >= cap) {
		cap = n + n / 2 + 1;
		list = tg_arena_calloc(&r->arena, cap, sizeof(*list));
		if (list == NULL)
			return tg_fail_memory(err);
		if (n > 0)
			memcpy(list, t->hit, n * sizeof(*list));
	}
	list[n] = *hit;
	t->hit = list;
	t->n_hit = n + 1;
	t->cap_hit = cap;
	return 0;
}

int
tg_replace_merge(struct tg_record *r, struct tg_text *t, uint32_t start,
    uint32_t end, struct tg_sv by, struct tg_err *err)
{
	struct tg_hit hit = {.start = start, .end = end, .by = by};
	struct tg_hit *list;
	uint32_t n = 0, k = 0;

	if (t->n_hit == 0 || t->hit[t->n_hit - 1].end <= start)
		return append(r, t, &hit, err);
	list = tg_arena_calloc(&r->arena, (size_t)t->n_hit + 1, sizeof(*list));
	if (list == NULL)
		return tg_fail_memory(err);
	for (; k < t->n_hit && t->hit[k].end <= start; k++)
		list[n++] = t->hit[k];
	for (; k < t->n_hit && t->hit[k].start < end; k++) {
		if (t->hit[k].start < hit.start)
			hit.start = t->hit[k].start;
		if (t->hit[k].end > hit.end)
			hit.end = t->hit[k].end;
	}
	list[n++] = hit;
	for (; k < t->n_hit; k++)
		list[n++] = t->hit[k];
	t->hit = list;
	t->n_hit = t->cap_hit = n;
	return 0;
}

int
tg_replace_text(struct tg_pass *p, const struct tg_text *t, struct tg_err *err)
{
	uint32_t at = 0;

	tg_buf_reset(&p->redo);
	for (uint32_t k = 0; k < t->n_hit; k++) {
		if (tg_buf_add(&p->redo, t->text.text.bytes + at,
			t->hit[k].start - at, err) < 0 ||
		    tg_buf_addsv(&p->redo, t->hit[k].by, err) < 0)
			return -1;
		at = t->hit[k].end;
	}
	return tg_buf_add(
	    &p->redo, t->text.text.bytes + at, t->text.text.n - at, err);
}

void
tg_replace_seen(const struct tg_pass *p, struct tg_record *r,
    const struct tg_text *t, uint16_t type)
{
	uint32_t i, end;

	if (type >= TG_COUNT_TYPES || !p->health[type])
		return;
	for (i = tg_record_units(r, t->unit, &end); i < end; i++)
		r->unit[i].health = true;
}

static const char *
drop_code(const char *type)
{
	/* Decree 2019-341: any use of the NIR outside its list is forbidden. */
	return strcmp(type, "FR_NIR") == 0 ? "RED-NIR" : "RED-DROP-RECORD";
}

/* What the policy does to a unit for a finding in it; to all for one in what
 * they share. */
static int
verdict(struct tg_pass *p, struct tg_record *r, const struct tg_text *t,
    const struct tg_finding *f, struct tg_err *err)
{
	const char *type = tg_rules_type(p->rules, f->type);
	uint32_t i, end;

	if (f->action == TG_ACT_BLOCK_RUN)
		return tg_fail(err, TG_E_NO,
		    "record %llu: rule %s: the policy blocks the run",
		    (unsigned long long)r->no,
		    tg_rules_info(p->rules, f->rule)->id);
	if (f->action != TG_ACT_DROP_RECORD)
		return 0;
	for (i = tg_record_units(r, t->unit, &end); i < end; i++)
		tg_unit_drop(&r->unit[i], "redact", drop_code(type));
	return 0;
}

/* What is written for a finding, into p->work.  What is found in a text that
 * was redacted once becomes a label: the operators have had their turn. */
static int
operate(struct tg_pass *p, const struct tg_record *r, const struct tg_text *t,
    struct tg_finding *f, unsigned round, enum tg_action *done,
    struct tg_err *err)
{
	struct tg_operand x = {.f = f, .text = t->text.text};

	if (round > 0 && f->action < TG_ACT_LABEL)
		f->action = TG_ACT_LABEL;
	if (t->unit != TG_UNIT_NONE) {
		const struct tg_unit *u = &r->unit[t->unit];
		const struct tg_jnode *n = &r->doc.nodes[u->node];

		x.session = u->session_id.n > 0 ? u->session_id : u->trace_id;
		x.record = (struct tg_trace_text){
		    r->raw.p + n->start, n->end - n->start};
	}
	tg_buf_reset(&p->work);
	if (tg_operators_apply(p->ops, &p->work, &x, done, err) < 0)
		return -1;
	tg_counts_done(p->counts, f->type, *done);
	return 0;
}

/* What the first look at a text has not told: found in joined texts, or in what
 * was replaced. */
static int
tell_struck(struct tg_pass *p, const struct tg_record *r,
    const struct tg_text *t, const struct tg_finding *at, unsigned round,
    struct tg_err *err)
{
	struct tg_finding told = *at;
	const struct tg_findings one = {.f = &told, .n = 1};

	if (p->on_text == NULL || (round == 0 && t->kind != TG_TXT_TOKEN))
		return 0;
	if (round > 0)
		told.notes |= TG_FOUND_AGAIN;
	return p->on_text(p->ctx, r, t, &one, err);
}

int
tg_replace_strike(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    const struct tg_finding *f, uint32_t start, uint32_t end, unsigned round,
    struct tg_err *err)
{
	struct tg_finding at = *f;
	enum tg_action done = TG_ACT_LABEL;
	struct tg_sv by;

	tg_replace_seen(p, r, t, f->type);
	if (verdict(p, r, t, f, err) < 0)
		return -1;
	if (f->action == TG_ACT_DROP_FIELD || t->kind == TG_TXT_NUMBER) {
		start = 0;
		end = (uint32_t)t->text.text.n;
	}
	at.start = start;
	at.end = end;
	if (tell_struck(p, r, t, &at, round, err) < 0)
		return -1;
	if (operate(p, r, t, &at, round, &done, err) < 0)
		return -1;
	/* Two keys of one object must stay two. */
	if (t->kind == TG_TXT_KEY &&
	    tg_buf_addf(&p->work, err, "~%u", r->n_text + t->base) < 0)
		return -1;
	by = tg_arena_sv(&r->arena, tg_buf_sv(&p->work));
	if (by.p == NULL)
		return tg_fail_memory(err);
	if (tg_replace_merge(r, t, start, end, by, err) < 0)
		return -1;
	for (uint32_t k = t->n_hit; k-- > 0 && t->hit[k].end >= end;)
		if (t->hit[k].start <= start) {
			t->hit[k].name =
			    strcmp(tg_rules_type(p->rules, f->type),
				"PERSON") == 0;
			t->hit[k].general = done == TG_ACT_GENERALISE;
		}
	return 0;
}

static uint64_t
serial_of(const struct tg_record *r, const struct tg_text *t)
{
	return t->unit == TG_UNIT_NONE ? 0 : r->unit[t->unit].serial;
}

static int
look(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    const struct tg_findings *found, struct tg_err *err)
{
	for (size_t k = 0; k < found->n; k++) {
		tg_counts_finding(p->counts, found->f[k].type, serial_of(r, t));
		if (p->on_finding != NULL &&
		    p->on_finding(p->ctx, r, t, &found->f[k], err) < 0)
			return -1;
		/* What was told is known where texts are joined (seams.c). */
		if (tg_replace_merge(r, t, found->f[k].start, found->f[k].end,
			(struct tg_sv){"", 0}, err) < 0)
			return -1;
	}
	return 0;
}

/* Strikes what was found; *n is how many. @round 0: offsets are original. */
static int
strike_all(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    const struct tg_findings *found, unsigned round, size_t *n,
    struct tg_err *err)
{
	const struct tg_text before = *t;

	*n = 0;
	for (size_t k = 0; k < found->n; k++) {
		const struct tg_finding *f = &found->f[k];
		const uint32_t start = round == 0
		    ? f->start
		    : tg_replace_origin(&before, f->start, false);
		const uint32_t end = round == 0
		    ? f->end
		    : tg_replace_origin(&before, f->end, true);

		if (f->action == TG_ACT_KEEP) {
			tg_replace_seen(p, r, t, f->type);
			if (round == 0)
				tg_counts_kept(
				    p->counts, f->type, serial_of(r, t));
			continue;
		}
		tg_counts_finding(p->counts, f->type, serial_of(r, t));
		if (tg_replace_strike(p, r, t, f, start, end, round, err) < 0)
			return -1;
		(*n)++;
	}
	return 0;
}

/* Something scored under its type's minimum. */
static void
nearly(struct tg_record *r, const struct tg_text *t)
{
	if (t->unit == TG_UNIT_NONE)
		r->nearly = true;
	else
		r->unit[t->unit].nearly = true;
}

int
tg_replace_scan(struct tg_pass *p, struct tg_record *r,
    struct tg_trace_text text, const struct tg_text *t,
    struct tg_findings *found, struct tg_err *err)
{
	if (tg_scan(p->scanner, text, t->key, found, err) == 0) {
		if (found->below > 0)
			nearly(r, t);
		return 0;
	}
	if (p->set->error_blocks && err != NULL && err->cls == TG_E_INPUT)
		err->cls = TG_E_NO;
	return tg_fail_in(err, "record %llu", (unsigned long long)r->no);
}

int
tg_replace_tell(struct tg_pass *p, const struct tg_record *r,
    const struct tg_text *t, const struct tg_finding *f, struct tg_err *err)
{
	const struct tg_findings one = {.f = f, .n = 1};

	if (p->on_finding != NULL && p->on_finding(p->ctx, r, t, f, err) < 0)
		return -1;
	return p->on_text == NULL ? 0 : p->on_text(p->ctx, r, t, &one, err);
}

/* The text as it came in: what was found, nearly found, left alone. */
static int
first_look(struct tg_pass *p, const struct tg_record *r,
    const struct tg_text *t, const struct tg_findings *found,
    struct tg_err *err)
{
	p->counts->below += found->below;
	p->counts->suppressed += found->suppressed;
	return p->on_text == NULL ? 0 : p->on_text(p->ctx, r, t, found, err);
}

/* Looks at what @text has become until nothing more is found; a text that
 * never rests is replaced whole. */
static int
until_quiet(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    size_t *struck, struct tg_err *err)
{
	struct tg_findings found;
	size_t n;

	for (unsigned round = 1; round < ROUNDS; round++) {
		if (tg_replace_text(p, t, err) < 0 ||
		    tg_replace_scan(p, r,
			(struct tg_trace_text){p->redo.p, p->redo.n}, t, &found,
			err) < 0 ||
		    strike_all(p, r, t, &found, round, &n, err) < 0)
			return -1;
		if (n == 0)
			return 0;
		*struck += n;
	}
	return tg_replace_merge(
	    r, t, 0, (uint32_t)t->text.text.n, TG_SV("[REDACTED]"), err);
}

/* The prompt of a unit is not what was said. */
static void
prompt_hit(struct tg_record *r, const struct tg_text *t)
{
	if (t->unit != TG_UNIT_NONE &&
	    r->field[t->node] == TG_FIELD_prompt_text)
		r->unit[t->unit].prompt_hit = true;
}

int
tg_text_scan(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    struct tg_err *err)
{
	struct tg_findings found;
	size_t n;

	if (t->n_hit > 0) /* replaced whole without a look */
		return 0;
	p->counts->texts++;
	p->counts->text_bytes += t->text.text.n;
	if (t->content && tg_foreign(p, r, t, err) < 0)
		return -1;
	if (tg_replace_scan(p, r, t->text.text, t, &found, err) < 0 ||
	    first_look(p, r, t, &found, err) < 0)
		return -1;
	if (p->set->mode > TG_MODE_REDACT)
		return look(p, r, t, &found, err);
	if (strike_all(p, r, t, &found, 0, &n, err) < 0)
		return -1;
	if (n == 0)
		return 0;
	prompt_hit(r, t);
	return until_quiet(p, r, t, &n, err);
}

int
tg_text_again(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    size_t *struck, struct tg_err *err)
{
	*struck = 0;
	if (until_quiet(p, r, t, struck, err) < 0)
		return -1;
	if (*struck > 0)
		prompt_hit(r, t);
	return 0;
}
