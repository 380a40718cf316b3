/*
 * vocab_load.c - a vocabulary from a tokenizer.json.
 *
 * Known: the models BPE, Unigram, WordPiece and WordLevel; the decoders
 * ByteLevel, Metaspace, WordPiece, and Sequence of these, Replace (of a
 * string), ByteFallback, Fuse and Strip.  Another decoder is refused: what it
 * spells is not known, so the ids would not be scanned.
 */
#include <stdlib.h>

#include "base/jscan.h"
#include "base/num.h"
#include "pipeline/sources/vocab_priv.h"
#include "base/banned.h"

#define MARKER_MAX 64 /* bytes of "<|im_start|>" and its like */
#define ARENA_MAX TG_VOCAB_FILE

struct piece {
	struct tg_sv text;
	uint8_t flags; /* 0: none yet */
	bool added;    /* content is text, not a spelling of the model */
};

struct load {
	struct tg_jdoc doc;
	struct tg_arena arena;
	struct piece *piece;
	uint32_t n, cap; /* ids */
	struct tg_vocab_decoder decoder;
	bool ahead; /* its models look ahead */
	const char *name;
	struct tg_err *err;
};

static int
bad(const struct load *l, uint32_t node, const char *what)
{
	return tg_fail(l->err, TG_E_CONFIG, "%s: byte %u: %s", l->name,
	    l->doc.nodes[node].start, what);
}

static int
text_of(struct load *l, uint32_t i, bool key, struct tg_sv *out)
{
	const struct tg_jnode *n = &l->doc.nodes[i];
	struct tg_jtext t;

	if (!key && n->kind != TG_J_STRING)
		return bad(l, i, "a string expected");
	if (tg_jtext_decode(&t,
		key ? tg_jdoc_key(&l->doc, i) : tg_jdoc_str(&l->doc, i),
		key ? n->key_esc : n->esc, &l->arena, l->err) < 0)
		return -1;
	*out = (struct tg_sv){t.text.bytes, t.text.n};
	return 0;
}

static int
id_of(struct load *l, uint32_t i, uint32_t *out)
{
	uint64_t v;

	if (l->doc.nodes[i].kind != TG_J_NUMBER ||
	    !tg_parse_u64(&v, tg_jdoc_raw(&l->doc, i), 0, TG_VOCAB_IDS - 1))
		return bad(l, i, "no token id (a number below 4194304)");
	*out = (uint32_t)v;
	return 0;
}

static int
room(struct load *l, uint32_t id)
{
	uint32_t cap = l->cap == 0 ? 4096 : l->cap;
	struct piece *p;

	if (id < l->cap)
		return 0;
	while (cap <= id)
		cap *= 2;
	p = realloc(l->piece, cap * sizeof(*p));
	if (p == NULL)
		return tg_fail_memory(l->err);
	memset(p + l->cap, 0, (cap - l->cap) * sizeof(*p));
	l->piece = p;
	l->cap = cap;
	return 0;
}

static int
put(struct load *l, uint32_t node, uint32_t id, struct piece p)
{
	if (room(l, id) < 0)
		return -1;
	if (p.text.n > TG_VOCAB_PIECE)
		return bad(l, node, "a piece longer than 65535 bytes");
	if (l->piece[id].flags != 0 && !p.added)
		return bad(l, node, "two pieces of one id");
	l->piece[id] = p;
	if (id >= l->n)
		l->n = id + 1;
	return 0;
}

/* {"piece": id, ...} */
static int
vocab_object(struct load *l, uint32_t node)
{
	for (uint32_t i = node + 1; i < l->doc.nodes[node].next;
	     i = l->doc.nodes[i].next) {
		struct piece p = {.flags = TG_VOCAB_USED};
		uint32_t id;

		if (text_of(l, i, true, &p.text) < 0 || id_of(l, i, &id) < 0 ||
		    put(l, i, id, p) < 0)
			return -1;
	}
	return 0;
}

/* Unigram: [["piece", score], ...], the id is the place. */
static int
vocab_array(struct load *l, uint32_t node)
{
	uint32_t id = 0;

	for (uint32_t i = node + 1; i < l->doc.nodes[node].next;
	     i = l->doc.nodes[i].next, id++) {
		struct piece p = {.flags = TG_VOCAB_USED};

		if (l->doc.nodes[i].kind != TG_J_ARRAY ||
		    l->doc.nodes[i].n != 2 || id >= TG_VOCAB_IDS)
			return bad(l, i, "no piece with its score");
		if (text_of(l, i + 1, false, &p.text) < 0 ||
		    put(l, i, id, p) < 0)
			return -1;
	}
	return 0;
}

static bool
is_type(const struct load *l, uint32_t node, const char *name)
{
	const uint32_t t = tg_jdoc_find(&l->doc, node, "type");

	return t != UINT32_MAX && tg_jdoc_str_is(&l->doc, t, name);
}

