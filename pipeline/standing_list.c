/* standing_list.c - the part of standing.h that says where all of them stand.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "pipeline/decision_doc.h"
#include "pipeline/standing_priv.h"

#include "base/banned.h"

struct listing {
	const struct tg_standing_ask *ask;
	const char *origin;
	struct tg_json *list;
};

/* How one stands: what took it away comes before what it lacks. */
static void
stands(const char **state, const char **why, const struct tg_standing_fact *f,
    const struct tg_decision_reason *r)
{
	*why = "";
	if (f->revoked) {
		*state = "revoked";
	} else if (f->cause[0] != '\0') {
		*state = "suspended";
		*why = f->cause;
	} else if (r->code[0] == '\0') {
		*state = "in force";
	} else if (strcmp(r->code, "APR-EXPIRED") == 0) {
		*state = "lapsed";
	} else {
		*state = "void";
		*why = r->code;
	}
}

static int
set_counts(struct tg_json *o, const struct tg_standing_found *f,
    const struct tg_standing_fact *fact)
{
	const struct tg_json *caps = tg_json_get(f->doc, "caps");
	struct tg_json *most = tg_json_copy(caps), *used = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_int(most, "max_runs",
	    tg_json_get_int(tg_json_get(f->doc, "standing"), "max_runs", 0));
	bad |= tg_json_set(o, "caps", most);
	bad |= tg_json_set_int(used, "runs", fact->runs);
	bad |= tg_json_set_int(used, "records", fact->records);
	bad |= tg_json_set_int(used, "bytes", fact->bytes);
	return bad | tg_json_set(o, "used", used);
}

static int
list_one(void *ctx, const struct tg_standing_found *f, struct tg_err *err)
{
	const struct listing *c = ctx;
	const struct tg_decision_against a = {
	    .trust = c->ask->trust, .now = c->ask->now};
	struct tg_decision_reason r;
	struct tg_standing_fact fact;
	struct tg_json *o;
	const char *state, *why;
	int bad = 0;

	if (tg_decision_verify(NULL, &r, f->dir, f->name, &a, err) < 0 ||
	    tg_standing_fact(&fact, c->ask->ledger, f->sha256, "", err) < 0)
		return -1;
	stands(&state, &why, &fact, &r);
	o = tg_json_object();
	bad |= tg_json_set_str(o, "origin", c->origin);
	bad |= tg_json_set_str(o, "file", f->name);
	bad |= tg_json_set_str(
	    o, "role", tg_decision_member(f->doc, "role", NULL));
	bad |= tg_json_set_str(
	    o, "signer", tg_decision_member(f->doc, "signer", "id"));
	bad |= tg_json_set_str(o, "decision_sha256", f->sha256);
	bad |= tg_json_set_int(
	    o, "expires_at", tg_json_get_int(f->doc, "expires_at", 0));
	bad |= tg_json_set_str(o, "state", state);
	bad |= tg_json_set_str(o, "why", why);
	bad |= set_counts(o, f, &fact);
	bad |= tg_json_push(c->list, o);
	return bad ? tg_fail_memory(err) : 0;
}

int
tg_standing_list(
    struct tg_json **out, const struct tg_standing_ask *ask, struct tg_err *err)
{
	struct listing c = {.ask = ask, .list = tg_json_array()};
	char *dir = tg_fs_join(ask->state_dir, TG_STANDING_FOLDER);
	struct tg_fs_names names = {NULL, 0};
	int rc = -1;

	if (dir == NULL || c.list == NULL)
		(void)tg_fail_memory(err);
	else
		rc =
		    tg_fs_is_dir(dir) ? tg_fs_list(&names, dir, false, err) : 0;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		c.origin = names.name[i];
		rc = tg_standing_each(ask, c.origin, list_one, &c, err);
	}
	tg_fs_names_free(&names);
	free(dir);
	if (rc < 0)
		tg_json_free(c.list);
	else
		*out = c.list;
	return rc;
}
