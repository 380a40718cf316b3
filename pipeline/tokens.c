#include "pipeline/tokens.h"

#include <string.h>

#include "base/enc.h"
#include "pipeline/replace.h"
#include "base/banned.h"

struct spelling {
	const char *from;
	const char *to;
};

static const struct spelling spellings[] = {
    {"\xe2\x96\x81", " "},  /* U+2581, SentencePiece */
    {"\xc4\xa0", " "},	    /* U+0120, byte-level BPE */
    {"\xc4\x8a", "\n"},	    /* U+010A, byte-level BPE */
    {"\xe2\x8f\x8e", "\n"}, /* U+23CE, shown by circuit-tracer */
};

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

static bool
is(struct tg_trace_text t, const char *s)
{
	return tg_sv_is((struct tg_sv){t.bytes, t.n}, s);
}

/* The beginning or the end of a text. */
static bool
is_edge(struct tg_trace_text token)
{
	return is(token, "<bos>") || is(token, "<eos>") || is(token, "<s>") ||
	    is(token, "</s>");
}

/* Bytes from @i on that begin no other spelling: below 0x80. */
static size_t
plain_run(struct tg_trace_text token, size_t i)
{
	const size_t from = i;

	while (i < token.n && (unsigned char)token.bytes[i] < 0x80)
		i++;
	return i - from;
}

int
tg_tokens_spell(
    struct tg_buf *out, struct tg_trace_text token, struct tg_err *err)
{
	const int byte = byte_token(token);
	size_t i = 0;

	if (byte >= 0)
		return tg_buf_addc(out, (char)byte, err);
	if (token.n > 0 && token.bytes[0] == '<' && is_edge(token))
		return tg_buf_addc(out, '\n', err);
	while (i < token.n) {
		const size_t plain = plain_run(token, i);
		size_t k;

		if (plain > 0) {
			if (tg_buf_add(out, token.bytes + i, plain, err) < 0)
				return -1;
			i += plain;
			continue;
		}
		for (k = 0; k < TG_COUNT(spellings); k++) {
			const size_t n = strlen(spellings[k].from);

			if (i + n <= token.n &&
			    memcmp(token.bytes + i, spellings[k].from, n) == 0)
				break;
		}
		if (k < TG_COUNT(spellings)) {
			if (tg_buf_adds(out, spellings[k].to, err) < 0)
				return -1;
			i += strlen(spellings[k].from);
			continue;
		}
		if (tg_buf_addc(out, token.bytes[i], err) < 0)
			return -1;
		i++;
	}
	return 0;
}

/* Fragments of a character are spelled '?', so that the rest can be read. */
static void
mend_utf8(struct tg_buf *b)
{
	size_t at = 0;

	while (at < b->n) {
		at += tg_utf8_valid((struct tg_sv){b->p + at, b->n - at});
		if (at < b->n)
			b->p[at++] = '?';
	}
}

/* Texts for the tokens, spelled into p->joined; off[k] begins token k. */
static int
join(struct tg_pass *p, struct tg_record *r, uint32_t i, uint32_t unit,
    uint32_t *off, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	uint32_t k = 0;

	tg_buf_reset(&p->joined);
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next) {
		struct tg_text *t;

		if (d->nodes[c].kind != TG_J_STRING)
			return tg_fail(err, TG_E_INPUT,
			    "byte %u: a token is not a string",
			    d->nodes[c].start);
		if (tg_record_add_text(r, &t, err) < 0 ||
		    tg_jtext_decode(&t->text, tg_jdoc_str(d, c),
			d->nodes[c].esc, &r->arena, err) < 0)
			return -1;
		t->base = d->nodes[c].start + 1;
		t->node = c;
		t->unit = unit;
		t->kind = TG_TXT_TOKEN;
		off[k++] = (uint32_t)p->joined.n;
		if (tg_tokens_spell(&p->joined, t->text.text, err) < 0)
			return -1;
	}
	off[k] = (uint32_t)p->joined.n;
	mend_utf8(&p->joined);
	return 0;
}

/* Tokens that [start, end) touches lose their text. */
static int
strike(struct tg_record *r, uint32_t first, uint32_t n, const uint32_t *off,
    const struct tg_hit *hit, struct tg_err *err)
{
	struct tg_sv by = hit->by;

	for (uint32_t k = 0; k < n; k++) {
		struct tg_text *t = &r->text[first + k];

		if (off[k + 1] <= hit->start || off[k] >= hit->end ||
		    t->n_hit > 0)
			continue;
		t->hit = tg_arena_alloc(&r->arena, sizeof(*t->hit));
		if (t->hit == NULL)
			return tg_fail_memory(err);
		t->hit[0] =
		    (struct tg_hit){.end = (uint32_t)t->text.text.n, .by = by};
		t->n_hit = 1;
		by = (struct tg_sv){"", 0};
	}
	return 0;
}

int
tg_tokens_collect(struct tg_pass *p, struct tg_record *r, uint32_t i,
    uint32_t unit, struct tg_err *err)
{
	const struct tg_jnode *node = &r->doc.nodes[i];
	const uint32_t first = r->n_text;
	struct tg_text whole = {.cut = UINT32_MAX};
	char *copy;
	uint32_t *off;

	if (node->kind != TG_J_ARRAY)
		return tg_fail(err, TG_E_INPUT,
		    "byte %u: tokens are not an array", node->start);
	off = tg_arena_calloc(&r->arena, (size_t)node->n + 1, sizeof(*off));
	if (off == NULL)
		return tg_fail_memory(err);
	if (join(p, r, i, unit, off, err) < 0)
		return -1;
	/* The scratch buffer is used again while scanning. */
	copy = tg_arena_str(&r->arena, tg_buf_sv(&p->joined));
	if (copy == NULL)
		return tg_fail_memory(err);
	whole.text.text = (struct tg_trace_text){copy, p->joined.n};
	whole.node = i;
	whole.unit = unit;
	whole.kind = TG_TXT_TOKEN;
	if (p->want_paths) {
		tg_buf_reset(&p->work);
		if (tg_jdoc_pointer(&p->work, &r->doc, i, err) < 0)
			return -1;
		whole.path = tg_arena_str(&r->arena, tg_buf_sv(&p->work));
		if (whole.path == NULL)
			return tg_fail_memory(err);
	}
	if (tg_text_scan(p, r, &whole, err) < 0)
		return -1;
	for (uint32_t k = 0; k < whole.n_hit; k++)
		if (strike(r, first, node->n, off, &whole.hit[k], err) < 0)
			return -1;
	return 0;
}
