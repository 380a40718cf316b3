#include "pipeline/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/enc.h"
#include "pipeline/facts.h"
#include "pipeline/replay_priv.h"
#include "base/banned.h"

#define MEMORY (1u << 20)
#define MOVES 256 /* pairs of codes */
#define HEX64 16  /* digits of a number of the facts */

static const char *const whys[] = {
#define TG_REPLAY_WHY(id, en, fr) [TG_RW_##id] = #id,
#include "pipeline/replay.def"
#undef TG_REPLAY_WHY
    [TG_RW_NONE] = ""};

const char *
tg_replay_why_name(enum tg_replay_why w)
{
	return whys[w];
}

struct move {
	const char *was, *is; /* codes; "": leaves */
	uint64_t n;
};

struct replay {
	struct tg_replay_state s;
	struct tg_classes *classes; /* of those that go on; NULL: none */
	bool second;		    /* verdicts are asked for */
	bool open; /* others may be in the classes, unknown ones */
	bool other_text;
	uint64_t units, sampled, same, moved, unknown, texts, was_leave,
	    is_leave, more;
	uint64_t why[TG_RW_COUNT];
	struct move move[MOVES];
	size_t n_move;
	uint64_t unwritten;
	bool looser;
	struct tg_json *list;
};

/* ---- groups ------------------------------------------------------------ */

/* The first 64 bits that the log keeps of a digest. */
static void
digest(uint8_t out[TG_CLASS_DIGEST], const struct tg_json *u, const char *key)
{
	memset(out, 0, TG_CLASS_DIGEST);
	if (!tg_hex_decode(
		out, HEX64 / 2, tg_sv_of(tg_json_get_str(u, key, ""))))
		memset(out, 0xff, TG_CLASS_DIGEST);
}

static void
row_of(struct tg_class_row *row, const struct tg_json *u)
{
	const int64_t by = tg_json_get_int(u, "by", TG_SUBJECT_UNIT);

	*row = (struct tg_class_row){.by = by >= 0 && by < TG_SUBJECT_KINDS
		? (enum tg_subject_by)by
		: TG_SUBJECT_UNIT,
	    .has_sensitive = tg_json_get(u, "said") != NULL,
	    .health = tg_json_get_bool(u, "health", false)};
	digest(row->trace, u, "trace");
	digest(row->subject, u, "subject");
	digest(row->quasi, u, "class");
	if (row->has_sensitive)
		digest(row->sensitive, u, "said");
}

/* Its group, with all that is known: those of which nothing is known can make
 * a group larger, not smaller. */
static int
group(struct replay *r, struct tg_replay_verdict *v, const struct tg_json *u,
    struct tg_err *err)
{
	enum tg_class_verdict verdict = TG_CLASS_KEEP;
	struct tg_class_row row;
	const char *code;

	row_of(&row, u);
	if (!r->second)
		return tg_classes_add(r->classes, &row, err);
	if (tg_classes_verdict(r->classes, &row, &verdict, err) < 0)
		return -1;
	code = verdict == TG_CLASS_SMALL ? "ANO-K" : "ANO-L";
	if (verdict == TG_CLASS_KEEP &&
	    (!r->other_text || r->s.anonymity.limits.l <= 1))
		return 0;
	if (r->open || (verdict != TG_CLASS_SMALL && r->other_text))
		*v = (struct tg_replay_verdict){.fate = TG_REPLAY_UNKNOWN,
		    .stage = "",
		    .code = "",
		    .why = TG_RW_groups};
	else
		*v = (struct tg_replay_verdict){.fate = TG_REPLAY_DROPPED,
		    .stage = "anonymise",
		    .code = code};
	return 0;
}

/* ---- what came of it --------------------------------------------------- */

static void
add_move(struct replay *r, const char *was, const char *is)
{
	struct move *m = r->move;
	const char *keep;

	while (m < r->move + r->n_move &&
	    (strcmp(m->was, was) != 0 || strcmp(m->is, is) != 0))
		m++;
	if (m == r->move + MOVES)
		return;
	if (m == r->move + r->n_move) {
		keep = tg_arena_str(&r->s.mem, tg_sv_of(was));
		*m = (struct move){keep == NULL ? "" : keep,
		    tg_arena_str(&r->s.mem, tg_sv_of(is)), 0};
		if (m->is == NULL)
			m->is = "";
		r->n_move++;
	}
	m->n++;
}

