#include "pipeline/bundle/bag.h"

#include <stdbool.h>

#include "base/enc.h"
#include "base/num.h"
#include "pipeline/bundle/name.h"

#include "base/banned.h"

#define OXUM "Payload-Oxum"
#define LINE_MAX_INFO 4096 /* bytes of one line of bag-info.txt */

static const char bagit_text[] = "BagIt-Version: 1.0\n"
				 "Tag-File-Character-Encoding: UTF-8\n";

void
tg_bag_init(struct tg_bag *b)
{
	tg_buf_init(&b->info, TG_BAG_TAG_MAX);
	tg_buf_init(&b->bagit, TG_BAG_TAG_MAX);
	tg_buf_init(&b->manifest, TG_BAG_TAG_MAX);
	tg_buf_init(&b->tagmanifest, TG_BAG_TAG_MAX);
}

void
tg_bag_deinit(struct tg_bag *b)
{
	tg_buf_deinit(&b->info);
	tg_buf_deinit(&b->bagit);
	tg_buf_deinit(&b->manifest);
	tg_buf_deinit(&b->tagmanifest);
}

static int
check_entries(const struct tg_bag_entry *e, size_t n, struct tg_err *err)
{
	if (n == 0)
		return tg_fail(err, TG_E_INPUT, "bag: no payload");
	if (n > TG_BAG_MEMBERS_MAX)
		return tg_fail(err, TG_E_LIMIT, "bag: over %d members",
		    TG_BAG_MEMBERS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!tg_name_ok(e[i].name) ||
		    !tg_sv_starts(e[i].name, TG_SV("data/")))
			return tg_fail(err, TG_E_INPUT,
			    "bag: member %zu: not a name below data/", i + 1);
		if (i > 0 && tg_sv_cmp(e[i - 1].name, e[i].name) >= 0)
			return tg_fail(err, TG_E_INPUT,
			    "bag: member %zu: twice or out of order", i + 1);
	}
	return 0;
}

