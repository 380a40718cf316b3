#include "tests/unit/pipeline/sinks/fake_priv.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

/* ------------------------------------------------------------------ read */

/* False: the client is gone, or we are told to stop. */
static bool
wait_in(const struct fake_s3 *f, int fd)
{
	struct pollfd p[2] = {
	    {.fd = fd, .events = POLLIN}, {.fd = f->stop[0], .events = POLLIN}};

	while (poll(p, 2, -1) < 0 && errno == EINTR)
		continue;
	return p[1].revents == 0;
}

static ssize_t
get(const struct fake_s3 *f, int fd, void *p, size_t n)
{
	return wait_in(f, fd) ? recv(fd, p, n, 0) : -1;
}

static bool
read_head(const struct fake_s3 *f, int fd, struct fake_request *r)
{
	size_t n = 0;
	char *line, *save = NULL;

	/* Byte by byte: nothing of the body is taken. */
	while (n < 4 || memcmp(r->head + n - 4, "\r\n\r\n", 4) != 0) {
		if (n + 1 == sizeof(r->head) || get(f, fd, r->head + n, 1) != 1)
			return false;
		n++;
	}
	r->head[n] = '\0';
	r->n = 0;
	line = strtok_r(r->head, "\r\n", &save);
	if (line == NULL ||
	    sscanf(line, "%7s %4095s HTTP/1.1", r->method, r->target) != 2)
		return false;
	while ((line = strtok_r(NULL, "\r\n", &save)) != NULL) {
		char *colon = strchr(line, ':');

		if (colon == NULL || r->n == HEADERS)
			return false;
		*colon++ = '\0';
		colon += strspn(colon, " ");
		r->name[r->n] = line;
		r->value[r->n++] = colon;
	}
	return true;
}

static bool
read_body(const struct fake_s3 *f, int fd, struct fake_request *r, size_t want)
{
	r->n_body = 0;
	r->body = malloc(want + 1);
	ck_assert_ptr_nonnull(r->body);
	while (r->n_body < want) {
		const ssize_t n =
		    get(f, fd, r->body + r->n_body, want - r->n_body);

		if (n <= 0)
			return false;
		r->n_body += (size_t)n;
	}
	return true;
}

/* ---------------------------------------------------------------- answer */

