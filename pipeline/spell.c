#include "pipeline/spell.h"

#include "base/enc.h"
#include "base/banned.h"

#define SPECIAL_MAX 40 /* bytes of a special token */

struct mark {
	const char *from;
	const char *to;
};

static const struct mark marks[] = {
    {"\xe2\x96\x81", " "},  /* U+2581, SentencePiece */
    {"\xc4\xa0", " "},	    /* U+0120, byte-level BPE */
    {"\xc4\x8a", "\n"},	    /* U+010A, byte-level BPE */
    {"\xe2\x8f\x8e", "\n"}, /* U+23CE, shown by circuit-tracer */
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

/* The mark at @i, or NULL. */
static const struct mark *
mark_at(struct tg_trace_text t, size_t i)
{
	for (size_t k = 0; k < TG_COUNT(marks); k++) {
		const size_t n = strlen(marks[k].from);

		if (n <= t.n - i && memcmp(t.bytes + i, marks[k].from, n) == 0)
			return &marks[k];
	}
	return NULL;
}

void
tg_spell_learn(struct tg_spell_traits *t, struct tg_trace_text token)
{
	size_t len = 1;

	if (byte_token(token) >= 0)
		return;
	if (tg_spell_special(token)) {
		t->special = true;
		return;
	}
	for (size_t i = 0; i < token.n; i += len) {
		const char c = token.bytes[i];

		len = 1;
		if ((unsigned char)c < 0x80) {
			t->blank |= space_byte(c);
			continue;
		}
		const uint32_t cp = code_point(token, i, &len);

		if (mark_at(token, i) != NULL)
			t->blank = true;
		else if (byte_of(cp) >= 0)
			t->byte_like = true;
		else
			t->foreign = true;
	}
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
		return t->byte_like && !t->foreign;
	case TG_SPELL_WORDS:
		return !t->blank;
	}
	return true;
}

static int
as_bytes(struct tg_buf *out, struct tg_trace_text token, struct tg_err *err)
{
	size_t len = 1;

	for (size_t i = 0; i < token.n; i += len) {
		const int byte = byte_of(code_point(token, i, &len));

		if (byte >= 0) {
			if (tg_buf_addc(out, (char)byte, err) < 0)
				return -1;
		} else if (tg_buf_add(out, token.bytes + i, len, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
as_text(struct tg_buf *out, struct tg_trace_text token, struct tg_err *err)
{
	size_t from = 0;

	for (size_t i = 0; i < token.n;) {
		const struct mark *m;

		if ((unsigned char)token.bytes[i] < 0x80 ||
		    (m = mark_at(token, i)) == NULL) {
			i++;
			continue;
		}
		if (tg_buf_add(out, token.bytes + from, i - from, err) < 0 ||
		    tg_buf_adds(out, m->to, err) < 0)
			return -1;
		i += strlen(m->from);
		from = i;
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
	const int byte = byte_token(token);

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
