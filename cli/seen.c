#include "cli/seen.h"

#include <string.h>
#include <unistd.h>

#include "base/banned.h"

#define CWD_MAX 4096

static const struct {
	const char *name, *by;
} states[] = {[TG_SEEN_FOUND] = {"found", NULL},
    [TG_SEEN_KNOWN] = {"known", "baseline"},
    [TG_SEEN_BELOW] = {"below", "minimum score"},
    [TG_SEEN_ALLOWED] = {"allowed", "allow list"},
    [TG_SEEN_NEGATIVE] = {"negative", "negative words"},
    [TG_SEEN_INVALID] = {"invalid", "validator"},
    [TG_SEEN_BOUNDARY] = {"boundary", "boundary"}};

const char *
tg_seen_state_name(enum tg_seen_state s)
{
	return states[s].name;
}

const char *
tg_seen_suppressed(enum tg_seen_state s)
{
	return states[s].by;
}

int
tg_seen_view(struct tg_buf *out, const struct tg_why *why, struct tg_err *err)
{
	if (tg_buf_adds(out, why->view, err) < 0)
		return -1;
	for (size_t i = 0; i < why->n_chain; i++)
		if (tg_buf_addc(out, i == 0 ? ':' : '>', err) < 0 ||
		    tg_buf_adds(out, why->chain[i], err) < 0)
			return -1;
	return 0;
}

/* What of @path follows the folder @dir, or NULL. */
static const char *
below(const char *path, const char *dir)
{
	const size_t n = strlen(dir);

	if (n == 0 || strncmp(path, dir, n) != 0 || path[n] != '/')
		return NULL;
	return path + n + 1;
}

int
tg_seen_place(struct tg_buf *out, const char *path, struct tg_err *err)
{
	char cwd[CWD_MAX];
	const char *tail = NULL;

	if (path[0] == '/' && getcwd(cwd, sizeof(cwd)) != NULL)
		tail = below(path, cwd);
	if (tail != NULL)
		path = tail;
	else if (path[0] == '/' && tg_buf_addc(out, *path++, err) < 0)
		return -1;
	for (const size_t from = out->n; *path != '\0';) {
		const size_t n = strcspn(path, "/");

		if (n > 0 && !(n == 1 && path[0] == '.')) {
			if ((out->n > from && tg_buf_addc(out, '/', err) < 0) ||
			    tg_buf_add(out, path, n, err) < 0)
				return -1;
		}
		path += n + (path[n] == '/');
	}
	return 0;
}

const char *
tg_seen_pack(const struct tg_cli *cli, const char *pack)
{
	const char *tail = below(pack, cli->data_dir);

	return tail == NULL ? pack : tail;
}
