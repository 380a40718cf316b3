#include "pipeline/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/env.h"
#include "base/fs.h"
#include "base/banned.h"

#define JOURNAL_MAX (1u << 20)

static const char *const names[] = {"none", "planned", "rechecked", "bundled",
    "recorded", "awaiting-decision", "uploading", "uploaded"};

const char *
tg_state_name(enum tg_state s)
{
	return names[s];
}

static enum tg_state
state_of(struct tg_sv line)
{
	const char *space = memchr(line.p, ' ', line.n);
	struct tg_sv word;

	if (space == NULL)
		return TG_RUN_NONE;
	word.p = space + 1;
	word.n = line.n - (size_t)(word.p - line.p);
	for (size_t i = 0; i < TG_COUNT(names); i++)
		if (tg_sv_is(word, names[i]))
			return (enum tg_state)i;
	return TG_RUN_NONE;
}

int
tg_journal_read(enum tg_state *out, const char *path, struct tg_err *err)
{
	struct tg_buf b;
	bool missing = false;
	size_t from = 0;

	tg_buf_init(&b, JOURNAL_MAX);
	if (tg_fs_slurp(&b, path, &missing, err) < 0) {
		tg_buf_deinit(&b);
		if (!missing)
			return -1;
		tg_err_clear(err);
		*out = TG_RUN_NONE;
		return 0;
	}
	*out = TG_RUN_NONE;
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] == '\n') {
			const enum tg_state s =
			    state_of((struct tg_sv){b.p + from, i - from});

			if (s != TG_RUN_NONE)
				*out = s;
			from = i + 1;
		}
	tg_buf_deinit(&b);
	return 0;
}

int
tg_journal_add(
    const char *path, enum tg_state s, int64_t now, struct tg_err *err)
{
	char line[64], time[TG_TIME_LEN];
	int fd, n, rc = -1;

	tg_time_format(time, now);
	/* A torn line before this one ends here. */
	n = snprintf(line, sizeof(line), "\n%s %s\n", time, names[s]);
	fd = open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return tg_fail_errno(err, errno, "%s", path);
	if (tg_fs_write_all(fd, line, (size_t)n, err) < 0)
		goto out;
	if (fsync(fd) < 0) {
		(void)tg_fail_errno(err, errno, "%s", path);
		goto out;
	}
	rc = 0;
out:
	(void)close(fd);
	return rc;
}
