#include "pipeline/exceptions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

#include "base/banned.h"

#define FOLDER "exceptions"
#define KIND "exception"
#define EXPORTER "exporter"
#define VALUE_MAX (1u << 16)

static const char *
verb(bool revoke)
{
	return revoke ? "revoke" : "approve";
}

/* Whether @p may sign for an exception at all. */
static bool
holds_role(const struct tg_person *p)
{
	for (size_t i = 0; i < p->n_role; i++)
		if (strcmp(p->role[i], EXPORTER) != 0)
			return true;
	return false;
}

/* ---- the folder -------------------------------------------------------- */

const char *
tg_exception_path(const char *state_dir, const char *id, struct tg_arena *mem)
{
	const char *dir = tg_arena_fmt(mem, "%s/" FOLDER, state_dir);

	return dir == NULL ? NULL : tg_signed_path(dir, id, mem);
}

int
tg_exceptions_ids(const char *const **out, size_t *n, const char *state_dir,
    struct tg_arena *mem, struct tg_err *err)
{
	char *dir = tg_signed_dir(state_dir, FOLDER, err);
	int rc;

	if (dir == NULL)
		return -1;
	rc = tg_signed_ids(out, n, dir, tg_exception_id_ok, mem, err);
	free(dir);
	return rc;
}

struct approvers {
	const struct tg_exception *e;
	const struct tg_register *reg;
};

static bool
approves(const void *ctx, const struct tg_person *p)
{
	const struct approvers *a = ctx;

	return holds_role(p) && tg_signed_apart(a->reg, a->e->requested_by, p);
}

static int
signatures(struct tg_exception_now *x, const struct tg_register *reg,
    const char *dir, struct tg_err *err)
{
	const struct tg_signed s =
	    tg_signed_of(reg, dir, KIND, x->e.id, &x->e.file);
	const struct approvers a = {&x->e, reg};
	struct tg_signers no;

	if (tg_signed_by(&x->by, &s, verb(false), approves, &a, err) < 0 ||
	    tg_signed_by(&no, &s, verb(true), approves, &a, err) < 0)
		return -1;
	/* A revocation need not be understood to hold. */
	x->revoked = no.any;
	return 0;
}

/* ---- the ledger -------------------------------------------------------- */

static int
happened(
    void *ctx, uint64_t index, const struct tg_json *entry, struct tg_err *err)
{
	struct tg_exception_now *x = ctx;
	const char *type = tg_json_get_str(entry, "type", "");
	struct tg_json *o;
	int bad = 0;

	(void)index;
	if (strcmp(type, "exception.revoked") == 0)
		x->revoked = true;
	if (strcmp(type, "exception.used") != 0)
		return 0;
	o = tg_json_object();
	bad |= tg_json_set_str(o, "run", tg_json_get_str(entry, "run", ""));
	bad |= tg_json_set_str(
	    o, "bundle_id", tg_json_get_str(entry, "bundle_id", ""));
	bad |= tg_json_set_int(o, "at", tg_json_get_int(entry, "time", 0));
	bad |= tg_json_push(x->uses, o);
	return bad ? tg_fail_memory(err) : 0;
}

int
tg_exception_find(struct tg_exception_now *out, const struct tg_register *reg,
    const char *id, struct tg_arena *mem, struct tg_err *err)
{
	struct tg_exception_now x = {.path = NULL};
	char *dir = tg_signed_dir(reg->state_dir, FOLDER, err);
	int rc = -1;

	if (dir == NULL)
		return -1;
	x.path = tg_exception_path(reg->state_dir, id, mem);
	x.uses = tg_json_array();
	if (x.path == NULL || x.uses == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (!tg_fs_exists(x.path)) {
		(void)tg_fail(
		    err, TG_E_CONFIG, "EXC-UNKNOWN: %s is not in %s", id, dir);
		goto out;
	}
	if (tg_exception_open(&x.e, x.path, mem, err) < 0)
		goto out;
	if (strcmp(x.e.id, id) != 0)
		(void)tg_fail(err, TG_E_INTEGRITY, "%s: it is the record of %s",
		    x.path, x.e.id);
	else if (signatures(&x, reg, dir, err) == 0)
		rc = tg_ledger_each(reg->ledger, "exception_sha256",
		    x.e.file.sha256, happened, &x, err);
out:
	free(dir);
	if (rc < 0)
		tg_exception_now_free(&x);
	else
		*out = x;
	return rc;
}

void
tg_exception_now_free(struct tg_exception_now *x)
{
	tg_exception_close(&x->e);
	tg_json_free(x->uses);
	x->uses = NULL;
}

const char *
tg_exception_state(const struct tg_exception_now *x,
    const struct tg_register *reg, uint64_t persons)
{
	if (x->revoked)
		return "revoked";
	if (reg->now >= x->e.until)
		return "expired";
	if (x->by.n < persons || reg->now < x->e.from)
		return "draft";
	return tg_json_len(x->uses) > 0 ? "used" : "active";
}

/* ---- as a document ----------------------------------------------------- */

/* A value by its printed form; the texts of a list one by one. */
static int
set_value(struct tg_json *o, const char *key, const struct tg_ynode *value,
    struct tg_err *err)
{
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, VALUE_MAX);
	if (tg_exception_value(&text, value, err) == 0)
		rc = tg_json_set_sv(o, key, tg_buf_sv(&text)) == 0
		    ? 0
		    : tg_fail_memory(err);
	tg_buf_deinit(&text);
	return rc;
}

