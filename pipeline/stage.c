#include "pipeline/stage.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/tally.h"
#include "base/banned.h"

#define SCRATCH_MAX (64u << 20) /* bytes of one scratch buffer */

#define FIRST 10 /* the phase that finds out what there is */
#define LOOK 30	 /* the one that asks for nothing but the record */

struct row {
	unsigned phase;
	const char *name;
	int (*run)(struct tg_pass *p, struct tg_record *r, struct tg_err *err);
};

#define TG_STAGE(phase, name) {phase, #name, tg_s##phase##_##name},
static const struct row stages[] = {
#include "pipeline/stages.def"
};
#undef TG_STAGE

/* Which stages a mode runs, by phase. */
static bool
in_mode(enum tg_mode mode, unsigned phase)
{
	switch (mode) {
	case TG_MODE_EXPORT:
		return true;
	case TG_MODE_REDACT:
		return phase == 10 || phase == 30 || phase == 40 || phase == 60;
	case TG_MODE_SCAN:
	case TG_MODE_RECHECK:
		return phase == 10 || phase == 30;
	}
	return true;
}

static void
scratch(struct tg_pass *p)
{
	for (size_t i = 0; i < TG_NEST_MAX; i++)
		tg_jdoc_init(&p->nest[i]);
	tg_buf_init(&p->joined, SCRATCH_MAX);
	tg_buf_init(&p->redo, SCRATCH_MAX);
	tg_buf_init(&p->work, SCRATCH_MAX);
}

int
tg_pass_init(struct tg_pass *p, const struct tg_settings *set,
    const struct tg_rules *rules, const struct tg_attributes *attrs,
    struct tg_counts *counts, struct tg_err *err)
{
	*p = (struct tg_pass){
	    .set = set, .rules = rules, .attrs = attrs, .counts = counts};
	scratch(p);
	for (size_t i = 0; i < TG_COUNT(stages); i++)
		if (in_mode(set->mode, stages[i].phase))
			(void)tg_counts_stage(counts, stages[i].name);
	if (tg_operators_new(&p->ops, rules, err) < 0)
		return -1;
	tg_operators_keys(p->ops,
	    &(struct tg_operators_keys){
		.link = set->keyed ? set->pseudonym_key : NULL,
		.run = set->keyed ? set->run_key : NULL,
		.table = set->table_key,
		.year = set->year});
	if (tg_scanner_new(&p->scanner, rules, err) == 0)
		return 0;
	tg_operators_free(p->ops);
	p->ops = NULL;
	return -1;
}

void
tg_pass_follow(struct tg_pass *out, const struct tg_pass *p)
{
	out->set = p->set;
	out->expected = p->expected;
	out->vocab = p->vocab;
	out->causal = p->causal;
	out->whole = p->whole;
	out->texts = p->texts;
	out->texts_gone = p->texts_gone;
	out->want_paths = p->want_paths;
	memcpy(out->health, p->health, sizeof(out->health));
}

int
tg_pass_like(struct tg_pass *out, const struct tg_pass *p,
    struct tg_counts *counts, struct tg_err *err)
{
	*out = (struct tg_pass){
	    .rules = p->rules, .attrs = p->attrs, .counts = counts};
	scratch(out);
	tg_pass_follow(out, p);
	if (tg_operators_like(&out->ops, p->ops, err) == 0 &&
	    tg_scanner_like(&out->scanner, p->scanner, err) == 0)
		return 0;
	tg_pass_deinit(out);
	return -1;
}

void
tg_pass_deinit(struct tg_pass *p)
{
	for (size_t i = 0; i < TG_NEST_MAX; i++)
		tg_jdoc_deinit(&p->nest[i]);
	tg_buf_deinit(&p->joined);
	tg_buf_deinit(&p->redo);
	tg_buf_deinit(&p->work);
	tg_scanner_free(p->scanner);
	tg_operators_free(p->ops);
	tg_tally_free(p->tally);
	free(p->seams);
	*p = (struct tg_pass){0};
}

static uint64_t
alive(const struct tg_record *r)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < r->n_unit; i++)
		n += !r->unit[i].dropped;
	return n;
}

