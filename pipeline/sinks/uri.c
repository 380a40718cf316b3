#include "pipeline/sinks/uri.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/enc.h"
#include "base/num.h"

#include "base/banned.h"

static bool
is_lower_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool
no_controls(struct tg_sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_control(s.p[i]))
			return false;
	}
	return true;
}

bool
tg_uri_printable(struct tg_sv s)
{
	return s.n > 0 && s.n <= TG_URI_MAX && no_controls(s);
}

static bool
part_ok(struct tg_sv part)
{
	return part.n > 0 && !tg_sv_is(part, ".") && !tg_sv_is(part, "..");
}

bool
tg_uri_name(struct tg_sv s)
{
	size_t start = 0;

	if (s.n == 0 || s.n > TG_URI_KEY_MAX || !no_controls(s) ||
	    tg_utf8_valid(s) != s.n)
		return false;
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] != '/')
			continue;
		if (!part_ok((struct tg_sv){s.p + start, i - start}))
			return false;
		start = i + 1;
	}
	return true;
}

bool
tg_uri_region(struct tg_sv s)
{
	if (s.n == 0 || s.n > TG_URI_REGION_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_lower_digit(s.p[i]) && s.p[i] != '-')
			return false;
	}
	return true;
}

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || is_lower_digit((char)c) || c == '-' ||
	    c == '.' || c == '_' || c == '~';
}

int
tg_uri_encode(
    struct tg_buf *out, struct tg_sv s, bool keep_slash, struct tg_err *err)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];
		const char coded[3] = {'%', hex[c >> 4], hex[c & 15]};
		const bool plain = is_unreserved(c) || (c == '/' && keep_slash);

		if (tg_buf_add(
			out, plain ? &s.p[i] : coded, plain ? 1 : 3, err) < 0)
			return -1;
	}
	return 0;
}

static bool
is_ipv4(struct tg_sv s)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a;

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET, text, &a) == 1;
}

/* S3 user guide, "General purpose bucket naming rules". */
static bool
bucket_ok(struct tg_sv s)
{
	if (s.n < 3 || s.n > TG_URI_BUCKET_MAX || is_ipv4(s))
		return false;
	if (!is_lower_digit(s.p[0]) || !is_lower_digit(s.p[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (!is_lower_digit(c) && c != '-' && c != '.')
			return false;
		if (c == '.' && s.p[i + 1] == '.')
			return false;
	}
	return true;
}

int
tg_uri_s3(struct tg_uri_s3 *out, struct tg_sv url, struct tg_err *err)
{
	const struct tg_sv head = TG_SV("s3://");
	struct tg_sv bucket, prefix = {NULL, 0};
	const char *slash;

	if (!tg_sv_starts(url, head))
		return tg_fail(
		    err, TG_E_CONFIG, "not of the form s3://bucket/prefix");
	bucket = (struct tg_sv){url.p + head.n, url.n - head.n};
	slash = bucket.n == 0 ? NULL : memchr(bucket.p, '/', bucket.n);
	if (slash != NULL) {
		const size_t at = (size_t)(slash - bucket.p);

		prefix = (struct tg_sv){slash + 1, bucket.n - at - 1};
		bucket.n = at;
	}
	if (!bucket_ok(bucket))
		return tg_fail(err, TG_E_CONFIG,
		    "not a bucket name (3 to 63 lower-case letters, digits, "
		    "'-' and '.'); credentials do not belong in a URL");
	if (prefix.n > 0 && prefix.p[prefix.n - 1] == '/')
		prefix.n--;
	if (prefix.n > 0 && !tg_uri_name(prefix))
		return tg_fail(err, TG_E_CONFIG, "not a usable prefix");
	memcpy(out->bucket, bucket.p, bucket.n);
	out->bucket[bucket.n] = '\0';
	if (prefix.n > 0)
		memcpy(out->prefix, prefix.p, prefix.n);
	out->prefix[prefix.n] = '\0';
	return 0;
}

/* Host name or dotted IPv4 in lower case into @out; false when neither. */
static bool
host_lower(char *out, struct tg_sv host)
{
	if (host.n == 0 || host.n > TG_URI_HOST_MAX)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!is_lower_digit(c) && c != '-' && c != '.')
			return false;
		out[i] = c;
	}
	out[host.n] = '\0';
	return true;
}

/* "[v6]" with its brackets into @out. */
static bool
host_v6(char *out, struct tg_sv host, bool *loopback)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr a;

	if (host.n < 4 || host.n - 2 >= sizeof(text) ||
	    host.p[host.n - 1] != ']')
		return false;
	memcpy(text, host.p + 1, host.n - 2);
	text[host.n - 2] = '\0';
	if (inet_pton(AF_INET6, text, &a) != 1)
		return false;
	*loopback = IN6_IS_ADDR_LOOPBACK(&a);
	(void)inet_ntop(AF_INET6, &a, text, sizeof(text));
	(void)snprintf(out, TG_URI_HOST_MAX + 1, "[%s]", text);
	return true;
}

/* Cuts ":port" off @host; 0 when there is none. */
static bool
port_cut(struct tg_sv *host, uint64_t *port)
{
	size_t i = host->n;

	*port = 0;
	while (i > 0 && host->p[i - 1] != ':' && host->p[i - 1] != ']')
		i--;
	if (i == 0 || host->p[i - 1] == ']')
		return true;
	if (!tg_parse_u64(
		port, (struct tg_sv){host->p + i, host->n - i}, 1, 65535))
		return false;
	host->n = i - 1;
	return true;
}

/* The host of @ep into @host, and what is known about it. */
static bool
host_read(struct tg_uri_endpoint *ep, char *host, struct tg_sv from)
{
	struct tg_sv h;

	if (from.n > 0 && from.p[0] == '[') {
		ep->is_ip = true;
		return host_v6(host, from, &ep->loopback);
	}
	if (!host_lower(host, from))
		return false;
	h = tg_sv_of(host);
	ep->is_ip = is_ipv4(h);
	/* libcurl resolves "localhost" itself, always to loopback. */
	ep->loopback = tg_sv_is(h, "localhost") ||
	    (ep->is_ip && tg_sv_starts(h, TG_SV("127.")));
	return true;
}

int
tg_uri_endpoint(
    struct tg_uri_endpoint *out, struct tg_sv url, struct tg_err *err)
{
	struct tg_uri_endpoint ep = {
	    .https = tg_sv_starts(url, TG_SV("https://"))};
	char host[TG_URI_HOST_MAX + 1];
	const size_t skip = ep.https ? 8 : 7;
	struct tg_sv rest;
	uint64_t port;

	if (!ep.https && !tg_sv_starts(url, TG_SV("http://")))
		return tg_fail(err, TG_E_CONFIG,
		    "endpoint: does not start with https:// or http://");
	rest = (struct tg_sv){url.p + skip, url.n - skip};
	if (rest.n > 0 && rest.p[rest.n - 1] == '/')
		rest.n--;
	if (!port_cut(&rest, &port) || !host_read(&ep, host, rest))
		return tg_fail(err, TG_E_CONFIG,
		    "endpoint: not https://host or https://host:port "
		    "(no user name, path or query)");
	if (port == 0 || port == (ep.https ? 443 : 80))
		(void)snprintf(ep.authority, sizeof(ep.authority), "%s", host);
	else
		(void)snprintf(ep.authority, sizeof(ep.authority), "%s:%u",
		    host, (unsigned)port);
	*out = ep;
	return 0;
}