static int
set_lists(struct tg_json *o, const struct tg_exception_now *x)
{
	struct tg_json *controls = tg_json_array(), *by = tg_json_array();
	int bad = 0;

	for (const struct tg_ynode *c = x->e.controls->child; c != NULL;
	     c = c->next)
		bad |= tg_json_push_str(controls, c->text.p);
	for (size_t i = 0; i < x->by.n; i++)
		bad |= tg_json_push_str(by, x->by.by[i]->id);
	bad |= tg_json_set(o, "compensating_controls", controls);
	return bad | tg_json_set(o, "approved_by", by);
}

static int
set_texts(struct tg_json *o, const struct tg_exception *e)
{
	const struct tg_ynode *root = tg_yaml_root(e->file.yaml);
	const struct {
		const char *key, *text;
	} text[] = {{"id", e->id}, {"sha256", e->file.sha256},
	    {"region", e->region}, {"policy_path", e->path},
	    {"direction", "looser"}, {"justification", e->justification},
	    {"risk", e->risk}, {"requested_by", e->requested_by},
	    {"valid_from", tg_ynode_get(root, "valid_from")->text.p},
	    {"valid_until", tg_ynode_get(root, "valid_until")->text.p},
	    {"review_note", e->review_note}};
	struct tg_json *scope = tg_json_object();
	int bad = 0;

	for (size_t i = 0; i < TG_COUNT(text); i++)
		bad |= tg_json_set_str(o, text[i].key, text[i].text);
	bad |= tg_json_set_str(
	    scope, tg_exception_scope_name(e->scope), e->scope_id);
	return bad | tg_json_set(o, "scope", scope);
}

int
tg_exception_json(
    struct tg_json **out, const struct tg_exception_now *x, struct tg_err *err)
{
	struct tg_json *o = tg_json_object();

	if (o == NULL)
		return tg_fail_memory(err);
	if (set_value(o, "inherited_value", x->e.inherited, err) < 0 ||
	    set_value(o, "requested_value", x->e.requested, err) < 0) {
		tg_json_free(o);
		return -1;
	}
	if (set_texts(o, &x->e) != 0 || set_lists(o, x) != 0) {
		tg_json_free(o);
		return tg_fail_memory(err);
	}
	*out = o;
	return 0;
}

/* ---- written ----------------------------------------------------------- */

int
tg_exception_add(char id[TG_EXCEPTION_ID + 1], const char *state_dir,
    const char *path, struct tg_err *err)
{
	struct tg_exception e = {.id = NULL};
	struct tg_arena mem;
	char *dir = tg_signed_dir(state_dir, FOLDER, err);
	int rc = -1;

	if (dir == NULL)
		return -1;
	tg_arena_init(&mem, TG_YAML_MAX + VALUE_MAX);
	if (tg_exception_open(&e, path, &mem, err) == 0) {
		rc = tg_signed_add(dir, e.id, e.file.text, err);
		(void)snprintf(id, TG_EXCEPTION_ID + 1, "%s", e.id);
	}
	tg_exception_close(&e);
	tg_arena_deinit(&mem);
	free(dir);
	return rc;
}

static int
may_sign(const struct tg_exception_now *x, const struct tg_register *reg,
    bool revoke, const struct tg_person *who, struct tg_err *err)
{
	if (x->revoked)
		return tg_fail(
		    err, TG_E_NO, "%s is revoked; that stands", x->e.id);
	if (!holds_role(who))
		return tg_fail(err, TG_E_NO,
		    "APR-ROLE: %s holds no role but " EXPORTER, who->id);
	if (!revoke && !tg_signed_apart(reg, x->e.requested_by, who))
		return tg_fail(err, TG_E_NO,
		    "APR-SAME-PERSON: %s asks for %s, or prepares the export",
		    who->id, x->e.id);
	return 0;
}

static int
to_ledger(const struct tg_register *reg, const struct tg_exception *e,
    bool revoke, const struct tg_person *who, struct tg_err *err)
{
	struct tg_json *body = tg_json_object();
	uint64_t at;
	int bad = 0;

	bad |= tg_json_set_str(body, "exception", e->id);
	bad |= tg_json_set_str(body, "exception_sha256", e->file.sha256);
	bad |= tg_json_set_str(body, "approver_keyid", who->key_id);
	if (bad) {
		tg_json_free(body);
		return tg_fail_memory(err);
	}
	return tg_ledger_append(reg->ledger,
	    revoke ? "exception.revoked" : "exception.approved", body, &at,
	    err);
}

int
tg_exception_sign(const struct tg_exception_now *x,
    const struct tg_register *reg, bool revoke, const struct tg_person *who,
    const struct tg_minisign_key *key, struct tg_err *err)
{
	char *dir = tg_signed_dir(reg->state_dir, FOLDER, err);
	struct tg_signed s;
	int rc = -1;

	if (dir == NULL)
		return -1;
	s = tg_signed_of(reg, dir, KIND, x->e.id, &x->e.file);
	if (may_sign(x, reg, revoke, who, err) == 0 &&
	    tg_signed_sign(&s, verb(revoke), who, key, err) == 0)
		rc = to_ledger(reg, &x->e, revoke, who, err);
	free(dir);
	return rc;
}
