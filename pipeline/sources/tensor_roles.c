#include "pipeline/sources/tensor_roles.h"

#include <string.h>
#include "base/banned.h"

static const struct {
	const char *name;
	bool always, dense;
} kinds[] = {
#define TG_TENSOR_KIND(name, always, dense) {#name, always, dense},
#include "pipeline/sources/tensor_kinds.def"
#undef TG_TENSOR_KIND
};

static const struct row {
	const char *profile, *glob, *axes;
	enum tg_tensor_kind kind;
} rows[] = {
#define TG_ROLE(profile, glob, axes, kind) \
	{profile, glob, axes, TG_KIND_##kind},
#include "pipeline/sources/tensor_roles.def"
#undef TG_ROLE
};

/* Of every profile: what this program adds. */
static const struct row ours[] = {
    {"", "redaction_mask", "bp", TG_KIND_redaction_mask},
    {"", "redaction_mask", "p", TG_KIND_redaction_mask},
};

const char *
tg_tensor_kind_name(enum tg_tensor_kind k)
{
	return kinds[k].name;
}

bool
tg_tensor_kind_always(enum tg_tensor_kind k)
{
	return kinds[k].always;
}

bool
tg_tensor_kind_dense(enum tg_tensor_kind k)
{
	return kinds[k].dense;
}

bool
tg_tensor_glob(const char *glob, struct tg_sv name)
{
	/* Where to go on when what follows the last '*' does not fit. */
	const char *star = NULL;
	size_t i = 0, from = 0;

	for (;;) {
		if (*glob == '*') {
			star = ++glob;
			from = i;
		} else if (*glob == '#' && i < name.n && tg_digit(name.p[i])) {
			while (i < name.n && tg_digit(name.p[i]))
				i++;
			glob++;
		} else if (i < name.n && *glob == name.p[i] && *glob != '#') {
			glob++;
			i++;
		} else if (*glob == '\0' && i == name.n) {
			return true;
		} else if (star != NULL && from < name.n) {
			i = ++from;
			glob = star;
		} else {
			return false;
		}
	}
}

int
tg_tensor_layer(const char *pattern, struct tg_sv name)
{
	const char *hash = strchr(pattern, '#');
	size_t at, n = 0;
	int layer = 0;

	if (hash == NULL || memchr(pattern, '*', (size_t)(hash - pattern)))
		return -1;
	at = (size_t)(hash - pattern);
	for (; at + n < name.n && tg_digit(name.p[at + n]); n++) {
		if (n == 3)
			return -1;
		layer = layer * 10 + (name.p[at + n] - '0');
	}
	return n == 0 ? -1 : layer;
}

static bool
fits(const char *glob, size_t n_axes, const struct tg_tensor *t)
{
	return n_axes == t->rank &&
	    tg_tensor_glob(glob, (struct tg_sv){t->name.bytes, t->name.n});
}

/* The parts of a row of the policy. */
static bool
split(const char *row, struct tg_sv *glob, struct tg_sv *axes,
    enum tg_tensor_kind *kind)
{
	const char *eq = strrchr(row, '=');
	const char *colon = eq == NULL ? NULL : strchr(eq, ':');

	if (colon == NULL || eq == row || (size_t)(eq - row) > TG_TENSOR_NAME)
		return false;
	*glob = (struct tg_sv){row, (size_t)(eq - row)};
	*axes = (struct tg_sv){eq + 1, (size_t)(colon - eq - 1)};
	if (axes->n > TG_TENSOR_RANK)
		return false;
	for (unsigned k = 0; k < TG_KIND_COUNT; k++)
		if (strcmp(kinds[k].name, colon + 1) == 0) {
			*kind = (enum tg_tensor_kind)k;
			return true;
		}
	return false;
}

static bool
in_order(struct tg_sv axes)
{
	char last = 'a';

	for (size_t i = 0; i < axes.n; i++) {
		if (axes.p[i] == '.')
			continue;
		if (axes.p[i] < last)
			return false;
		last = axes.p[i];
	}
	return true;
}

const char *
tg_tensor_map_defect(const char *row)
{
	struct tg_sv glob, axes;
	enum tg_tensor_kind kind;
	unsigned seen[128] = {0};

	if (!split(row, &glob, &axes, &kind))
		return "not NAME=AXES:KIND";
	for (size_t i = 0; i < axes.n; i++) {
		if (memchr("bpq.", axes.p[i], 4) == NULL)
			return "an axis is b, p, q or .";
		if (axes.p[i] != '.' && seen[(unsigned)axes.p[i]]++ != 0)
			return "an axis twice";
	}
	if (seen['q'] > seen['p'])
		return "q without p";
	if (!in_order(axes))
		return "the axes are in the order b, p, q";
	if (kind == TG_KIND_token_ids && !tg_sv_is(axes, "p") &&
	    !tg_sv_is(axes, "bp"))
		return "token ids are p or bp";
	if (seen['b'] + seen['p'] == 0 && kind != TG_KIND_sae_density &&
	    kind != TG_KIND_neuron_stats)
		return "made of tokens, and neither b nor p";
	return NULL;
}

static int
mapped(struct tg_tensor_role *out, struct tg_tensor_file *f,
    const struct tg_tensor *t, const struct tg_tensor_map *map,
    struct tg_err *err)
{
	for (size_t i = 0; map != NULL && i < map->n; i++) {
		struct tg_sv glob, axes;
		enum tg_tensor_kind kind;
		char text[TG_TENSOR_NAME + 1];

		if (tg_tensor_map_defect(map->row[i]) != NULL ||
		    !split(map->row[i], &glob, &axes, &kind))
			continue;
		memcpy(text, glob.p, glob.n);
		text[glob.n] = '\0';
		if (!fits(text, axes.n, t))
			continue;
		out->kind = kind;
		out->pattern = map->row[i];
		out->axes = tg_arena_str(&f->arena, axes);
		return out->axes == NULL ? tg_fail_memory(err) : 1;
	}
	return 0;
}

static bool
from_row(
    struct tg_tensor_role *out, const struct row *r, const struct tg_tensor *t)
{
	if (!fits(r->glob, strlen(r->axes), t))
		return false;
	*out = (struct tg_tensor_role){r->kind, r->axes, r->glob};
	return true;
}

static bool
listed(
    struct tg_tensor_role *out, const char *profile, const struct tg_tensor *t)
{
	for (size_t i = 0; i < TG_COUNT(rows); i++)
		if (strcmp(rows[i].profile, profile) == 0 &&
		    from_row(out, &rows[i], t))
			return true;
	for (size_t i = 0; i < TG_COUNT(ours); i++)
		if (from_row(out, &ours[i], t))
			return true;
	return false;
}

/* 1: every tensor is known; 0: tensor *@odd is not; -1. */
static int
try_profile(struct tg_tensor_roles *out, const char *profile,
    struct tg_tensor_file *f, const struct tg_tensor_map *map, size_t *odd,
    struct tg_err *err)
{
	for (size_t i = 0; i < f->n; i++) {
		const int rc =
		    mapped(&out->role[i], f, &f->tensor[i], map, err);

		if (rc < 0)
			return -1;
		if (rc == 0 && !listed(&out->role[i], profile, &f->tensor[i])) {
			*odd = i;
			return 0;
		}
	}
	out->profile = profile;
	return 1;
}

static int
choose(struct tg_tensor_roles *out, struct tg_tensor_file *f,
    const struct tg_tensor_map *map, struct tg_err *err)
{
	size_t most = 0;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		size_t odd = 0;
		int rc;

		if (i > 0 && strcmp(rows[i].profile, rows[i - 1].profile) == 0)
			continue;
		rc = try_profile(out, rows[i].profile, f, map, &odd, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		if (odd > most)
			most = odd;
	}
	(void)tg_fail(err, TG_E_INPUT,
	    "byte %llu: tensor %zu of %zu is of no profile that is known",
	    (unsigned long long)f->tensor[most].begin, most + 1, f->n);
	return tg_fail_hint(err,
	    "say its axes in the policy: activations: {tensor_map: "
	    "[\"NAME=bp.:residual_stream\"]}");
}

static int
same(uint64_t *size, const struct tg_tensor *t, unsigned axis, uint64_t max,
    const char *what, struct tg_err *err)
{
	const uint64_t n = t->shape[axis];

	if (n > max)
		return tg_fail(err, TG_E_INPUT, "byte %llu: more than %llu %s",
		    (unsigned long long)t->begin, (unsigned long long)max,
		    what);
	if (*size != UINT64_MAX && *size != n)
		return tg_fail(err, TG_E_INPUT,
		    "byte %llu: two tensors disagree about the number of %s",
		    (unsigned long long)t->begin, what);
	*size = n;
	return 0;
}

static int
measure(struct tg_tensor_roles *out, const struct tg_tensor *t, size_t i,
    uint64_t *entries, struct tg_err *err)
{
	const struct tg_tensor_role *role = &out->role[i];

	for (unsigned k = 0; k < t->rank; k++) {
		int rc = 0;

		if (role->axes[k] == 'b')
			rc = same(&out->contexts, t, k, TG_CONTEXTS_MAX,
			    "contexts", err);
		else if (role->axes[k] == 'p' || role->axes[k] == 'q')
			rc = same(&out->positions, t, k, TG_POSITIONS_MAX,
			    "positions", err);
		else if (role->axes[k] == 'e')
			rc = same(entries, t, k, UINT64_MAX, "entries", err);
		if (rc < 0)
			return -1;
		out->placed = out->placed || role->axes[k] != '.';
	}
	if (role->kind != TG_KIND_token_ids)
		return 0;
	if (!tg_dtype_is_index(t->dtype))
		return tg_fail(err, TG_E_INPUT,
		    "byte %llu: token ids that are no whole numbers",
		    (unsigned long long)t->begin);
	if (out->ids != SIZE_MAX)
		return tg_fail(err, TG_E_INPUT,
		    "byte %llu: token ids a second time",
		    (unsigned long long)t->begin);
	out->ids = i;
	return 0;
}

static void
npy(struct tg_tensor_roles *out, const struct tg_tensor *t)
{
	static const char *const wide[] = {"", "p", "p.", "bp.", "bp..",
	    "bp...", "bp....", "bp.....", "bp......"};
	const bool ids = tg_dtype_is_index(t->dtype) && t->rank <= 2;

	out->profile = "npy";
	out->role[0].pattern = "*.npy";
	out->role[0].kind = ids ? TG_KIND_token_ids : TG_KIND_residual_stream;
	out->role[0].axes = ids && t->rank == 2 ? "bp" : wide[t->rank];
}

/* The three tables of an example stand beside one another. */
static int
tables(const struct tg_tensor_roles *out, const struct tg_tensor_file *f,
    struct tg_err *err)
{
	const struct tg_tensor *first = NULL;

	for (size_t i = 0; i < f->n; i++) {
		const struct tg_tensor *t = &f->tensor[i];

		if (out->role[i].axes[0] != 'k')
			continue;
		if (first == NULL)
			first = t;
		if (t->shape[0] != first->shape[0] ||
		    t->shape[1] != first->shape[1])
			return tg_fail(err, TG_E_INPUT,
			    "byte %llu: two tables of examples disagree",
			    (unsigned long long)t->begin);
	}
	return 0;
}

/* In a batch, positions are those of a context: none without its axis. */
static int
batched(const struct tg_tensor_roles *out, const struct tg_tensor_file *f,
    struct tg_err *err)
{
	for (size_t i = 0; i < f->n && out->contexts > 1; i++)
		if (strchr(out->role[i].axes, 'p') != NULL &&
		    strchr(out->role[i].axes, 'b') == NULL)
			return tg_fail(err, TG_E_INPUT,
			    "byte %llu: the tokens of one context in a batch",
			    (unsigned long long)f->tensor[i].begin);
	return 0;
}

int
tg_tensor_roles(struct tg_tensor_roles *out, struct tg_tensor_file *f,
    const struct tg_tensor_map *map, struct tg_err *err)
{
	uint64_t entries = UINT64_MAX;

	*out = (struct tg_tensor_roles){.profile = "",
	    .ids = SIZE_MAX,
	    .contexts = UINT64_MAX,
	    .positions = UINT64_MAX};
	out->role = tg_arena_calloc(&f->arena, f->n + 1, sizeof(*out->role));
	if (out->role == NULL)
		return tg_fail_memory(err);
	if (f->format == TG_TENSOR_NPY)
		npy(out, &f->tensor[0]);
	else if (choose(out, f, map, err) < 0)
		return -1;
	for (size_t i = 0; i < f->n; i++)
		if (measure(out, &f->tensor[i], i, &entries, err) < 0)
			return -1;
	if (tables(out, f, err) < 0)
		return -1;
	if (out->positions == UINT64_MAX)
		out->positions = 0;
	if (out->contexts == UINT64_MAX) /* one, without an axis of its own */
		out->contexts = out->positions == 0 ? 0 : 1;
	return batched(out, f, err);
}
