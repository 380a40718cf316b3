#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/num.h"
#include "pipeline/sinks/retry.h"
#include "pipeline/sinks/s3_answer.h"
#include "pipeline/sinks/s3_call.h"
#include "pipeline/sinks/s3_region.h"
#include "pipeline/sinks/sink_impl.h"

#include "base/banned.h"

/*
 * One put:
 *
 *	HEAD  same digest: done.  Other bytes: refused.  Absent: go on.
 *	PUT   If-None-Match: * where the server knows it.
 *	HEAD  length and digest, else TG_E_INTEGRITY.
 *
 * After any failure that leaves open whether the server has the object, HEAD
 * decides, never the failure.  HEAD stands before the PUT and after it because
 * servers disagree: Ceph's obeys If-None-Match, Swift answers 501 to it.
 */

/* S3 API reference, PutObject: most bytes in a single PUT. */
#define PUT_MAX (UINT64_C(5) << 30)

struct s3_sink {
	struct tg_sink base;
	struct tg_s3 s3;
	unsigned max_tries;
	bool conditional; /* until the server says it cannot */
	bool skew_learnt; /* once for a sink */
	bool region_learnt;
};

/* One object on its way. */
struct job {
	struct s3_sink *s;
	const struct tg_put *put;
	const char *key;
	int fd;
	char sha256[TG_SHA256_HEX];
	struct tg_retry retry;
	struct tg_put_result *res;
};

enum seen { SEEN_ABSENT, SEEN_SAME, SEEN_OTHER };

/* What to do about an answer that is not a success. */
enum next {
	NEXT_FAIL,  /* err is set */
	NEXT_AGAIN, /* waited, or something was adjusted */
};

static void
copy_header(
    char *out, size_t cap, const struct tg_http_reply *reply, const char *name)
{
	const struct tg_sv v = tg_http_header(reply, name);

	out[0] = '\0';
	if (v.n < cap && (v.n == 0 || tg_uri_printable(v))) {
		memcpy(out, v.p, v.n);
		out[v.n] = '\0';
	}
}

/*
 * A server in another region than ours.  Signed again only when our region was
 * a guess: where data may go is the operator's decision, not the server's.
 */
static enum next
wrong_region(
    struct s3_sink *s, const struct tg_s3_answer *a, struct tg_err *err)
{
	if (s->s3.region_named || s->region_learnt) {
		(void)tg_fail(err, TG_E_CONFIG,
		    "the bucket is in region %s, not in %s (HTTP %d)",
		    a->region, s->s3.region, a->status);
		(void)tg_fail_hint(err,
		    "give --region %s if the data may go there", a->region);
		return NEXT_FAIL;
	}
	s->region_learnt = true;
	(void)snprintf(s->s3.region, sizeof(s->s3.region), "%s", a->region);
	return NEXT_AGAIN;
}

/* Things about the server that are learnt once: true when learnt now. */
static bool
learn(struct s3_sink *s, const struct tg_s3_answer *a, bool was_put)
{
	const bool too_skewed = strcmp(a->code, "RequestTimeTooSkewed") == 0;

	if (too_skewed && !s->skew_learnt && a->date >= 0) {
		s->skew_learnt = true;
		s->s3.skew = a->date - s->s3.env.now(s->s3.env.ctx);
		return true;
	}
	if (was_put && a->status == 501 && s->conditional) {
		s->conditional = false;
		tg_log(s->s3.env.log, TG_LOG_INFO, "s3.no-conditional-put",
		    NULL, 0);
		return true;
	}
	return false;
}

static bool
names_region(const struct tg_s3_answer *a, const char *ours)
{
	return a->region[0] != '\0' && strcmp(a->region, ours) != 0 &&
	    (a->status == 301 || a->status == 307 || a->status == 400 ||
		a->status == 403);
}

static enum next
decide(struct job *j, const struct tg_s3_answer *a, bool was_put,
    struct tg_err *err)
{
	struct s3_sink *s = j->s;
	const char *last4 = tg_credentials_last4(s->s3.who);

	if (learn(s, a, was_put))
		return NEXT_AGAIN;
	if (names_region(a, s->s3.region))
		return wrong_region(s, a, err);
	if (tg_retry_worth(a->status, a->code)) {
		const struct tg_log_kv kv[] = {TG_KN("status", a->status),
		    TG_KV("code", tg_sv_of(a->code)),
		    TG_KN("failures", j->retry.failed + 1)};

		tg_log(
		    s->s3.env.log, TG_LOG_WARN, "s3.retry", kv, TG_COUNT(kv));
		if (tg_retry_again(&j->retry, a->after_ms))
			return NEXT_AGAIN;
		(void)tg_s3_fail(err, a, last4);
		(void)tg_fail_in(err, "given up after %u tries", j->retry.max);
		return NEXT_FAIL;
	}
	(void)tg_s3_fail(err, a, last4);
	return NEXT_FAIL;
}