static int
model(struct load *l)
{
	static const char *const known[] = {
	    "BPE", "Unigram", "WordPiece", "WordLevel"};
	const struct tg_jdoc *d = &l->doc;
	const uint32_t m = tg_jdoc_find(d, 0, "model");
	uint32_t v, t;
	bool ok = false;

	if (m == UINT32_MAX || d->nodes[m].kind != TG_J_OBJECT)
		return bad(l, 0, "no tokenizer.json: no model in it");
	v = tg_jdoc_find(d, m, "vocab");
	t = tg_jdoc_find(d, m, "type");
	/* Old files have no type; they are BPE. */
	for (size_t k = 0; k < TG_COUNT(known); k++)
		ok = ok || t == UINT32_MAX || is_type(l, m, known[k]);
	if (!ok)
		return bad(l, t, "a model of a kind that is not known");
	l->ahead = is_type(l, m, "WordPiece") || is_type(l, m, "Unigram");
	if (v == UINT32_MAX)
		return bad(l, m, "a model without a vocab");
	if (d->nodes[v].kind == TG_J_ARRAY)
		return vocab_array(l, v);
	if (d->nodes[v].kind == TG_J_OBJECT)
		return vocab_object(l, v);
	return bad(l, v, "the vocab is neither an object nor an array");
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '|' || c == '/';
}

/* "<|im_start|>", "</s>", "[CLS]": what no person is called. */
static bool
is_marker(struct tg_sv s)
{
	const bool angle = s.n > 2 && s.p[0] == '<' && s.p[s.n - 1] == '>';
	const bool square = s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']';

	if ((!angle && !square) || s.n > MARKER_MAX)
		return false;
	for (size_t i = 1; i + 1 < s.n; i++)
		if (!is_plain(s.p[i]))
			return false;
	return true;
}

static bool
is_edge(struct tg_sv s)
{
	static const char *const edges[] = {"<bos>", "<eos>", "<s>", "</s>",
	    "<|begin_of_text|>", "<|end_of_text|>", "<|endoftext|>", "[CLS]",
	    "[SEP]"};

	for (size_t k = 0; k < TG_COUNT(edges); k++)
		if (tg_sv_is(s, edges[k]))
			return true;
	return false;
}

static int
added(struct load *l)
{
	const struct tg_jdoc *d = &l->doc;
	const uint32_t list = tg_jdoc_find(d, 0, "added_tokens");

	if (list == UINT32_MAX)
		return 0;
	if (d->nodes[list].kind != TG_J_ARRAY)
		return bad(l, list, "added_tokens are not an array");
	for (uint32_t i = list + 1; i < d->nodes[list].next;
	     i = d->nodes[i].next) {
		const uint32_t id = tg_jdoc_find(d, i, "id");
		const uint32_t text = tg_jdoc_find(d, i, "content");
		const uint32_t special = tg_jdoc_find(d, i, "special");
		struct piece p = {.flags = TG_VOCAB_USED, .added = true};
		uint32_t at;

		if (id == UINT32_MAX || text == UINT32_MAX)
			return bad(l, i, "an added token without its id");
		if (id_of(l, id, &at) < 0 ||
		    text_of(l, text, false, &p.text) < 0)
			return -1;
		if (special != UINT32_MAX &&
		    d->nodes[special].kind == TG_J_TRUE && is_marker(p.text))
			p.flags |= TG_VOCAB_SPECIAL;
		if ((p.flags & TG_VOCAB_SPECIAL) != 0 && is_edge(p.text))
			p.flags |= TG_VOCAB_EDGE;
		l->ahead = l->ahead || tg_sv_is(p.text, "[MASK]");
		if (put(l, i, at, p) < 0)
			return -1;
	}
	return 0;
}

/* One string for another in every piece; longer marks are few. */
static int
replace(struct load *l, uint32_t node)
{
	struct tg_vocab_decoder *c = &l->decoder;
	const struct tg_jdoc *d = &l->doc;
	const uint32_t pattern = tg_jdoc_find(d, node, "pattern");
	const uint32_t content = tg_jdoc_find(d, node, "content");
	const uint32_t from = pattern == UINT32_MAX
	    ? pattern
	    : tg_jdoc_find(d, pattern, "String");

	if (from == UINT32_MAX || content == UINT32_MAX)
		return bad(l, node, "a Replace that is not of a string");
	if (c->n_replace == TG_COUNT(c->from))
		return bad(l, node, "more than four Replace");
	if (text_of(l, from, false, &c->from[c->n_replace]) < 0 ||
	    text_of(l, content, false, &c->to[c->n_replace]) < 0)
		return -1;
	if (c->from[c->n_replace].n == 0)
		return bad(l, from, "a Replace of nothing");
	c->n_replace++;
	return 0;
}

