#include "policies/policy.h"

#include "policies/compiled.h"

#include "base/banned.h"

const struct tg_pval *
tg_compiled_need(
    const struct tg_policy *p, const char *path, struct tg_err *err)
{
	const struct tg_pval *v = tg_leaves_find(&p->leaves, tg_sv_of(path));

	if (v == NULL)
		tg_fail(err, TG_E_CONFIG,
		    "E-NO-SUCH-LEAF: the policy does not say %s", path);
	return v;
}

const struct tg_leaf *
tg_policy_find(const struct tg_policy *p, const char *path)
{
	const struct tg_pval *v = tg_leaves_find(&p->leaves, tg_sv_of(path));

	return v == NULL ? NULL : &p->leaf[v - p->leaves.v];
}

size_t
tg_policy_count(const struct tg_policy *p)
{
	return p->leaves.n;
}

const struct tg_leaf *
tg_policy_at(const struct tg_policy *p, size_t i)
{
	return i < p->leaves.n ? &p->leaf[i] : NULL;
}

/* A leaf of another type is a fault of the asker. */
static const struct tg_pval *
need_type(const struct tg_policy *p, const char *path, enum tg_ptype type,
    struct tg_err *err)
{
	const struct tg_pval *v = tg_compiled_need(p, path, err);

	if (v == NULL || v->row->type == type)
		return v;
	tg_fail(err, TG_E_BUG, "%s is asked for as another type", path);
	return NULL;
}

int
tg_policy_u64(const struct tg_policy *p, const char *path, uint64_t *out,
    struct tg_err *err)
{
	const struct tg_pval *v = need_type(p, path, TG_PT_INT, err);

	if (v == NULL)
		return -1;
	*out = v->num;
	return 0;
}

int
tg_policy_ratio(const struct tg_policy *p, const char *path, uint64_t *out_ppb,
    struct tg_err *err)
{
	const struct tg_pval *v = need_type(p, path, TG_PT_RATIO, err);

	if (v == NULL)
		return -1;
	*out_ppb = v->num;
	return 0;
}

int
tg_policy_bool(
    const struct tg_policy *p, const char *path, bool *out, struct tg_err *err)
{
	const struct tg_pval *v = need_type(p, path, TG_PT_BOOL, err);

	if (v == NULL)
		return -1;
	*out = v->num == 1;
	return 0;
}

int
tg_policy_str(const struct tg_policy *p, const char *path, const char **out,
    struct tg_err *err)
{
	const struct tg_pval *v = tg_compiled_need(p, path, err);

	if (v == NULL)
		return -1;
	if (v->text == NULL)
		return tg_fail(
		    err, TG_E_BUG, "%s is a set, asked for as text", path);
	*out = v->text;
	return 0;
}

int
tg_policy_has(const struct tg_policy *p, const char *path, const char *item,
    bool *out, struct tg_err *err)
{
	const struct tg_pval *v = tg_compiled_need(p, path, err);

	if (v == NULL)
		return -1;
	if (v->text != NULL)
		return tg_fail(
		    err, TG_E_BUG, "%s is no set, asked for as one", path);
	*out = tg_pval_has(v, tg_sv_of(item));
	return 0;
}

const char *
tg_policy_sha256(const struct tg_policy *p)
{
	return p->sha256;
}

struct tg_sv
tg_policy_canonical(const struct tg_policy *p)
{
	return p->canonical;
}

size_t
tg_policy_files(const struct tg_policy *p, const struct tg_policy_file **out)
{
	*out = p->file;
	return p->n_file;
}
