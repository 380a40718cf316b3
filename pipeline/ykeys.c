#include "pipeline/ykeys.h"

#include "base/enc.h"

#include "base/banned.h"

static bool
known(struct tg_sv key, const char *const *words)
{
	for (; *words != NULL; words++)
		if (tg_sv_is(key, *words))
			return true;
	return false;
}

int
tg_ykeys_only(const struct tg_yaml *y, const struct tg_ynode *map,
    const char *const *words, struct tg_err *err)
{
	if (map->kind != TG_Y_MAP)
		return tg_yaml_fail(y, map, err, "keys and values expected");
	for (const struct tg_ynode *n = map->child; n != NULL; n = n->next) {
		const char *near;

		if (known(n->key->text, words))
			continue;
		near = tg_nearest(n->key->text, words);
		if (near == NULL)
			return tg_yaml_fail(
			    y, n->key, err, "unknown key '%s'", n->key->text.p);
		return tg_yaml_fail(y, n->key, err,
		    "unknown key '%s' (did you mean '%s'?)", n->key->text.p,
		    near);
	}
	return 0;
}

/* One line of UTF-8 without control characters (C0, DEL, C1) and without the
 * line breaks of Unicode, U+2028 and U+2029, which YAML folds. */
static bool
one_line(struct tg_sv s)
{
	if (tg_utf8_valid(s) != s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && (unsigned char)s.p[i + 1] < 0xa0) ||
		    (c == 0xe2 && memcmp(s.p + i + 1, "\x80\xa8", 2) == 0) ||
		    (c == 0xe2 && memcmp(s.p + i + 1, "\x80\xa9", 2) == 0))
			return false;
	}
	return true;
}

static int
copy(const char **out, const struct tg_yaml *y, const struct tg_ynode *v,
    const char *key, size_t max, struct tg_arena *a, struct tg_err *err)
{
	if (v->kind != TG_Y_SCALAR)
		return tg_yaml_fail(y, v, err, "%s: a text expected", key);
	if (v->text.n > max || !one_line(v->text))
		return tg_yaml_fail(y, v, err,
		    "%s: one line of at most %zu bytes expected", key, max);
	*out = tg_arena_str(a, v->text);
	return *out == NULL ? tg_fail_memory(err) : 0;
}

int
tg_ykeys_text(const char **out, const struct tg_yaml *y,
    const struct tg_ynode *map, const char *key, bool required, size_t max,
    struct tg_arena *a, struct tg_err *err)
{
	const struct tg_ynode *v = tg_ynode_get(map, key);

	*out = "";
	if (v == NULL && required)
		return tg_yaml_fail(y, map, err, "%s is missing", key);
	if (v == NULL)
		return 0;
	if (copy(out, y, v, key, max, a, err) < 0)
		return -1;
	if (required && (*out)[0] == '\0')
		return tg_yaml_fail(y, v, err, "%s: empty", key);
	return 0;
}

int
tg_ykeys_list(const char *const **out, size_t *n, const struct tg_yaml *y,
    const struct tg_ynode *map, const char *key, bool required, size_t max_n,
    size_t max, struct tg_arena *a, struct tg_err *err)
{
	const struct tg_ynode *list = tg_ynode_get(map, key);
	const char **item;

	*out = NULL;
	*n = 0;
	if (list == NULL && !required)
		return 0;
	if (list == NULL)
		return tg_yaml_fail(y, map, err, "%s is missing", key);
	if (list->kind != TG_Y_SEQ || list->n > max_n ||
	    (required && list->n == 0))
		return tg_yaml_fail(y, list, err,
		    "%s: a list of %d to %zu texts expected", key, required,
		    max_n);
	item = tg_arena_calloc(a, list->n + 1, sizeof(*item));
	if (item == NULL)
		return tg_fail_memory(err);
	for (const struct tg_ynode *v = list->child; v != NULL; v = v->next) {
		if (copy(&item[*n], y, v, key, max, a, err) < 0)
			return -1;
		if (item[*n][0] == '\0')
			return tg_yaml_fail(y, v, err, "%s: empty", key);
		for (size_t i = 0; i < *n; i++)
			if (strcmp(item[i], item[*n]) == 0)
				return tg_yaml_fail(
				    y, v, err, "%s: twice", key);
		(*n)++;
	}
	*out = (const char *const *)item;
	return 0;
}
