/* verify_bundle.h - one bundle while it is examined. */
#ifndef TG_PIPELINE_VERIFY_BUNDLE_H
#define TG_PIPELINE_VERIFY_BUNDLE_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "pipeline/ledger/note.h"
#include "pipeline/verify_priv.h"

struct tg_bundle_check {
	struct tg_verify *v;
	struct tg_fs_names names; /* regular files of the tree */
	struct tg_json *m;	  /* manifest; NULL: not readable */
	struct tg_buf bytes;	  /* its bytes */
	char sha[TG_SHA256_HEX];  /* its digest */
	bool is_signed;		  /* by an exporter we trust */
	const char *vkey;	  /* the ledger's, trusted; or NULL */
	struct tg_note_pub pub;	  /* the same */
	int64_t sent_at;	  /* time of the proven intent, or -1 */
};

/* SHA256SUMS and the tree are the same; fills b->names. */
void tg_verify_files(struct tg_bundle_check *b);
/* Each file of the tree is one that the other checks speak for.  SHA256SUMS is
 * not signed: a file put in with a line of its own is found here. */
void tg_verify_accounts(struct tg_bundle_check *b);

#endif
