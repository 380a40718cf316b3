#include "pipeline/sinks/s3_call.h"

#include <stdio.h>

#include "base/crypt.h"
#include "pipeline/sinks/sigv4.h"

#include "base/banned.h"

#define URL_MAX (TG_URI_HOST_MAX + 4u * TG_URI_KEY_MAX)
#define FIELDS 12 /* most headers of a request */

/* SHA-256 of nothing. */
#define EMPTY_SHA256 \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const char *
var(const struct tg_env *env, const char *name)
{
	const char *v = env->get(env->ctx, name);

	return v == NULL || *v == '\0' ? NULL : v;
}

/* The first of four that is there and not empty, or NULL. */
static const char *
first_of(const char *a, const char *b, const char *c, const char *d)
{
	const char *const all[] = {a, b, c, d};

	for (size_t i = 0; i < TG_COUNT(all); i++) {
		if (all[i] != NULL && *all[i] != '\0')
			return all[i];
	}
	return NULL;
}

static int
set_region(struct tg_s3 *s3, const struct tg_sink_options *opt, bool custom,
    struct tg_err *err)
{
	const char *region = first_of(opt->region, var(&s3->env, "AWS_REGION"),
	    var(&s3->env, "AWS_DEFAULT_REGION"), s3->who->region);

	s3->region_named = region != NULL;
	if (region == NULL && custom)
		region = "us-east-1";
	if (region == NULL) {
		(void)tg_fail(err, TG_E_CONFIG, "no region for the bucket");
		return tg_fail_hint(err, "give --region or set AWS_REGION");
	}
	if (!tg_uri_region(tg_sv_of(region)))
		return tg_fail(err, TG_E_CONFIG, "not a region's name");
	(void)snprintf(s3->region, sizeof(s3->region), "%s", region);
	return 0;
}

static int
set_endpoint(
    struct tg_s3 *s3, const struct tg_sink_options *opt, struct tg_err *err)
{
	const char *url =
	    first_of(opt->endpoint, var(&s3->env, "AWS_ENDPOINT_URL_S3"),
		var(&s3->env, "AWS_ENDPOINT_URL"), s3->who->endpoint);
	const bool custom = url != NULL;
	const bool dotted = strchr(s3->at.bucket, '.') != NULL;
	char amazon[96];

	if (set_region(s3, opt, custom, err) < 0)
		return -1;
	if (!custom) {
		(void)snprintf(amazon, sizeof(amazon),
		    "https://s3.%s.amazonaws.com%s", s3->region,
		    strncmp(s3->region, "cn-", 3) == 0 ? ".cn" : "");
		url = amazon;
	}
	if (tg_uri_endpoint(&s3->endpoint, tg_sv_of(url), err) < 0)
		return -1;
	if (!s3->endpoint.https && !s3->endpoint.loopback && !opt->allow_http)
		return tg_fail(err, TG_E_CONFIG,
		    "endpoint: plain http to another machine; use https");
	s3->path_style = opt->path_style == 1 ||
	    (opt->path_style <= 0 && (custom || dotted));
	if (!s3->path_style && (s3->endpoint.is_ip || dotted))
		return tg_fail(err, TG_E_CONFIG,
		    "this endpoint or bucket needs path style");
	return 0;
}

static int
set_owner(
    struct tg_s3 *s3, const struct tg_sink_options *opt, struct tg_err *err)
{
	const char *id = opt->owner == NULL ? "" : opt->owner;
	const size_t n = strlen(id);

	for (const char *c = id; *c != '\0'; c++)
		if (n > TG_S3_OWNER_MAX ||
		    !((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') ||
			(*c >= 'A' && *c <= 'Z') || *c == '-' || *c == '_'))
			return tg_fail(err, TG_E_CONFIG,
			    "the bucket's owner is no account's id");
	memcpy(s3->owner, id, n + 1);
	return 0;
}

int
tg_s3_init(struct tg_s3 *s3, struct tg_sv url,
    const struct tg_sink_options *opt, const struct tg_env *env,
    struct tg_err *err)
{
	struct tg_http_options http;

