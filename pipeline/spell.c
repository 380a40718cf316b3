#include "pipeline/spell.h"

#include "base/enc.h"
#include "base/banned.h"

#define SPECIAL_MAX 40	 /* bytes of a special token */
#define UTF8_BEGINS 0xc0 /* bytes from here on begin a character */

struct mark {
	char from[4];
	uint8_t n; /* bytes of it */
	char to;
};

static const struct mark marks[] = {
    {"\xe2\x96\x81", 3, ' '},  /* U+2581, SentencePiece */
    {"\xc4\xa0", 2, ' '},      /* U+0120, byte-level BPE */
    {"\xc4\x8a", 2, '\n'},     /* U+010A, byte-level BPE */
    {"\xe2\x8f\x8e", 3, '\n'}, /* U+23CE, shown by circuit-tracer */
};

/* Of SentencePiece and BERT vocabularies; those in <|...|> go by their form. */
static const char *const specials[] = {"<bos>", "<eos>", "<pad>", "<unk>",
    "<mask>", "<s>", "</s>", "<start_of_turn>", "<end_of_turn>", "<cls>",
    "<sep>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "[CLS]", "[SEP]",
    "[PAD]", "[MASK]", "[UNK]", "[BOS]", "[EOS]", "[INST]", "[/INST]"};

/* The byte of "<0xNN>", or -1. */
static int
byte_token(struct tg_trace_text t)
{
	uint8_t byte;

	if (t.n != 6 || memcmp(t.bytes, "<0x", 3) != 0 || t.bytes[5] != '>' ||
	    !tg_hex_decode(&byte, 1, (struct tg_sv){t.bytes + 3, 2}))
		return -1;
	return byte;
}

/* <|im_start|>, <|reserved_special_token_12|> */
static bool
piped(struct tg_trace_text t)
{
	unsigned digits = 0;

	if (t.n < 5 || t.n > SPECIAL_MAX || memcmp(t.bytes, "<|", 2) != 0 ||
	    memcmp(t.bytes + t.n - 2, "|>", 2) != 0)
		return false;
	for (size_t i = 2; i + 2 < t.n; i++) {
		const char c = t.bytes[i];

		digits += c >= '0' && c <= '9';
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_')
			return false;
	}
	return digits <= 3;
}

bool
tg_spell_special(struct tg_trace_text t)
{
	if (t.n < 3 || (t.bytes[0] != '<' && t.bytes[0] != '['))
		return false;
	for (size_t i = 0; i < TG_COUNT(specials); i++)
		if (tg_sv_is((struct tg_sv){t.bytes, t.n}, specials[i]))
			return true;
	return piped(t);
}

/* The code point at @i of valid UTF-8, *@len its bytes. */
static uint32_t
code_point(struct tg_trace_text t, size_t i, size_t *len)
{
	const unsigned char *p = (const unsigned char *)t.bytes + i;
	uint32_t cp;

	*len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (*len > t.n - i)
		*len = t.n - i;
	cp = *len == 1 ? p[0] : p[0] & (0x7fu >> *len);
	for (size_t k = 1; k < *len; k++)
		cp = cp << 6 | (p[k] & 0x3fu);
	return cp;
}

/* bytes_to_unicode turned round: the byte that letter @cp is, or -1. */
static int
byte_of(uint32_t cp)
{
	if ((cp >= 0x21 && cp <= 0x7e) || (cp >= 0xa1 && cp <= 0xac) ||
	    (cp >= 0xae && cp <= 0xff))
		return (int)cp;
	if (cp >= 0x100 && cp <= 0x120)
		return (int)(cp - 0x100);
	if (cp >= 0x121 && cp <= 0x142)
		return (int)(cp - 0x121 + 0x7f);
	return cp == 0x143 ? 0xad : -1;
}

static bool
space_byte(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool
has_space(struct tg_trace_text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (space_byte(t.bytes[i]))
			return true;
	return false;
}

static inline bool
high(char c)
{
	return (unsigned char)c >= 0x80;
}

/* The first byte beyond ASCII at @i or behind it, or the end.  Tokens are
 * short. */
static size_t
ascii_end(struct tg_trace_text t, size_t i)
{
	uint64_t word;

	for (; t.n - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, t.bytes + i, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < t.n && !high(t.bytes[i]))
		i++;
	return i;
}

/* Tokens are short: no loop over bytes for most. */
static inline bool
ascii(const char *p, size_t n)
{
	uint64_t word, any = 0;
	uint32_t half;

	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		any |= word;
	}
	if (n >= sizeof(half)) {
		memcpy(&half, p, sizeof(half));
		any |= half;
		p += sizeof(half);
		n -= sizeof(half);
	}
	for (; n > 0; p++, n--)
		any |= (unsigned char)*p;
	return (any & UINT64_C(0x8080808080808080)) == 0;
}

/* May be a byte or special. */
static inline bool
bracketed(struct tg_trace_text t)
{
	return t.n > 0 && (t.bytes[0] == '<' || t.bytes[0] == '[');
}

/* The mark at @i, or NULL. */
static const struct mark *
mark_at(struct tg_trace_text t, size_t i)
{
	const unsigned char c = (unsigned char)t.bytes[i];

	if (c != 0xe2 && c != 0xc4)
		return NULL;
	for (size_t k = 0; k < TG_COUNT(marks); k++)
		if (marks[k].n <= t.n - i &&
		    memcmp(t.bytes + i, marks[k].from, marks[k].n) == 0)
			return &marks[k];
	return NULL;
}

/* What letter @cp, no mark, says. */
static void
learn_letter(struct tg_spell_traits *t, uint32_t cp)
{
	const int byte = byte_of(cp);

	t->begun = byte >= UTF8_BEGINS;
	if (byte < 0)
		t->foreign = true;
	else if (byte < UTF8_BEGINS)
		t->byte_like = true;
}