/* Units that this stage dropped, by code. */
static int
count_drops(struct tg_pass *p, const struct tg_record *r, const char *stage,
    struct tg_err *err)
{
	for (uint32_t i = 0; i < r->n_unit; i++) {
		const struct tg_unit *u = &r->unit[i];

		if (u->dropped && u->stage == stage &&
		    tg_counts_drop(p->counts, stage, u->code, 1, err) < 0)
			return -1;
	}
	return 0;
}

/* A reason given under any spelling of the stage's name is this stage's. */
static void
own_reasons(struct tg_record *r, const char *stage)
{
	for (uint32_t i = 0; i < r->n_unit; i++)
		if (r->unit[i].dropped && strcmp(r->unit[i].stage, stage) == 0)
			r->unit[i].stage = stage;
}

int
tg_stage_in_pieces(struct tg_err *err)
{
	return tg_fail(err, TG_E_INPUT,
	    "a piece of a stream, which no record shows whole: join the pieces "
	    "first (docs/FORMATS.md, \"Streams\")");
}

/* Stage @s has run over @before units. */
static int
count_stage(struct tg_pass *p, struct tg_record *r, const struct row *s,
    uint64_t before, struct tg_err *err)
{
	struct tg_count_stage *c = tg_counts_stage(p->counts, s->name);

	own_reasons(r, s->name);
	c->in += before;
	c->out += alive(r);
	return count_drops(p, r, s->name, err);
}

/* The stages of phases @from to @to, as long as something is left. */
static int
run_stages(struct tg_pass *p, struct tg_record *r, unsigned from, unsigned to,
    struct tg_err *err)
{
	for (size_t i = 0; i < TG_COUNT(stages); i++) {
		const struct row *s = &stages[i];
		uint64_t before = alive(r);

		if (s->phase < from || s->phase >= to ||
		    !in_mode(p->set->mode, s->phase))
			continue;
		if (s->phase != FIRST && before == 0)
			return 0;
		if (s->run(p, r, err) < 0)
			return -1;
		if (s->phase == FIRST)
			before = r->n_unit;
		if (count_stage(p, r, s, before, err) < 0)
			return -1;
	}
	return 0;
}

/* A record that needs more memory than a record may have is at fault itself;
 * what is wrong with the machine is not.  Always -1. */
static int
failed(const struct tg_pass *p, const struct tg_record *r, struct tg_err *err)
{
	if (err == NULL || err->cls != TG_E_MEMORY || !r->arena.full)
		return -1;
	tg_err_clear(err);
	return tg_fail(err, p->set->error_blocks ? TG_E_NO : TG_E_INPUT,
	    "record %llu: needs more memory than a record may have",
	    (unsigned long long)r->no);
}

int
tg_pass_begin(struct tg_pass *p, struct tg_record *r, const char **code,
    struct tg_err *err)
{
	*code = "DEC-JSON";
	if (run_stages(p, r, FIRST, LOOK, err) < 0)
		return failed(p, r, err);
	r->alive = (uint32_t)alive(r);
	return 0;
}

int
tg_pass_look(struct tg_pass *p, struct tg_record *r, const char **code,
    struct tg_err *err)
{
	if (r->alive == 0)
		return 0;
	*code = "RED-ENGINE-ERROR";
	return tg_s30_redact(p, r, err) < 0 ? failed(p, r, err) : 0;
}

int
tg_pass_end(struct tg_pass *p, struct tg_record *r, const char **code,
    struct tg_err *err)
{
	for (size_t i = 0; i < TG_COUNT(stages) && r->alive > 0; i++)
		if (stages[i].phase == LOOK &&
		    count_stage(p, r, &stages[i], r->alive, err) < 0)
			return -1;
	*code = "LIM-PARTS";
	if (run_stages(p, r, LOOK + 1, UINT_MAX, err) < 0)
		return failed(p, r, err);
	if (r->in_pieces) /* a scan has looked at it now */
		return tg_stage_in_pieces(err);
	r->dropped = alive(r) == 0;
	p->counts->units_out += alive(r);
	return p->on_record == NULL ? 0 : p->on_record(p->ctx, r, err);
}

int
tg_pass_record(struct tg_pass *p, struct tg_record *r, const char **code,
    struct tg_err *err)
{
	return tg_pass_begin(p, r, code, err) < 0 ||
		tg_pass_look(p, r, code, err) < 0 ||
		tg_pass_end(p, r, code, err) < 0
	    ? -1
	    : 0;
}
