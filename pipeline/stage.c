#include "pipeline/stage.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/tally.h"
#include "base/banned.h"

#define SCRATCH_MAX (64u << 20) /* bytes of one scratch buffer */

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

int
tg_pass_init(struct tg_pass *p, const struct tg_settings *set,
    const struct tg_rules *rules, const struct tg_attributes *attrs,
    struct tg_counts *counts, struct tg_err *err)
{
	*p = (struct tg_pass){
	    .set = set, .rules = rules, .attrs = attrs, .counts = counts};
	for (size_t i = 0; i < TG_NEST_MAX; i++)
		tg_jdoc_init(&p->nest[i]);
	tg_buf_init(&p->joined, SCRATCH_MAX);
	tg_buf_init(&p->redo, SCRATCH_MAX);
	tg_buf_init(&p->work, SCRATCH_MAX);
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

int
tg_pass_record(struct tg_pass *p, struct tg_record *r, const char **code,
    struct tg_err *err)
{
	*code = "DEC-JSON";
	for (size_t i = 0; i < TG_COUNT(stages); i++) {
		struct tg_count_stage *c;
		uint64_t before = alive(r);

		if (!in_mode(p->set->mode, stages[i].phase))
			continue;
		if (stages[i].phase == 30)
			*code = "RED-ENGINE-ERROR";
		else if (stages[i].phase > 30)
			*code = "LIM-PARTS";
		if (stages[i].run(p, r, err) < 0)
			return -1;
		own_reasons(r, stages[i].name);
		c = tg_counts_stage(p->counts, stages[i].name);
		if (stages[i].phase == 10)
			before = r->n_unit;
		c->in += before;
		c->out += alive(r);
		if (count_drops(p, r, stages[i].name, err) < 0)
			return -1;
		if (alive(r) == 0)
			break;
	}
	if (r->in_pieces) /* a scan has looked at it now */
		return tg_stage_in_pieces(err);
	r->dropped = alive(r) == 0;
	p->counts->units_out += alive(r);
	return p->on_record == NULL ? 0 : p->on_record(p->ctx, r, err);
}
