/*
 * verifytxt.h - VERIFY.txt: how to check and open a bundle with programs that
 * everyone has.  The commands are for this bundle and work as printed, in the
 * folder that holds the file.
 */
#ifndef TG_PIPELINE_BUNDLE_VERIFYTXT_H
#define TG_PIPELINE_BUNDLE_VERIFYTXT_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "pipeline/bundle/seal.h"

#define TG_VERIFYTXT_FILE "VERIFY.txt"

struct tg_verifytxt_volume {
	const char *file; /* "payload-00000.tar.zst.age" */
	const struct tg_volume *volume;
};

struct tg_verifytxt_role {
	const char *role; /* "legal": decision-legal.json */
	const char *pub;  /* "RW…", or NULL: not known when sealing */
};

struct tg_verifytxt {
	const char *bundle_id;
	const char *exporter_pub; /* "RW…" */
	const struct tg_verifytxt_volume *volume;
	size_t n_volume; /* at least 1 */
	const struct tg_verifytxt_role *role;
	size_t n_role;
	const char *ledger_origin;
	const char *ledger_vkey;
	/* Whose key opens it: "age1…", a name; or NULL. */
	const char *recipient_hint;
};

/*
 * tg_verifytxt_add - appends the text, in English.  TG_E_INPUT: a member of
 * @in that could not stand in a shell command: names are tg_name_ok and end in
 * ".tar.zst.age", keys are base64, the rest is printable ASCII without quotes.
 */
int tg_verifytxt_add(struct tg_buf *out, const struct tg_verifytxt *in,
    struct tg_err *err) TG_MUST_CHECK;

#endif
