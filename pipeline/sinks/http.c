#include "pipeline/sinks/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/env.h"

#include "base/banned.h"

struct tg_http {
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	bool plain;
	bool loopback;
	unsigned stall_s;
	char *ca_bundle, *proxy, *no_proxy;
};

/* One request under way. */
struct flight {
	const struct tg_http_request *req;
	struct tg_http_reply *reply;
	uint64_t at;	/* bytes of the body handed out */
	int read_errno; /* of the local file */
	bool shrunk;	/* the local file ended early */
	bool cut;	/* the answer's body was longer than we keep */
	bool memory;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global = CURLE_FAILED_INIT;

static void
init_once(void)
{
	global = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool
copy_opt(char **out, const char *s)
{
	if (s == NULL || *s == '\0')
		return true;
	*out = strdup(s);
	return *out != NULL;
}

int
tg_http_new(
    struct tg_http **out, const struct tg_http_options *opt, struct tg_err *err)
{
	struct tg_http *h;

	(void)pthread_once(&once, init_once);
	if (global != CURLE_OK)
		return tg_fail(err, TG_E_BUG, "libcurl does not start");
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return tg_fail_memory(err);
	h->plain = opt->plain;
	h->loopback = opt->loopback;
	h->stall_s = opt->stall_s == 0 ? TG_HTTP_STALL_S : opt->stall_s;
	h->curl = curl_easy_init();
	if (h->curl == NULL || !copy_opt(&h->ca_bundle, opt->ca_bundle) ||
	    !copy_opt(&h->proxy, opt->proxy) ||
	    !copy_opt(&h->no_proxy, opt->no_proxy)) {
		tg_http_free(h);
		return tg_fail_memory(err);
	}
	*out = h;
	return 0;
}

void
tg_http_free(struct tg_http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->curl);
	free(h->ca_bundle);
	free(h->proxy);
	free(h->no_proxy);
	free(h);
}

static size_t
on_read(char *p, size_t size, size_t n, void *ctx)
{
	struct flight *f = ctx;
	uint64_t want = size * n;
	ssize_t got;

	if (want > f->req->size - f->at)
		want = f->req->size - f->at;
	if (want == 0)
		return 0;
	do {
		got = pread(f->req->fd, p, (size_t)want, (off_t)f->at);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		f->read_errno = errno;
	if (got == 0)
		f->shrunk = true;
	if (got <= 0)
		return CURL_READFUNC_ABORT;
	f->at += (uint64_t)got;
	return (size_t)got;
}

/* libcurl sends the body anew when a kept connection had died. */
static int
on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct flight *f = ctx;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > f->req->size)
		return CURL_SEEKFUNC_FAIL;
	f->reply->resent += f->at > (uint64_t)offset;
	f->at = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static size_t
on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct flight *f = ctx;
	struct tg_buf *b = &f->reply->body;
	const size_t have = size * n, room = b->max - b->n;
	const size_t take = have < room ? have : room;

	if (take > 0 && tg_buf_add(b, p, take, NULL) < 0) {
		f->memory = true;
		return 0;
	}
	/* An endless answer is not read to its end. */
	f->cut = take < have;
	return take;
}

static size_t
on_head(char *p, size_t size, size_t n, void *ctx)
{
	struct flight *f = ctx;
	const struct tg_sv line = {p, size * n};

	/* A new status line: what came before was interim (100 Continue). */
	if (tg_sv_starts(line, TG_SV("HTTP/"))) {
		tg_buf_reset(&f->reply->head);
		return line.n;
	}
	return tg_buf_addsv(&f->reply->head, line, NULL) < 0 ? 0 : line.n;
}

static int
on_progress(void *ctx, curl_off_t dltotal TG_UNUSED, curl_off_t dlnow TG_UNUSED,
    curl_off_t ultotal TG_UNUSED, curl_off_t ulnow)
{
	const struct flight *f = ctx;

	if (ulnow > 0)
		f->req->progress(
		    f->req->progress_ctx, (uint64_t)ulnow, f->req->size);
	return 0;
}

/* curl_easy_setopt with its error kept, for rows of options. */
#define SET(option, value) \
	bad |= curl_easy_setopt(h->curl, (option), (value)) != CURLE_OK

