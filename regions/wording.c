#include "regions/wording.h"

#include "base/banned.h"

#define SCHEMA "tracegate.wording/1"

static const char *const languages[] = {"en", "fr"};

static int
check_sentence(
    const struct tg_yaml *y, const struct tg_ynode *e, struct tg_err *err)
{
	if (e->kind != TG_Y_MAP || e->n != TG_COUNT(languages))
		return tg_yaml_fail(y, e, err,
		    "'%s' wants the two languages en and fr", e->key->text.p);
	for (size_t i = 0; i < TG_COUNT(languages); i++) {
		const struct tg_ynode *t = tg_ynode_get(e, languages[i]);

		if (t == NULL || t->kind != TG_Y_SCALAR || t->text.n == 0)
			return tg_yaml_fail(y, e, err, "'%s' has no text in %s",
			    e->key->text.p, languages[i]);
	}
	return 0;
}

static int
check(const struct tg_yaml *y, struct tg_err *err)
{
	static const char *const known[] = {
	    "schema", "region", "version", "sentences", NULL};
	const struct tg_ynode *root = tg_yaml_root(y);
	const struct tg_ynode *schema = tg_ynode_get(root, "schema");
	const struct tg_ynode *map = tg_ynode_get(root, "sentences");

	if (schema == NULL || schema->kind != TG_Y_SCALAR ||
	    !tg_sv_is(schema->text, SCHEMA))
		return tg_yaml_fail(
		    y, schema, err, "the schema is not " SCHEMA);
	for (const struct tg_ynode *e = root->child; e != NULL; e = e->next) {
		size_t i = 0;

		while (known[i] != NULL && !tg_sv_is(e->key->text, known[i]))
			i++;
		if (known[i] == NULL)
			return tg_yaml_fail(y, e->key, err, "unknown key");
	}
	if (map == NULL || map->kind != TG_Y_MAP || map->n == 0 ||
	    map->n > TG_WORDING_MAX)
		return tg_yaml_fail(y, map == NULL ? root : map, err,
		    "'sentences' wants a map of 1 to %d", TG_WORDING_MAX);
	for (const struct tg_ynode *e = map->child; e != NULL; e = e->next)
		if (check_sentence(y, e, err) < 0)
			return -1;
	return 0;
}

int
tg_wording_load(struct tg_wording *out, const char *path, struct tg_err *err)
{
	struct tg_yaml *y = NULL;

	if (tg_yaml_load(&y, path, err) < 0)
		return -1;
	if (check(y, err) < 0) {
		tg_yaml_free(y);
		return -1;
	}
	out->yaml = y;
	out->sentences = tg_ynode_get(tg_yaml_root(y), "sentences");
	return 0;
}

void
tg_wording_free(struct tg_wording *w)
{
	tg_yaml_free(w->yaml);
	*w = (struct tg_wording){NULL, NULL};
}

const char *
tg_wording_find(const struct tg_wording *w, const char *key, const char *lang)
{
	const struct tg_ynode *t =
	    tg_ynode_get(tg_ynode_get(w->sentences, key), lang);

	return t == NULL ? NULL : t->text.p;
}
