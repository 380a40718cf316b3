/* standers.h - standing approvals of an export's persons, for the tests. */
#ifndef TG_TESTS_UNIT_PIPELINE_STANDERS_H
#define TG_TESTS_UNIT_PIPELINE_STANDERS_H

#include "pipeline/standing.h"
#include "tests/unit/pipeline/export.h"

/* The export says where from, where to and what standing approvals it takes:
 * DPO and legal, two persons with the preparer, 30 days. */
static inline void
standers_init(struct export *x)
{
	static const char *const cause[] = {"gate_failure", "policy_change",
	    "recipient_change", "key_change", "cap_exceeded"};
	struct tg_json *a = tg_json_copy(tg_json_get(x->manifest, "approvals"));
	struct tg_json *s = tg_json_object(), *on = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < TG_COUNT(cause); i++)
		bad |= tg_json_push_str(on, cause[i]);
	bad |= tg_json_set(s, "roles", tg_json_copy(tg_json_get(a, "roles")));
	bad |= tg_json_set_int(s, "distinct_persons", 2);
	bad |= tg_json_set_int(s, "expires_days", 30);
	bad |= tg_json_set(s, "suspend_on", on);
	bad |= tg_json_set(s, "used", tg_json_array());
	bad |= tg_json_set(a, "standing", s);
	ck_assert_int_eq(bad, 0);
	export_change(x, "origin", tg_json_str(TG_SV("GB")));
	export_change(x, "target", tg_json_str(TG_SV("file:/srv/out")));
	export_change(x, "approvals", a);
}

static inline struct tg_standing_ask
standers_ask(struct export *x)
{
	return (struct tg_standing_ask){.state_dir = x->state,
	    .trust = x->trust,
	    .ledger = x->l,
	    .now = x->s.clock.now};
}

struct standers_caps {
	uint64_t records, bytes, runs;
};

/* @who stands in @role within @caps, for 60 days as he has it. */
static inline void
standers_sign_for(struct export *x, enum who who, const char *role,
    const struct standers_caps *caps)
{
	const struct tg_decision_spec spec = {.decide = TG_APPROVE_STANDING,
	    .role = role,
	    .signer =
		tg_trust_by_key(x->trust, tg_minisign_public(x->key[who])),
	    .manifest = tg_buf_sv(&x->bytes),
	    .evidence_dir = export_path(x, "evidence"),
	    .read_language = "en",
	    .max_records = caps->records,
	    .max_bytes = caps->bytes,
	    .max_runs = caps->runs,
	    .signed_at = x->s.clock.now,
	    .expires_at = x->s.clock.now + 60 * EXPORT_DAY};
	char *dir = tg_standing_dir(x->state, "GB");
	char name[TG_DECISION_NAME];
	struct tg_json *doc = NULL;
	struct tg_err err;

	OK(tg_fs_mkdirs(dir, 0700, &err));
	OK(tg_decision_make(&doc, &spec, &err));
	OK(tg_decision_write(name, dir, doc, x->key[who], &err));
	tg_json_free(doc);
	free(dir);
}

/* The same for 6 records, which two of the test's exports have. */
static inline void
standers_sign(struct export *x, enum who who, const char *role)
{
	static const struct standers_caps caps = {6, 1 << 20, 9};

	standers_sign_for(x, who, role, &caps);
}

/* What the export relies on goes into its manifest, the bundle, the ledger;
 * @why (TG_ERR_TEXT) tells why there is nothing.  How many. */
static inline size_t
standers_rely(struct export *x, char *why)
{
	const struct tg_standing_ask ask = standers_ask(x);
	struct tg_standing_choice c;
	struct tg_json *a;
	struct tg_err err;
	size_t n;

	OK(tg_standing_choose(&c, &ask, x->manifest, &err));
	n = tg_json_len(c.used);
	if (why != NULL)
		memcpy(why, c.why, sizeof(c.why));
	a = tg_json_copy(tg_json_get(x->manifest, "approvals"));
	ck_assert_int_eq(
	    tg_json_set(tg_json_get(a, "standing"), "used", c.used), 0);
	export_change(x, "approvals", a);
	OK(tg_standing_record(&ask, x->dir, x->manifest, &err));
	return n;
}

/* The first reason that the bundle has now; "" when it may go. */
static inline void
standers_state(struct export *x, char code[20])
{
	struct tg_decision_against a = export_against(x);
	struct tg_approvals need;
	struct tg_decisions d;
	struct tg_err err;

	a.ledger = x->l;
	OK(tg_approvals_of(&need, x->manifest, &err));
	OK(tg_decisions_state(&d, x->dir, &a, &need, &err));
	(void)snprintf(code, 20, "%s", d.n_reason > 0 ? d.reason[0].code : "");
	ck_assert((code[0] == '\0') == (d.state == TG_DECISIONS_APPROVED));
	tg_decisions_free(&d);
}

/* The same place another night: a bundle of its own, nothing relied on yet. */
static inline void
standers_next_night(struct export *x, const char *bundle_id)
{
	struct tg_json *a = tg_json_copy(tg_json_get(x->manifest, "approvals"));

	ck_assert_int_eq(
	    tg_json_set(tg_json_get(a, "standing"), "used", tg_json_array()),
	    0);
	export_change(x, "approvals", a);
	export_change(x, "bundle_id", tg_json_str(tg_sv_of(bundle_id)));
}

#endif
