#include "regions/region.h"

#include "base/fs.h"
#include "base/yaml.h"

#include "base/banned.h"

#define MEMORY (1u << 20)

static bool
code_ok(struct tg_sv s)
{
	if (s.n == 0 || s.n > TG_REGION_CODE || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 'a' || s.p[i] > 'z') &&
		    (s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '-' &&
		    s.p[i] != '_')
			return false;
	return true;
}

const char *
tg_regions_path(const struct tg_regions *r, const char *code, const char *file,
    struct tg_arena *mem)
{
	return tg_arena_fmt(mem, "%s/%s/%s", r->dir, code, file);
}

/* Only the jurisdiction is read here; the policy compiler reads the rest. */
static int
add_region(struct tg_regions *r, const char *code, struct tg_err *err)
{
	const char *path = tg_regions_path(r, code, "policy.yaml", &r->mem);
	struct tg_region *new = &r->region[r->n];
	const struct tg_ynode *node;
	struct tg_yaml *yaml = NULL;
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	if (!tg_fs_exists(path))
		return 0;
	if (!code_ok(tg_sv_of(code)))
		return tg_fail(err, TG_E_CONFIG,
		    "%s: a region's folder is named [a-z][a-z0-9_-]*", path);
	if (r->n == TG_REGIONS_MAX)
		return tg_fail(err, TG_E_CONFIG, "%s: more than %d regions",
		    r->dir, TG_REGIONS_MAX);
	if (tg_yaml_load(&yaml, path, err) < 0)
		return -1;
	node = tg_ynode_get(tg_yaml_root(yaml), "jurisdiction");
	if (node == NULL || node->kind != TG_Y_SCALAR || node->text.n != 2) {
		const struct tg_ynode *at =
		    node == NULL ? tg_yaml_root(yaml) : node;

		tg_fail(err, TG_E_CONFIG,
		    "%s:%u:%u: the key 'jurisdiction' (a country code) is "
		    "missing",
		    path, at == NULL ? 1 : at->line, at == NULL ? 1 : at->col);
		goto out;
	}
	new->code = tg_arena_str(&r->mem, tg_sv_of(code));
	new->jurisdiction = tg_arena_str(&r->mem, node->text);
	if (new->code == NULL || new->jurisdiction == NULL) {
		tg_fail_memory(err);
		goto out;
	}
	r->n++;
	rc = 0;
out:
	tg_yaml_free(yaml);
	return rc;
}

int
tg_regions_load(struct tg_regions *out, const char *dir, struct tg_err *err)
{
	struct tg_fs_names names = {0};
	struct tg_regions r = {0};
	int rc = -1;

	tg_arena_init(&r.mem, MEMORY);
	if (!tg_fs_is_dir(dir)) {
		tg_fail(err, TG_E_CONFIG, "%s: no such folder of regions", dir);
		goto out;
	}
	if (tg_fs_list(&names, dir, false, err) < 0)
		goto out;
	r.dir = tg_arena_str(&r.mem, tg_sv_of(dir));
	r.region =
	    tg_arena_calloc(&r.mem, TG_REGIONS_MAX + 1, sizeof(*r.region));
	if (r.dir == NULL || r.region == NULL) {
		tg_fail_memory(err);
		goto out;
	}
	for (size_t i = 0; i < names.n; i++)
		if (add_region(&r, names.name[i], err) < 0)
			goto out;
	if (r.n == 0) {
		tg_fail(err, TG_E_CONFIG,
		    "%s: no region in it (<code>/policy.yaml)", dir);
		goto out;
	}
	*out = r;
	rc = 0;
out:
	tg_fs_names_free(&names);
	if (rc < 0)
		tg_arena_deinit(&r.mem);
	return rc;
}

void
tg_regions_free(struct tg_regions *r)
{
	tg_arena_deinit(&r->mem);
	*r = (struct tg_regions){0};
}

static void
fail_unknown(const struct tg_regions *r, struct tg_sv code, struct tg_err *err)
{
	const char *words[TG_REGIONS_MAX + 1], *near;
	char list[TG_ERR_TEXT / 2];
	size_t used = 0;

	for (size_t i = 0; i < r->n; i++) {
		const size_t n = strlen(r->region[i].code);

		words[i] = r->region[i].code;
		if (used + n + 3 > sizeof(list))
			continue;
		if (used > 0) {
			list[used++] = ',';
			list[used++] = ' ';
		}
		memcpy(list + used, words[i], n);
		used += n;
	}
	list[used] = '\0';
	words[r->n] = NULL;
	near = tg_nearest(code, words);
	for (size_t i = 0; i < r->n && near == NULL; i++)
		if (tg_sv_is(code, r->region[i].jurisdiction))
			near = r->region[i].code;
	tg_fail(err, TG_E_CONFIG, "no region '%.*s' in %s%s%s%s; there are: %s",
	    code.n > 64 ? 64 : (int)code.n, code.p, r->dir,
	    near == NULL ? "" : " (did you mean '", near == NULL ? "" : near,
	    near == NULL ? "" : "'?)", list);
}

const struct tg_region *
tg_regions_find(
    const struct tg_regions *r, struct tg_sv code, struct tg_err *err)
{
	for (size_t i = 0; i < r->n; i++)
		if (tg_sv_is(code, r->region[i].code))
			return &r->region[i];
	fail_unknown(r, code, err);
	return NULL;
}

const struct tg_region *
tg_regions_by_jurisdiction(const struct tg_regions *r, struct tg_sv country)
{
	for (size_t i = 0; i < r->n; i++)
		if (tg_sv_is(country, r->region[i].jurisdiction))
			return &r->region[i];
	return NULL;
}
