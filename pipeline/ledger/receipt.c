#include "pipeline/ledger/receipt.h"

#include <stdlib.h>

#include "base/enc.h"
#include "pipeline/ledger/ledger_priv.h"

#include "base/banned.h"

#define ENDED_MAX (1u << 20) /* intents that ended, in one ledger */

struct tg_receipt {
	char *bundle, *manifest, *target;
	uint64_t index;
};

static bool
is(const struct tg_json *j, const char *key, const char *value)
{
	return strcmp(tg_json_get_str(j, key, ""), value) == 0;
}

/* An entry that ends an intent: nothing more is sent under it. */
static bool
ends(const struct tg_json *j)
{
	return is(j, "type", "export.done") || is(j, "type", "export.failed") ||
	    is(j, "type", "export.abandoned");
}

static bool
has(const struct tg_buf *set, uint64_t index)
{
	uint64_t v;

	for (size_t at = 0; at < set->n; at += sizeof(v)) {
		memcpy(&v, set->p + at, sizeof(v));
		if (v == index)
			return true;
	}
	return false;
}

/* Entry @i: an intent that is ended by it goes into @ended; *@hit when it is
 * itself the intent that is looked for and has not ended. */
static int
look(bool *hit, struct tg_ledger *l, uint64_t i, const struct tg_intent *what,
    struct tg_buf *ended, struct tg_err *err)
{
	struct tg_json *j = NULL;
	int rc = 0;

	*hit = false;
	if (tg_ledger_parse(&j, l, i, err) < 0)
		return -1;
	if (ends(j)) {
		const int64_t of = tg_json_get_int(j, "intent_index", -1);
		const uint64_t v = (uint64_t)of;

		if (of >= 0)
			rc = tg_buf_add(ended, &v, sizeof(v), err);
	} else if (is(j, "type", "export.intent") &&
	    is(j, "bundle_id", what->bundle_id) &&
	    is(j, "manifest_sha256", what->manifest_sha256) &&
	    is(j, "target", what->target)) {
		*hit = !has(ended, i);
	}
	tg_json_free(j);
	return rc;
}

/* The last intent that says the same and has not ended; -1: none. */
static int
find_open(int64_t *index, struct tg_ledger *l, const struct tg_intent *what,
    struct tg_err *err)
{
	struct tg_buf ended, bundle, end;
	int rc = -1;

	tg_buf_init(&ended, ENDED_MAX * sizeof(uint64_t));
	tg_buf_init(&bundle, TG_LEDGER_ENTRY_MAX);
	tg_buf_init(&end, 32);
	*index = -1;
	if (tg_ledger_needle(&bundle, what->bundle_id, err) < 0 ||
	    tg_ledger_needle(&end, "intent_index", err) < 0)
		goto out;
	for (uint64_t i = tg_ledger_size(l); i-- > 0;) {
		bool names, ending, hit;

		if (tg_ledger_mentions(&names, l, i, &bundle, err) < 0 ||
		    tg_ledger_mentions(&ending, l, i, &end, err) < 0)
			goto out;
		if (!names && !ending)
			continue;
		if (look(&hit, l, i, what, &ended, err) < 0)
			goto out;
		if (hit) {
			*index = (int64_t)i;
			break;
		}
	}
	rc = 0;
out:
	tg_buf_deinit(&ended);
	tg_buf_deinit(&bundle);
	tg_buf_deinit(&end);
	return rc;
}

static int
append(uint64_t *index, struct tg_ledger *l, const struct tg_intent *what,
    struct tg_err *err)
{
	struct tg_json *body = tg_json_object();
	int bad = 0;

	if (body == NULL)
		return tg_fail_memory(err);
	bad |= tg_json_set_str(body, "bundle_id", what->bundle_id);
	bad |= tg_json_set_str(body, "manifest_sha256", what->manifest_sha256);
	bad |= tg_json_set_str(body, "target", what->target);
	bad |= tg_json_set_int(body, "deadline", what->deadline);
	if (bad != 0) {
		tg_json_free(body);
		return tg_fail_memory(err);
	}
	return tg_ledger_append(l, "export.intent", body, index, err);
}

static bool
is_text(const char *s)
{
	return s[0] != '\0' && tg_utf8_valid(tg_sv_of(s)) == strlen(s);
}

static int
check(
    const struct tg_ledger *l, const struct tg_intent *what, struct tg_err *err)
{
	if (l->key == NULL || l->broken)
		return tg_fail(err, TG_E_BUG,
		    "a receipt needs a ledger that is open for appending");
	if (!is_text(what->bundle_id) || !is_text(what->target) ||
	    !is_text(what->manifest_sha256) ||
	    strlen(what->manifest_sha256) != (size_t)TG_LEDGER_HASH * 2)
		return tg_fail(err, TG_E_BUG, "intent is not complete");
	return 0;
}

static int
copy(struct tg_receipt *r, const struct tg_intent *what, struct tg_err *err)
{
	r->bundle = strdup(what->bundle_id);
	r->manifest = strdup(what->manifest_sha256);
	r->target = strdup(what->target);
	if (r->bundle == NULL || r->manifest == NULL || r->target == NULL)
		return tg_fail_memory(err);
	return 0;
}

int
tg_receipt_intent(struct tg_receipt **out, struct tg_ledger *l,
    const struct tg_intent *what, struct tg_err *err)
{
	struct tg_receipt *r = NULL;
	int64_t found;

	if (check(l, what, err) < 0 || find_open(&found, l, what, err) < 0)
		return -1;
	/* All memory before the entry: a receipt that fails leaves none. */
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return tg_fail_memory(err);
	r->index = (uint64_t)found;
	if (copy(r, what, err) < 0 ||
	    (found < 0 && append(&r->index, l, what, err) < 0)) {
		tg_receipt_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

void
tg_receipt_free(struct tg_receipt *r)
{
	if (r == NULL)
		return;
	free(r->bundle);
	free(r->manifest);
	free(r->target);
	free(r);
}

const char *
tg_receipt_bundle(const struct tg_receipt *r)
{
	return r->bundle;
}

const char *
tg_receipt_manifest(const struct tg_receipt *r)
{
	return r->manifest;
}

const char *
tg_receipt_target(const struct tg_receipt *r)
{
	return r->target;
}

uint64_t
tg_receipt_index(const struct tg_receipt *r)
{
	return r->index;
}
