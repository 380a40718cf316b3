/* replay_priv.h - what the files of a replay share; not for others. */
#ifndef TG_PIPELINE_REPLAY_PRIV_H
#define TG_PIPELINE_REPLAY_PRIV_H

#include "base/arena.h"
#include "pipeline/anonymity.h"
#include "pipeline/classes.h"
#include "pipeline/replay.h"
#include "pipeline/settings.h"
#include "pipeline/tally.h"

/* A type, as both policies have it. */
struct tg_replay_type {
	const char *name;
	enum tg_action was, is;
	unsigned was_min, is_min; /* scores */
	bool parameters;	  /* the same operator writes another text */
	uint64_t moved, below;	  /* findings: treated otherwise, not at all */
};

/* What moved from the run's policy to the other. */
struct tg_replay_change {
	struct tg_replay_type type[TG_COUNT_TYPES];
	size_t n;
	bool types;	  /* action or minimum of any */
	bool minima;	  /* minimum of any */
	bool lowered;	  /* to a lower one */
	bool drops;	  /* others drop the record or block the run */
	bool rules;	  /* what is looked with */
	bool unit;	  /* what is drawn as a whole */
	bool text[2];	  /* whether texts are looked at; [1]: of real people */
	bool numbers;	  /* what becomes of a number with a finding */
	bool activations; /* anything that is said of them */
	bool rows;	  /* what units are told apart by */
	bool health;	  /* which types are about health */
};

enum tg_replay_fate { TG_REPLAY_KEPT, TG_REPLAY_DROPPED, TG_REPLAY_UNKNOWN };

struct tg_replay_verdict {
	enum tg_replay_fate fate;
	const char *stage, *code; /* DROPPED; else "" */
	enum tg_replay_why why;	  /* UNKNOWN */
	bool other_text;
	bool row; /* KEPT unless its group is too small */
};

struct tg_replay_state {
	const struct tg_replay_in *in;
	struct tg_arena mem;
	struct tg_json *head;	   /* first line of the facts */
	struct tg_json *is;	   /* policies/decided.h, of the other policy */
	struct tg_err refused;	   /* a rate that it does not let; or NONE */
	struct tg_settings set[2]; /* of the other policy; [1]: real text */
	struct tg_anonymity anonymity;
	struct tg_replay_change change;
	bool blocks; /* a finding blocks the run */
	/* The draw. */
	uint64_t fresh; /* units that only the other rate draws */
	uint64_t never; /* that neither does */
	uint64_t slack; /* that, and those drawn of which nothing is known */
	uint64_t read, kept_drawn;  /* of the list */
	uint64_t sampled, doubtful; /* so far: surely, maybe */
	struct tg_tally *tally;
	bool counting; /* findings are counted in this pass */
};

/* replay_change.c: fills s->change, s->set, s->anonymity but what depends on
 * the log. */
int tg_replay_change_find(struct tg_replay_state *s, struct tg_err *err)
    TG_MUST_CHECK;
/* The type; a new one has what holds where nobody says anything.  NULL: too
 * many. */
struct tg_replay_type *
tg_replay_type_of(struct tg_replay_state *s, const char *name);

/* replay_judge.c: a line "unit" of the facts, in their order.  -1: memory. */
int tg_replay_judge(struct tg_replay_verdict *out, struct tg_replay_state *s,
    const struct tg_json *unit, struct tg_err *err) TG_MUST_CHECK;
/* replay_draw.c: false: @v has the answer. */
bool tg_replay_draw(struct tg_replay_verdict *v, struct tg_replay_state *s,
    const struct tg_json *unit);
/* The list of the draw into s->read, fresh, kept_drawn. */
int tg_replay_draw_list(struct tg_replay_state *s, struct tg_err *err)
    TG_MUST_CHECK;
bool
tg_replay_real(const struct tg_replay_state *s, const struct tg_json *unit);
/* The number of a stage, from 0; 6 for "". */
unsigned tg_replay_stage(const char *stage);

/* replay_run.c: what stops the run, or did; who must approve. */
struct tg_replay_end {
	const struct tg_err *suppressed; /* cls NONE: not so many */
	bool groups;			 /* of how many cannot be told */
	uint64_t leave, unknown;	 /* units */
};
/* *looser: it was stopped, and would not be. */
int tg_replay_stops(struct tg_json *o, const struct tg_replay_state *s,
    const struct tg_replay_end *end, bool *looser, struct tg_err *err)
    TG_MUST_CHECK;
/* Not 0: memory. */
int tg_replay_approvals(struct tg_json *o, const struct tg_replay_state *s);

#endif
