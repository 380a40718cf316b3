/*
 * purge.h - what retention says must go, and its going: keys of pseudonyms
 * (pseudonym_key.h) and the digests that a bundle leaves for later ones
 * (linkage.h).
 */
#ifndef TG_PIPELINE_PURGE_H
#define TG_PIPELINE_PURGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/pseudonym_key.h"

struct tg_purge_ask {
	const char *state_dir;
	int64_t now; /* s UTC */
	bool keys_only;
	const char *bundle; /* of this one alone, due or not; NULL: what is due
			     */
};

/*
 * tg_purge_list - what is to go, keys first, each sorted:
 * [{"what":"pseudonym_key","id":"<key id>","reason","due_at",
 *   "bundles":["tg-uk-…"],"key":{…}},          key: of tg_pseudonym_keys
 *  {"what":"linkage","id":"<bundle id>","reason":"retention_end","due_at",
 *   "bundles":["tg-uk-…"],"run"}]
 * Of a bundle that is asked for the reason is "asked" where it is not due.
 * *@known (may be NULL): there is a bundle of that name.  TG_E_IO, TG_E_MEMORY.
 */
int tg_purge_list(struct tg_json **out, bool *known,
    const struct tg_purge_ask *ask, struct tg_err *err) TG_MUST_CHECK;

/* tg_purge_item - one object of the list goes; again is fine.  @end is read for
 * keys only.  tg_pseudonym_destroy's errors. */
int tg_purge_item(const struct tg_json *item, const char *state_dir,
    const struct tg_pseudonym_end *end, struct tg_err *err) TG_MUST_CHECK;

/* Whether @item is a key: it takes a signature and the ledger. */
bool tg_purge_is_key(const struct tg_json *item);

#endif
