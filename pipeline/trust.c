#include "pipeline/trust.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/fs.h"
#include "base/yaml.h"
#include "pipeline/ykeys.h"

#include "base/banned.h"

#define NAME_MAX_ 200 /* bytes of a name */
#define HOW_MAX 200   /* bytes of "confirmed_by" */
#define ARENA_MAX (4u << 20)

struct tg_trust {
	struct tg_arena arena;
	struct tg_person *person;
	size_t n;
};

static const char *const top_keys[] = {"schema", "persons", NULL};
static const char *const person_keys[] = {
    "id", "name", "roles", "key", "confirmed_by", "confirmed_on", NULL};

bool
tg_role_ok(struct tg_sv role)
{
	if (role.n == 0 || role.n > TG_ROLE_MAX)
		return false;
	for (size_t i = 0; i < role.n; i++)
		if ((role.p[i] < 'a' || role.p[i] > 'z') && role.p[i] != '_')
			return false;
	return true;
}

bool
tg_id_ok(struct tg_sv id)
{
	if (id.n == 0 || id.n > TG_ID_MAX)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		const char c = id.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9'))
			continue;
		if (i == 0 || (c != '.' && c != '_' && c != '-'))
			return false;
	}
	return true;
}

bool
tg_person_has(const struct tg_person *p, const char *role)
{
	for (size_t i = 0; i < p->n_role; i++)
		if (strcmp(p->role[i], role) == 0)
			return true;
	return false;
}

static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int
by_person(const void *a, const void *b)
{
	const struct tg_person *x = a, *y = b;
	const int c = strcmp(x->id, y->id);

	return c != 0 ? c : strcmp(x->key, y->key);
}

static int
read_roles(struct tg_person *p, const struct tg_yaml *y,
    const struct tg_ynode *map, struct tg_arena *a, struct tg_err *err)
{
	const char **sorted;

	if (tg_ykeys_list(&p->role, &p->n_role, y, map, "roles", true,
		TG_TRUST_ROLES, TG_ROLE_MAX, a, err) < 0)
		return -1;
	for (size_t i = 0; i < p->n_role; i++)
		if (!tg_role_ok(tg_sv_of(p->role[i])))
			return tg_yaml_fail(y, tg_ynode_get(map, "roles"), err,
			    "roles: small letters and '_' only");
	sorted = tg_arena_calloc(a, p->n_role, sizeof(*sorted));
	if (sorted == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < p->n_role; i++)
		sorted[i] = p->role[i];
	qsort(sorted, p->n_role, sizeof(*sorted), by_text);
	p->role = (const char *const *)sorted;
	return 0;
}

static int
read_person(struct tg_person *p, const struct tg_yaml *y,
    const struct tg_ynode *map, struct tg_arena *a, struct tg_err *err)
{
	struct tg_err why = {0};
	int64_t day;

	if (tg_ykeys_only(y, map, person_keys, err) < 0 ||
	    tg_ykeys_text(&p->id, y, map, "id", true, TG_ID_MAX, a, err) < 0 ||
	    tg_ykeys_text(&p->name, y, map, "name", true, NAME_MAX_, a, err) <
		0 ||
	    read_roles(p, y, map, a, err) < 0 ||
	    tg_ykeys_text(&p->key, y, map, "key", true, 64, a, err) < 0 ||
	    tg_ykeys_text(&p->confirmed_by, y, map, "confirmed_by", false,
		HOW_MAX, a, err) < 0 ||
	    tg_ykeys_text(&p->confirmed_on, y, map, "confirmed_on", false, 10,
		a, err) < 0)
		return -1;
	if (!tg_id_ok(tg_sv_of(p->id)))
		return tg_yaml_fail(y, tg_ynode_get(map, "id"), err,
		    "id: letters, digits, '.', '_' and '-' only");
	if (strlen(p->key) != TG_MINISIGN_PUB_STR - 1 ||
	    tg_minisign_pub(&p->pub, tg_sv_of(p->key), &why) < 0)
		return tg_yaml_fail(y, tg_ynode_get(map, "key"), err,
		    "key: not a minisign public key (RW...)");
	if (p->confirmed_on[0] != '\0' &&
	    !tg_time_parse(&day, tg_sv_of(p->confirmed_on)))
		return tg_yaml_fail(y, tg_ynode_get(map, "confirmed_on"), err,
		    "confirmed_on: a date such as 2026-11-20 expected");
	tg_minisign_id(p->key_id, &p->pub);
	return 0;
}