static void
date_of(char out[40], int64_t t)
{
	const time_t when = (time_t)t;
	struct tm tm;

	(void)gmtime_r(&when, &tm);
	(void)strftime(out, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static void
put_text(int fd, const char *s, size_t n)
{
	while (n > 0) {
		const ssize_t w = send(fd, s, n, MSG_NOSIGNAL);

		if (w <= 0)
			return;
		s += w;
		n -= (size_t)w;
	}
}

static void
answer(const struct fake_s3 *f, int fd, const struct fake_request *r,
    int status, const char *code, const char *extra)
{
	char body[512], out[2048], date[40];
	int n;

	body[0] = '\0';
	if (code != NULL)
		(void)snprintf(body, sizeof(body),
		    "<?xml version=\"1.0\"?><Error><Code>%s</Code><Region>%s"
		    "</Region><Message>do not echo</Message></Error>",
		    code, f->region);
	date_of(date, f->now);
	n = snprintf(out, sizeof(out),
	    "HTTP/1.1 %d X\r\nDate: %s\r\nContent-Length: %zu\r\n%s%s\r\n%s",
	    status, date, strlen(body), extra == NULL ? "" : extra,
	    f->close_after_head && r->method[0] == 'H' ? "Connection: close\r\n"
						       : "",
	    strcmp(r->method, "HEAD") == 0 ? "" : body);
	put_text(fd, out, (size_t)n);
}

static void
reset(int fd)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* Seconds of "20130524T000000Z". */
static int64_t
seconds_of(const char *s)
{
	struct tm tm = {0};

	if (strptime(s, "%Y%m%dT%H%M%SZ", &tm) == NULL)
		return 0;
	return (int64_t)timegm(&tm);
}

/* True when the request may go on; else it was answered. */
static bool
authentic(struct fake_s3 *f, int fd, const struct fake_request *r)
{
	const char *auth = fake_header(r, "authorization");
	const char *date = fake_header(r, "x-amz-date");
	const char *token = fake_header(r, "x-amz-security-token");
	struct fake_auth a;
	char want[65];

	if (auth == NULL || date == NULL ||
	    fake_header(r, "x-amz-content-sha256") == NULL ||
	    sscanf(auth,
		"AWS4-HMAC-SHA256 Credential=%63[^/]/%15[^/]/%63[^/]/s3/"
		"aws4_request,SignedHeaders=%511[^,],Signature=%79s",
		a.key, a.date, a.region, a.names, a.signature) != 5) {
		fake_problem(f, "no readable Authorization");
		answer(f, fd, r, 400, "InvalidArgument", NULL);
		return false;
	}
	fake_check_path(f, r->target);
	fake_check_headers(f, r, a.names);
	fake_signature(want, f, r, &a);
	if (strcmp(a.key, FAKE_KEY) != 0)
		answer(f, fd, r, 403, "InvalidAccessKeyId", NULL);
	else if (llabs(seconds_of(date) - f->now) > 900)
		answer(f, fd, r, 403, "RequestTimeTooSkewed", NULL);
	else if (strcmp(a.region, f->region) != 0)
		answer(f, fd, r, 400, "AuthorizationHeaderMalformed", NULL);
	else if (strcmp(a.signature, want) != 0)
		answer(f, fd, r, 403, "SignatureDoesNotMatch", NULL);
	else if (f->token != NULL &&
	    (token == NULL || strcmp(token, f->token) != 0))
		answer(f, fd, r, 403, "InvalidToken", NULL);
	else
		return true;
	return false;
}

/* --------------------------------------------------------------- objects */

static struct fake_object *
find(struct fake_s3 *f, const char *key)
{
	for (size_t i = 0; i < f->n_object; i++) {
		if (strcmp(f->object[i].key, key) == 0)
			return &f->object[i];
	}
	return NULL;
}

void
fake_add(struct fake_s3 *f, const char *key, const char *sha256, size_t n)
{
	struct fake_object *o = find(f, key);

	if (o == NULL) {
		ck_assert_uint_lt(f->n_object, FAKE_OBJECTS);
		o = &f->object[f->n_object++];
	}
	(void)snprintf(o->key, sizeof(o->key), "%s", key);
	(void)snprintf(o->sha256, sizeof(o->sha256), "%s", sha256);
	o->n = n;
}

static void
on_look(
    struct fake_s3 *f, int fd, const struct fake_request *r, const char *key)
{
	const struct fake_object *o = find(f, key);
	char extra[512], out[1024];

	if (o == NULL) {
		answer(f, fd, r, 404, "NoSuchKey", NULL);
		return;
	}
	(void)snprintf(extra, sizeof(extra), "%s%s%s",
	    o->sha256[0] == '\0' ? "" : "X-Amz-Meta-Tg-Sha256: ", o->sha256,
	    o->sha256[0] == '\0' ? "" : "\r\n");
	if (o->expires[0] != '\0')
		(void)snprintf(extra + strlen(extra),
		    sizeof(extra) - strlen(extra),
		    "X-Amz-Meta-Expires-At: %s\r\n", o->expires);
	if (f->close_after_head)
		(void)snprintf(extra + strlen(extra),
		    sizeof(extra) - strlen(extra), "Connection: close\r\n");
	(void)snprintf(out, sizeof(out),
	    "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nETag: \"e-tag\"\r\n"
	    "x-amz-version-id: v1\r\n%s\r\n",
	    o->n, extra);
	put_text(fd, out, strlen(out));
}

/* The parts of a PUT that the server does; false: it was answered. */
static bool
store(struct fake_s3 *f, int fd, const struct fake_request *r, const char *key,
    enum fake_fault fault)
{
	const char *sent = fake_header(r, "x-amz-content-sha256");
	const char *meta = fake_header(r, "x-amz-meta-tg-sha256");
	const char *until = fake_header(r, "x-amz-meta-expires-at");
	const char *type = fake_header(r, "content-type");
	const bool condition = fake_header(r, "if-none-match") != NULL;
	char sha[65];

	fake_sha256(sha, r->body, r->n_body);
	if (strcmp(sha, sent) != 0) {
		answer(f, fd, r, 400, "XAmzContentSHA256Mismatch", NULL);
		return false;
	}
	if (condition && f->no_conditional) {
		answer(f, fd, r, 501, "NotImplemented", NULL);
		return false;
	}
	if (condition && !f->ignore_conditional && find(f, key) != NULL) {
		answer(f, fd, r, 412, "PreconditionFailed", NULL);
		return false;
	}
	if (fault == FAKE_FORGET)
		return true;
	fake_add(f, key, meta == NULL ? "" : meta,
	    r->n_body - (fault == FAKE_WRONG_BYTES ? 1 : 0));
	(void)snprintf(find(f, key)->expires, sizeof(f->object[0].expires),
	    "%s", until == NULL ? "" : until);
	(void)snprintf(find(f, key)->type, sizeof(f->object[0].type), "%s",
	    type == NULL ? "" : type);
	return true;
}

static void
huge(const struct fake_s3 *f, int fd)
{
	static const char head[] =
	    "HTTP/1.1 503 X\r\nContent-Length: 99999999999\r\n\r\n";
	char noise[4096];
	struct pollfd stop = {.fd = f->stop[0], .events = POLLIN};

	memset(noise, '<', sizeof(noise));
	put_text(fd, head, sizeof(head) - 1);
	/* Until the client hangs up. */
	while (send(fd, noise, sizeof(noise), MSG_NOSIGNAL) > 0 &&
	    poll(&stop, 1, 0) == 0)
		continue;
}

/* Answers that need nothing of the request; true: done. */
static bool
plain_fault(struct fake_s3 *f, int fd, const struct fake_request *r,
    enum fake_fault fault, bool *keep)
{
	switch ((int)fault) {
	case FAKE_503:
		answer(f, fd, r, 503, "SlowDown", "Retry-After: 7\r\n");
		return true;
	case FAKE_500:
		answer(f, fd, r, 500, NULL, NULL);
		return true;
	case FAKE_507:
		answer(f, fd, r, 507, "InsufficientStorage", NULL);
		return true;
	case FAKE_DENIED:
		answer(f, fd, r, 403, "AccessDenied", NULL);
		return true;
	case FAKE_GARBAGE:
		put_text(fd, "\x01\x02 gopher\r\n\r\n", 13);
		*keep = false;
		return true;
	case FAKE_HUGE:
		huge(f, fd);
		*keep = false;
		return true;
	default:
		return false;
	}
}

static void
on_put(struct fake_s3 *f, int fd, const struct fake_request *r, const char *key,
    bool *keep)
{
	const enum fake_fault fault = f->put[f->n_put++ % FAKE_SCRIPT];

	if (plain_fault(f, fd, r, fault, keep))
		return;
	if (fault == FAKE_SWALLOW) {
		*keep = false;
		return;
	}
	if (fault == FAKE_RACE)
		fake_add(f, key, "somebody-elses", 3);
	if (!store(f, fd, r, key, fault))
		return;
	if (fault == FAKE_LOST) {
		reset(fd);
		*keep = false;
	} else if (fault == FAKE_500_AFTER) {
		answer(f, fd, r, 500, "InternalError", NULL);
	} else {
		answer(f, fd, r, 200, NULL, "ETag: \"e-tag\"\r\n");
	}
	if (fault == FAKE_CLOSE_AFTER)
		*keep = false;
}

/* Faults that hit while the request comes in. */
static bool
early_fault(
    struct fake_s3 *f, int fd, const struct fake_request *r, size_t length)
{
	const bool put = strcmp(r->method, "PUT") == 0;
	const enum fake_fault fault = put    ? f->put[f->n_put % FAKE_SCRIPT]
	    : strcmp(r->method, "HEAD") == 0 ? f->head[f->n_head % FAKE_SCRIPT]
					     : FAKE_OK;
	struct fake_request half = {.n = 0};

	struct pollfd stop = {.fd = f->stop[0], .events = POLLIN};

	if (fault != FAKE_RESET_MID && fault != FAKE_DROP &&
	    fault != FAKE_STALL)
		return false;
	if (fault == FAKE_STALL)
		(void)poll(&stop, 1, -1);
	if (fault == FAKE_RESET_MID) {
		(void)read_body(f, fd, &half, length / 2);
		free(half.body);
		reset(fd);
	}
	if (put)
		f->n_put++;
	else
		f->n_head++;
	return true;
}

/* 200 with @body. */
static void
say(int fd, const char *body)
{
	char out[1024];
	const int n = snprintf(out, sizeof(out),
	    "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body),
	    body);

	put_text(fd, out, (size_t)n);
}

/* GET /tg-bucket?location */
static void
on_place(struct fake_s3 *f, int fd, const struct fake_request *r, bool *keep)
{
	char body[512];

	if (plain_fault(f, fd, r, f->place[f->n_place++ % FAKE_SCRIPT], keep))
		return;
	(void)snprintf(body, sizeof(body),
	    "<?xml version=\"1.0\"?>\n<LocationConstraint xmlns=\""
	    "http://s3.amazonaws.com/doc/2006-03-01/\">%s</LocationConstraint>",
	    f->region);
	say(fd, f->location == NULL ? body : f->location);
}

/* GET /tg-bucket?versioning */
static void
on_versions(struct fake_s3 *f, int fd, const struct fake_request *r, bool *keep)
{
	if (!plain_fault(f, fd, r, f->place[f->n_place++ % FAKE_SCRIPT], keep))
		say(fd, f->versions);
}

/* Whether the bucket is whose the request expects; else it was answered. */
static bool
owned(struct fake_s3 *f, int fd, const struct fake_request *r)
{
	const char *who = fake_header(r, "x-amz-expected-bucket-owner");

	if (f->owner == NULL || (who != NULL && strcmp(who, f->owner) == 0))
		return true;
	answer(f, fd, r, 403, "AccessDenied", NULL);
	return false;
}

static void
serve(struct fake_s3 *f, int fd, const struct fake_request *r, bool *keep)
{
	const char *bucket = "/" FAKE_BUCKET "/";
	const char *key = r->target + strlen(bucket);
	enum fake_fault fault = FAKE_OK;

	if (!authentic(f, fd, r) || !owned(f, fd, r))
		return;
	if (strcmp(r->target, "/" FAKE_BUCKET "?location") == 0 &&
	    strcmp(r->method, "GET") == 0) {
		on_place(f, fd, r, keep);
	} else if (strcmp(r->target, "/" FAKE_BUCKET "?versioning") == 0 &&
	    strcmp(r->method, "GET") == 0) {
		on_versions(f, fd, r, keep);
	} else if (strncmp(r->target, bucket, strlen(bucket)) != 0) {
		answer(f, fd, r, 404, "NoSuchBucket", NULL);
	} else if (strcmp(r->method, "PUT") == 0) {
		on_put(f, fd, r, key, keep);
	} else {
		if (strcmp(r->method, "HEAD") == 0)
			fault = f->head[f->n_head++ % FAKE_SCRIPT];
		else if (f->n_head > 0)
			fault = f->head[(f->n_head - 1) % FAKE_SCRIPT];
		if (!plain_fault(f, fd, r, fault, keep))
			on_look(f, fd, r, key);
	}
}

static void
converse(struct fake_s3 *f, int fd)
{
	struct fake_request *r = calloc(1, sizeof(*r));
	bool keep = true;

	ck_assert_ptr_nonnull(r);
	while (keep && read_head(f, fd, r)) {
		const char *length = fake_header(r, "content-length");
		const size_t n =
		    length == NULL ? 0 : (size_t)strtoull(length, NULL, 10);
		const size_t seen = strlen(f->trace);

		if (seen + 1 < sizeof(f->trace))
			f->trace[seen] = r->method[0];
		if (early_fault(f, fd, r, n))
			break;
		keep = read_body(f, fd, r, n);
		if (keep)
			serve(f, fd, r, &keep);
		if (f->close_after_head && r->method[0] == 'H')
			keep = false;
		free(r->body);
		r->body = NULL;
	}
	free(r);
	(void)close(fd);
}

static void *
run(void *ctx)
{
	struct fake_s3 *f = ctx;

	while (wait_in(f, f->listener)) {
		const int fd = accept(f->listener, NULL, NULL);

		if (fd < 0)
			break;
		f->n_conn++;
		converse(f, fd);
	}
	return NULL;
}

void
fake_start(struct fake_s3 *f)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(at);

	if (f->secret == NULL)
		f->secret = FAKE_SECRET;
	if (f->region == NULL)
		f->region = "us-east-1";
	f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(f->listener, 0);
	ck_assert_int_eq(
	    bind(f->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(f->listener, 8), 0);
	ck_assert_int_eq(
	    getsockname(f->listener, (struct sockaddr *)&at, &n), 0);
	f->port = ntohs(at.sin_port);
	ck_assert_int_eq(pipe(f->stop), 0);
	ck_assert_int_eq(pthread_create(&f->thread, NULL, run, f), 0);
	f->running = true;
}

void
fake_stop(struct fake_s3 *f)
{
	if (!f->running)
		return;
	ck_assert_int_eq(write(f->stop[1], "x", 1), 1);
	ck_assert_int_eq(pthread_join(f->thread, NULL), 0);
	(void)close(f->listener);
	(void)close(f->stop[0]);
	(void)close(f->stop[1]);
	f->running = false;
}
