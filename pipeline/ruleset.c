#include "pipeline/ruleset.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/banned.h"

#define PACKS_MAX 64
#define ARENA_MAX (1u << 18)

struct paths {
	struct tg_arena arena;
	const char *pack[PACKS_MAX];
	size_t n_pack;
	const char *names[TG_RULESET_REGIONS];
	size_t n_names;
};

static bool
ends_with(const char *s, const char *tail)
{
	const size_t n = strlen(s), k = strlen(tail);

	return n > k && strcmp(s + n - k, tail) == 0;
}

static int
generic(struct paths *p, const char *data_dir, struct tg_err *err)
{
	const char *dir =
	    tg_arena_fmt(&p->arena, "%s/redactors/rules", data_dir);
	struct tg_fs_names files;
	int rc = 0;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_fs_list(&files, dir, false, err) < 0)
		return -1;
	for (size_t i = 0; i < files.n && rc == 0; i++) {
		if (!ends_with(files.name[i], ".yaml"))
			continue;
		if (p->n_pack == PACKS_MAX)
			rc = tg_fail(err, TG_E_CONFIG, "%s: more than %d packs",
			    dir, PACKS_MAX);
		else if ((p->pack[p->n_pack++] = tg_arena_fmt(
			      &p->arena, "%s/%s", dir, files.name[i])) == NULL)
			rc = tg_fail_memory(err);
	}
	tg_fs_names_free(&files);
	return rc;
}

static bool
wanted(const char *const *region, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(region[i], name) == 0)
			return true;
	return n == 0;
}

/* One folder of regions/: its names always, its identifiers when @wanted. */
static int
regional(struct paths *p, const char *dir, const char *name, bool identifiers,
    struct tg_err *err)
{
	const char *pack =
	    tg_arena_fmt(&p->arena, "%s/%s/identifiers.yaml", dir, name);
	const char *names = tg_arena_fmt(&p->arena, "%s/%s/names", dir, name);

	if (pack == NULL || names == NULL)
		return tg_fail_memory(err);
	if (p->n_pack == PACKS_MAX || p->n_names == TG_RULESET_REGIONS)
		return tg_fail(err, TG_E_CONFIG, "%s: too many regions", dir);
	if (identifiers)
		p->pack[p->n_pack++] = pack;
	if (tg_fs_is_dir(names))
		p->names[p->n_names++] = names;
	return 0;
}

/* Which of them it is that has no folder. */
static int
unknown(
    const char *dir, const char *const *region, size_t n, struct tg_err *err)
{
	for (size_t i = 0; i < n; i++) {
		char *path = tg_fs_join(dir, region[i]);
		const bool there = path != NULL && tg_fs_is_dir(path);

		free(path);
		if (!there)
			return tg_fail(err, TG_E_CONFIG, "no region '%s' in %s",
			    region[i], dir);
	}
	return tg_fail(
	    err, TG_E_CONFIG, "%s: no region with a policy.yaml", dir);
}

static int
regions(struct paths *p, const char *data_dir, const char *const *region,
    size_t n, struct tg_err *err)
{
	const char *dir = tg_arena_fmt(&p->arena, "%s/regions", data_dir);
	struct tg_fs_names all;
	size_t found = 0;
	int rc = 0;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_fs_list(&all, dir, false, err) < 0)
		return -1;
	for (size_t i = 0; i < all.n && rc == 0; i++) {
		const bool want = wanted(region, n, all.name[i]);
		const char *policy = tg_arena_fmt(
		    &p->arena, "%s/%s/policy.yaml", dir, all.name[i]);

		if (policy == NULL)
			rc = tg_fail_memory(err);
		else if (tg_fs_exists(policy)) {
			rc = regional(p, dir, all.name[i], want, err);
			found += want;
		}
	}
	tg_fs_names_free(&all);
	if (rc == 0 && (found == 0 || found < n))
		return unknown(dir, region, n, err);
	return rc;
}

/* Whether both names lead to one file; then the list has the name @own. */
static bool
there(struct paths *p, const char *own)
{
	struct stat a, b;

	if (stat(own, &a) < 0)
		return false;
	for (size_t i = 0; i < p->n_pack; i++)
		if (stat(p->pack[i], &b) == 0 && a.st_dev == b.st_dev &&
		    a.st_ino == b.st_ino) {
			p->pack[i] = own;
			return true;
		}
	return false;
}

