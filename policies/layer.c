#include "policies/layer.h"

#include "base/env.h"
#include "policies/country.h"
#include "policies/provenance.h"

#include "base/banned.h"

#define SCHEMA "tracegate.policy/1"

/* One file being read. */
struct walk {
	struct tg_layer *l;
	const struct tg_reference *ref;
	struct tg_arena *mem;
};

/* What a policy file says about itself; the rest of its root are leaves. */
static const char *const head_keys[] = {"schema", "id", "version", "layer",
    "extends", "jurisdiction", "authority", "owner_role", "effective_from",
    "review_by", "title", "provenance", NULL};
static const char *const kind_names[] = {[TG_LAYER_BASE] = "base",
    [TG_LAYER_REGION] = "region",
    [TG_LAYER_PROJECT] = "project",
    [TG_LAYER_SCOPE] = "scope",
    [TG_LAYER_EXCEPTION] = "exception"};

const char *
tg_layer_kind_name(enum tg_layer_kind kind)
{
	return kind_names[kind];
}

static bool
is_head(struct tg_sv key)
{
	for (size_t i = 0; head_keys[i] != NULL; i++)
		if (tg_sv_is(key, head_keys[i]))
			return true;
	return false;
}

/* ---- the head ---------------------------------------------------------- */

int
tg_layer_kind_of(enum tg_layer_kind *out, const struct tg_pfile *f,
    const struct tg_ynode *root, struct tg_err *err)
{
	const char *text = NULL;

	if (tg_pfile_str(&text, f, root, "layer", true, err) < 0)
		return -1;
	for (int i = TG_LAYER_BASE; i < TG_LAYER_SCOPE; i++) {
		if (strcmp(text, kind_names[i]) != 0)
			continue;
		*out = (enum tg_layer_kind)i;
		return 0;
	}
	return tg_yaml_fail(f->yaml, tg_ynode_get(root, "layer"), err,
	    "'layer' is base, region or project");
}

static int
read_identity(
    struct tg_layer *l, const struct tg_ynode *root, struct tg_err *err)
{
	const struct tg_pfile *f = &l->file;
	enum tg_layer_kind kind = TG_LAYER_BASE;
	const char *owner = NULL;

	if (tg_layer_kind_of(&kind, f, root, err) < 0 ||
	    tg_pfile_str(&l->id, f, root, "id", true, err) < 0 ||
	    tg_pfile_str(&l->file.version, f, root, "version", true, err) < 0 ||
	    tg_pfile_str(&owner, f, root, "owner_role", false, err) < 0)
		return -1;
	if (kind != l->kind)
		return tg_yaml_fail(f->yaml, tg_ynode_get(root, "layer"), err,
		    "a %s file stands where a %s file is wanted",
		    kind_names[kind], kind_names[l->kind]);
	if (!tg_schema_key_ok("tool", tg_sv_of(l->id)))
		return tg_yaml_fail(f->yaml, tg_ynode_get(root, "id"), err,
		    "'id' wants letters, digits, - and _");
	return 0;
}

static int
read_jurisdiction(
    struct tg_layer *l, const struct tg_ynode *root, struct tg_err *err)
{
	const struct tg_ynode *node = tg_ynode_get(root, "jurisdiction");
	const bool region = l->kind == TG_LAYER_REGION;

	if (tg_pfile_str(&l->jurisdiction, &l->file, root, "jurisdiction",
		region, err) < 0)
		return -1;
	if (node != NULL && !region)
		return tg_yaml_fail(l->file.yaml, node, err,
		    "'jurisdiction' is for region files");
	if (node != NULL && !tg_country_known(node->text))
		return tg_yaml_fail(l->file.yaml, node, err,
		    "'jurisdiction' wants an ISO 3166-1 country code%s",
		    tg_sv_is(node->text, "UK") ? " (the United Kingdom is GB)"
					       : "");
	return 0;
}

static int
read_dates(struct tg_layer *l, const struct tg_ynode *root, struct tg_err *err)
{
	const bool need = l->kind != TG_LAYER_PROJECT;
	const struct tg_ynode *from = tg_ynode_get(root, "effective_from");
	const struct tg_ynode *by = tg_ynode_get(root, "review_by");

	if (tg_pfile_date(&l->effective_from, &l->file, root, "effective_from",
		need, err) < 0 ||
	    tg_pfile_date(
		&l->review_by, &l->file, root, "review_by", need, err) < 0)
		return -1;
	l->effective_line = from == NULL ? 0 : from->line;
	l->review_line = by == NULL ? 0 : by->line;
	return 0;
}