/* HEAD tells no reason; a GET of the object's first byte does. */
static int
ask_reason(struct job *j, struct tg_s3_answer *a, struct tg_err *err)
{
	struct tg_s3 *s3 = &j->s->s3;
	const struct tg_s3_request req = {
	    .method = TG_HTTP_GET, .key = j->key, .fd = -1, .peek = true};
	struct tg_http_reply reply;
	struct tg_s3_answer got;
	const int rc = tg_s3_call(s3, &req, &reply, err);

	if (rc == 0) {
		tg_s3_answer(&got, &reply, s3->env.now(s3->env.ctx));
		if (got.status == 0 || (got.status >= 300 && got.status != 404))
			*a = got;
		else
			*a = (struct tg_s3_answer){.after_ms = -1,
			    .date = -1,
			    .why = "HEAD is refused and GET is not"};
	}
	tg_http_reply_deinit(&reply);
	return rc;
}

static enum seen
compare(const struct job *j, const struct tg_http_reply *reply)
{
	const char *until = j->put->expires_at;
	uint64_t length;

	/* The same bytes under another date are another object: who expires
	 * them goes by it. */
	if (until != NULL &&
	    !tg_sv_is(tg_http_header(reply, TG_S3_EXPIRES), until))
		return SEEN_OTHER;
	if (tg_sv_is(tg_http_header(reply, TG_S3_META), j->sha256) &&
	    tg_parse_u64(&length, tg_http_header(reply, "Content-Length"), 0,
		UINT64_MAX) &&
	    length == j->put->size)
		return SEEN_SAME;
	return SEEN_OTHER;
}

/* One HEAD.  *@done: it answered the question. */
static int
look_once(struct job *j, enum seen *out, bool *done, struct tg_err *err)
{
	struct tg_s3 *s3 = &j->s->s3;
	const struct tg_s3_request req = {
	    .method = TG_HTTP_HEAD, .key = j->key, .fd = -1};
	struct tg_http_reply reply;
	struct tg_s3_answer a;
	int rc = tg_s3_call(s3, &req, &reply, err);

	*done = false;
	if (rc < 0)
		goto out;
	tg_s3_answer(&a, &reply, s3->env.now(s3->env.ctx));
	if (a.status == 200) {
		*done = true;
		*out = compare(j, &reply);
		copy_header(j->res->etag, sizeof(j->res->etag), &reply, "ETag");
		copy_header(j->res->version, sizeof(j->res->version), &reply,
		    "x-amz-version-id");
		goto out;
	}
	if (a.status == 404) {
		*done = true;
		*out = SEEN_ABSENT;
		goto out;
	}
	if (a.status >= 300 && !tg_retry_worth(a.status, a.code))
		rc = ask_reason(j, &a, err);
	if (rc == 0 && decide(j, &a, false, err) == NEXT_FAIL)
		rc = -1;
out:
	tg_http_reply_deinit(&reply);
	return rc;
}

static int
look(struct job *j, enum seen *out, struct tg_err *err)
{
	bool done = false;

	while (!done) {
		if (look_once(j, out, &done, err) < 0)
			return -1;
	}
	return 0;
}

/* One PUT.  *@done: the server says that it has, or had, the object. */
static int
send_once(struct job *j, bool *done, struct tg_err *err)
{
	struct s3_sink *s = j->s;
	const struct tg_s3_request req = {.method = TG_HTTP_PUT,
	    .key = j->key,
	    .fd = j->fd,
	    .size = j->put->size,
	    .sha256 = j->sha256,
	    .content_type = j->put->content_type == NULL
		? "application/octet-stream"
		: j->put->content_type,
	    .expires_at = j->put->expires_at,
	    .absent = s->conditional,
	    .progress = s->base.progress,
	    .progress_ctx = s->base.progress_ctx};
	struct tg_http_reply reply;
	struct tg_s3_answer a;
	int rc;

	j->res->tries++;
	rc = tg_s3_call(&s->s3, &req, &reply, err);
	j->res->tries += reply.resent;
	if (rc == 0) {
		tg_s3_answer(&a, &reply, s->s3.env.now(s->s3.env.ctx));
		*done = a.status == 200 || a.status == 412;
		if (a.status == 412)
			j->res->was_there = true;
		if (!*done && decide(j, &a, true, err) == NEXT_FAIL)
			rc = -1;
	}
	tg_http_reply_deinit(&reply);
	return rc;
}

static int
refuse(struct tg_err *err)
{
	(void)tg_fail(
	    err, TG_E_NO, "another object has this name; it is never replaced");
	return tg_fail_hint(
	    err, "it holds other bytes, or was not put there by tracegate");
}

static int
transfer(struct job *j, struct tg_err *err)
{
	bool done = false;
	enum seen seen;

	if (look(j, &seen, err) < 0)
		return -1;
	if (seen == SEEN_SAME) {
		j->res->was_there = true;
		return 0;
	}
	while (seen == SEEN_ABSENT && !done) {
		if (send_once(j, &done, err) < 0 || look(j, &seen, err) < 0)
			return -1;
	}
	if (seen == SEEN_SAME) {
		/* 412 to a second try is our first one, which arrived. */
		j->res->was_there &= j->res->tries == 1;
		j->res->sent = j->res->was_there ? 0 : j->put->size;
		return 0;
	}
	if (done && !j->res->was_there)
		return tg_fail(err, TG_E_INTEGRITY,
		    "the server took the object and holds something else");
	if (seen == SEEN_ABSENT)
		return tg_fail(err, TG_E_IO,
		    "the server says that the object exists and that it does "
		    "not");
	return refuse(err);
}

