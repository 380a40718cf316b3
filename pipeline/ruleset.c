#include "pipeline/ruleset.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
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

static int
regional(struct paths *p, const char *data_dir, const char *region,
    struct tg_err *err)
{
	const char *dir =
	    tg_arena_fmt(&p->arena, "%s/regions/%s", data_dir, region);
	const char *pack = tg_arena_fmt(
	    &p->arena, "%s/regions/%s/identifiers.yaml", data_dir, region);
	const char *names =
	    tg_arena_fmt(&p->arena, "%s/regions/%s/names", data_dir, region);

	if (dir == NULL || pack == NULL || names == NULL)
		return tg_fail_memory(err);
	if (!tg_fs_is_dir(dir))
		return tg_fail(err, TG_E_CONFIG, "no region '%s' in %s/regions",
		    region, data_dir);
	if (p->n_pack == PACKS_MAX)
		return tg_fail(
		    err, TG_E_CONFIG, "more than %d packs", PACKS_MAX);
	p->pack[p->n_pack++] = pack;
	if (tg_fs_is_dir(names))
		p->names[p->n_names++] = names;
	return 0;
}

int
tg_ruleset_load(struct tg_rules **out, const char *data_dir,
    const char *const *region, size_t n, struct tg_err *err)
{
	struct paths p = {.n_pack = 0};
	struct tg_rules_src src;
	int rc = -1;

	tg_arena_init(&p.arena, ARENA_MAX);
	if (n == 0 || n > TG_RULESET_REGIONS) {
		(void)tg_fail(err, TG_E_CONFIG, "1 to %d regions expected",
		    TG_RULESET_REGIONS);
		goto out;
	}
	if (generic(&p, data_dir, err) < 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		if (regional(&p, data_dir, region[i], err) < 0)
			goto out;
	src = (struct tg_rules_src){p.pack, p.n_pack, p.names, p.n_names};
	rc = tg_rules_load(out, &src, err);
out:
	tg_arena_deinit(&p.arena);
	return rc;
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
