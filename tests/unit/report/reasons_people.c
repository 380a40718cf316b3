/* reasons_people.c - what is said of what people sign: decisions, standing
 * approvals, exceptions. */
#include "pipeline/review.h"
#include "tests/unit/pipeline/export.h"
#include "tests/unit/pipeline/register.h"
#include "tests/unit/pipeline/standers.h"
#include "tests/unit/policies/sandbox.h"
#include "tests/unit/report/reasons.h"

#include "base/banned.h"

/* ---- decisions --------------------------------------------------------- */

struct decided {
	void (*how)(struct export *x);
};

static void
decisions(const struct reason_case *c)
{
	const struct decided *by = c->arg;
	struct export x;

	export_init(&x);
	by->how(&x);
	export_deinit(&x);
}

static void
saw_state(struct export *x)
{
	struct tg_decisions d = export_state(x);

	ck_assert_int_ne(d.state, TG_DECISIONS_APPROVED);
	for (size_t i = 0; i < d.n_reason; i++)
		saw(d.reason[i].code);
	tg_decisions_free(&d);
}

static void
both_approve(struct export *x)
{
	char name[TG_DECISION_NAME];

	export_approve(x, LEGAL, "legal", name);
	export_approve(x, DPO, "dpo", name);
	export_state_is(x, TG_DECISIONS_APPROVED, NULL);
}

static void
how_expired(struct export *x)
{
	struct tg_decision_reason why;
	struct tg_decision_against a;
	struct tg_err err;

	both_approve(x);
	x->s.clock.now += 10 * EXPORT_DAY;
	a = export_against(x);
	ck_assert_int_eq(tg_decision_verify(NULL, &why, x->dir,
			     "decision-legal.json", &a, &err),
	    0);
	saw(why.code);
}

static void
how_rejected(struct export *x)
{
	char name[TG_DECISION_NAME];
	struct tg_err err;

	both_approve(x);
	ck_assert_int_eq(
	    export_decide(x, BOTH, "legal", TG_REJECT, name, &err), 0);
	saw_state(x);
}

static void
how_other_bundle(struct export *x)
{
	both_approve(x);
	scratch_put(export_path(x, "decision-board.json"), TG_SV("{}\n"));
	scratch_put(
	    export_path(x, "decision-board.json.minisig"), TG_SV("x\n"));
	saw_state(x);
}

static void
how_no_role(struct export *x)
{
	char name[TG_DECISION_NAME];
	struct tg_err err;

	ck_assert_int_eq(
	    export_decide(x, LEGAL, "dpo", TG_APPROVE, name, &err), -1);
	saw_in(err.text);
}

static void
how_preparer(struct export *x)
{
	char name[TG_DECISION_NAME];
	struct tg_err err;

	ck_assert_int_eq(
	    export_decide(x, PREPARER, "exporter", TG_APPROVE, name, &err), -1);
	saw_in(err.text);
}

/* ---- standing approvals ------------------------------------------------ */

static void
both_stand(struct export *x)
{
	standers_init(x);
	standers_sign(x, DPO, "dpo");
	standers_sign(x, LEGAL, "legal");
	ck_assert_uint_eq(standers_rely(x, NULL), 2);
}

static void
saw_standing(struct export *x)
{
	struct tg_decision_against a = export_against(x);
	struct tg_decision_reason why;
	struct tg_err err;

	a.ledger = x->l;
	ck_assert_int_eq(tg_decision_verify(
			     NULL, &why, x->dir, "decision-dpo.json", &a, &err),
	    0);
	saw(why.code);
}

static void
how_other_target(struct export *x)
{
	both_stand(x);
	export_change(x, "target", tg_json_str(TG_SV("file:/srv/other")));
	saw_standing(x);
}

static void
how_more_records(struct export *x)
{
	struct tg_json *o;

	both_stand(x);
	o = tg_json_copy(tg_json_get(x->manifest, "records"));
	ck_assert_int_eq(tg_json_set_int(o, "count", 7), 0);
	export_change(x, "records", o);
	saw_standing(x);
}

static void
how_suspended(struct export *x)
{
	struct tg_standing_ask ask;
	struct tg_err err;

	both_stand(x);
	ask = standers_ask(x);
	ck_assert_int_eq(
	    tg_standing_suspend(&ask, "GB", "gate_failure", "", &err), 0);
	saw_standing(x);
}