/* Titles and names for people: any text, but only under known keys. */
static int
read_texts(struct tg_layer *l, const struct tg_ynode *root, struct tg_err *err)
{
	static const char *const title[] = {"en", "fr", NULL};
	static const char *const authority[] = {"name", "ref", NULL};
	static const struct {
		const char *key;
		const char *const *known;
	} maps[] = {{"title", title}, {"authority", authority}};
	const struct tg_ynode *node;
	const char *text = NULL;

	for (size_t i = 0; i < TG_COUNT(maps); i++) {
		node = tg_ynode_get(root, maps[i].key);
		if (node == NULL)
			continue;
		if (node->kind != TG_Y_MAP)
			return tg_yaml_fail(l->file.yaml, node, err,
			    "'%s' wants a map", maps[i].key);
		if (tg_pfile_keys(&l->file, node, maps[i].known, err) < 0)
			return -1;
		for (size_t k = 0; maps[i].known[k] != NULL; k++)
			if (tg_pfile_str(&text, &l->file, node,
				maps[i].known[k], true, err) < 0)
				return -1;
	}
	return 0;
}

static int
read_extends(
    struct tg_layer *l, const struct tg_ynode *root, struct tg_err *err)
{
	const struct tg_ynode *node = tg_ynode_get(root, "extends");

	if (node == NULL)
		return 0;
	if (l->kind == TG_LAYER_BASE)
		return tg_yaml_fail(
		    l->file.yaml, node, err, "base extends nothing");
	if (node->kind != TG_Y_SEQ || node->n != 1 ||
	    node->child->kind != TG_Y_SCALAR ||
	    !tg_sv_is(node->child->text, "base"))
		return tg_yaml_fail(l->file.yaml, node, err,
		    "'extends' is [base]: the regions are named by the job");
	return 0;
}

/* ---- the leaves -------------------------------------------------------- */

/* Where a key stands that is known, but not here. */
static void
hint_elsewhere(struct tg_sv key, struct tg_err *err)
{
	for (size_t i = 0; i < tg_schema_count(); i++) {
		struct tg_sv head = tg_sv_of(tg_schema_at(i)->pattern), last;

		last = head;
		while (head.n > 0 && head.p[head.n - 1] != '/')
			head.n--;
		last = (struct tg_sv){head.p + head.n, last.n - head.n};
		if (head.n < 2 || !tg_sv_eq(last, key))
			continue;
		(void)tg_fail_hint(err, "'%.*s' stands below %.*s",
		    TG_SV_FMT(key), (int)head.n - 1, head.p);
		return;
	}
}

static int
unknown_key(const struct walk *w, const struct tg_ynode *entry, const char *map,
    struct tg_err *err)
{
	const int n = entry->key->text.n > 64 ? 64 : (int)entry->key->text.n;
	const char *words[TG_SCHEMA_KEYS + TG_COUNT(head_keys)];
	struct tg_schema_keys keys;
	size_t k = 0;

	tg_schema_keys(&keys, tg_sv_of(map));
	if (strcmp(keys.wild, "CC") == 0 || strcmp(keys.wild, "place") == 0)
		return tg_yaml_fail(w->l->file.yaml, entry->key, err,
		    "'%.*s' is no ISO 3166-1 country code%s%s", n,
		    entry->key->text.p, keys.wild[0] == 'p' ? " or @SET" : "",
		    tg_sv_is(entry->key->text, "UK")
			? " (the United Kingdom is GB)"
			: "");
	if (keys.wild[0] != '\0')
		return tg_yaml_fail(w->l->file.yaml, entry->key, err,
		    "'%.*s' is no name of the form that %s takes", n,
		    entry->key->text.p, map);
	for (size_t i = 0; i < keys.n; i++)
		words[k++] = keys.word[i];
	for (size_t i = 0; map[0] == '\0' && head_keys[i] != NULL; i++)
		words[k++] = head_keys[i];
	words[k] = NULL;
	(void)tg_pfile_unknown(&w->l->file, entry->key, words, err);
	hint_elsewhere(entry->key->text, err);
	return -1;
}

/* {place} is the last segment: an @SET key is one leaf a member. */
static int
add_for_set(const struct walk *w, const struct tg_pval *v, const char *map,
    const struct tg_ynode *entry, struct tg_err *err)
{
	const struct tg_refset *set =
	    tg_reference_find(w->ref, entry->key->text);

	if (set == NULL)
		return tg_reference_unknown(
		    w->ref, &w->l->file, entry->key, err);
	for (size_t i = 0; i < set->n; i++) {
		struct tg_pval one = *v;

		one.path = tg_arena_fmt(w->mem, "%s/%s", map, set->member[i]);
		if (one.path == NULL)
			return tg_fail_memory(err);
		if (tg_leaves_add(&w->l->leaves, &one, w->mem, err) < 0)
			return -1;
	}
	return 0;
}

static int
add_leaf(const struct walk *w, const struct tg_schema_row *row,
    const char *path, const char *map, const struct tg_ynode *entry,
    struct tg_err *err)
{
	struct tg_pval v = {.row = row, .path = path, .from = w->l};

