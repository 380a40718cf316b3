/* replay_run.c - what the other policy says to the run as a whole: what stops
 * it, who must approve. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/num.h"
#include "pipeline/replay_priv.h"
#include "pipeline/run_priv.h"
#include "base/banned.h"

#define PPB UINT64_C(1000000000)
#define PER_BUNDLE "/approvals/per_bundle/"

/* ---- what stops it ----------------------------------------------------- */

static int
stop(struct tg_json *list, const char *code, const char *text)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "code", code);
	bad |= tg_json_set_str(o, "text", text);
	return bad | tg_json_push(list, o);
}

/* "ANO-SUPPRESSED: ..." */
static int
stop_of(struct tg_json *list, const struct tg_err *why)
{
	char code[32];

	(void)snprintf(code, sizeof(code), "%.*s", (int)strcspn(why->text, ":"),
	    why->text);
	return stop(list, code, why->text);
}

/* The job as it was, to the recipient as the manifest has it. */
static bool
same_recipient(const struct tg_recipient *to, const struct tg_json *manifest)
{
	const struct tg_json *was = tg_json_get(manifest, "recipient");
	const char *const field[][2] = {{"id", to->id},
	    {"legal_name", to->legal_name}, {"role", to->role},
	    {"country", to->country}, {"contact", to->contact},
	    {"contract_ref", to->contract_ref},
	    {"contract_date", to->contract_date},
	    {"assessment_ref", to->assessment_ref},
	    {"assessment_date", to->assessment_date}};
	bool same = was != NULL;

	for (size_t i = 0; same && i < TG_COUNT(field); i++)
		same = strcmp(tg_json_get_str(was, field[i][0], ""),
			   field[i][1]) == 0;
	return same;
}

static int
job(struct tg_json *is, struct tg_json *unknown, const struct tg_replay_in *in,
    struct tg_err *err)
{
	struct tg_run r = {
	    .job = in->job, .origin = in->origin, .as_of = in->as_of};
	struct tg_reasons no = {.n = 0};
	int bad = 0, rc = -1;

	if (in->job == NULL)
		return tg_json_push_str(unknown, "job") == 0
		    ? 0
		    : tg_fail_memory(err);
	r.policy = in->policy;
	if (tg_recipient_load(&r.recipient, in->job->recipient, err) < 0)
		return -1;
	if (!same_recipient(r.recipient, in->manifest))
		bad = tg_json_push_str(unknown, "recipient");
	else if (tg_run_ask(&no, &r, err) < 0)
		goto out;
	for (size_t i = 0; i < no.n; i++)
		bad |= stop(is, no.r[i].code, no.r[i].detail);
	rc = bad == 0 ? 0 : tg_fail_memory(err);
out:
	tg_recipient_free(r.recipient);
	return rc;
}

static uint64_t
ppb(const struct tg_policy *p, const char *class)
{
	char path[64];
	uint64_t v = PPB;

	(void)snprintf(
	    path, sizeof(path), "/gates/canary_recall_min_%s", class);
	return tg_policy_ratio(p, path, &v, NULL) < 0 ? PPB : v;
}

/* What was planted and found, against what the other policy asks. */
static int
canaries(struct tg_json *is, struct tg_json *unknown,
    const struct tg_replay_state *s)
{
	const struct tg_json *c = tg_json_get(s->in->manifest, "canaries");
	const struct tg_json *list = tg_json_get(c, "types");
	struct tg_gates gates;
	uint64_t asked = 0;

	if (tg_policy_u64(s->in->policy, "/gates/canary_min_per_type", &asked,
		NULL) == 0 &&
	    asked == 0)
		return 0;
	if (tg_gates_ask(&gates, s->in->policy, NULL) == 0 &&
	    gates.how != TG_ENFORCE_BLOCK)
		return 0;
	/* Other ones, or put elsewhere. */
	if (c == NULL || s->change.types || s->change.rules ||
	    asked != (uint64_t)tg_json_get_int(c, "per_type", 0))
		return tg_json_push_str(unknown, "canaries");
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *t = tg_json_at(list, i);
		const uint64_t planted =
		    (uint64_t)tg_json_get_int(t, "planted", 0);
		const uint64_t found = (uint64_t)tg_json_get_int(t, "found", 0);
		const char *class = tg_json_get_str(t, "class", "");

		if (found * PPB < ppb(s->in->policy, class) * planted)
			return stop(
			    is, "GATE-CANARY", tg_json_get_str(t, "type", ""));
	}
	return 0;
}