static int
add_own(struct paths *p, const char *const *pack, size_t n, struct tg_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (there(p, pack[i]))
			continue;
		if (p->n_pack == PACKS_MAX)
			return tg_fail(
			    err, TG_E_CONFIG, "more than %d packs", PACKS_MAX);
		p->pack[p->n_pack++] = pack[i];
	}
	return 0;
}

struct own {
	const char *const *pack;
	size_t n;
	struct tg_complaints *complaints;
};

static int
load(struct tg_rules **out, const char *data_dir, const char *const *region,
    size_t n, const struct own *own, struct tg_err *err)
{
	struct paths p = {.n_pack = 0};
	struct tg_rules_src src;
	int rc = -1;

	tg_arena_init(&p.arena, ARENA_MAX);
	if (generic(&p, data_dir, err) == 0 &&
	    regions(&p, data_dir, region, n, err) == 0 &&
	    add_own(&p, own->pack, own->n, err) == 0) {
		src =
		    (struct tg_rules_src){p.pack, p.n_pack, p.names, p.n_names};
		rc = tg_rules_load_all(out, &src, own->complaints, err);
	}
	tg_arena_deinit(&p.arena);
	return rc;
}

int
tg_ruleset_load(struct tg_rules **out, const char *data_dir,
    const char *const *region, size_t n, struct tg_err *err)
{
	const struct own none = {NULL, 0, NULL};

	return load(out, data_dir, region, n, &none, err);
}

int
tg_ruleset_load_more(struct tg_rules **out, const char *data_dir,
    const char *const *region, size_t n, const char *const *pack, size_t n_pack,
    struct tg_err *err)
{
	const struct own own = {pack, n_pack, NULL};

	return load(out, data_dir, region, n, &own, err);
}

int
tg_ruleset_check(struct tg_rules **out, const char *data_dir,
    const char *const *region, size_t n, const char *pack,
    struct tg_complaints *complaints, struct tg_err *err)
{
	const struct own own = {&pack, 1, complaints};

	return load(out, data_dir, region, n, &own, err);
}

int
tg_ruleset_packs(const char **pack, size_t *n, const struct tg_policy *p,
    const char *project, struct tg_arena *mem, struct tg_err *err)
{
	const struct tg_leaf *leaf = tg_policy_find(p, "/redaction/packs");
	const char *slash = project == NULL ? NULL : strrchr(project, '/');
	const int dir = slash == NULL ? 0 : (int)(slash - project) + 1;

	*n = 0;
	for (size_t i = 0; leaf != NULL && i < leaf->n; i++) {
		const char *name = leaf->item[i];

		if (project == NULL || i == TG_RULESET_PACKS)
			return tg_fail(err, TG_E_CONFIG,
			    "%s:%u: /redaction/packs: %s", leaf->file,
			    leaf->line,
			    project == NULL ? "is for a project's policy"
					    : "too many packs");
		pack[i] = name[0] == '/'
		    ? tg_arena_str(mem, tg_sv_of(name))
		    : tg_arena_fmt(mem, "%.*s%s", dir, project, name);
		if (pack[i] == NULL)
			return tg_fail_memory(err);
		++*n;
	}
	return 0;
}

int
tg_ruleset_regions(const char *text, char **hold, const char **region,
    size_t *n, struct tg_err *err)
{
	char *copy = strdup(text), *at = copy;

	if (copy == NULL)
		return tg_fail_memory(err);
	*n = 0;
	while (at != NULL) {
		char *comma = strchr(at, ',');

		if (comma != NULL)
			*comma++ = '\0';
		if (*at == '\0' || *n == TG_RULESET_REGIONS ||
		    strchr(at, '/') != NULL || strchr(at, '.') != NULL) {
			free(copy);
			return tg_fail(err, TG_E_USAGE,
			    "regions: a list such as uk,fr,us expected");
		}
		region[(*n)++] = at;
		at = comma;
	}
	*hold = copy;
	return 0;
}
