/* trust_add.c - the part of trust.h that writes. */
#include "pipeline/trust.h"

#include <stdlib.h>

#include "base/fs.h"
#include "base/yaml.h"

#include "base/banned.h"

#define HEAD                                                              \
	"# Whose signatures count.  Written by tracegate, sorted by id; " \
	"comments are not kept.\n"                                        \
	"schema: tracegate.trust/1\n"                                     \
	"persons:\n"

/* A double-quoted scalar.  What it cannot hold is refused when the text is
 * read again before it is written. */
static int
add_quoted(
    struct tg_buf *out, const char *key, const char *s, struct tg_err *err)
{
	if (s[0] == '\0')
		return 0;
	if (tg_buf_addf(out, err, "    %s: \"", key) < 0)
		return -1;
	for (; *s != '\0'; s++) {
		if ((*s == '"' || *s == '\\') &&
		    tg_buf_addc(out, '\\', err) < 0)
			return -1;
		if (tg_buf_addc(out, *s, err) < 0)
			return -1;
	}
	return tg_buf_adds(out, "\"\n", err);
}

static int
add_person(struct tg_buf *out, const struct tg_person *p, struct tg_err *err)
{
	if (tg_buf_addf(out, err, "  - id: \"%s\"\n", p->id) < 0 ||
	    add_quoted(out, "name", p->name, err) < 0 ||
	    tg_buf_adds(out, "    roles: [", err) < 0)
		return -1;
	for (size_t i = 0; i < p->n_role; i++)
		if (tg_buf_addf(
			out, err, "%s%s", i == 0 ? "" : ", ", p->role[i]) < 0)
			return -1;
	if (tg_buf_adds(out, "]\n", err) < 0 ||
	    add_quoted(out, "key", p->key, err) < 0 ||
	    add_quoted(out, "confirmed_by", p->confirmed_by, err) < 0)
		return -1;
	return add_quoted(out, "confirmed_on", p->confirmed_on, err);
}

/* Roles of both, sorted; *@n is at most @max, else false. */
static bool
join_roles(const char **out, size_t *n, size_t max, const struct tg_person *p,
    const struct tg_person *q)
{
	const struct tg_person *const of[] = {p, q};

	*n = 0;
	for (size_t k = 0; k < TG_COUNT(of); k++)
		for (size_t i = 0; of[k] != NULL && i < of[k]->n_role; i++) {
			size_t at = 0;

			while (at < *n && strcmp(out[at], of[k]->role[i]) < 0)
				at++;
			if (at < *n && strcmp(out[at], of[k]->role[i]) == 0)
				continue;
			if (*n == max)
				return false;
			memmove(
			    out + at + 1, out + at, (*n - at) * sizeof(*out));
			out[at] = of[k]->role[i];
			(*n)++;
		}
	return true;
}

static int
check_person(const struct tg_person *p, const struct tg_trust *old,
    const struct tg_person **same, struct tg_err *err)
{
	struct tg_minisign_pub pub;
	const struct tg_person *q;

	if (!tg_id_ok(tg_sv_of(p->id)))
		return tg_fail(err, TG_E_CONFIG,
		    "id: letters, digits, '.', '_' and '-' only");
	if (p->name[0] == '\0' || p->n_role == 0)
		return tg_fail(err, TG_E_CONFIG,
		    "%s: a name and a role are needed", p->id);
	for (size_t i = 0; i < p->n_role; i++)
		if (!tg_role_ok(tg_sv_of(p->role[i])))
			return tg_fail(err, TG_E_CONFIG,
			    "role: small letters and '_' only");
	if (tg_minisign_pub(&pub, tg_sv_of(p->key), err) < 0)
		return -1;
	q = tg_trust_by_key(old, &pub);
	if (q != NULL && strcmp(q->id, p->id) != 0)
		return tg_fail(err, TG_E_CONFIG,
		    "this is the key of %s already: one key is one person",
		    q->id);
	*same = q;
	q = tg_trust_find(old, p->id);
	if (q != NULL && strcmp(q->name, p->name) != 0)
		return tg_fail(err, TG_E_CONFIG,
		    "%s is %s already: another name is another person", p->id,
		    q->name);
	return 0;
}

/* The new file: the old entries in their order, @p in its place. */
static int
compose(struct tg_buf *out, const struct tg_trust *old,
    const struct tg_person *p, const struct tg_person *same, struct tg_err *err)
{
	const char *role[TG_TRUST_ROLES];
	struct tg_person now = *p;
	bool done = false;

	if (!join_roles(role, &now.n_role, TG_TRUST_ROLES, p, same))
		return tg_fail(err, TG_E_CONFIG, "%s: more than %d roles",
		    p->id, TG_TRUST_ROLES);
	now.role = (const char *const *)role;
	if (tg_buf_adds(out, HEAD, err) < 0)
		return -1;
	for (size_t i = 0; i < tg_trust_count(old); i++) {
		const struct tg_person *q = tg_trust_at(old, i);
		const int c = strcmp(p->id, q->id);

		if (!done &&
		    (q == same || c < 0 ||
			(c == 0 && strcmp(p->key, q->key) < 0))) {
			if (add_person(out, &now, err) < 0)
				return -1;
			done = true;
		}
		if (q != same && add_person(out, q, err) < 0)
			return -1;
	}
	return done ? 0 : add_person(out, &now, err);
}

/* What was composed is read back as what was meant: a line break in a name
 * would be folded away. */
static int
check_written(
    const struct tg_trust *new, const struct tg_person *p, struct tg_err *err)
{
	for (size_t i = 0; i < tg_trust_count(new); i++) {
		const struct tg_person *q = tg_trust_at(new, i);

		if (strcmp(q->key, p->key) == 0 && strcmp(q->id, p->id) == 0 &&
		    strcmp(q->name, p->name) == 0 &&
		    strcmp(q->confirmed_by, p->confirmed_by) == 0 &&
		    strcmp(q->confirmed_on, p->confirmed_on) == 0)
			return 0;
	}
	return tg_fail(err, TG_E_CONFIG,
	    "%s: a name or note that is not one line of text", p->id);
}

int
tg_trust_add(const char *path, const struct tg_person *p, struct tg_err *err)
{
	struct tg_trust *old = NULL, *new = NULL;
	const struct tg_person *same = NULL;
	struct tg_buf text;
	bool missing;
	int rc = -1;

	tg_buf_init(&text, TG_YAML_MAX);
	if (tg_fs_slurp(&text, path, &missing, err) < 0) {
		if (!missing)
			goto out;
		tg_err_clear(err);
		if (tg_buf_adds(&text, "persons: []\n", err) < 0)
			goto out;
	}
	if (tg_trust_parse(&old, tg_buf_sv(&text), path, err) < 0 ||
	    check_person(p, old, &same, err) < 0)
		goto out;
	tg_buf_reset(&text);
	if (compose(&text, old, p, same, err) < 0)
		goto out;
	if (tg_trust_parse(&new, tg_buf_sv(&text), path, err) < 0 ||
	    check_written(new, p, err) < 0)
		goto out;
	rc = tg_fs_write(path, tg_buf_sv(&text), 0644, TG_FS_OVERWRITE, err);
out:
	tg_trust_free(old);
	tg_trust_free(new);
	tg_buf_deinit(&text);
	return rc;
}
