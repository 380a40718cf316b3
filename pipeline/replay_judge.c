/* replay_judge.c - a unit under the other policy, stage by stage, from its line
 * of the facts. */
#include <string.h>

#include "pipeline/replay_priv.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

#define DAY 86400

static const char *const stages[] = {
    "decode", "sample", "redact", "activations", "limit", "anonymise"};

enum { DECODE, SAMPLE, REDACT, ACTIVATIONS, LIMIT, ANONYMISE, LEFT };

unsigned
tg_replay_stage(const char *stage)
{
	unsigned i = 0;

	while (i < LEFT && strcmp(stages[i], stage) != 0)
		i++;
	return i;
}

bool
tg_replay_real(const struct tg_replay_state *s, const struct tg_json *unit)
{
	const struct tg_json *list = tg_json_get(s->head, "inputs");

	return tg_json_get_bool(
	    tg_json_at(list, (size_t)tg_json_get_int(unit, "input", 0)), "real",
	    true);
}

struct judged {
	struct tg_replay_state *s;
	const struct tg_json *unit;
	struct tg_replay_verdict *v;
	const struct tg_settings *set;
	unsigned was; /* stage that dropped it, LEFT */
	const char *was_code;
	bool activations;
	/* of the findings */
	bool moved;	  /* what is struck is elsewhere, or something less */
	bool text;	  /* the first look writes another text */
	bool explained;	  /* a finding that dropped it is told */
	const char *drop; /* code */
	enum tg_replay_why why;
};

static bool
dropped(struct judged *j, unsigned stage, const char *code)
{
	j->v->fate = TG_REPLAY_DROPPED;
	j->v->stage = stages[stage];
	j->v->code = code;
	j->v->other_text = false;
	return false;
}

static bool
unknown(struct judged *j, enum tg_replay_why why)
{
	j->v->fate = TG_REPLAY_UNKNOWN;
	j->v->why = why;
	j->v->other_text = false;
	return false;
}

static bool
as_before(struct judged *j, unsigned stage)
{
	return j->was == stage ? dropped(j, stage, j->was_code) : true;
}

/* ---- redact ------------------------------------------------------------ */

/* What is done to a finding; KEEP and *below: it scores too low. */
static enum tg_action
action_of(struct judged *j, const struct tg_json *f,
    const struct tg_replay_type *t, enum tg_action was, bool *below)
{
	const struct tg_replay_change *c = &j->s->change;
	const bool drops = t->is >= TG_ACT_DROP_RECORD;

	*below = tg_json_get_int(f, "score", 0) < (int64_t)t->is_min;
	if (!c->types)
		return was;
	if (!tg_json_get_bool(f, "mixed", false)) {
		/* Another of its type may score enough. */
		if (*below && drops && tg_json_get_bool(f, "higher", false))
			j->why = TG_RW_score;
		return *below ? TG_ACT_KEEP : t->is;
	}
	/* The strictest of all types there; which, the log does not say. */
	if (!*below && drops)
		return t->is;
	if (c->drops || c->minima)
		j->why = TG_RW_mixed;
	*below = false;
	return was >= TG_ACT_DROP_RECORD || t->was == t->is ? was : t->is;
}

static void
count(struct judged *j, struct tg_replay_type *t, enum tg_action was,
    enum tg_action is, bool below, uint64_t n)
{
	if (!j->s->counting || (was == is && !below))
		return;
	if (below)
		t->below += n;
	else
		t->moved += n;
}

/* What it does to the unit, besides. */
static void
effect(struct judged *j, const struct tg_replay_type *t, enum tg_action was,
    enum tg_action is, bool below)
{
	j->explained = j->explained || was >= TG_ACT_DROP_RECORD;
	j->s->blocks = j->s->blocks || is == TG_ACT_BLOCK_RUN;
	if (is >= TG_ACT_DROP_RECORD && j->drop == NULL)
		j->drop = strcmp(t->name, "FR_NIR") == 0 ? "RED-NIR"
							 : "RED-DROP-RECORD";
	j->moved = j->moved || below ||
	    (was == TG_ACT_KEEP) != (is == TG_ACT_KEEP) ||
	    (was == TG_ACT_DROP_FIELD) != (is == TG_ACT_DROP_FIELD);
	j->text = j->text || below || was != is || t->parameters ||
	    j->s->change.numbers;
}

