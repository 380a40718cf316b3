/*
 * run.h - one export: its directory, its state, its manifest.
 *
 * state/runs/<RUN>/           0700
 *   plan.json                 what was asked, fixed before reading
 *   seed                      32 bytes, 0600: sampling, salts, nonce
 *   journal                   append-only lines "<time> <state>", fsynced
 *   spool/                    redacted members, recapture.jsonl; 0700
 *   quarantine/               what was not understood; raw; 0700
 *   bundle/<bundle_id>/       what may be sent
 *
 * manifest.json (canonical JSON; no personal data of a trace):
 * {"schema":"https://tracegate.dev/manifest/1",
 *  "bundle_id":"tg-uk-…","run":"EXP-2026-11-24-UK-01",
 *  "created":<s>,"as_of":<s>,"as_of_given":<bool>,
 *  "tool":{"name","version","libsodium","libzstd","pcre2"},
 *  "origin":"GB","regions":["uk"],
 *  "purpose":{"id","text","legal_basis","assessment_ref","dpia_ref"},
 *  "exporter":{"legal_name","country","contact","dpo"},
 *  "preparer":{"id","name","key"},
 *  "recipient":{"id","legal_name","role","country","contact","contract_ref",
 *     "contract_date","key_confirmed"},        key_confirmed "" = not
 *  "target":"file:/…",
 *  "policy":{"effective_sha256","files":[{"file","version","sha256"}],
 *     "scope_config_sha256"},
 *  "redactors":{"rules_sha256","names_sha256","rules":<n>,
 *     "packs":[{"file","sha256","rules"}],"types":["EMAIL",…]},
 *  "sampling":{"unit","algorithm","rate_ppb","seed_commit","ledger_index",
 *     "seen","kept"},
 *  "retention":{"class","days","clock","delete_after"},
 *  "source":[{"id","format","sha256","bytes","records","text_origin"}],
 *  "funnel":[{"stage","in","out","dropped":[{"code","n"}]}],
 *  "redaction":[{"type","spans","records","action"}],
 *  "below_threshold":<n>,
 *  "fields":{"kept","dropped","pseudonymised","generalised"},
 *  "residual":{"examined","findings"},
 *  "activations":{"graphs","kept","recapture","dropped"},
 *  "anonymisation":{"level","date_granularity","pseudonym_domain",
 *     "pseudonym_epoch","free_text","claims":[{"origin","claim"}]},
 *  "limits":{"max_tokens","estimator","truncated"},
 *  "payload":{"format":"age-v1","recipients":["age1…"],"zstd_level":3,
 *     "volumes":[{"file","bytes","sha256","records",
 *        "tar":{"bytes","sha256","members"}}]},
 *  "records":{"count","root","leaf":"salted-rfc6962-v1"},
 *  "files":[{"file","sha256"}],                 VERIFY.txt, records.checkpoint
 *  "approvals":{"roles":[{"role","count"}],"distinct_persons","expires_days"},
 *  "ledger":{"origin","vkey"}}
 */
#ifndef TG_PIPELINE_RUN_H
#define TG_PIPELINE_RUN_H

#endif