static int
metaspace(struct load *l, uint32_t node)
{
	struct tg_vocab_decoder *c = &l->decoder;
	const uint32_t mark = tg_jdoc_find(&l->doc, node, "replacement");

	if (c->n_replace == TG_COUNT(c->from))
		return bad(l, node, "more than four Replace");
	c->from[c->n_replace] = TG_SV("\xe2\x96\x81");
	c->to[c->n_replace] = TG_SV(" ");
	if (mark != UINT32_MAX &&
	    text_of(l, mark, false, &c->from[c->n_replace]) < 0)
		return -1;
	if (c->from[c->n_replace].n == 0)
		return bad(l, node, "a Metaspace of nothing");
	c->n_replace++;
	return 0;
}

static int
decoder_step(struct load *l, uint32_t node)
{
	if (is_type(l, node, "Replace"))
		return replace(l, node);
	if (is_type(l, node, "Metaspace"))
		return metaspace(l, node);
	if (is_type(l, node, "ByteLevel"))
		l->decoder.byte_level = true;
	else if (is_type(l, node, "ByteFallback"))
		l->decoder.byte_fallback = true;
	else if (is_type(l, node, "WordPiece"))
		l->decoder.word_piece = true;
	else if (!is_type(l, node, "Fuse") && !is_type(l, node, "Strip"))
		return bad(l, node, "a decoder of a kind that is not known");
	return 0;
}

static int
decoder(struct load *l)
{
	const struct tg_jdoc *d = &l->doc;
	const uint32_t node = tg_jdoc_find(d, 0, "decoder");
	uint32_t list;

	if (node == UINT32_MAX || d->nodes[node].kind != TG_J_OBJECT)
		return bad(l, 0, "no decoder: what a piece spells is unknown");
	if (!is_type(l, node, "Sequence"))
		return decoder_step(l, node);
	list = tg_jdoc_find(d, node, "decoders");
	if (list == UINT32_MAX || d->nodes[list].kind != TG_J_ARRAY ||
	    d->nodes[list].n == 0)
		return bad(l, node, "a Sequence without decoders");
	for (uint32_t i = list + 1; i < d->nodes[list].next;
	     i = d->nodes[i].next)
		if (decoder_step(l, i) < 0)
			return -1;
	return 0;
}

static int
pieces(struct load *l, struct tg_vocab *v)
{
	for (uint32_t i = 0; i < l->n; i++) {
		const struct piece *p = &l->piece[i];
		int rc = 0;

		v->at[i] = (uint32_t)v->bytes.n;
		v->flags[i] = p->flags;
		if (p->flags == 0)
			continue;
		if ((p->flags & TG_VOCAB_EDGE) != 0)
			rc = tg_buf_addc(&v->bytes, '\n', l->err);
		else if ((p->flags & TG_VOCAB_SPECIAL) == 0)
			rc = tg_vocab_spell(
			    &v->bytes, &l->decoder, p->text, l->err);
		if (rc < 0)
			return -1;
	}
	v->at[l->n] = (uint32_t)v->bytes.n;
	return 0;
}

static int
build(struct load *l, struct tg_sv json, struct tg_vocab **out)
{
	uint8_t digest[TG_SHA256_LEN];
	struct tg_vocab *v;

	if (l->doc.nodes[0].kind != TG_J_OBJECT)
		return bad(l, 0, "no tokenizer.json: not an object");
	if (model(l) < 0 || added(l) < 0 || decoder(l) < 0)
		return -1;
	if (l->n == 0)
		return bad(l, 0, "a vocabulary without a piece");
	if (tg_sha256_bytes(digest, json.p, json.n, l->err) < 0 ||
	    tg_vocab_new(&v, l->n, l->err) < 0)
		return -1;
	v->bidirectional = l->ahead;
	tg_sha256_hex(v->sha256, digest);
	if (pieces(l, v) < 0) {
		tg_vocab_free(v);
		return -1;
	}
	*out = v;
	return 0;
}

int
tg_vocab_parse(struct tg_vocab **out, struct tg_sv json, const char *name,
    struct tg_err *err)
{
	struct load l = {.name = name, .err = err};
	struct tg_err why = {.cls = TG_E_NONE};
	size_t at;
	int rc = -1;

	tg_jdoc_init(&l.doc);
	tg_arena_init(&l.arena, ARENA_MAX);
	if (tg_jscan(&l.doc, json, &at, &why) < 0)
		(void)tg_fail(err,
		    why.cls == TG_E_MEMORY ? TG_E_MEMORY : TG_E_CONFIG,
		    "%s: byte %zu: %s", name, at, why.text);
	else
		rc = build(&l, json, out);
	free(l.piece);
	tg_arena_deinit(&l.arena);
	tg_jdoc_deinit(&l.doc);
	return rc;
}