static int
s3_put(struct tg_sink *base, int fd, const struct tg_put *put,
    struct tg_put_result *res, struct tg_err *err)
{
	struct s3_sink *s = (struct s3_sink *)base;
	const char *prefix = s->s3.at.prefix;
	struct job j = {.s = s, .put = put, .fd = fd, .res = res};
	struct tg_buf key;
	int rc = -1;

	if (put->content_type != NULL &&
	    !tg_uri_printable(tg_sv_of(put->content_type)))
		return tg_fail(err, TG_E_BUG, "not a content type");
	if (put->size > PUT_MAX)
		return tg_fail(err, TG_E_LIMIT,
		    "over 5 GiB, the most that S3 takes in one piece");
	tg_buf_init(&key, TG_URI_KEY_MAX);
	if (tg_buf_addf(&key, err, "%s%s%s", prefix, *prefix == '\0' ? "" : "/",
		put->name) < 0)
		goto out;
	j.key = key.p;
	tg_sha256_hex(j.sha256, put->sha256);
	j.retry = (struct tg_retry){&s->base.env, s->max_tries, 0};
	rc = transfer(&j, err);
out:
	tg_buf_deinit(&key);
	return rc;
}

/* A question about the bucket: whether the answer could be read into @to. */
struct question {
	const char *about, *fault;
	bool (*read)(void *to, struct tg_sv xml);
	void *to;
};

/* *@done: it was answered. */
static int
ask_once(
    struct job *j, const struct question *q, bool *done, struct tg_err *err)
{
	struct tg_s3 *s3 = &j->s->s3;
	const struct tg_s3_request req = {
	    .method = TG_HTTP_GET, .fd = -1, .about = q->about};
	struct tg_http_reply reply;
	struct tg_s3_answer a;
	int rc = tg_s3_call(s3, &req, &reply, err);

	if (rc < 0)
		goto out;
	tg_s3_answer(&a, &reply, s3->env.now(s3->env.ctx));
	if (a.status != 200) {
		rc = decide(j, &a, false, err) == NEXT_FAIL ? -1 : 0;
	} else if (q->read(q->to, tg_buf_sv(&reply.body))) {
		*done = true;
	} else {
		rc = tg_fail(err, TG_E_CONFIG, "%s", q->fault);
	}
out:
	tg_http_reply_deinit(&reply);
	return rc;
}

static int
ask(struct s3_sink *s, const struct question *q, struct tg_err *err)
{
	struct job j = {
	    .s = s, .fd = -1, .retry = {&s->base.env, s->max_tries, 0}};
	bool done = false;

	while (!done)
		if (ask_once(&j, q, &done, err) < 0)
			return -1;
	return 0;
}

static bool
read_region(void *to, struct tg_sv xml)
{
	return tg_s3_location(((struct tg_sink_place *)to)->region, xml);
}

static int
s3_place(struct tg_sink *base, struct tg_sink_place *out, struct tg_err *err)
{
	struct s3_sink *s = (struct s3_sink *)base;
	const struct question where = {"location",
	    "the server's answer names no region", read_region, out};

	if (ask(s, &where, err) < 0)
		return tg_fail_in(err, "where is the bucket");
	(void)snprintf(out->country, sizeof(out->country), "%s",
	    tg_s3_country(out->region, tg_s3_amazon(&s->s3)));
	out->named =
	    s->s3.region_named && strcmp(s->s3.region, out->region) == 0;
	return 0;
}

static bool
read_versions(void *to, struct tg_sv xml)
{
	return tg_s3_versions(to, xml);
}

static int
s3_versions(
    struct tg_sink *base, enum tg_sink_versions *out, struct tg_err *err)
{
	const struct question kept = {"versioning",
	    "the server's answer does not say", read_versions, out};

	if (ask((struct s3_sink *)base, &kept, err) < 0)
		return tg_fail_in(err, "does the bucket keep versions");
	return 0;
}

static void
s3_free(struct tg_sink *base)
{
	tg_s3_deinit(&((struct s3_sink *)base)->s3);
}

static const struct tg_sink_ops OPS = {
    .put = s3_put, .place = s3_place, .versions = s3_versions, .free = s3_free};

static int
s3_open(struct tg_sink **out, struct tg_sv url,
    const struct tg_sink_options *opt, const struct tg_env *env,
    struct tg_err *err)
{
	struct s3_sink *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return tg_fail_memory(err);
	if (tg_s3_init(&s->s3, url, opt, env, err) < 0) {
		free(s);
		return -1;
	}
	s->base.ops = &OPS;
	s->conditional = true;
	s->max_tries = opt->max_tries == 0 ? TG_RETRY_TRIES : opt->max_tries;
	*out = &s->base;
	return 0;
}

const struct tg_sink_kind tg_sink_s3 = {.scheme = "s3", .open = s3_open};
