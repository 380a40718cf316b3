#include "pipeline/bundle/minisign_file.h"

#include "base/enc.h"

#include "base/banned.h"

static const struct tg_sv untrusted = {"untrusted comment: ", 19};
static const struct tg_sv trusted = {"trusted comment: ", 17};

/* Takes one line that ends in LF; false when there is none. */
static bool
take_line(struct tg_sv *line, struct tg_sv *text)
{
	const char *const lf =
	    text->n == 0 ? NULL : memchr(text->p, '\n', text->n);

	if (lf == NULL)
		return false;
	*line = (struct tg_sv){text->p, (size_t)(lf - text->p)};
	text->p = lf + 1;
	text->n -= line->n + 1;
	return true;
}

static bool
take_comment(
    struct tg_sv *comment, struct tg_sv *text, struct tg_sv prefix, size_t max)
{
	if (!take_line(comment, text) || !tg_sv_starts(*comment, prefix))
		return false;
	comment->p += prefix.n;
	comment->n -= prefix.n;
	return comment->n <= max && tg_minisign_file_comment_ok(*comment);
}

static bool
take_b64(void *out, size_t n, struct tg_sv *text)
{
	struct tg_sv line;
	size_t got;

	return take_line(&line, text) &&
	    tg_b64_decode(out, n, &got, line, TG_B64_PADDED) && got == n;
}

bool
tg_minisign_file_comment_ok(struct tg_sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return tg_utf8_valid(s) == s.n;
}

int
tg_minisign_file_sig(
    struct tg_minisign_file_sig *out, struct tg_sv text, struct tg_err *err)
{
	struct tg_sv comment;
	const char *what = NULL;

	if (!take_comment(
		&comment, &text, untrusted, TG_MINISIGN_FILE_COMMENT_MAX))
		what = "line 1 is not an untrusted comment";
	else if (!take_b64(out->sig, sizeof out->sig, &text))
		what = "line 2 is not the base64 of a signature";
	else if (!take_comment(&out->trusted, &text, trusted,
		     TG_MINISIGN_FILE_TRUSTED_MAX))
		what = "line 3 is not a trusted comment";
	else if (!take_b64(out->global, sizeof out->global, &text))
		what = "line 4 is not the base64 of a signature";
	else if (text.n != 0)
		what = "data after line 4";
	else if (memcmp(out->sig, "Ed", 2) == 0)
		what = "a legacy signature, not over the BLAKE2b-512 hash";
	else if (memcmp(out->sig, "ED", 2) != 0)
		what = "an unknown signature algorithm";
	if (what != NULL)
		return tg_fail(err, TG_E_INTEGRITY, "minisig: %s", what);
	return 0;
}

bool
tg_minisign_file_b64(void *out, size_t n, struct tg_sv text, bool bare_ok)
{
	struct tg_sv comment;
	size_t got;

	if (bare_ok && !tg_sv_starts(text, untrusted)) {
		if (text.n > 0 && text.p[text.n - 1] == '\n')
			text.n--;
		return tg_b64_decode(out, n, &got, text, TG_B64_PADDED) &&
		    got == n;
	}
	return take_comment(
		   &comment, &text, untrusted, TG_MINISIGN_FILE_COMMENT_MAX) &&
	    take_b64(out, n, &text) && text.n == 0;
}