/* The entry @p against the ones before it. */
static int
check_new(const struct tg_trust *t, const struct tg_person *p,
    const struct tg_yaml *y, const struct tg_ynode *at, struct tg_err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct tg_person *q = &t->person[i];
		const bool same = strcmp(p->id, q->id) == 0;

		if (memcmp(p->pub.pk, q->pub.pk, sizeof(p->pub.pk)) == 0)
			return tg_yaml_fail(y, at, err,
			    same ? "the same key twice for %s"
				 : "the key of %s: one key is one person",
			    q->id);
		if (memcmp(p->pub.id, q->pub.id, sizeof(p->pub.id)) == 0)
			return tg_yaml_fail(y, at, err,
			    "another key with the key id of %s", q->id);
		if (same && strcmp(p->name, q->name) != 0)
			return tg_yaml_fail(
			    y, at, err, "another name for %s", q->id);
	}
	return 0;
}

static int
read_persons(struct tg_trust *t, const struct tg_yaml *y, struct tg_err *err)
{
	const struct tg_ynode *root = tg_yaml_root(y);
	const struct tg_ynode *schema, *list;

	if (root == NULL)
		return tg_fail(err, TG_E_CONFIG, "%s: empty", tg_yaml_name(y));
	if (tg_ykeys_only(y, root, top_keys, err) < 0)
		return -1;
	schema = tg_ynode_get(root, "schema");
	if (schema != NULL && !tg_sv_is(schema->text, "tracegate.trust/1"))
		return tg_yaml_fail(
		    y, schema, err, "schema: tracegate.trust/1 expected");
	list = tg_ynode_get(root, "persons");
	if (list == NULL || list->kind != TG_Y_SEQ || list->n > TG_TRUST_MAX)
		return tg_yaml_fail(y, list == NULL ? root : list, err,
		    "persons: a list of at most %d expected", TG_TRUST_MAX);
	t->person = tg_arena_calloc(&t->arena, list->n + 1, sizeof(*t->person));
	if (t->person == NULL)
		return tg_fail_memory(err);
	for (const struct tg_ynode *v = list->child; v != NULL; v = v->next) {
		struct tg_person *p = &t->person[t->n];

		if (read_person(p, y, v, &t->arena, err) < 0 ||
		    check_new(t, p, y, v, err) < 0)
			return -1;
		t->n++;
	}
	if (t->n > 1)
		qsort(t->person, t->n, sizeof(*t->person), by_person);
	return 0;
}

static int
from_yaml(struct tg_trust **out, struct tg_yaml *take_y, struct tg_err *err)
{
	struct tg_trust *t = calloc(1, sizeof(*t));
	int rc = -1;

	if (t == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	tg_arena_init(&t->arena, ARENA_MAX);
	if (read_persons(t, take_y, err) < 0)
		goto out;
	*out = t;
	t = NULL;
	rc = 0;
out:
	tg_trust_free(t);
	tg_yaml_free(take_y);
	return rc;
}

int
tg_trust_load(struct tg_trust **out, const char *path, struct tg_err *err)
{
	struct tg_yaml *y = NULL;

	if (tg_yaml_load(&y, path, err) < 0)
		return -1;
	return from_yaml(out, y, err);
}

int
tg_trust_parse(struct tg_trust **out, struct tg_sv text, const char *name,
    struct tg_err *err)
{
	struct tg_yaml *y = NULL;

	if (tg_yaml_parse(&y, text, name, err) < 0)
		return -1;
	return from_yaml(out, y, err);
}

void
tg_trust_free(struct tg_trust *t)
{
	if (t == NULL)
		return;
	tg_arena_deinit(&t->arena);
	free(t);
}

size_t
tg_trust_count(const struct tg_trust *t)
{
	return t->n;
}

const struct tg_person *
tg_trust_at(const struct tg_trust *t, size_t i)
{
	return i < t->n ? &t->person[i] : NULL;
}

const struct tg_person *
tg_trust_find(const struct tg_trust *t, const char *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->person[i].id, id) == 0)
			return &t->person[i];
	return NULL;
}

const struct tg_person *
tg_trust_by_key(const struct tg_trust *t, const struct tg_minisign_pub *pub)
{
	for (size_t i = 0; i < t->n; i++)
		if (memcmp(t->person[i].pub.pk, pub->pk, sizeof(pub->pk)) == 0)
			return &t->person[i];
	return NULL;
}

const struct tg_person *
tg_trust_by_key_id(const struct tg_trust *t, const uint8_t id[8])
{
	for (size_t i = 0; i < t->n; i++)
		if (memcmp(t->person[i].pub.id, id, 8) == 0)
			return &t->person[i];
	return NULL;
}
