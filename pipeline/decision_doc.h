/* decision_doc.h - what decision.c and decision_check.c share. */
#ifndef TG_PIPELINE_DECISION_DOC_H
#define TG_PIPELINE_DECISION_DOC_H

#include "base/digest.h"
#include "pipeline/decision.h"

#define TG_TRUSTED_COMMENT 512 /* bytes, NUL included */

/* The text of a member under @a (and @b below it, if not NULL), or "". */
const char *
tg_decision_member(const struct tg_json *j, const char *a, const char *b);

/* Whether @doc names exactly the recipient's keys of @manifest. */
bool tg_decision_same_keys(
    const struct tg_json *doc, const struct tg_json *manifest);

/* The comment that is signed with document @doc. */
void
tg_decision_comment(char out[TG_TRUSTED_COMMENT], const struct tg_json *doc);

#define TG_EVIDENCE_FILES 64 /* files of an evidence folder */

/*
 * tg_decision_evidence - [{"file","sha256"}] of all files in @dir, sorted by
 * name; *@sha256 is that of evidence.json.  TG_E_INTEGRITY: no evidence.json,
 * a name that is none, something that is no file.
 */
int tg_decision_evidence(struct tg_json **out, char sha256[TG_SHA256_HEX],
    const char *dir, struct tg_err *err) TG_MUST_CHECK;

/* Sealed bytes of all volumes of a manifest, -1 when it names none. */
int64_t tg_manifest_bytes(const struct tg_json *manifest);

#endif