static struct tg_json *
place(const char *stage, const char *code)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "stage", stage);
	bad |= tg_json_set_str(o, "code", code);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static int
show(struct replay *r, const struct tg_json *u,
    const struct tg_replay_verdict *v, struct tg_err *err)
{
	const struct tg_json *in = tg_json_at(tg_json_get(r->s.head, "inputs"),
	    (size_t)tg_json_get_int(u, "input", 0));
	struct tg_json *o, *is;
	int bad = 0;

	if (tg_json_len(r->list) == TG_REPLAY_SHOWN) {
		r->more++;
		return 0;
	}
	o = tg_json_object();
	is = place(v->stage, v->code);
	bad |= tg_json_set_str(is, "why", tg_replay_why_name(v->why));
	bad |= tg_json_set_str(o, "file", tg_json_get_str(in, "file", ""));
	bad |= tg_json_set_int(o, "record", tg_json_get_int(u, "record", 0));
	bad |= tg_json_set_int(o, "unit", tg_json_get_int(u, "unit", 0));
	bad |= tg_json_set(o, "was",
	    place(tg_json_get_str(u, "stage", ""),
		tg_json_get_str(u, "code", "")));
	bad |= tg_json_set(o, "is", is);
	bad |= tg_json_push(r->list, o);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

static int
tell(struct replay *r, const struct tg_json *u,
    const struct tg_replay_verdict *v, struct tg_err *err)
{
	const char *was = tg_json_get_str(u, "code", "");
	const bool left = was[0] == '\0';

	r->was_leave += left;
	r->is_leave += v->fate == TG_REPLAY_KEPT;
	r->texts += v->fate == TG_REPLAY_KEPT && v->other_text;
	r->looser = r->looser || (!left && v->fate != TG_REPLAY_DROPPED);
	if (v->fate == TG_REPLAY_UNKNOWN) {
		r->unknown++;
		r->why[v->why]++;
		return show(r, u, v, err);
	}
	if (strcmp(was, v->code) == 0) {
		r->same++;
		return 0;
	}
	r->moved++;
	add_move(r, was, v->code);
	return show(r, u, v, err);
}

static int
unit(struct replay *r, const struct tg_json *u, struct tg_err *err)
{
	struct tg_replay_verdict v;

	if (tg_replay_judge(&v, &r->s, u, err) < 0)
		return -1;
	if (!r->second) {
		r->units++;
		r->sampled += tg_replay_stage(tg_json_get_str(u, "stage", "")) >
		    tg_replay_stage("sample");
		r->open = r->open || v.fate == TG_REPLAY_UNKNOWN;
		r->other_text = r->other_text || v.other_text;
	}
	if (v.row && r->classes != NULL && group(r, &v, u, err) < 0)
		return -1;
	return r->second ? tell(r, u, &v, err) : 0;
}

static int
line(void *ctx, const char *kind, struct tg_json *o, struct tg_err *err)
{
	struct replay *r = ctx;

	if (strcmp(kind, TG_FACTS_UNIT) == 0)
		return unit(r, o, err);
	if (strcmp(kind, TG_FACTS_END) == 0)
		r->unwritten = (uint64_t)tg_json_get_int(o, "unwritten", 0);
	return 0;
}

/* The first line, and how many units were drawn and judged. */
static int
look(void *ctx, const char *kind, struct tg_json *o, struct tg_err *err)
{
	struct replay *r = ctx;

	(void)err;
	if (strcmp(kind, TG_FACTS_HEAD) == 0 && r->s.head == NULL)
		r->s.head = tg_json_ref(o);
	if (strcmp(kind, TG_FACTS_UNIT) == 0)
		r->sampled += tg_replay_stage(tg_json_get_str(o, "stage", "")) >
		    tg_replay_stage("sample");
	return 0;
}

static int
read_facts(struct replay *r, tg_facts_line each, struct tg_err *err)
{
	char *path = tg_fs_join(r->s.in->run_dir, TG_FACTS_FILE);
	bool gone = false;
	int rc;

	if (path == NULL)
		return tg_fail_memory(err);
	rc = tg_facts_each(path, r->s.in->facts_sha256, each, r, &gone, err);
	free(path);
	if (rc == 0 || !gone)
		return rc;
	tg_err_clear(err);
	return tg_fail(err, TG_E_NO,
	    "%s has no log of its records: it cannot be replayed",
	    r->s.in->run);
}

/* From the first unit on, in the order in which they were read. */
static int
pass(struct replay *r, bool second, uint64_t lost, struct tg_err *err)
{
	r->second = r->s.counting = second;
	r->s.sampled = r->s.doubtful = 0;
	r->s.slack = r->s.fresh + lost;
	tg_tally_free(r->s.tally);
	r->s.tally = NULL;
	return read_facts(r, line, err);
}

/* ---- the answer -------------------------------------------------------- */

static int
set(struct tg_json *o, const char *key, uint64_t v)
{
	return tg_json_set_int(o, key, (int64_t)v);
}

static int
figures(struct tg_json *o, const struct replay *r)
{
	struct tg_json *n = tg_json_object(), *draw = tg_json_object();
	int bad = 0;

	bad |= set(n, "read", r->s.read);
	bad |= set(n, "same", r->same + r->s.never);
	bad |= set(n, "moved", r->moved);
	bad |= set(n, "unknown", r->unknown + r->s.fresh + r->unwritten);
	bad |= set(n, "other_text", r->texts);
	bad |= set(n, "leave_was", r->was_leave);
	bad |= set(n, "leave_is", r->is_leave);
	bad |= tg_json_set(o, "records", n);
	bad |= tg_json_set_int(
	    draw, "was_ppb", tg_json_get_int(r->s.head, "rate_ppb", 0));
	bad |= set(draw, "is_ppb", r->s.set[0].rate_ppb);
	bad |= set(draw, "new", r->s.fresh);
	return bad | tg_json_set(o, "draw", draw);
}

static int
moves(struct tg_json *o, const struct replay *r)
{
	struct tg_json *list = tg_json_array(), *why = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < r->n_move; i++) {
		struct tg_json *m = tg_json_object();

		bad |= tg_json_set_str(m, "was", r->move[i].was);
		bad |= tg_json_set_str(m, "is", r->move[i].is);
		bad |= set(m, "n", r->move[i].n);
		bad |= tg_json_push(list, m);
	}
	for (size_t i = 0; i < TG_RW_COUNT; i++) {
		struct tg_json *w;

		if (r->why[i] == 0)
			continue;
		w = tg_json_object();
		bad |= tg_json_set_str(w, "why", whys[i]);
		bad |= set(w, "n", r->why[i]);
		bad |= tg_json_push(why, w);
	}
	bad |= tg_json_set(o, "moved", list);
	return bad | tg_json_set(o, "unknown", why);
}

