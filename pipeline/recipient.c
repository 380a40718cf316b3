/* recipient.c - the part of trust.h that reads a recipient's file. */
#include <stddef.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/yaml.h"
#include "pipeline/trust.h"
#include "pipeline/ykeys.h"

#include "base/banned.h"

#define TEXT_MAX 1000 /* bytes of one text */
#define KEY_TEXT 128  /* bytes of "age1..." */
#define ARENA_MAX (1u << 20)

struct holder {
	struct tg_recipient r; /* first: the address is the caller's */
	struct tg_arena arena;
};

#define AT(member) offsetof(struct tg_recipient, member)

static const struct row {
	const char *key;
	size_t offset;
	bool required;
} rows[] = {{"id", AT(id), true}, {"legal_name", AT(legal_name), true},
    {"role", AT(role), true}, {"country", AT(country), true},
    {"contact", AT(contact), true}, {"contract_ref", AT(contract_ref), true},
    {"contract_date", AT(contract_date), true},
    {"key_confirmed", AT(key_confirmed), false},
    {"ownership_50pct", AT(ownership_50pct), false},
    {"primary_residence", AT(primary_residence), false},
    {"end_use", AT(end_use), false},
    {"covered_person_screen_date", AT(covered_person_screen_date), false},
    {"assessment_ref", AT(assessment_ref), false},
    {"assessment_date", AT(assessment_date), false},
    {"mechanism", AT(mechanism), false}, {"key_date", AT(key_date), false},
    {"key_country", AT(key_country), false},
    {"key_holder", AT(key_holder), false},
    {"onward_transfer", AT(onward_transfer), false}};

static const char *const words[] = {"schema", "id", "legal_name", "role",
    "country", "contact", "contract_ref", "contract_date", "keys",
    "key_confirmed", "ownership_50pct", "primary_residence", "end_use",
    "covered_person_screen_date", "assessment_ref", "assessment_date",
    "mechanism", "checks", "key_date", "key_country", "key_holder",
    "onward_transfer", "clauses", NULL};

static bool
is_date(const char *s)
{
	int64_t t;

	return strlen(s) == 10 && tg_time_parse(&t, tg_sv_of(s));
}

