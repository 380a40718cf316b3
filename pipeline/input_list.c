/* input_list.c - which files a list of paths means, in an order that depends on
 * nothing but the paths. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/num.h"
#include "pipeline/input.h"
#include "base/banned.h"

#define FILES_MAX 1000000u

static int
add(struct tg_input_list *l, size_t *cap, char *take_path, struct tg_err *err)
{
	if (take_path == NULL)
		return tg_fail_memory(err);
	if (l->n == *cap) {
		const size_t want = *cap == 0 ? 64 : *cap * 2;
		size_t bytes;
		char **p;

		if (want > FILES_MAX ||
		    !tg_size_mul(&bytes, want, sizeof(*p))) {
			free(take_path);
			return tg_fail(err, TG_E_LIMIT,
			    "more than %u input files", FILES_MAX);
		}
		p = realloc(l->path, bytes);
		if (p == NULL) {
			free(take_path);
			return tg_fail_memory(err);
		}
		l->path = p;
		*cap = want;
	}
	l->path[l->n++] = take_path;
	return 0;
}

static int
folder(
    struct tg_input_list *l, size_t *cap, const char *dir, struct tg_err *err)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_fs_list(&names, dir, true, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++)
		rc = add(l, cap, tg_fs_join(dir, names.name[i]), err);
	tg_fs_names_free(&names);
	return rc;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
tg_input_collect(struct tg_input_list *out, const char *const *paths, size_t n,
    struct tg_err *err)
{
	struct tg_input_list l = {NULL, 0};
	size_t cap = 0, kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct stat st;
		int rc;

		if (stat(paths[i], &st) < 0) {
			tg_input_list_free(&l);
			return tg_fail(err, TG_E_USAGE, "%s: %s", paths[i],
			    strerror(errno));
		}
		rc = S_ISDIR(st.st_mode) ? folder(&l, &cap, paths[i], err)
					 : add(&l, &cap, strdup(paths[i]), err);
		if (rc < 0) {
			tg_input_list_free(&l);
			return -1;
		}
	}
	if (l.n > 0)
		qsort(l.path, l.n, sizeof(*l.path), by_bytes);
	for (size_t i = 0; i < l.n; i++) /* a file named twice is one */
		if (kept > 0 && strcmp(l.path[kept - 1], l.path[i]) == 0)
			free(l.path[i]);
		else
			l.path[kept++] = l.path[i];
	l.n = kept;
	*out = l;
	return 0;
}

void
tg_input_list_free(struct tg_input_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->path[i]);
	free(l->path);
	*l = (struct tg_input_list){NULL, 0};
}