static bool
text_ok(struct tg_sv s, size_t max)
{
	if (s.n == 0 || s.n > max || tg_utf8_valid(s) != s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

static bool
key_ok(const char *key)
{
	const struct tg_sv s = tg_sv_of(key);

	return text_ok(s, LINE_MAX_INFO) && memchr(s.p, ':', s.n) == NULL &&
	    !tg_sv_is(s, OXUM) && s.p[0] != ' ';
}

/* "Payload-Oxum: <bytes>.<files>" (RFC 8493 section 2.2.2). */
static int
add_oxum(struct tg_buf *out, const struct tg_bag_entry *e, size_t n,
    struct tg_err *err)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		if (!tg_size_add(&bytes, bytes, (size_t)e[i].size))
			return tg_fail(err, TG_E_LIMIT, "bag: too many bytes");
	return tg_buf_addf(out, err, OXUM ": %zu.%zu\n", bytes, n);
}

static int
make_info(struct tg_buf *out, const struct tg_bag_entry *e, size_t n,
    const struct tg_seal_info *info, size_t n_info, struct tg_err *err)
{
	for (size_t i = 0; i < n_info; i++) {
		if (!key_ok(info[i].key) ||
		    !text_ok(tg_sv_of(info[i].value), LINE_MAX_INFO))
			return tg_fail(err, TG_E_INPUT,
			    "bag-info.txt: line %zu is not \"Key: value\"",
			    i + 1);
		if (tg_buf_addf(
			out, err, "%s: %s\n", info[i].key, info[i].value) < 0)
			return -1;
	}
	return add_oxum(out, e, n, err);
}

/* A line of "sha256sum": digest, two spaces, name. */
static int
add_line(struct tg_buf *out, const uint8_t sha256[TG_SHA256_LEN],
    struct tg_sv name, struct tg_err *err)
{
	char hex[TG_SHA256_HEX];

	tg_sha256_hex(hex, sha256);
	return tg_buf_addf(out, err, "%s  %.*s\n", hex, TG_SV_FMT(name));
}

static int
make_manifest(struct tg_buf *out, const struct tg_bag_entry *e, size_t n,
    struct tg_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (add_line(out, e[i].sha256, e[i].name, err) < 0)
			return -1;
	return 0;
}

static int
make_tagmanifest(struct tg_buf *out, const struct tg_bag *b, struct tg_err *err)
{
	const struct {
		const char *name;
		const struct tg_buf *text;
	} tag[] = {{TG_BAG_INFO, &b->info}, {TG_BAG_BAGIT, &b->bagit},
	    {TG_BAG_MANIFEST, &b->manifest}};
	uint8_t d[TG_SHA256_LEN];

	for (size_t i = 0; i < TG_COUNT(tag); i++) {
		const struct tg_sv text = tg_buf_sv(tag[i].text);

		if (tg_sha256_bytes(d, text.p, text.n, err) < 0 ||
		    add_line(out, d, tg_sv_of(tag[i].name), err) < 0)
			return -1;
	}
	return 0;
}

int
tg_bag_make(struct tg_bag *b, const struct tg_bag_entry *e, size_t n,
    const struct tg_seal_info *info, size_t n_info, struct tg_err *err)
{
	if (check_entries(e, n, err) < 0 ||
	    tg_buf_adds(&b->bagit, bagit_text, err) < 0 ||
	    make_info(&b->info, e, n, info, n_info, err) < 0 ||
	    make_manifest(&b->manifest, e, n, err) < 0)
		return -1;
	return make_tagmanifest(&b->tagmanifest, b, err);
}

static int
differs(const char *name, struct tg_err *err)
{
	return tg_fail(err, TG_E_INTEGRITY,
	    "bag: %s does not say what the bag holds", name);
}

static bool
same(const struct tg_buf *a, const struct tg_buf *b)
{
	return tg_sv_eq(tg_buf_sv(a), tg_buf_sv(b));
}

/* The last line is the Payload-Oxum and there is no other. */
static bool
oxum_fits(const struct tg_buf *info, const struct tg_buf *oxum)
{
	const struct tg_sv s = tg_buf_sv(info), want = tg_buf_sv(oxum);
	size_t start = 0, found = 0;

	if (s.n < want.n || memcmp(s.p + s.n - want.n, want.p, want.n) != 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\n')
			continue;
		found += tg_sv_starts(
		    (struct tg_sv){s.p + start, i - start}, TG_SV(OXUM ":"));
		start = i + 1;
	}
	return found == 1 && start == s.n &&
	    (s.n == want.n || s.p[s.n - want.n - 1] == '\n');
}

int
tg_bag_check(const struct tg_bag *b, const struct tg_bag_entry *e, size_t n,
    struct tg_err *err)
{
	struct tg_bag want;
	int rc = -1;

	tg_bag_init(&want);
	if (check_entries(e, n, err) < 0) {
		if (err != NULL && err->cls == TG_E_INPUT)
			err->cls = TG_E_INTEGRITY;
		goto out;
	}
	if (tg_buf_adds(&want.bagit, bagit_text, err) < 0 ||
	    add_oxum(&want.info, e, n, err) < 0 ||
	    make_manifest(&want.manifest, e, n, err) < 0 ||
	    make_tagmanifest(&want.tagmanifest, b, err) < 0)
		goto out;
	if (!same(&b->bagit, &want.bagit))
		rc = differs(TG_BAG_BAGIT, err);
	else if (!oxum_fits(&b->info, &want.info))
		rc = differs(TG_BAG_INFO, err);
	else if (!same(&b->manifest, &want.manifest))
		rc = differs(TG_BAG_MANIFEST, err);
	else if (!same(&b->tagmanifest, &want.tagmanifest))
		rc = differs(TG_BAG_TAGMANIFEST, err);
	else
		rc = 0;
out:
	tg_bag_deinit(&want);
	return rc;
}