static int
treated(struct tg_json *list, const struct tg_replay_type *t, const char *is,
    bool below, uint64_t n)
{
	struct tg_json *f;
	int bad = 0;

	if (n == 0)
		return 0;
	f = tg_json_object();
	bad |= tg_json_set_str(f, "type", t->name);
	bad |= tg_json_set_str(f, "was", tg_action_name(t->was));
	bad |= tg_json_set_str(f, "is", is);
	bad |= tg_json_set_bool(f, "below", below);
	bad |= set(f, "n", n);
	return bad | tg_json_push(list, f);
}

static int
findings(struct tg_json *o, const struct replay *r)
{
	const struct tg_replay_change *c = &r->s.change;
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct tg_replay_type *t = &c->type[i];

		bad |= treated(list, t, tg_action_name(t->is), false, t->moved);
		bad |= treated(
		    list, t, tg_action_name(TG_ACT_KEEP), true, t->below);
	}
	return bad | tg_json_set(o, "findings", list);
}

static int
answer(struct tg_json **out, struct replay *r, const struct tg_err *suppressed,
    struct tg_err *err)
{
	const struct tg_replay_in *in = r->s.in;
	const struct tg_replay_end end = {.suppressed = suppressed,
	    .groups = r->open && r->s.anonymity.enforced,
	    .leave = r->is_leave,
	    .unknown = r->unknown + r->s.fresh + r->unwritten};
	struct tg_json *o = tg_json_object(), *policy = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "asked", "replay");
	bad |= tg_json_set_str(o, "run", in->run);
	bad |= tg_json_set_str(policy, "was",
	    tg_json_get_str(in->decided, "effective_sha256", ""));
	bad |= tg_json_set_str(policy, "is", tg_policy_sha256(in->policy));
	bad |= tg_json_set(o, "policy", policy);
	bad |= figures(o, r) | moves(o, r) | findings(o, r);
	bad |= tg_json_set(o, "list", tg_json_ref(r->list));
	bad |= set(o, "more", r->more);
	bad |= tg_replay_approvals(o, &r->s);
	if (bad != 0)
		(void)tg_fail_memory(err);
	else if (tg_replay_stops(o, &r->s, &end, &r->looser, err) == 0 &&
	    tg_json_set_bool(o, "looser", r->looser) == 0) {
		*out = o;
		return 0;
	}
	tg_json_free(o);
	return -1;
}

