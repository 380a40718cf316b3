#include "pipeline/apart.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/sv.h"

#include "base/banned.h"

/* Whether a part of @path is "..". */
static bool
leads_back(const char *path)
{
	for (const char *s = path; s != NULL; s = strchr(s, '/')) {
		while (*s == '/')
			s++;
		if (strcmp(s, "..") == 0 || strncmp(s, "../", 3) == 0)
			return true;
	}
	return false;
}

/* @path with the links of what is there followed; the caller frees.  *@back:
 * what is not there yet leads back. */
static char *
settled(const char *path, bool *back, struct tg_err *err)
{
	char *head = strdup(path), *found = NULL, *whole = NULL;
	size_t n = strlen(path);

	while (head != NULL) {
		head[n] = '\0';
		found = realpath(n == 0 ? "." : head, NULL);
		if (found != NULL || errno != ENOENT || n == 0)
			break;
		while (n > 0 && head[n - 1] == '/')
			n--;
		while (n > 0 && head[n - 1] != '/')
			n--;
	}
	if (found == NULL) {
		if (head == NULL || errno == ENOMEM)
			(void)tg_fail_memory(err);
		else
			(void)tg_fail_errno(err, errno, "%s", path);
	} else {
		*back = *back || leads_back(path + n);
		whole = tg_fs_join(found, path + n);
		if (whole == NULL)
			(void)tg_fail_memory(err);
	}
	free(head);
	free(found);
	return whole;
}

static bool
holds(const char *folder, const char *path)
{
	size_t n = strlen(folder);

	while (n > 0 && folder[n - 1] == '/')
		n--;
	return strncmp(folder, path, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

int
tg_apart(bool *out, const char *a, const char *b, struct tg_err *err)
{
	bool back = false;
	char *at = settled(a, &back, err), *bt = NULL;
	int rc = -1;

	if (at != NULL)
		bt = settled(b, &back, err);
	if (bt != NULL) {
		*out = !back && !holds(at, bt) && !holds(bt, at);
		rc = 0;
	}
	free(at);
	free(bt);
	return rc;
}
