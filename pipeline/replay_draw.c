/*
 * replay_draw.c - which units another rate would have drawn, and which the caps
 * would have taken out again.
 *
 * Of units that only the other rate draws nothing is known but how many they
 * are: where these could fill a cap, who it takes cannot be told.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "pipeline/replay_priv.h"
#include "pipeline/sampled.h"
#include "base/banned.h"

#define PPB 1000000000u

static int
row(void *ctx, const struct tg_sampled_row *r)
{
	struct tg_replay_state *s = ctx;
	const uint64_t was = (uint64_t)tg_json_get_int(s->head, "rate_ppb", 0);
	const bool drawn = tg_sample_below(r->number, was);

	s->read += r->read;
	if (drawn)
		s->kept_drawn += r->kept;
	else if (s->change.unit ||
	    tg_sample_below(r->number, s->set[0].rate_ppb))
		s->fresh += r->read;
	else
		s->never += r->read;
	return 0;
}

int
tg_replay_draw_list(struct tg_replay_state *s, struct tg_err *err)
{
	char *path = tg_fs_join(s->in->run_dir, "sample.txt");
	bool gone = false;
	int rc;

	if (path == NULL)
		return tg_fail_memory(err);
	rc = tg_sampled_each(path, row, s, &gone, err);
	if (rc < 0 && gone) {
		tg_err_clear(err);
		rc = tg_fail(err, TG_E_NO,
		    "%s has no list of its draw: it cannot be replayed",
		    s->in->run);
	}
	free(path);
	return rc;
}

static bool
unknown(struct tg_replay_verdict *v, enum tg_replay_why why)
{
	*v = (struct tg_replay_verdict){
	    .fate = TG_REPLAY_UNKNOWN, .stage = "", .code = "", .why = why};
	return false;
}

static bool
out(struct tg_replay_verdict *v, const char *code)
{
	*v = (struct tg_replay_verdict){
	    .fate = TG_REPLAY_DROPPED, .stage = "sample", .code = code};
	return false;
}

/* As s20_sample.c counts.  Without a slack it is exact. */
static bool
caps(struct tg_replay_verdict *v, struct tg_replay_state *s,
    const struct tg_json *unit)
{
	static const uint8_t key[TG_KEY_LEN];
	const char *who = tg_json_get_str(unit, "who", "");
	const uint64_t all = s->set[0].max_records,
		       each = s->set[0].max_per_subject;
	const uint64_t sure = each > s->slack ? each - s->slack : 0;

	if (all != 0 && s->sampled >= all)
		return out(v, "SMP-CAP-TOTAL");
	if (all != 0 && s->sampled + s->slack + s->doubtful >= all) {
		s->doubtful++;
		return unknown(v, TG_RW_caps);
	}
	if (each != 0 && who[0] != '\0' &&
	    !tg_tally_below(s->tally, key,
		(struct tg_trace_text){who, strlen(who)}, sure)) {
		if (s->slack == 0)
			return out(v, "SMP-CAP-SUBJECT");
		s->doubtful++;
		return unknown(v, TG_RW_caps);
	}
	s->sampled++;
	return true;
}

bool
tg_replay_draw(struct tg_replay_verdict *v, struct tg_replay_state *s,
    const struct tg_json *unit)
{
	const unsigned was =
	    tg_replay_stage(tg_json_get_str(unit, "stage", ""));
	const uint64_t rate = s->set[0].rate_ppb;
	const uint64_t number =
	    strtoull(tg_json_get_str(unit, "draw", "0"), NULL, 16);
	bool on;

	if (s->change.unit && rate < PPB)
		return unknown(v, TG_RW_draw);
	on = tg_sample_below(number, rate) ? caps(v, s, unit)
					   : out(v, "SMP-OUT");
	/* What was not understood stays so, drawn or not. */
	if (was == tg_replay_stage("decode")) {
		*v = (struct tg_replay_verdict){.fate = TG_REPLAY_DROPPED,
		    .stage = "decode",
		    .code = tg_json_get_str(unit, "code", "")};
		return false;
	}
	if (on && was == tg_replay_stage("sample"))
		return unknown(v, TG_RW_undrawn);
	return on;
}
