/* holds_run.c - the part of holds.h that a run asks: which of what it reads is
 * held past its date.  Such a record leaves no more than any other that is too
 * old; it is counted apart, because it is not deleted. */
#include "pipeline/holds.h"

#include "pipeline/run_priv.h"

#include "base/banned.h"

/* The holds over something of a run; of each, the times that it is about. */
static int
spans(struct tg_run *r, struct tg_err *err)
{
	const struct tg_hold_asked what = {
	    .run = r->id, .bundle_id = r->bundle_id, .origin = r->origin};

	r->held = tg_arena_calloc(&r->arena, r->holds.n + 1, sizeof(*r->held));
	r->held_by =
	    tg_arena_calloc(&r->arena, r->holds.n + 1, sizeof(*r->held_by));
	if (r->held == NULL || r->held_by == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < r->holds.n; i++) {
		const struct tg_hold_now *x = &r->holds.hold[i];

		if (x->state != TG_HOLD_IN_FORCE ||
		    !tg_hold_covers(&x->h, &what))
			continue;
		r->held_by[r->n_held] = x;
		r->held[r->n_held++] =
		    (struct tg_held){.from = x->h.dated ? x->h.from : INT64_MIN,
			.until = x->h.dated ? x->h.until : INT64_MAX};
	}
	return 0;
}

int
tg_run_holds(struct tg_run *r, struct tg_err *err)
{
	struct tg_register reg = {.state_dir = r->job->state,
	    .trust = r->trust,
	    .preparer = r->preparer->id,
	    .now = r->env->now(r->env->ctx)};
	const char *dir = tg_run_ledger_dir(r, false);
	int rc = -1;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_ledger_read(&reg.ledger, dir, NULL, err) == 0 &&
	    tg_holds_open(&r->holds, &reg, &r->arena, err) == 0)
		rc = spans(r, err);
	for (size_t i = 0; i < r->holds.n; i++)
		if (r->holds.hold[i].due)
			tg_run_say(r,
			    "warning: the review of legal hold %s is overdue",
			    r->holds.hold[i].h.id);
	tg_ledger_free(reg.ledger);
	return rc;
}

/* Records dropped because they are too old, and not deleted. */
static uint64_t
held_records(const struct tg_counts *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->n_stage; i++)
		for (size_t k = 0; k < c->stage[i].n_drop; k++)
			if (strcmp(c->stage[i].drop[k].code, TG_HELD_CODE) == 0)
				n += c->stage[i].drop[k].n;
	return n;
}

int
tg_run_held(struct tg_json **out, const struct tg_run *r, struct tg_err *err)
{
	struct tg_json *o = tg_json_object(), *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < r->n_held; i++) {
		const struct tg_hold *h = &r->held_by[i]->h;
		struct tg_json *one = tg_json_object();

		bad |= tg_json_set_str(one, "id", h->id);
		bad |= tg_json_set_str(one, "sha256", h->file.sha256);
		bad |= tg_json_set_int(one, "reviewed", h->placed);
		bad |= tg_json_set_int(one, "review_by", h->review_by);
		bad |= tg_json_push(list, one);
	}
	bad |= tg_json_set_int(o, "records", (int64_t)held_records(r->counts));
	bad |= tg_json_set(o, "holds", list);
	if (bad) {
		tg_json_free(o);
		return tg_fail_memory(err);
	}
	*out = o;
	return 0;
}