	if (tg_pval_node(&v, &w->l->file, entry, w->ref, w->mem, err) < 0)
		return -1;
	if (entry->key->text.p[0] == '@')
		return add_for_set(w, &v, map, entry, err);
	if (row->rule == TG_PR_CONJ) {
		v.path = tg_arena_fmt(w->mem, "%s/%s", path, w->l->id);
		if (v.path == NULL)
			return tg_fail_memory(err);
	}
	return tg_leaves_add(&w->l->leaves, &v, w->mem, err);
}

/* As deep as the longest row, TG_SCHEMA_SEGMENTS: the schema knows no map
 * below that. */
static int
walk_map(const struct walk *w, const struct tg_ynode *map_node, const char *map,
    struct tg_err *err)
{
	for (const struct tg_ynode *e = map_node->child; e != NULL;
	     e = e->next) {
		const struct tg_schema_row *row = NULL;
		const char *path;
		int rc = 0;

		if (map[0] == '\0' && is_head(e->key->text))
			continue;
		if (e->key->text.n > TG_SCHEMA_NAME ||
		    memchr(e->key->text.p, '/', e->key->text.n) != NULL)
			return unknown_key(w, e, map, err);
		path = tg_arena_fmt(w->mem, "%s/%s", map, e->key->text.p);
		if (path == NULL)
			return tg_fail_memory(err);
		switch (tg_schema_find(&row, tg_sv_of(path))) {
		case TG_SCHEMA_UNKNOWN:
			return unknown_key(w, e, map, err);
		case TG_SCHEMA_LEAF:
			rc = add_leaf(w, row, path, map, e, err);
			break;
		case TG_SCHEMA_MAP:
			if (e->kind != TG_Y_MAP)
				return tg_yaml_fail(w->l->file.yaml, e, err,
				    "%s: a map of keys is wanted", path);
			rc = walk_map(w, e, path, err);
			break;
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* Two @SETs with a country in common must say the same of it. */
static int
fold_twins(struct tg_layer *l, struct tg_err *err)
{
	struct tg_leaves *s = &l->leaves;
	size_t n = 0;

	tg_leaves_sort(s);
	for (size_t i = 0; i < s->n; i++) {
		const struct tg_pval *last = n == 0 ? NULL : &s->v[n - 1];

		if (last == NULL || strcmp(last->path, s->v[i].path) != 0) {
			s->v[n++] = s->v[i];
			continue;
		}
		if (tg_pval_cmp(last, &s->v[i]) != TG_PC_EQUAL)
			return tg_fail(err, TG_E_CONFIG,
			    "%s:%u:%u: E-CONFLICT: %s has another value in "
			    "line %u",
			    l->file.path, s->v[i].line, s->v[i].col,
			    s->v[i].path, last->line);
	}
	s->n = n;
	return 0;
}

static int
read_all(const struct walk *w, struct tg_err *err)
{
	struct tg_layer *l = w->l;
	const struct tg_ynode *root = tg_pfile_root(&l->file, SCHEMA, err);

	if (root == NULL || read_identity(l, root, err) < 0 ||
	    read_jurisdiction(l, root, err) < 0 ||
	    read_dates(l, root, err) < 0 || read_texts(l, root, err) < 0 ||
	    read_extends(l, root, err) < 0 || walk_map(w, root, "", err) < 0 ||
	    fold_twins(l, err) < 0)
		return -1;
	if (l->leaves.n == 0)
		return tg_yaml_fail(
		    l->file.yaml, root, err, "the policy says nothing");
	if (tg_provenance_read(l, root, w->mem, err) < 0)
		return -1;
	return tg_provenance_need(l, err);
}

int
tg_layer_open(struct tg_layer *out, enum tg_layer_kind kind, const char *path,
    const char *name, const struct tg_reference *ref, struct tg_arena *mem,
    struct tg_err *err)
{
	const struct walk w = {.l = out, .ref = ref, .mem = mem};

	/* Leaves point at their layer: it is filled in place. */
	*out = (struct tg_layer){.kind = kind, .jurisdiction = ""};
	if (tg_pfile_open(&out->file, path, name, mem, err) < 0)
		return -1;
	if (read_all(&w, err) < 0) {
		tg_layer_close(out);
		return -1;
	}
	return 0;
}

int
tg_layer_fragment(struct tg_layer *out, const struct tg_pfile *f,
    const struct tg_ynode *map, const struct tg_reference *ref,
    struct tg_arena *mem, struct tg_err *err)
{
	const struct walk w = {.l = out, .ref = ref, .mem = mem};

	*out = (struct tg_layer){.kind = TG_LAYER_PROJECT,
	    .file = *f,
	    .id = "fragment",
	    .jurisdiction = ""};
	if (map->kind != TG_Y_MAP)
		return tg_yaml_fail(
		    f->yaml, map, err, "a tree of leaves is wanted");
	if (walk_map(&w, map, "", err) < 0)
		return -1;
	return fold_twins(out, err);
}

void
tg_layer_close(struct tg_layer *l)
{
	tg_pfile_close(&l->file);
}