	*s3 = (struct tg_s3){.env = *env};
	if (tg_uri_s3(&s3->at, url, err) < 0 ||
	    tg_credentials_load(
		&s3->who, opt->credentials, opt->profile, env, err) < 0)
		return -1;
	if (set_endpoint(s3, opt, err) < 0 || set_owner(s3, opt, err) < 0)
		goto fail;
	http = (struct tg_http_options){
	    .ca_bundle =
		first_of(opt->ca_bundle, var(env, "AWS_CA_BUNDLE"), NULL, NULL),
	    .proxy = first_of(var(env, "https_proxy"), var(env, "HTTPS_PROXY"),
		var(env, "all_proxy"), var(env, "ALL_PROXY")),
	    .no_proxy = first_of(
		var(env, "no_proxy"), var(env, "NO_PROXY"), NULL, NULL),
	    .plain = !s3->endpoint.https,
	    .loopback = s3->endpoint.loopback};
	if (tg_http_new(&s3->http, &http, err) < 0)
		goto fail;
	return 0;
fail:
	tg_s3_deinit(s3);
	return -1;
}

void
tg_s3_deinit(struct tg_s3 *s3)
{
	tg_http_free(s3->http);
	tg_credentials_free(s3->who);
	s3->http = NULL;
	s3->who = NULL;
}

bool
tg_s3_amazon(const struct tg_s3 *s3)
{
	static const char *const tail[] = {
	    ".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"};
	const char *host = s3->endpoint.authority;
	const size_t n = strlen(host);

	for (size_t i = 0; i < TG_COUNT(tail); i++) {
		const size_t t = strlen(tail[i]);

		if (n > t && strcmp(host + n - t, tail[i]) == 0)
			return true;
	}
	return false;
}

/* Path for the request line and the signature: the same bytes. */
static int
add_path(struct tg_buf *out, const struct tg_s3 *s3, const char *key,
    struct tg_err *err)
{
	if (s3->path_style && tg_buf_addf(out, err, "/%s", s3->at.bucket) < 0)
		return -1;
	if (key == NULL)
		return s3->path_style ? 0 : tg_buf_addc(out, '/', err);
	if (tg_buf_addc(out, '/', err) < 0)
		return -1;
	return tg_uri_encode(out, tg_sv_of(key), true, err);
}

struct headers {
	struct tg_sigv4_pair pair[FIELDS]; /* the signed ones first */
	size_t n, n_signed;
	const char *payload; /* digest of the body, hex */
};

static void
push(struct headers *h, const char *name, const char *value)
{
	h->pair[h->n++] = (struct tg_sigv4_pair){name, value};
}

/* Everything but Authorization. */
static void
headers_fill(struct headers *h, const struct tg_s3 *s3,
    const struct tg_s3_request *req, const char *host, const char *date)
{
	const bool put = req->method == TG_HTTP_PUT;

	h->payload = req->sha256 == NULL ? EMPTY_SHA256 : req->sha256;
	push(h, "host", host);
	push(h, "x-amz-date", date);
	push(h, "x-amz-content-sha256", h->payload);
	if (s3->owner[0] != '\0')
		push(h, "x-amz-expected-bucket-owner", s3->owner);
	if (s3->who->token[0] != '\0')
		push(h, "x-amz-security-token", s3->who->token);
	if (put && req->sha256 != NULL)
		push(h, TG_S3_META, req->sha256);
	if (put && req->expires_at != NULL)
		push(h, TG_S3_EXPIRES, req->expires_at);
	if (req->absent)
		push(h, "if-none-match", "*");
	h->n_signed = h->n;
	if (put && req->content_type != NULL)
		push(h, "content-type", req->content_type);
	if (req->peek)
		push(h, "range", "bytes=0-0");
}

static int
sign(struct tg_buf *auth, const struct tg_s3 *s3, const struct headers *h,
    const struct tg_s3_request *what, const char *path, int64_t now,
    struct tg_err *err)
{
	const struct tg_sigv4_pair about = {what->about, ""};
	static const char *const methods[] = {[TG_HTTP_HEAD] = "HEAD",
	    [TG_HTTP_GET] = "GET",
	    [TG_HTTP_PUT] = "PUT"};
	const struct tg_sigv4_who who = {.key_id = s3->who->key_id,
	    .secret = s3->who->secret,
	    .region = s3->region,
	    .time = now};
	const struct tg_sigv4_request req = {.method = methods[what->method],
	    .path = path,
	    .query = &about,
	    .n_query = what->about != NULL,
	    .header = h->pair,
	    .n_header = h->n_signed,
	    .payload = h->payload};

	return tg_sigv4_authorization(auth, &tg_sigv4_aws, &who, &req, err);
}

static int
send_signed(struct tg_s3 *s3, const struct tg_s3_request *req,
    const struct headers *h, const char *url, const char *auth,
    struct tg_http_reply *reply, struct tg_err *err)
{
	struct tg_http_field field[FIELDS + 1];
	const struct tg_http_request http = {.method = req->method,
	    .url = url,
	    .field = field,
	    .n_field = h->n, /* host out, authorization in */
	    .fd = req->fd,
	    .size = req->size,
	    .progress = req->progress,
	    .progress_ctx = req->progress_ctx};

	/* libcurl makes Host itself, of the same authority. */
	for (size_t i = 1; i < h->n; i++)
		field[i - 1] =
		    (struct tg_http_field){h->pair[i].name, h->pair[i].value};
	field[h->n - 1] = (struct tg_http_field){"Authorization", auth};
	return tg_http_do(s3->http, &http, reply, err);
}

int
tg_s3_call(struct tg_s3 *s3, const struct tg_s3_request *req,
    struct tg_http_reply *reply, struct tg_err *err)
{
	const int64_t now = s3->env.now(s3->env.ctx) + s3->skew;
	struct headers h = {.n = 0};
	struct tg_buf host, path, url, auth;
	char date[TG_SIGV4_TIME];
	int rc = -1;

	*reply = (struct tg_http_reply){.status = 0};
	tg_buf_init(&host, URL_MAX);
	tg_buf_init(&path, URL_MAX);
	tg_buf_init(&url, URL_MAX);
	tg_buf_init(&auth, TG_HTTP_HEAD_MAX);
	tg_sigv4_time(date, now);
	if (tg_buf_addf(&host, err, "%s%s%s",
		s3->path_style ? "" : s3->at.bucket, s3->path_style ? "" : ".",
		s3->endpoint.authority) < 0 ||
	    add_path(&path, s3, req->key, err) < 0 ||
	    tg_buf_addf(&url, err, "%s://%s%s%s%s",
		s3->endpoint.https ? "https" : "http", host.p, path.p,
		req->about == NULL ? "" : "?",
		req->about == NULL ? "" : req->about) < 0)
		goto out;
	headers_fill(&h, s3, req, host.p, date);
	if (sign(&auth, s3, &h, req, path.p, now, err) < 0)
		goto out;
	rc = send_signed(s3, req, &h, url.p, auth.p, reply, err);
out:
	tg_buf_deinit(&host);
	tg_buf_deinit(&path);
	tg_buf_deinit(&url);
	tg_buf_deinit(&auth);
	return rc;
}