static bool
set_transport(struct tg_http *h)
{
	bool bad = false;

	SET(CURLOPT_PROTOCOLS_STR, h->plain ? "https,http" : "https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_CONNECTTIMEOUT, (long)TG_HTTP_CONNECT_S);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)TG_HTTP_STALL_BPS);
	SET(CURLOPT_LOW_SPEED_TIME, (long)h->stall_s);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* Never from libcurl's own look at the environment. */
	SET(CURLOPT_PROXY, h->proxy == NULL ? "" : h->proxy);
	SET(CURLOPT_NOPROXY, h->loopback ? "*" : h->no_proxy);
	if (h->ca_bundle != NULL)
		SET(CURLOPT_CAINFO, h->ca_bundle);
	SET(CURLOPT_ERRORBUFFER, h->error);
	return !bad;
}

static bool
set_request(struct tg_http *h, struct flight *f, struct curl_slist *headers)
{
	const struct tg_http_request *req = f->req;
	bool bad = false;

	SET(CURLOPT_URL, req->url);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_HEADERFUNCTION, on_head);
	SET(CURLOPT_HEADERDATA, f);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, f);
	if (req->method == TG_HTTP_HEAD)
		SET(CURLOPT_NOBODY, 1L);
	if (req->method == TG_HTTP_PUT) {
		SET(CURLOPT_UPLOAD, 1L);
		SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)req->size);
		SET(CURLOPT_READFUNCTION, on_read);
		SET(CURLOPT_READDATA, f);
		SET(CURLOPT_SEEKFUNCTION, on_seek);
		SET(CURLOPT_SEEKDATA, f);
		SET(CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
	}
	if (req->progress != NULL && req->size > 0) {
		SET(CURLOPT_XFERINFOFUNCTION, on_progress);
		SET(CURLOPT_XFERINFODATA, f);
		SET(CURLOPT_NOPROGRESS, 0L);
	}
	return !bad;
}

#undef SET

/* The session token goes through here: wiped before it is freed. */
static void
headers_free(struct curl_slist *list)
{
	for (struct curl_slist *p = list; p != NULL; p = p->next)
		tg_crypt_wipe(p->data, strlen(p->data));
	curl_slist_free_all(list);
}

static int
headers_add(struct curl_slist **list, const char *line, struct tg_err *err)
{
	struct curl_slist *more = curl_slist_append(*list, line);

	if (more == NULL)
		return tg_fail_memory(err);
	*list = more;
	return 0;
}

static int
headers_make(struct curl_slist **out, const struct tg_http_request *req,
    struct tg_err *err)
{
	struct curl_slist *list = NULL;
	struct tg_buf line;
	int rc = -1;

	tg_buf_init(&line, TG_HTTP_HEAD_MAX);
	/* One second a PUT is lost on servers that ignore Expect. */
	if (headers_add(&list, "Expect:", err) < 0)
		goto out;
	for (size_t i = 0; i < req->n_field; i++) {
		tg_buf_reset(&line);
		if (tg_buf_addf(&line, err, "%s: %s", req->field[i].name,
			req->field[i].value) < 0 ||
		    headers_add(&list, line.p, err) < 0)
			goto out;
	}
	*out = list;
	list = NULL;
	rc = 0;
out:
	headers_free(list);
	tg_buf_wipe_deinit(&line);
	return rc;
}

/*
 * With CURLOPT_NOSIGNAL libcurl leaves SIGPIPE to us: OpenSSL writes to a
 * socket that the server closed.  Blocked in this thread, and taken out if it
 * came, so that the caller's handling is as it was.
 */
static CURLcode
perform(CURL *curl)
{
	static const struct timespec now = {0, 0};
	sigset_t pipe_only, before, pending;
	bool was_pending;
	CURLcode code;

	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	(void)sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE) == 1;
	(void)pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
	code = curl_easy_perform(curl);
	if (!was_pending) {
		while (
		    sigtimedwait(&pipe_only, NULL, &now) < 0 && errno == EINTR)
			continue;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

/* Failures that the next try would meet again; 0: it may pass. */
static int
final_failure(CURL *curl, CURLcode code, const struct flight *f,
    const char *why, struct tg_err *err)
{
	long sent = 0;

	if (f->read_errno != 0)
		return tg_fail_errno(err, f->read_errno, "reading the file");
	if (f->shrunk)
		return tg_fail(err, TG_E_INTEGRITY,
		    "the file became shorter while it was being sent");
	if (f->memory || code == CURLE_OUT_OF_MEMORY)
		return tg_fail_memory(err);
	if (code == CURLE_PEER_FAILED_VERIFICATION ||
	    code == CURLE_SSL_CACERT_BADFILE ||
	    code == CURLE_SSL_ISSUER_ERROR) {
		(void)tg_fail(err, TG_E_CONFIG,
		    "the server's certificate is not trusted: %s", why);
		return tg_fail_hint(err,
		    "give the server's CA file with --ca-bundle or "
		    "AWS_CA_BUNDLE");
	}
	/* After the request has gone out the same code means that the answer
	 * was not HTTP. */
	(void)curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent);
	if (sent == 0 &&
	    (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT))
		return tg_fail(err, TG_E_CONFIG, "address refused: %s", why);
	return 0;
}