/* ---- both readings ----------------------------------------------------- */

/* Groups of all that goes on; then the verdict on each. */
static int
judge_groups(struct replay *r, struct tg_err *suppressed, struct tg_err *err)
{
	struct tg_anonymity *a = &r->s.anonymity;
	struct tg_class_limits limits = a->limits;

	/* A record on health that is not known would ask for more. */
	if (r->open && limits.k_health > limits.k)
		limits.k = limits.k_health;
	if (tg_classes_finish(r->classes, &limits, &a->result, err) < 0)
		return -1;
	if (!r->open)
		(void)!tg_anonymity_judge(a, suppressed);
	return 0;
}

static int
replay(struct replay *r, struct tg_json **out, struct tg_err *err)
{
	struct tg_err suppressed = {.cls = TG_E_NONE};
	uint64_t lost;

	if (read_facts(r, look, err) < 0 ||
	    tg_replay_change_find(&r->s, err) < 0 ||
	    tg_replay_draw_list(&r->s, err) < 0)
		return -1;
	/* It would not have begun. */
	if (r->s.refused.cls != TG_E_NONE)
		return answer(out, r, &suppressed, err);
	lost = r->s.kept_drawn > r->sampled ? r->s.kept_drawn - r->sampled : 0;
	r->open = r->s.fresh > 0 || lost > 0;
	r->looser = r->s.fresh > 0;
	if (r->s.anonymity.enforced &&
	    tg_classes_new(
		&r->classes, r->s.in->scratch, TG_ANONYMITY_MEMORY, err) < 0)
		return -1;
	if (pass(r, false, lost, err) < 0 ||
	    (r->classes != NULL && judge_groups(r, &suppressed, err) < 0) ||
	    pass(r, true, lost, err) < 0)
		return -1;
	r->why[TG_RW_undrawn] += r->s.fresh;
	r->why[TG_RW_log] += r->unwritten;
	return answer(out, r, &suppressed, err);
}

int
tg_replay(
    struct tg_json **out, const struct tg_replay_in *in, struct tg_err *err)
{
	struct replay *r = calloc(1, sizeof(*r));
	int rc = -1;

	if (r == NULL)
		return tg_fail_memory(err);
	r->s.in = in;
	tg_arena_init(&r->s.mem, MEMORY);
	r->list = tg_json_array();
	if (r->list == NULL)
		(void)tg_fail_memory(err);
	else
		rc = replay(r, out, err);
	tg_classes_free(r->classes);
	tg_tally_free(r->s.tally);
	tg_json_free(r->s.head);
	tg_json_free(r->s.is);
	tg_json_free(r->list);
	tg_arena_deinit(&r->s.mem);
	free(r);
	return rc;
}
