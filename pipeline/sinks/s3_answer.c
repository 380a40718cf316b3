#include "pipeline/sinks/s3_answer.h"

#include <stdio.h>

#include "base/num.h"
#include "pipeline/sinks/retry.h"

#include "base/banned.h"

static bool
plain_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '-';
}

bool
tg_s3_element(char *out, size_t cap, struct tg_sv xml, const char *name)
{
	char open[TG_S3_CODE_MAX];
	const int n = snprintf(open, sizeof(open), "<%s>", name);
	const char *at;
	size_t left, len = 0;

	*out = '\0';
	if (n < 0 || (size_t)n >= sizeof(open) || xml.n == 0)
		return false;
	at = memmem(xml.p, xml.n, open, (size_t)n);
	if (at == NULL)
		return false;
	at += n;
	left = xml.n - (size_t)(at - xml.p);
	while (len < left && len < cap && plain_byte(at[len]))
		len++;
	/* "</name>" has to follow. */
	if (len == 0 || len >= cap || left - len < (size_t)n + 1 ||
	    memcmp(at + len, "</", 2) != 0 ||
	    memcmp(at + len + 2, open + 1, (size_t)n - 1) != 0)
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

/* RFC 9110 section 10.2.3: seconds or a date. */
bool
tg_s3_versions(enum tg_sink_versions *out, struct tg_sv xml)
{
	static const char root[] = "<VersioningConfiguration",
			  status[] = "<Status";
	char word[TG_S3_CODE_MAX];

	if (xml.n == 0 || memmem(xml.p, xml.n, root, sizeof(root) - 1) == NULL)
		return false;
	if (memmem(xml.p, xml.n, status, sizeof(status) - 1) == NULL)
		*out = TG_VERSIONS_NEVER;
	else if (!tg_s3_element(word, sizeof(word), xml, "Status"))
		return false;
	else if (strcmp(word, "Enabled") == 0)
		*out = TG_VERSIONS_KEPT;
	else if (strcmp(word, "Suspended") == 0)
		*out = TG_VERSIONS_SUSPENDED;
	else
		return false;
	return true;
}

static int64_t
retry_after(const struct tg_http_reply *reply, int64_t now)
{
	const struct tg_sv v = tg_http_header(reply, "Retry-After");
	int64_t at;
	uint64_t s;

	if (v.n == 0)
		return -1;
	if (tg_parse_u64(&s, v, 0, INT32_MAX))
		return (int64_t)s * 1000;
	if (tg_http_date(&at, v) && at > now)
		return (at - now) * 1000;
	return -1;
}

void
tg_s3_answer(
    struct tg_s3_answer *out, const struct tg_http_reply *reply, int64_t now)
{
	const struct tg_sv xml = tg_buf_sv(&reply->body);
	const struct tg_sv region =
	    tg_http_header(reply, "x-amz-bucket-region");

	*out = (struct tg_s3_answer){.status = reply->status};
	(void)snprintf(out->why, sizeof(out->why), "%s", reply->why);
	out->after_ms = retry_after(reply, now);
	if (!tg_http_date(&out->date, tg_http_header(reply, "Date")))
		out->date = -1;
	if (out->status >= 300) {
		(void)tg_s3_element(out->code, sizeof(out->code), xml, "Code");
		(void)tg_s3_element(
		    out->region, sizeof(out->region), xml, "Region");
	}
	if (tg_uri_region(region)) {
		memcpy(out->region, region.p, region.n);
		out->region[region.n] = '\0';
	}
	if (!tg_uri_region(tg_sv_of(out->region)))
		out->region[0] = '\0';
}

#define HINT_SECRET                                                  \
	"check the secret that belongs to the key id; some servers " \
	"answer so for an unknown key id, too"
#define HINT_ALLOWED                                                  \
	"the key needs s3:PutObject, s3:GetObject and s3:ListBucket " \
	"on this bucket and prefix"

/* S3 API reference, "List of error codes". */
static const struct row {
	const char *code;
	enum tg_err_class cls;
	bool names_key;
	const char *text, *hint;
} ROWS[] = {
    {"InvalidAccessKeyId", TG_E_KEY, true,
	"the server does not know the key id",
	"check AWS_ACCESS_KEY_ID or the profile, and the endpoint"},
    {"SignatureDoesNotMatch", TG_E_KEY, true,
	"the secret does not fit the key id", HINT_SECRET},
    {"AccessDenied", TG_E_KEY, true, "the key is not allowed to do this here",
	HINT_ALLOWED},
    {"AllAccessDisabled", TG_E_KEY, true, "access is switched off", NULL},
    {"AccountProblem", TG_E_KEY, true, "the account has a problem", NULL},
    {"ExpiredToken", TG_E_KEY, true, "the session token has expired",
	"get new temporary credentials"},
    {"InvalidToken", TG_E_KEY, true, "the session token is not valid",
	"get new temporary credentials"},
    {"TokenRefreshRequired", TG_E_KEY, true,
	"the session token has to be renewed", NULL},
    {"RequestTimeTooSkewed", TG_E_CONFIG, false,
	"this machine's clock and the server's differ too much",
	"set the clock"},
    {"NoSuchBucket", TG_E_CONFIG, false, "there is no such bucket",
	"create the bucket, or check name and region"},
    {"InvalidBucketName", TG_E_CONFIG, false,
	"the server refuses the bucket's name", NULL},
    {"QuotaExceeded", TG_E_LIMIT, false, "the storage quota is used up", NULL},
    {"InsufficientStorage", TG_E_LIMIT, false, "the storage is full", NULL},
    {"EntityTooLarge", TG_E_LIMIT, false,
	"larger than the server takes in one piece", NULL},
    {"XAmzContentSHA256Mismatch", TG_E_INTEGRITY, false,
	"the bytes arrived damaged, each time", NULL},
    {"BadDigest", TG_E_INTEGRITY, false, "the bytes arrived damaged, each time",
	NULL},
    /* Without a code: HEAD has no body, some servers send none. */
    {"401", TG_E_KEY, true, "the server refuses the credentials", HINT_SECRET},
    {"403", TG_E_KEY, true, "the server refuses the credentials", HINT_ALLOWED},
    {"404", TG_E_CONFIG, false, "not found: the bucket, probably", NULL},
    {"413", TG_E_LIMIT, false, "larger than the server takes in one piece",
	NULL},
    {"507", TG_E_LIMIT, false, "the storage is full", NULL},
};

static const struct row *
row_find(const char *key)
{
	for (size_t i = 0; i < TG_COUNT(ROWS); i++) {
		if (strcmp(ROWS[i].code, key) == 0)
			return &ROWS[i];
	}
	return NULL;
}

static int
fail_row(struct tg_err *err, const struct row *row,
    const struct tg_s3_answer *a, const char *last4)
{
	const bool key = row->names_key && *last4 != '\0';

	(void)tg_fail(err, row->cls, "%s%s%s (HTTP %d%s%s)", row->text,
	    key ? "; the key id ends in " : "", key ? last4 : "", a->status,
	    *a->code == '\0' ? "" : " ", a->code);
	if (row->hint != NULL)
		(void)tg_fail_hint(err, "%s", row->hint);
	return -1;
}

int
tg_s3_fail(struct tg_err *err, const struct tg_s3_answer *a, const char *last4)
{
	const struct row *row = row_find(a->code);
	char status[16];

	if (a->status == 0)
		return tg_fail(err, TG_E_IO, "%s", a->why);
	(void)snprintf(status, sizeof(status), "%d", a->status);
	if (row == NULL)
		row = row_find(status);
	if (row != NULL)
		return fail_row(err, row, a, last4);
	if (tg_retry_worth(a->status, a->code))
		return tg_fail(err, TG_E_IO,
		    "the server is not able to (HTTP "
		    "%d%s%s)",
		    a->status, *a->code == '\0' ? "" : " ", a->code);
	return tg_fail(err, TG_E_CONFIG,
	    "the server refuses the request "
	    "(HTTP %d%s%s)",
	    a->status, *a->code == '\0' ? "" : " ", a->code);
}