int
tg_http_do(struct tg_http *h, const struct tg_http_request *req,
    struct tg_http_reply *reply, struct tg_err *err)
{
	struct flight f = {.req = req, .reply = reply};
	struct curl_slist *headers = NULL;
	long status = 0;
	CURLcode code;
	int rc = -1;

	*reply = (struct tg_http_reply){.status = 0};
	tg_buf_init(&reply->head, TG_HTTP_HEAD_MAX);
	tg_buf_init(&reply->body, TG_HTTP_BODY_MAX);
	if (headers_make(&headers, req, err) < 0)
		return -1;
	curl_easy_reset(h->curl); /* keeps the connection */
	h->error[0] = '\0';
	if (!set_transport(h) || !set_request(h, &f, headers)) {
		(void)tg_fail(err, TG_E_CONFIG, "libcurl refuses an option");
		goto out;
	}
	code = perform(h->curl);
	if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && f.cut)) {
		(void)curl_easy_getinfo(
		    h->curl, CURLINFO_RESPONSE_CODE, &status);
		reply->status = (int)status;
		rc = 0;
		goto out;
	}
	(void)snprintf(reply->why, sizeof(reply->why), "%s",
	    h->error[0] != '\0' ? h->error : curl_easy_strerror(code));
	rc = final_failure(h->curl, code, &f, reply->why, err);
out:
	/* The list and the callbacks end with this call. */
	curl_easy_reset(h->curl);
	headers_free(headers);
	return rc;
}

void
tg_http_reply_deinit(struct tg_http_reply *r)
{
	tg_buf_deinit(&r->head);
	tg_buf_deinit(&r->body);
}

static struct tg_sv
trim(struct tg_sv s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && strchr(" \t\r\n", s.p[s.n - 1]) != NULL)
		s.n--;
	return s;
}

/* ASCII only: the C library's own comparison follows the locale. */
static bool
same_name(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char x = a[i], y = b[i];

		if (x >= 'A' && x <= 'Z')
			x = (char)(x - 'A' + 'a');
		if (y >= 'A' && y <= 'Z')
			y = (char)(y - 'A' + 'a');
		if (x != y)
			return false;
	}
	return true;
}

struct tg_sv
tg_http_header(const struct tg_http_reply *r, const char *name)
{
	const size_t n = strlen(name);
	struct tg_sv rest = tg_buf_sv(&r->head);

	while (rest.n > 0) {
		const char *end = memchr(rest.p, '\n', rest.n);
		const size_t len =
		    end == NULL ? rest.n : (size_t)(end - rest.p) + 1;

		if (len > n && rest.p[n] == ':' && same_name(rest.p, name, n))
			return trim(
			    (struct tg_sv){rest.p + n + 1, len - n - 1});
		rest.p += len;
		rest.n -= len;
	}
	return (struct tg_sv){"", 0};
}

bool
tg_http_date(int64_t *out, struct tg_sv s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char iso[TG_TIME_LEN], month[4];
	const char *at;

	if (s.n != 29 || memcmp(s.p + 25, " GMT", 4) != 0)
		return false;
	memcpy(month, s.p + 8, 3);
	month[3] = '\0';
	at = strstr(months, month);
	if (at == NULL || (at - months) % 3 != 0)
		return false;
	(void)snprintf(iso, sizeof(iso), "%.4s-%02u-%.2sT%.8sZ", s.p + 12,
	    (unsigned)((at - months) / 3 + 1) % 100, s.p + 5, s.p + 17);
	return tg_time_parse(out, tg_sv_of(iso));
}
