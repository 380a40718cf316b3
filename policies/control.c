#include "policies/control.h"

#include "policies/schema.h"

#include "base/banned.h"

#define SCHEMA "tracegate.controls/1"

static int
read_duty(struct tg_control *c, const struct tg_pfile *f,
    const struct tg_ynode *node, struct tg_err *err)
{
	static const char *const known[] = {"en", "fr", NULL};
	const struct tg_ynode *duty = tg_ynode_get(node, "duty");

	c->duty_fr = "";
	if (duty == NULL || duty->kind != TG_Y_MAP)
		return tg_yaml_fail(
		    f->yaml, node, err, "%s: the map 'duty' is missing", c->id);
	if (tg_pfile_keys(f, duty, known, err) < 0 ||
	    tg_pfile_str(&c->duty_en, f, duty, "en", true, err) < 0)
		return -1;
	return tg_pfile_str(&c->duty_fr, f, duty, "fr", false, err);
}

static int
read_list(const char *const **out, size_t *n, const struct tg_pfile *f,
    const struct tg_ynode *node, const char *key, struct tg_arena *mem,
    struct tg_err *err)
{
	const struct tg_ynode *seq = tg_ynode_get(node, key);

	if (seq == NULL)
		return 0;
	return tg_pfile_list(out, n, f, seq, mem, err);
}

static int
check_leaves(const struct tg_control *c, const struct tg_pfile *f,
    const struct tg_ynode *node, struct tg_err *err)
{
	for (size_t i = 0; i < c->n_leaf; i++) {
		const struct tg_schema_row *row = NULL;
		const struct tg_sv path = tg_sv_of(c->leaf[i]);

		if (path.p[0] != '/' ||
		    tg_schema_find(&row, path) == TG_SCHEMA_UNKNOWN)
			return tg_yaml_fail(f->yaml,
			    tg_ynode_get(node, "leaves"), err,
			    "%s: no policy has a leaf '%s'", c->id, c->leaf[i]);
	}
	return 0;
}

static int
read_control(struct tg_controls *all, const struct tg_ynode *node,
    struct tg_arena *mem, struct tg_err *err)
{
	static const char *const known[] = {
	    "source", "duty", "confirm", "leaves", "codes", "shown", NULL};
	const struct tg_pfile *f = &all->file;
	struct tg_control *c = &all->c[all->n];
	const char *confirm = "false";

	if (node->kind != TG_Y_MAP)
		return tg_yaml_fail(f->yaml, node, err, "not a map");
	c->id = node->key->text.p;
	c->line = node->key->line;
	if (tg_pfile_keys(f, node, known, err) < 0 ||
	    tg_pfile_str(&c->source, f, node, "source", true, err) < 0 ||
	    tg_pfile_str(&confirm, f, node, "confirm", false, err) < 0 ||
	    read_duty(c, f, node, err) < 0 ||
	    read_list(&c->leaf, &c->n_leaf, f, node, "leaves", mem, err) < 0 ||
	    read_list(&c->code, &c->n_code, f, node, "codes", mem, err) < 0 ||
	    read_list(&c->shown, &c->n_shown, f, node, "shown", mem, err) < 0)
		return -1;
	if (strcmp(confirm, "true") != 0 && strcmp(confirm, "false") != 0)
		return tg_yaml_fail(f->yaml, tg_ynode_get(node, "confirm"), err,
		    "%s: 'confirm' is true or false", c->id);
	c->confirm = confirm[0] == 't';
	if (c->n_shown == 0)
		return tg_yaml_fail(f->yaml, node, err,
		    "%s: 'shown' names no section of the evidence", c->id);
	all->n++;
	return check_leaves(c, f, node, err);
}

static int
read_all(struct tg_controls *all, struct tg_arena *mem, struct tg_err *err)
{
	static const char *const known[] = {
	    "schema", "region", "version", "controls", NULL};
	const struct tg_pfile *f = &all->file;
	const struct tg_ynode *root = tg_pfile_root(f, SCHEMA, err), *map;

	all->region = "";
	if (root == NULL || tg_pfile_keys(f, root, known, err) < 0 ||
	    tg_pfile_str(&all->region, f, root, "region", false, err) < 0 ||
	    tg_pfile_str(&all->file.version, f, root, "version", true, err) < 0)
		return -1;
	map = tg_ynode_get(root, "controls");
	if (map == NULL || map->kind != TG_Y_MAP || map->n == 0 ||
	    map->n > TG_CONTROLS_MAX)
		return tg_yaml_fail(f->yaml, map == NULL ? root : map, err,
		    "'controls' wants a map of 1 to %d", TG_CONTROLS_MAX);
	all->c = tg_arena_calloc(mem, map->n, sizeof(*all->c));
	if (all->c == NULL)
		return tg_fail_memory(err);
	for (const struct tg_ynode *e = map->child; e != NULL; e = e->next)
		if (read_control(all, e, mem, err) < 0)
			return -1;
	return 0;
}

int
tg_controls_open(struct tg_controls *out, const char *path, const char *name,
    struct tg_arena *mem, struct tg_err *err)
{
	struct tg_controls all = {0};

	if (tg_pfile_open(&all.file, path, name, mem, err) < 0)
		return -1;
	if (read_all(&all, mem, err) < 0) {
		tg_controls_close(&all);
		return -1;
	}
	*out = all;
	return 0;
}

void
tg_controls_close(struct tg_controls *c)
{
	tg_pfile_close(&c->file);
}

const struct tg_control *
tg_controls_find(const struct tg_controls *c, struct tg_sv id)
{
	for (size_t i = 0; i < c->n; i++)
		if (tg_sv_is(id, c->c[i].id))
			return &c->c[i];
	return NULL;
}

bool
tg_control_has_code(const struct tg_control *c, const char *code)
{
	for (size_t i = 0; i < c->n_code; i++)
		if (strcmp(c->code[i], code) == 0)
			return true;
	return false;
}