/* ISO 3166-1 alpha-2 by form. */
static bool
is_country(const char *s)
{
	return strlen(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' &&
	    s[1] <= 'Z';
}

static bool
is_onward(const char *s)
{
	return strcmp(s, "allow") == 0 || strcmp(s, "prior_approval") == 0 ||
	    strcmp(s, "deny") == 0;
}

/* What may be left out and has a form. */
static int
check_forms(const struct tg_recipient *r, const struct tg_yaml *y,
    const struct tg_ynode *root, struct tg_err *err)
{
	static const char a_date[] = "a date such as 2026-01-31",
			  a_country[] = "two capital letters",
			  a_word[] = "allow, prior_approval or deny";
	const struct {
		const char *key, *text, *form;
		bool (*ok)(const char *);
	} rows_of[] = {{"covered_person_screen_date",
			   r->covered_person_screen_date, a_date, is_date},
	    {"assessment_date", r->assessment_date, a_date, is_date},
	    {"key_date", r->key_date, a_date, is_date},
	    {"key_country", r->key_country, a_country, is_country},
	    {"onward_transfer", r->onward_transfer, a_word, is_onward}};

	for (size_t i = 0; i < TG_COUNT(rows_of); i++)
		if (rows_of[i].text[0] != '\0' &&
		    !rows_of[i].ok(rows_of[i].text))
			return tg_yaml_fail(y,
			    tg_ynode_get(root, rows_of[i].key), err,
			    "%s: %s expected", rows_of[i].key, rows_of[i].form);
	return 0;
}

static int
check_texts(const struct tg_recipient *r, const struct tg_yaml *y,
    const struct tg_ynode *root, struct tg_err *err)
{
	if (!tg_id_ok(tg_sv_of(r->id)))
		return tg_yaml_fail(y, tg_ynode_get(root, "id"), err,
		    "id: letters, digits, '.', '_' and '-' only");
	if (!tg_role_ok(tg_sv_of(r->role)))
		return tg_yaml_fail(y, tg_ynode_get(root, "role"), err,
		    "role: small letters and '_' only");
	if (!is_country(r->country))
		return tg_yaml_fail(y, tg_ynode_get(root, "country"), err,
		    "country: two capital letters expected");
	if (!is_date(r->contract_date))
		return tg_yaml_fail(y, tg_ynode_get(root, "contract_date"), err,
		    "contract_date: a date such as 2026-01-31 expected");
	return check_forms(r, y, root, err);
}

static int
read_keys(struct tg_recipient *r, const struct tg_yaml *y,
    const struct tg_ynode *root, struct tg_arena *a, struct tg_err *err)
{
	const struct tg_ynode *at = tg_ynode_get(root, "keys");

	if (tg_ykeys_list(&r->key, &r->n_key, y, root, "keys", true,
		TG_AGE_RECIPIENTS, KEY_TEXT, a, err) < 0)
		return -1;
	at = at->child;
	for (size_t i = 0; i < r->n_key; i++, at = at->next) {
		struct tg_err why = {0};

		if (tg_age_recipient(r->pk[i], tg_sv_of(r->key[i]), &why) < 0)
			return tg_yaml_fail(y, at, err, "keys: %s", why.text);
		for (size_t k = 0; k < i; k++)
			if (memcmp(r->pk[k], r->pk[i], TG_AGE_KEY_LEN) == 0)
				return tg_yaml_fail(
				    y, at, err, "keys: the same key twice");
	}
	return 0;
}

/* clauses: {NAME: where it stands in the contract}. */
static int
read_clauses(struct tg_recipient *r, const struct tg_yaml *y,
    const struct tg_ynode *root, struct tg_arena *a, struct tg_err *err)
{
	const struct tg_ynode *map = tg_ynode_get(root, "clauses");
	const char **name, **ref;
	size_t n = 0;

	if (map == NULL)
		return 0;
	if (map->kind != TG_Y_MAP || map->n > TG_RECIPIENT_CLAUSES)
		return tg_yaml_fail(y, map, err,
		    "clauses: {NAME: where it stands in the contract} "
		    "expected, at most %d",
		    TG_RECIPIENT_CLAUSES);
	name = tg_arena_calloc(a, map->n + 1, sizeof(*name));
	ref = tg_arena_calloc(a, map->n + 1, sizeof(*ref));
	if (name == NULL || ref == NULL)
		return tg_fail_memory(err);
	for (const struct tg_ynode *v = map->child; v != NULL; v = v->next) {
		if (!tg_role_ok(v->key->text) && !tg_id_ok(v->key->text))
			return tg_yaml_fail(
			    y, v, err, "clauses: letters, digits and '_' only");
		name[n] = tg_arena_str(a, v->key->text);
		if (name[n] == NULL)
			return tg_fail_memory(err);
		if (tg_ykeys_text(
			&ref[n], y, map, name[n], true, TEXT_MAX, a, err) < 0)
			return -1;
		n++;
	}
	r->clause = (const char *const *)name;
	r->clause_ref = (const char *const *)ref;
	r->n_clause = n;
	return 0;
}

static int
fill(struct tg_recipient *r, const struct tg_yaml *y, struct tg_arena *a,
    struct tg_err *err)
{
	const struct tg_ynode *root = tg_yaml_root(y);
	const struct tg_ynode *schema;

	if (root == NULL)
		return tg_fail(err, TG_E_CONFIG, "%s: empty", tg_yaml_name(y));
	if (tg_ykeys_only(y, root, words, err) < 0)
		return -1;
	schema = tg_ynode_get(root, "schema");
	if (schema != NULL && !tg_sv_is(schema->text, "tracegate.recipient/1"))
		return tg_yaml_fail(
		    y, schema, err, "schema: tracegate.recipient/1 expected");
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const char *s;

		if (tg_ykeys_text(&s, y, root, rows[i].key, rows[i].required,
			TEXT_MAX, a, err) < 0)
			return -1;
		memcpy((char *)r + rows[i].offset, &s, sizeof(s));
	}
	if (check_texts(r, y, root, err) < 0 ||
	    read_keys(r, y, root, a, err) < 0 ||
	    read_clauses(r, y, root, a, err) < 0)
		return -1;
	return tg_ykeys_list(&r->check, &r->n_check, y, root, "checks", false,
	    TG_RECIPIENT_CHECKS, TEXT_MAX, a, err);
}

static int
from_yaml(struct tg_recipient **out, struct tg_yaml *take_y, struct tg_err *err)
{
	struct holder *h = calloc(1, sizeof(*h));
	int rc = -1;

	if (h == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	tg_arena_init(&h->arena, ARENA_MAX);
	if (fill(&h->r, take_y, &h->arena, err) < 0) {
		tg_recipient_free(&h->r);
		goto out;
	}
	*out = &h->r;
	rc = 0;
out:
	tg_yaml_free(take_y);
	return rc;
}

int
tg_recipient_load(
    struct tg_recipient **out, const char *path, struct tg_err *err)
{
	struct tg_yaml *y = NULL;

	if (tg_yaml_load(&y, path, err) < 0)
		return -1;
	return from_yaml(out, y, err);
}

int
tg_recipient_parse(struct tg_recipient **out, struct tg_sv text,
    const char *name, struct tg_err *err)
{
	struct tg_yaml *y = NULL;

	if (tg_yaml_parse(&y, text, name, err) < 0)
		return -1;
	return from_yaml(out, y, err);
}

void
tg_recipient_free(struct tg_recipient *r)
{
	struct holder *h = (struct holder *)r;

	if (h == NULL)
		return;
	tg_arena_deinit(&h->arena);
	free(h);
}