/* No text goes on here. */
static void
cut(struct tg_spell_traits *t)
{
	t->byte_like = t->byte_like || t->begun;
	t->begun = false;
}

/* Letters, marks and blanks of a token that is no byte and not special. */
static void
learn_text(struct tg_spell_traits *t, struct tg_trace_text token)
{
	t->blank = t->blank || has_space(token);
	for (size_t i = ascii_end(token, 0); i < token.n;
	     i = ascii_end(token, i)) {
		const struct mark *const m = mark_at(token, i);
		size_t len;

		if (m != NULL) {
			t->blank = true;
			t->begun = false;
			i += m->n;
			continue;
		}
		learn_letter(t, code_point(token, i, &len));
		i += len;
	}
	if (token.n > 0 && !high(token.bytes[token.n - 1]))
		t->begun = false;
}

TG_NOINLINE static struct tg_spell_form
learn_any(struct tg_spell_traits *t, struct tg_trace_text token)
{
	const struct mark *const m =
	    token.n > 0 && high(token.bytes[0]) ? mark_at(token, 0) : NULL;

	if (m != NULL && ascii(token.bytes + m->n, token.n - m->n)) {
		t->blank = true;
		t->begun = false;
		return (struct tg_spell_form){
		    .plain = true, .mark = m->n, .blank = m->to};
	}
	if (byte_token(token) >= 0 || tg_spell_special(token)) {
		cut(t);
		t->special = t->special || byte_token(token) < 0;
		return (struct tg_spell_form){.plain = false};
	}
	learn_text(t, token);
	return (struct tg_spell_form){.plain = ascii(token.bytes, token.n)};
}

struct tg_spell_form
tg_spell_learn(struct tg_spell_traits *t, struct tg_trace_text token)
{
	/* Most tokens, once one was seen with a blank. */
	if (!t->blank || bracketed(token) || !ascii(token.bytes, token.n))
		return learn_any(t, token);
	t->begun = t->begun && token.n == 0;
	return (struct tg_spell_form){.plain = true};
}

bool
tg_spell_wants(const struct tg_spell_traits *t, enum tg_spelling how)
{
	switch (how) {
	case TG_SPELL_PLAIN:
		return true;
	case TG_SPELL_FLAT:
		return t->special;
	case TG_SPELL_BYTES:
		return (t->byte_like || t->begun) && !t->foreign;
	case TG_SPELL_WORDS:
		return !t->blank;
	}
	return true;
}

/* Marks that are no bytes of this alphabet are read as such. */
static int
as_bytes(struct tg_buf *out, struct tg_trace_text token, struct tg_err *err)
{
	size_t at = 0, len;

	for (;;) {
		const size_t end = ascii_end(token, at);
		const struct mark *m;
		int byte;

		if (tg_buf_add(out, token.bytes + at, end - at, err) < 0)
			return -1;
		if (end == token.n)
			return 0;
		byte = byte_of(code_point(token, end, &len));
		m = mark_at(token, end);
		if (m != NULL)
			byte = m->to;
		if ((byte >= 0
			    ? tg_buf_addc(out, (char)byte, err)
			    : tg_buf_add(out, token.bytes + end, len, err)) < 0)
			return -1;
		at = end + len;
	}
}

static int
as_text(struct tg_buf *out, struct tg_trace_text token, struct tg_err *err)
{
	size_t from = 0;

	for (size_t i = ascii_end(token, 0); i < token.n;) {
		const struct mark *const m = mark_at(token, i);

		if (m == NULL) {
			i = ascii_end(token, i + 1);
			continue;
		}
		if (tg_buf_add(out, token.bytes + from, i - from, err) < 0 ||
		    tg_buf_addc(out, m->to, err) < 0)
			return -1;
		from = i + m->n;
		i = ascii_end(token, from);
	}
	return tg_buf_add(out, token.bytes + from, token.n - from, err);
}

static bool
word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static int
as_word(struct tg_buf *out, struct tg_trace_text token, struct tg_err *err)
{
	if (token.n > 2 && token.bytes[0] == '#' && token.bytes[1] == '#') {
		token.bytes += 2;
		token.n -= 2;
	} else if (token.n > 0 && out->n > 0 && word_byte(token.bytes[0]) &&
	    word_byte(out->p[out->n - 1])) {
		if (tg_buf_addc(out, ' ', err) < 0)
			return -1;
	}
	return as_text(out, token, err);
}

int
tg_spell(struct tg_buf *out, struct tg_trace_text token, enum tg_spelling how,
    struct tg_err *err)
{
	int byte;

	if (how != TG_SPELL_WORDS && !bracketed(token) &&
	    ascii(token.bytes, token.n))
		return tg_buf_add(out, token.bytes, token.n, err);
	byte = byte_token(token);
	if (byte >= 0)
		return tg_buf_addc(out, (char)byte, err);
	if (tg_spell_special(token))
		return how == TG_SPELL_FLAT ? 0 : tg_buf_addc(out, '\n', err);
	switch (how) {
	case TG_SPELL_BYTES:
		return as_bytes(out, token, err);
	case TG_SPELL_WORDS:
		return as_word(out, token, err);
	case TG_SPELL_PLAIN:
	case TG_SPELL_FLAT:
		break;
	}
	return as_text(out, token, err);
}

void
tg_spell_mend(struct tg_buf *b, size_t from)
{
	size_t at = from;

	while (at < b->n) {
		at += tg_utf8_valid((struct tg_sv){b->p + at, b->n - at});
		if (at < b->n)
			b->p[at++] = '?';
	}
}