/* @again: found in what a first look had replaced. */
static void
finding(struct judged *j, const struct tg_json *f, bool again)
{
	const char *name = tg_json_get_str(f, "type", "");
	struct tg_replay_type *t = tg_replay_type_of(j->s, name);
	enum tg_action was = TG_ACT_LABEL, is;
	bool below;

	if (tg_json_get_bool(f, "again", false) != again)
		return;
	if (t == NULL ||
	    !tg_action_parse(
		&was, tg_sv_of(tg_json_get_str(f, "action", "")))) {
		j->why = TG_RW_more;
		return;
	}
	is = action_of(j, f, t, was, &below);
	count(j, t, was, is, below, (uint64_t)tg_json_get_int(f, "n", 1));
	/* What stands there now may be another thing, or nothing. */
	if (again && j->text &&
	    (was >= TG_ACT_DROP_RECORD || is >= TG_ACT_DROP_RECORD)) {
		j->explained = true;
		j->why = TG_RW_text;
		return;
	}
	effect(j, t, was, is, below);
}

static void
findings(struct judged *j, const char *key, bool again)
{
	const struct tg_json *list = tg_json_get(j->unit, key);

	for (size_t i = 0; i < tg_json_len(list); i++)
		finding(j, tg_json_at(list, i), again);
}

/* What else than the findings speaks against a verdict. */
static enum tg_replay_why
doubt(const struct judged *j, bool more)
{
	const struct tg_replay_change *c = &j->s->change;

	if ((more && (c->drops || c->minima)) ||
	    (j->was == REDACT && !j->explained && c->types))
		return TG_RW_more;
	return j->why;
}

/* A text in a language without rules: dropped in any case, for that or for what
 * is found before it. */
static bool
foreign(struct judged *j)
{
	const bool same = strcmp(j->was_code, "RED-LANGUAGE") == 0 ||
	    (j->was == REDACT && j->drop != NULL);

	j->s->blocks = j->s->blocks || j->set->foreign == TG_FOREIGN_BLOCKS;
	return dropped(j, REDACT, same ? j->was_code : "RED-LANGUAGE");
}

static bool
redact(struct judged *j)
{
	const struct tg_replay_change *c = &j->s->change;
	const bool more = tg_json_get_int(j->unit, "lost", 0) > 0;
	enum tg_replay_why why;

	if (c->rules)
		return unknown(j, TG_RW_rules);
	if (c->text[tg_replay_real(j->s, j->unit)])
		return unknown(j, TG_RW_text);
	if (c->lowered && tg_json_get_bool(j->unit, "nearly", false))
		j->why = TG_RW_score;
	for (int again = 0; again <= 1; again++) {
		findings(j, "found", again != 0);
		findings(j, "rest", again != 0);
	}
	j->moved = j->moved || (more && c->types);
	if (tg_json_get_bool(j->unit, "foreign", false))
		return foreign(j);
	if (j->drop != NULL)
		return j->was == REDACT && !c->types
		    ? as_before(j, REDACT)
		    : dropped(j, REDACT, j->drop);
	why = doubt(j, more);
	if (why != TG_RW_NONE)
		return unknown(j, why);
	j->v->other_text = j->text;
	return j->explained ? true : as_before(j, REDACT);
}

/* ---- activations ------------------------------------------------------- */

/* As one() of s40_activations.c. */
static bool
graph(struct judged *j)
{
	const struct tg_settings *set = j->set;
	const bool hit = tg_json_get_bool(j->unit, "prompt", false);

	if (!set->graphs_allowed)
		return dropped(j, ACTIVATIONS, "ACT-KIND");
	if (j->moved)
		return unknown(j, TG_RW_activations);
	if (hit && set->graphs_recapture)
		return dropped(j, ACTIVATIONS, "ACT-RECAPTURE");
	if (hit)
		return dropped(j, ACTIVATIONS, "ACT-PROMPT");
	if (set->clean_bare)
		return dropped(j, ACTIVATIONS, "ACT-BARE");
	if (set->aggregate)
		return dropped(j, ACTIVATIONS, "ANO-AGGREGATE");
	return true;
}

