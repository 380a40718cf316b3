#include "pipeline/bundle/age_header.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/enc.h"

#include "base/banned.h"

#define COLUMNS 64
#define LINE_BYTES 48
#define MAC_DIGITS 43

static const char intro[] = "age-encryption.org/v1\n";

/* The lines of the header text, one by one. */
struct lines {
	struct tg_sv rest;
	struct tg_sv line; /* without its LF */
	unsigned no;	   /* from 1 */
};

static bool
next(struct lines *l)
{
	const char *const lf =
	    l->rest.n == 0 ? NULL : memchr(l->rest.p, '\n', l->rest.n);

	if (lf == NULL)
		return false;
	l->line = (struct tg_sv){l->rest.p, (size_t)(lf - l->rest.p)};
	l->rest.p = lf + 1;
	l->rest.n -= l->line.n + 1;
	l->no++;
	return true;
}

static int
bad(const struct lines *l, const char *what, struct tg_err *err)
{
	return tg_fail(
	    err, TG_E_INTEGRITY, "age header line %u: %s", l->no, what);
}

static bool
is_intro(struct tg_sv text)
{
	const struct tg_sv want = {intro, sizeof intro - 1};

	return tg_sv_starts(text, want);
}

/* Reads text up to the end of the line that starts with "---". */
static int
read_text(struct tg_buf *text, struct tg_age_in *in, struct tg_err *err)
{
	size_t line = 0, got;
	char c;

	for (;;) {
		if (tg_age_in_read(in, &c, 1, &got, err) < 0)
			return -1;
		if (got == 0)
			return tg_fail(err, TG_E_INTEGRITY,
			    "not an age file: it ends inside the header");
		if (text->n >= TG_AGE_HEADER_MAX)
			return tg_fail(err, TG_E_INTEGRITY,
			    "age header: over %d bytes", TG_AGE_HEADER_MAX);
		if (tg_buf_addc(text, c, err) < 0)
			return -1;
		if (text->n == sizeof intro - 1 && !is_intro(tg_buf_sv(text)))
			return tg_fail(err, TG_E_INTEGRITY,
			    "not an age file: it does not start with "
			    "\"age-encryption.org/v1\"");
		if (c != '\n')
			continue;
		if (text->n - line > 3 && memcmp(text->p + line, "---", 3) == 0)
			return 0;
		line = text->n;
	}
}

/* "-> type arg…": every one of 1*VCHAR, one space between. */
static int
parse_args(struct tg_age_stanza *s, struct lines *l, struct tg_err *err)
{
	struct tg_sv rest = {l->line.p + 2, l->line.n - 2};
	size_t n = 0;

	while (rest.n > 0) {
		struct tg_sv arg = {rest.p + 1, 0};

		if (rest.p[0] != ' ')
			return bad(l, "not \"-> \" and arguments", err);
		while (arg.n < rest.n - 1 && arg.p[arg.n] >= 0x21 &&
		    arg.p[arg.n] <= 0x7e)
			arg.n++;
		if (arg.n == 0)
			return bad(l,
			    "an empty argument or a byte that may "
			    "not be in one",
			    err);
		if (n == 0)
			s->type = arg;
		else if (n <= TG_AGE_ARGS)
			s->arg[n - 1] = arg;
		n++;
		rest.p += 1 + arg.n;
		rest.n -= 1 + arg.n;
	}
	if (n == 0)
		return bad(l, "a stanza without a type", err);
	s->n_arg = n - 1;
	return 0;
}

/* Full lines of 64 columns, then a shorter one, which may be empty. */
static int
parse_body(struct tg_age_stanza *s, struct lines *l, struct tg_err *err)
{
	uint8_t bytes[LINE_BYTES];
	size_t n;

	do {
		if (!next(l))
			return bad(l, "the stanza has no last line", err);
		if (l->line.n > COLUMNS)
			return bad(l, "over 64 columns", err);
		if (!tg_b64_decode(
			bytes, sizeof bytes, &n, l->line, TG_B64_BARE))
			return bad(l, "not canonical base64", err);
		if (s->n_body < TG_AGE_BODY) {
			const size_t room = TG_AGE_BODY - s->n_body;

			memcpy(s->body + s->n_body, bytes, n < room ? n : room);
		}
		s->n_body += n;
	} while (l->line.n == COLUMNS);
	return 0;
}

