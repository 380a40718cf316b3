#include "pipeline/sinks/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/sinks/sink_impl.h"
#include "pipeline/sinks/uri.h"

#include "base/banned.h"

static const struct tg_sink_kind *const KINDS[] = {
#define TG_SINK(name) &tg_sink_##name,
#include "pipeline/sinks/sinks.def"
#undef TG_SINK
};

static const struct tg_sink_kind *
kind_find(struct tg_sv url)
{
	for (size_t i = 0; i < TG_COUNT(KINDS); i++) {
		const struct tg_sv scheme = tg_sv_of(KINDS[i]->scheme);

		if (tg_sv_starts(url, scheme) && url.n > scheme.n &&
		    url.p[scheme.n] == ':')
			return KINDS[i];
	}
	return NULL;
}

int
tg_sink_open(struct tg_sink **out, struct tg_sv url,
    const struct tg_sink_options *opt, const struct tg_env *env,
    struct tg_err *err)
{
	static const struct tg_sink_options none = {.path_style = -1};
	const struct tg_sink_kind *kind;
	struct tg_sink *s;

	if (opt == NULL)
		opt = &none;
	if (!tg_uri_printable(url))
		return tg_fail(err, TG_E_CONFIG,
		    "target: empty, over %d bytes or with a control byte",
		    TG_URI_MAX);
	kind = kind_find(url);
	if (kind == NULL) {
		(void)tg_fail(err, TG_E_USAGE, "target: unknown scheme");
		return tg_fail_hint(
		    err, "write file:FOLDER or s3://BUCKET/PREFIX");
	}
	if (kind->open(&s, url, opt, env, err) < 0)
		return tg_fail_in(err, "%.*s", TG_SV_FMT(url));
	s->url = strndup(url.p, url.n);
	s->env = *env;
	s->progress = opt->progress;
	s->progress_ctx = opt->progress_ctx;
	if (s->url == NULL) {
		tg_sink_free(s);
		return tg_fail_memory(err);
	}
	*out = s;
	return 0;
}

/* The receipt is for this target and for the bundle the name lies in. */
static int
receipt_covers(const struct tg_sink *s, const struct tg_receipt *receipt,
    struct tg_sv name, struct tg_err *err)
{
	struct tg_sv bundle;

	if (receipt == NULL)
		return tg_fail(err, TG_E_BUG, "upload without a receipt");
	if (!tg_sv_is(tg_sv_of(s->url), tg_receipt_target(receipt)))
		return tg_fail(
		    err, TG_E_BUG, "the receipt is for another target");
	bundle = tg_sv_of(tg_receipt_bundle(receipt));
	if (bundle.n == 0 || !tg_sv_starts(name, bundle) ||
	    name.n <= bundle.n || name.p[bundle.n] != '/')
		return tg_fail(
		    err, TG_E_BUG, "the receipt is for another bundle");
	return 0;
}

static int
local_open(int *out, const struct tg_put *put, struct tg_err *err)
{
	uint8_t have[TG_SHA256_LEN];
	uint64_t size;
	struct stat st;
	int rc = -1;
	const int fd = open(put->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return tg_fail_errno(err, errno, "%s", put->path);
	if (fstat(fd, &st) < 0) {
		(void)tg_fail_errno(err, errno, "%s", put->path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)tg_fail(err, TG_E_IO, "%s: not a file", put->path);
		goto out;
	}
	if (tg_sha256_fd(have, fd, &size, err) < 0)
		goto out;
	if (size != put->size || memcmp(have, put->sha256, sizeof(have)) != 0) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s: not the bytes that were recorded; nothing was sent",
		    put->path);
		goto out;
	}
	*out = fd;
	rc = 0;
out:
	if (rc < 0)
		(void)close(fd);
	return rc;
}

int
tg_sink_put(struct tg_sink *s, const struct tg_receipt *receipt,
    const struct tg_put *put, struct tg_put_result *res, struct tg_err *err)
{
	const struct tg_sv name = tg_sv_of(put->name);
	struct tg_put_result got = {.was_there = false};
	int fd, rc;

	if (!tg_uri_name(name))
		return tg_fail(err, TG_E_CONFIG,
		    "not a name that a target can hold (empty part, \"..\", "
		    "control byte or not UTF-8)");
	if (receipt_covers(s, receipt, name, err) < 0)
		return tg_fail_in(err, "%s", put->name);
	if (local_open(&fd, put, err) < 0)
		return -1;
	rc = s->ops->put(s, fd, put, &got, err);
	(void)close(fd);
	if (rc < 0)
		return tg_fail_in(err, "%s: %s", s->url, put->name);
	*res = got;
	return 0;
}

int
tg_sink_place(struct tg_sink *s, struct tg_sink_place *out, struct tg_err *err)
{
	struct tg_sink_place got = {.asked = s->ops->place != NULL};

	if (got.asked && s->ops->place(s, &got, err) < 0)
		return tg_fail_in(err, "%s", s->url);
	*out = got;
	return 0;
}

int
tg_sink_versions(
    struct tg_sink *s, enum tg_sink_versions *out, struct tg_err *err)
{
	*out = TG_VERSIONS_UNASKED;
	if (s->ops->versions != NULL && s->ops->versions(s, out, err) < 0)
		return tg_fail_in(err, "%s", s->url);
	return 0;
}

const char *
tg_sink_versions_name(enum tg_sink_versions v)
{
	static const char *const names[] = {[TG_VERSIONS_UNASKED] = "",
	    [TG_VERSIONS_NEVER] = "never",
	    [TG_VERSIONS_KEPT] = "kept",
	    [TG_VERSIONS_SUSPENDED] = "suspended"};

	return names[v];
}

void
tg_sink_free(struct tg_sink *s)
{
	if (s == NULL)
		return;
	s->ops->free(s);
	free(s->url);
	free(s);
}