static int
of_records(struct tg_json *is, struct tg_json *unknown,
    const struct tg_replay_state *s, const struct tg_replay_end *end)
{
	char *index = tg_fs_join(s->in->run_dir, "quarantine/index.jsonl");
	int bad = index == NULL;

	if (s->refused.cls != TG_E_NONE)
		bad |= stop_of(is, &s->refused);
	if (s->blocks)
		bad |= stop(is, "", "a finding blocks the run");
	if (end->suppressed->cls != TG_E_NONE)
		bad |= stop_of(is, end->suppressed);
	else if (end->groups)
		bad |= tg_json_push_str(unknown, "groups");
	if (end->leave + end->unknown == 0 && s->refused.cls == TG_E_NONE)
		bad |= stop(is, "", "nothing is left");
	/* Which of them an error of detection put there is not asked. */
	if (index != NULL && s->set[0].error_blocks && tg_fs_exists(index))
		bad |= tg_json_push_str(unknown, "quarantine");
	free(index);
	return bad;
}

int
tg_replay_stops(struct tg_json *o, const struct tg_replay_state *s,
    const struct tg_replay_end *end, bool *looser, struct tg_err *err)
{
	struct tg_json *stops = tg_json_object(), *was = tg_json_array(),
		       *is = tg_json_array(), *unknown = tg_json_array();
	const struct tg_json *stopped = s->in->stopped;
	int bad = is == NULL || unknown == NULL;

	if (stopped != NULL)
		bad |= stop(was, tg_json_get_str(stopped, "code", ""),
		    tg_json_get_str(stopped, "text", ""));
	bad |= tg_json_set(stops, "was", was);
	if (bad == 0 && job(is, unknown, s->in, err) < 0) {
		tg_json_free(is);
		tg_json_free(unknown);
		tg_json_free(stops);
		return -1;
	}
	bad |= canaries(is, unknown, s) | of_records(is, unknown, s, end);
	*looser = *looser || (stopped != NULL && tg_json_len(is) == 0);
	bad |= tg_json_set(stops, "is", is);
	bad |= tg_json_set(stops, "unknown", unknown);
	bad |= tg_json_set(o, "stops", stops);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

/* ---- who must approve -------------------------------------------------- */

static struct tg_json *
asked(const struct tg_json *decided)
{
	struct tg_json *map = tg_json_get(decided, "leaves");
	struct tg_json *o = tg_json_object(), *roles = tg_json_array();
	const size_t head = sizeof(PER_BUNDLE) - 1;
	void *at = NULL;
	int bad = 0;

	for (const char *path = tg_json_key_first(map, &at); path != NULL;
	     path = tg_json_key_next(map, &at)) {
		const struct tg_json *leaf = tg_json_get(map, path);
		struct tg_json *role;

		if (strncmp(path, PER_BUNDLE "roles/", head + 6) != 0)
			continue;
		role = tg_json_object();
		bad |= tg_json_set_str(role, "role", path + head + 6);
		bad |= tg_json_set_int(
		    role, "count", tg_json_get_int(leaf, "value", 0));
		bad |= tg_json_push(roles, role);
	}
	bad |= tg_json_set(o, "roles", roles);
	bad |= tg_json_set_int(o, "distinct_persons",
	    tg_json_get_int(
		tg_json_get(map, PER_BUNDLE "distinct_persons"), "value", 0));
	bad |= tg_json_set_int(o, "expires_days",
	    tg_json_get_int(
		tg_json_get(map, PER_BUNDLE "expires_days"), "value", 0));
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

int
tg_replay_approvals(struct tg_json *o, const struct tg_replay_state *s)
{
	struct tg_json *both = tg_json_object();
	int bad = 0;

	bad |= tg_json_set(both, "was", asked(s->in->decided));
	bad |= tg_json_set(both, "is", asked(s->is));
	return bad | tg_json_set(o, "approvals", both);
}
