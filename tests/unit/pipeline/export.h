/*
 * export.h - one whole export as a test finds it: keys, persons, a ledger, a
 * sealed bundle with evidence, decisions, intent and SHA256SUMS.  People and
 * organisations are invented.
 */
#ifndef TG_TESTS_UNIT_PIPELINE_EXPORT_H
#define TG_TESTS_UNIT_PIPELINE_EXPORT_H

#include "base/digest.h"
#include "pipeline/bundle/minisign.h"
#include "pipeline/decision.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/trust.h"
#include "tests/unit/pipeline/scratch.h"

#define EXPORT_ORIGIN "exports.example.org/tracegate/uk"
#define EXPORT_ID "tg-uk-2026-11-24-aaaaaaaaaa"
#define EXPORT_DAY 86400

/* The exporter who prepares; legal; DPO; one who is both; a stranger. */
enum who { PREPARER, LEGAL, DPO, BOTH, STRANGER, WHO };

struct export
{
	struct scratch s;
	char dir[128]; /* the bundle */
	char ledger[128], state[128];
	struct tg_minisign_key *key[WHO];
	struct tg_trust *trust;
	struct tg_ledger *l;
	char recipient[128]; /* age1... */
	struct tg_json *manifest;
	struct tg_buf bytes; /* of manifest.json */
	char sha[TG_SHA256_HEX];
};

/* The bundle without decisions, intent and SHA256SUMS. */
void export_init(struct export *x);
void export_deinit(struct export *x);

/* The manifest is changed (member @key of it) and signed again. */
void export_change(struct export *x, const char *key, struct tg_json *take_v);

/* A decision of @who in @role, signed now; the document's name or the error. */
int export_decide(struct export *x, enum who who, const char *role,
    enum tg_decide decide, char name[TG_DECISION_NAME], struct tg_err *err);
/* What decisions are held against, at the present time. */
struct tg_decision_against export_against(struct export *x);
/* The state of the decisions in the bundle; free it. */
struct tg_decisions export_state(struct export *x);

/* The decision of export_decide, which must be made. */
void export_approve(struct export *x, enum who who, const char *role,
    char name[TG_DECISION_NAME]);
/* The state now, and that its first reason is @code (NULL: there is none). */
void
export_state_is(struct export *x, enum tg_decisions_now want, const char *code);
/* The reason that one document has now ("": it counts). */
void export_reason_is(struct export *x, const char *file, const char *code);

/* export.intent in the ledger, its bytes and its proof in the bundle. */
void export_intent(struct export *x);
/* SHA256SUMS over everything that is there. */
void export_sums(struct export *x);

/* A path in the bundle. */
const char *export_path(struct export *x, const char *name);

#endif