static bool
activations(struct judged *j)
{
	const struct tg_replay_change *c = &j->s->change;
	const char *format = tg_json_get_str(j->unit, "format", "");

	if (!j->activations)
		return as_before(j, ACTIVATIONS);
	/* A lower minimum could find more where texts are cut again. */
	if (j->was >= ACTIVATIONS && !c->activations && !j->moved &&
	    !c->lowered)
		return as_before(j, ACTIVATIONS);
	if (strcmp(format, tg_source_graph.name) != 0 &&
	    strcmp(format, tg_source_graph_index.name) != 0)
		return unknown(j, TG_RW_activations);
	if (!graph(j))
		return false;
	/* Its nodes were not counted, or against another limit. */
	return j->was > ACTIVATIONS && !c->activations
	    ? true
	    : unknown(j, TG_RW_activations);
}

/* ---- limit ------------------------------------------------------------- */

/* The log knows the day alone. */
static bool
age(struct judged *j)
{
	const int64_t day = tg_json_get_int(j->unit, "day", -1);
	const int64_t oldest = j->set->oldest;
	const int64_t was = tg_json_get_int(j->s->head, "oldest", 0);
	const bool expired =
	    j->was == LIMIT && strcmp(j->was_code, "RET-EXPIRED") == 0;
	const bool passed = j->was > LIMIT ||
	    (j->was == LIMIT && strcmp(j->was_code, "LIM-TOKENS") == 0);

	if (oldest == 0 || day < 0 || day * DAY >= oldest)
		return true;
	if (day * DAY + DAY - 1 < oldest)
		return dropped(j, LIMIT, "RET-EXPIRED");
	if (expired && was <= oldest)
		return dropped(j, LIMIT, "RET-EXPIRED");
	return passed && was >= oldest ? true : unknown(j, TG_RW_day);
}

static bool
limit(struct judged *j)
{
	const struct tg_settings *set = j->set;
	const uint64_t bytes = (uint64_t)tg_json_get_int(j->unit, "bytes", 0);
	const uint64_t tokens = (uint64_t)tg_json_get_int(j->unit, "tokens", 0);
	const uint64_t own =
	    (uint64_t)tg_json_get_int(j->unit, "own_tokens", 0);
	const uint64_t was =
	    (uint64_t)tg_json_get_int(j->s->head, "max_tokens", 0);

	if (bytes > set->max_bytes)
		return dropped(j, LIMIT, "LIM-BYTES");
	if (!age(j))
		return false;
	if (own > set->max_tokens ||
	    (set->exceed_drops && tokens > set->max_tokens))
		return dropped(j, LIMIT, "LIM-TOKENS");
	/* It is cut elsewhere. */
	if (was != set->max_tokens &&
	    (tokens > was || tokens > set->max_tokens))
		j->v->other_text = true;
	return true;
}

/* ---- anonymise --------------------------------------------------------- */

static bool
anonymise(struct judged *j)
{
	const struct tg_anonymity *a = &j->s->anonymity;

	if (j->was == ANONYMISE && strcmp(j->was_code, "ANO-AGGREGATE") == 0)
		return j->moved ? unknown(j, TG_RW_activations)
				: as_before(j, ANONYMISE);
	if (j->activations && j->set->aggregate)
		return unknown(j, TG_RW_activations);
	if (!a->enforced || (a->only_real && !tg_replay_real(j->s, j->unit)))
		return true;
	if (j->s->change.rows || tg_json_get(j->unit, "row") == NULL ||
	    (j->s->change.health && a->limits.k_health > 0))
		return unknown(j, TG_RW_groups);
	j->v->row = true;
	return true;
}

int
tg_replay_judge(struct tg_replay_verdict *out, struct tg_replay_state *s,
    const struct tg_json *unit, struct tg_err *err)
{
	static bool (*const order[])(struct judged *) = {
	    redact, activations, limit, anonymise};
	struct judged j = {.s = s,
	    .unit = unit,
	    .v = out,
	    .set = &s->set[tg_replay_real(s, unit)],
	    .was = tg_replay_stage(tg_json_get_str(unit, "stage", "")),
	    .was_code = tg_json_get_str(unit, "code", ""),
	    .activations = tg_json_get_bool(unit, "activations", false)};

	*out = (struct tg_replay_verdict){
	    .fate = TG_REPLAY_KEPT, .stage = "", .code = ""};
	if (s->tally == NULL && (s->tally = tg_tally_new()) == NULL)
		return tg_fail_memory(err);
	if (!tg_replay_draw(out, s, unit))
		return 0;
	for (size_t i = 0; i < TG_COUNT(order); i++)
		if (!order[i](&j))
			break;
	return 0;
}