static void
how_taken_back(struct export *x)
{
	struct tg_standing_ask ask;
	struct tg_err err;

	both_stand(x);
	ask = standers_ask(x);
	ck_assert_int_eq(
	    tg_standing_revoke(&ask, "GB", tg_trust_find(x->trust, "m.hartley"),
		"legal", &err),
	    0);
	saw_standing(x);
}

static const struct decided other_target = {how_other_target},
			    more_records = {how_more_records},
			    suspended = {how_suspended},
			    taken_back = {how_taken_back};

/* ---- exceptions -------------------------------------------------------- */

/* Opened by a run, and held against the policy of the UK. */
static void
saw_exception(struct export *x, const char *id)
{
	struct tg_policy *p = shipped("uk");
	struct tg_exceptions got;
	struct tg_arena mem;
	struct tg_err err;

	ck_assert(register_open(&got, x, id, &mem, &err) < 0 ||
	    tg_exceptions_signed(&got, p, &err) < 0);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	saw_in(err.text);
	tg_exceptions_free(&got);
	tg_arena_deinit(&mem);
	tg_policy_free(p);
}

static void
how_unknown(struct export *x)
{
	saw_exception(x, "EXC-2");
}

static void
how_unsigned(struct export *x)
{
	struct tg_err err;

	register_add(x, NULL, NULL);
	ck_assert_int_eq(register_sign(x, DPO, false, &err), 0);
	saw_exception(x, "EXC-1");
}

static void
how_past(struct export *x)
{
	register_add(x, NULL, NULL);
	x->s.clock.now += 40 * EXPORT_DAY;
	saw_exception(x, "EXC-1");
}

static void
how_revoked(struct export *x)
{
	struct tg_err err;

	register_add(x, NULL, NULL);
	ck_assert_int_eq(register_sign(x, DPO, true, &err), 0);
	saw_exception(x, "EXC-1");
}

static void
how_elsewhere(struct export *x)
{
	register_add(x, "nightly", "weekly");
	saw_exception(x, "EXC-1");
}

static const struct decided unknown = {how_unknown}, unsigned_ = {how_unsigned},
			    past = {how_past}, revoked = {how_revoked},
			    elsewhere = {how_elsewhere};

/* Nobody has read what the policy asks for. */
static void
how_unread(struct export *x)
{
	struct tg_review_against a = {
	    .bundle = x->dir, .manifest = x->manifest, .trust = x->trust};
	struct tg_json *o = tg_json_object();
	struct tg_review r;
	struct tg_err err;
	int bad = 0;

	bad |= tg_json_set_int(o, "min_records", 50);
	bad |= tg_json_set_int(o, "max_findings", 0);
	ck_assert_int_eq(bad, 0);
	export_change(x, "review", o);
	a.manifest_sha256 = x->sha;
	ck_assert_int_eq(tg_review_read(&r, &a, &err), 0);
	ck_assert_int_eq(tg_review_lets(&r, "EXP-1", &err), -1);
	ck_assert_int_eq(err.cls, TG_E_WAITING);
	saw_in(err.text);
	tg_review_free(&r);
}

static const struct decided unread = {how_unread};
static const struct decided missing = {saw_state}, expired = {how_expired},
			    rejected = {how_rejected}, role = {how_no_role},
			    same_person = {how_preparer},
			    digest = {how_other_bundle};

const struct reason_case reasons_of_people[] = {
    {"EXC-UNKNOWN", decisions, &unknown},
    {"EXC-UNSIGNED", decisions, &unsigned_},
    {"EXC-EXPIRED", decisions, &past},
    {"EXC-REVOKED", decisions, &revoked},
    {"EXC-SCOPE", decisions, &elsewhere},
    {"GATE-REVIEW", decisions, &unread},
    {"APR-MISSING", decisions, &missing},
    {"APR-EXPIRED", decisions, &expired},
    {"APR-REJECTED", decisions, &rejected},
    {"APR-ROLE", decisions, &role},
    {"APR-SAME-PERSON", decisions, &same_person},
    {"APR-DIGEST", decisions, &digest},
    {"APR-SCOPE", decisions, &other_target},
    {"APR-CAP", decisions, &more_records},
    {"APR-SUSPENDED", decisions, &suspended},
    {"APR-REVOKED", decisions, &taken_back},
};
const size_t n_reasons_of_people = TG_COUNT(reasons_of_people);
