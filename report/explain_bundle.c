/* explain_bundle.c - the model of a bundle and of the decision on it. */
#include <stdio.h>
#include <string.h>

#include "report/answer.h"
#include "report/explain_why.h"

#include "base/banned.h"

#define PATH_LEN 256

struct asked {
	const struct tg_explain_in *in;
	const struct tg_explain_bundle *b;
	struct tg_json *o;
};

static const char *
outcome(const struct asked *a)
{
	if (a->b->left)
		return "uploaded";
	if (a->b->leaving)
		return "uploading";
	if (a->b->decisions != NULL)
		return tg_decisions_name(a->b->decisions->state);
	return a->b->stopped != NULL ? "stopped" : "not-made";
}

/* From which law to which country, by what. */
static int
transfer(const struct asked *a)
{
	const struct tg_json *m = a->in->manifest;
	const struct tg_json *to = tg_json_get(m, "recipient");
	const char *origin = tg_json_get_str(m, "origin", "");
	const char *country = tg_json_get_str(to, "country", "");
	struct tg_json *o;
	char path[PATH_LEN];
	int bad = 0;

	if (m == NULL)
		return 0;
	o = tg_json_object();
	(void)snprintf(path, sizeof(path),
	    "/transfers/origins/%s/mechanisms/%s", origin, country);
	bad |= tg_json_set_str(o, "origin", origin);
	bad |= tg_json_set_str(o, "country", country);
	bad |= tg_json_set_str(
	    o, "mechanism", tg_json_get_str(to, "mechanism", ""));
	bad |= tg_json_set(o, "rule", tg_explain_rule(a->in->decided, path));
	return bad | tg_json_set(a->o, "transfer", o);
}

/* What was examined before, as those who decided read it. */
static int
gates(const struct asked *a)
{
	const struct tg_json *rows =
	    tg_json_get(a->b->evidence, "requirements");
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(rows); i++) {
		const struct tg_json *r = tg_json_at(rows, i);
		struct tg_json *o = tg_json_object();

		bad |= tg_json_set_str(o, "id", tg_json_get_str(r, "id", ""));
		bad |= tg_json_set_str(
		    o, "result", tg_json_get_str(r, "result", ""));
		bad |= tg_json_set(
		    o, "finding", tg_json_ref(tg_json_get(r, "finding")));
		bad |= tg_json_push(list, o);
	}
	return bad | tg_json_set(a->o, "gates", list);
}

static int
needed(const struct asked *a)
{
	const struct tg_json *m = tg_json_get(a->in->manifest, "approvals");
	const struct tg_json *roles = tg_json_get(m, "roles");
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(roles); i++) {
		const struct tg_json *r = tg_json_at(roles, i);
		const char *role = tg_json_get_str(r, "role", "");
		struct tg_json *o = tg_json_object();
		char path[PATH_LEN];

		(void)snprintf(
		    path, sizeof(path), "/approvals/per_bundle/roles/%s", role);
		bad |= tg_json_set_str(o, "role", role);
		bad |=
		    tg_json_set_int(o, "count", tg_json_get_int(r, "count", 0));
		bad |= tg_json_set(
		    o, "rule", tg_explain_rule(a->in->decided, path));
		bad |= tg_json_push(list, o);
	}
	bad |= tg_json_set_int(a->o, "distinct_persons",
	    tg_json_get_int(m, "distinct_persons", 0));
	bad |= tg_json_set_int(
	    a->o, "expires_days", tg_json_get_int(m, "expires_days", 0));
	return bad | tg_json_set(a->o, "needed", list);
}

static int
signed_by(const struct asked *a)
{
	const struct tg_json *docs =
	    a->b->decisions == NULL ? NULL : a->b->decisions->docs;
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(docs); i++) {
		const struct tg_json *d = tg_json_at(docs, i);
		static const char *const texts[] = {
		    "role", "decision", "reason"};
		static const char *const times[] = {"signed_at", "expires_at"};
		struct tg_json *o = tg_json_object();

		bad |= tg_json_set_str(o, "person",
		    tg_json_get_str(tg_json_get(d, "signer"), "name", ""));
		for (size_t k = 0; k < TG_COUNT(texts); k++)
			bad |= tg_json_set_str(
			    o, texts[k], tg_json_get_str(d, texts[k], ""));
		for (size_t k = 0; k < TG_COUNT(times); k++)
			bad |= tg_json_set_int(
			    o, times[k], tg_json_get_int(d, times[k], 0));
		bad |= tg_json_push(list, o);
	}
	return bad | tg_json_set(a->o, "signed", list);
}

static int
reason(struct tg_json *list, const struct asked *a, const char *code,
    const char *role, const char *detail)
{
	struct tg_json *o = tg_json_object();
	char path[PATH_LEN];
	int bad = 0;

	bad |= tg_explain_why(o, a->in->decided, code, "");
	if (strcmp(code, "APR-MISSING") == 0) {
		(void)snprintf(
		    path, sizeof(path), "/approvals/per_bundle/roles/%s", role);
		bad |= tg_json_set(
		    o, "rule", tg_explain_rule(a->in->decided, path));
	}
	bad |= tg_json_set_str(o, "role", role);
	bad |= tg_json_set_str(o, "detail", detail);
	return bad | tg_json_push(list, o);
}

static int
reasons(const struct asked *a)
{
	const struct tg_decisions *d = a->b->decisions;
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; d != NULL && i < d->n_reason; i++)
		bad |= reason(list, a, d->reason[i].code, d->reason[i].role,
		    d->reason[i].text);
	if (d == NULL && a->b->stopped != NULL)
		bad |=
		    reason(list, a, tg_json_get_str(a->b->stopped, "code", ""),
			"", tg_json_get_str(a->b->stopped, "text", ""));
	return bad | tg_json_set(a->o, "reasons", list);
}

static int
missing(const struct asked *a)
{
	struct tg_json *list = tg_json_array();
	int bad = 0;

	if (a->in->decided == NULL)
		bad |= tg_json_push_str(list, "decided");
	if (a->in->manifest != NULL && a->b->evidence == NULL)
		bad |= tg_json_push_str(list, "evidence");
	return bad | tg_json_set(a->o, "missing", list);
}

int
tg_explain_bundle(struct tg_json **out, const struct tg_explain_in *in,
    const struct tg_explain_bundle *b, bool decision_only, struct tg_err *err)
{
	const struct asked a = {.in = in, .b = b, .o = tg_json_object()};
	int bad = 0;

	bad |= tg_json_set_str(
	    a.o, "asked", decision_only ? "decision" : "bundle");
	bad |= tg_json_set_str(a.o, "run", in->run);
	bad |= tg_json_set_str(a.o, "state", in->state);
	bad |= tg_json_set_str(a.o, "bundle_id", b->bundle_id);
	bad |= tg_json_set_str(a.o, "outcome", outcome(&a));
	if (!decision_only) {
		bad |= transfer(&a);
		bad |= gates(&a);
		bad |= tg_json_set(a.o, "ledger",
		    b->ledger == NULL ? tg_json_array()
				      : tg_json_copy(b->ledger));
	}
	bad |= needed(&a);
	bad |= signed_by(&a);
	bad |= reasons(&a);
	bad |= missing(&a);
	if (bad == 0) {
		*out = a.o;
		return 0;
	}
	tg_json_free(a.o);
	return tg_fail_memory(err);
}