static int
parse_mac(struct tg_age_header *h, struct lines *l, struct tg_err *err)
{
	struct tg_sv mac;
	size_t n;

	if (l->line.n != 4 + MAC_DIGITS || l->line.p[3] != ' ')
		return bad(l, "not \"--- \" and 43 base64 digits", err);
	mac = (struct tg_sv){l->line.p + 4, MAC_DIGITS};
	if (!tg_b64_decode(h->mac, sizeof h->mac, &n, mac, TG_B64_BARE) ||
	    n != sizeof h->mac)
		return bad(l, "the MAC is not canonical base64", err);
	h->n_mac_text = (size_t)(l->line.p - h->text.p) + 3;
	return 0;
}

static int
parse(struct tg_age_header *h, struct tg_err *err)
{
	struct lines l = {.rest = tg_buf_sv(&h->text)};

	if (!next(&l) || !is_intro(tg_buf_sv(&h->text)))
		return bad(&l, "not \"age-encryption.org/v1\"", err);
	while (next(&l)) {
		struct tg_age_stanza *s;

		if (tg_sv_starts(l.line, TG_SV("---")))
			return h->n == 0 ? bad(&l, "no recipient", err)
					 : parse_mac(h, &l, err);
		if (!tg_sv_starts(l.line, TG_SV("->")))
			return bad(&l, "not the start of a stanza", err);
		if (h->n == TG_AGE_STANZAS_MAX)
			return bad(&l, "over 128 stanzas", err);
		s = &h->stanza[h->n];
		if (parse_args(s, &l, err) < 0 || parse_body(s, &l, err) < 0)
			return -1;
		h->n++;
	}
	return bad(&l, "no closing line", err);
}

int
tg_age_header_read(
    struct tg_age_header **out, struct tg_age_in *in, struct tg_err *err)
{
	struct tg_age_header *const h = calloc(1, sizeof *h);

	if (h == NULL)
		return tg_fail_memory(err);
	tg_buf_init(&h->text, TG_AGE_HEADER_MAX);
	if (read_text(&h->text, in, err) < 0 || parse(h, err) < 0) {
		tg_age_header_free(h);
		return -1;
	}
	*out = h;
	return 0;
}

void
tg_age_header_free(struct tg_age_header *h)
{
	if (h == NULL)
		return;
	tg_buf_deinit(&h->text);
	free(h);
}

void
tg_age_header_mac(uint8_t mac[TG_AGE_MAC_LEN], struct tg_hkdf *h,
    const uint8_t file_key[TG_AGE_FILE_KEY_LEN], struct tg_sv text)
{
	tg_hkdf(h, file_key, TG_AGE_FILE_KEY_LEN, NULL, 0, TG_SV("header"));
	(void)crypto_auth_hmacsha256(
	    mac, (const unsigned char *)text.p, text.n, h->key);
}

int
tg_age_header_begin(struct tg_buf *out, struct tg_err *err)
{
	return tg_buf_adds(out, intro, err);
}

int
tg_age_header_stanza(struct tg_buf *out, const struct tg_sv *args,
    size_t n_args, const uint8_t body[TG_AGE_BODY], struct tg_err *err)
{
	if (tg_buf_adds(out, "->", err) < 0)
		return -1;
	for (size_t i = 0; i < n_args; i++)
		if (tg_buf_addc(out, ' ', err) < 0 ||
		    tg_buf_addsv(out, args[i], err) < 0)
			return -1;
	/* 32 bytes are 43 digits: one line, shorter than 64. */
	if (tg_buf_addc(out, '\n', err) < 0 ||
	    tg_b64_add(out, body, TG_AGE_BODY, TG_B64_BARE, err) < 0)
		return -1;
	return tg_buf_addc(out, '\n', err);
}

int
tg_age_header_end(struct tg_buf *out, struct tg_hkdf *h,
    const uint8_t file_key[TG_AGE_FILE_KEY_LEN], struct tg_err *err)
{
	uint8_t mac[TG_AGE_MAC_LEN];

	if (tg_buf_adds(out, "---", err) < 0)
		return -1;
	tg_age_header_mac(mac, h, file_key, tg_buf_sv(out));
	if (tg_buf_addc(out, ' ', err) < 0 ||
	    tg_b64_add(out, mac, sizeof mac, TG_B64_BARE, err) < 0)
		return -1;
	return tg_buf_addc(out, '\n', err);
}
