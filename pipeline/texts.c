/*
 * texts.c - every text of a record that leaves or is looked at: strings, keys,
 * long numbers, joined tokens, and the same inside JSON that stands in a
 * string.  Later stages see texts only and need not know the format.
 */
#include <string.h>

#include "base/enc.h"
#include "pipeline/controls.h"
#include "pipeline/digits.h"
#include "pipeline/seam_orders.h"
#include "pipeline/seam_place.h"
#include "pipeline/sources/source.h"
#include "pipeline/sources/stream.h"
#include "pipeline/tokens.h"
#include "pipeline/walk.h"
#include "base/banned.h"

#define BLOB_MIN 256   /* base64 this long that is no text is unscanned */
#define PACKED_MIN 24  /* a shorter one holds nobody */
#define BLOB_TASTE 192 /* bytes of it decoded to tell */
#define MARK_DROP 1u

static int
add_key(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	struct tg_jtext text;
	struct tg_text *t;
	const struct tg_jnode *n = &w->doc->nodes[i];

	if (tg_jtext_decode(&text, tg_jdoc_key(w->doc, i), n->key_esc,
		&w->r->arena, err) < 0)
		return -1;
	if (tg_walk_add(w, i, TG_TXT_KEY, text, n->key_start + 1, &t, err) < 0)
		return -1;
	tg_seam_place_key(w, t, i);
	return 0;
}

/* Number @i may be the middle of a value that the strings beside it have the
 * ends of. */
static bool
between_strings(const struct tg_jdoc *d, uint32_t i)
{
	const struct tg_jnode *n = &d->nodes[i];

	return n[-1].kind == TG_J_STRING && n[-1].parent == n->parent &&
	    i + 1 < d->n && n[1].kind == TG_J_STRING &&
	    n[1].parent == n->parent;
}

/* No document is a number: there is a node before it. */
static int
add_number(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	const struct tg_jnode *n = &w->doc->nodes[i];
	const bool is_long = n->end - n->start >= TG_DIGITS_MIN;
	struct tg_jtext text;
	struct tg_text *t;
	struct tg_sv raw, digits;
	uint32_t *map;

	if (!is_long && n[-1].kind != TG_J_STRING)
		return 0; /* most, soon */
	raw = tg_jdoc_raw(w->doc, i);
	digits = tg_digits_whole(raw);
	if (digits.n == 0 ||
	    (digits.n < TG_DIGITS_MIN && !between_strings(w->doc, i)))
		return 0;
	text = (struct tg_jtext){{raw.p, raw.n}, NULL};
	if (digits.n < raw.n) {
		map = tg_arena_calloc(&w->r->arena, digits.n + 1, sizeof(*map));
		if (map == NULL)
			return tg_fail_memory(err);
		/* The first and the last take the rest along. */
		for (size_t k = 1; k < digits.n; k++)
			map[k] = (uint32_t)((size_t)(digits.p - raw.p) + k);
		map[digits.n] = (uint32_t)raw.n;
		text.text = (struct tg_trace_text){digits.p, digits.n};
		text.map = map;
	}
	if (tg_walk_add(
		w, i, TG_TXT_NUMBER, text, w->doc->nodes[i].start, &t, err) < 0)
		return -1;
	tg_seam_place(w, t, i);
	return 0;
}

/* The alphabets of RFC 4648 sections 4 and 5. */
static bool
base64_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '-' ||
	    c == '_' || c == '=';
}

/* The first bytes of gzip (RFC 1952), zlib (RFC 1950), zip, zstd (RFC 8878) in
 * base64. */
static bool
packed(struct tg_trace_text t)
{
	static const char *const heads[] = {"H4sI", "eJw", "eJx", "eJy", "eJz",
	    "eNo", "eNp", "eNq", "eNr", "UEsDB", "KLUv/", "KLUv_"};

	if (t.n < PACKED_MIN)
		return false;
	for (size_t i = 0; i < TG_COUNT(heads); i++)
		if (tg_sv_starts(
			(struct tg_sv){t.bytes, t.n}, tg_sv_of(heads[i])))
			return true;
	return false;
}

/* Long base64 whose beginning is no text, or that was packed: nobody scanned
 * what is in it. */
static bool
is_blob(struct tg_trace_text t)
{
	uint8_t taste[BLOB_TASTE];
	const bool is_packed = packed(t);
	size_t n, odd = 0;

	if (t.n < BLOB_MIN && !is_packed)
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (!base64_byte(t.bytes[i]))
			return false;
	if (is_packed)
		return true;
	if (!tg_b64_decode(taste, sizeof(taste), &n,
		(struct tg_sv){t.bytes, BLOB_TASTE / 3 * 4}, TG_B64_PADDED))
		return true;
	for (size_t i = 0; i < n; i++)
		odd += taste[i] < 0x20 && taste[i] != '\n' &&
		    taste[i] != '\t' && taste[i] != '\r';
	return odd * 10 > n ||
	    tg_utf8_valid((struct tg_sv){(const char *)taste, n}) + 4 < n;
}

/* The whole text is replaced without a look. */
static int
blot(struct tg_walk *w, uint32_t i, const char *by, struct tg_err *err)
{
	w->p->counts->fields_dropped++;
	return tg_walk_blot(w, i, TG_TXT_STRING, tg_sv_of(by), err);
}

/* The edits that remove what was marked in a nested document. */
static int
nested_drops(struct tg_walk *w, struct tg_err *err)
{
	struct tg_edits e;
	int rc = -1;

	tg_edits_init(&e, TG_TEXTS_MAX);
	if (tg_edits_drop_marked(&e, w->doc, MARK_DROP, err) < 0)
		goto out;
	for (uint32_t k = 0; k < e.n; k++)
		if (tg_record_add_nested(
			w->r, w->nest, e.edit[k].start, e.edit[k].end, err) < 0)
			goto out;
	rc = 0;
out:
	tg_edits_deinit(&e);
	return rc;
}

/* The format is known, and none that is read as a whole. */
static bool
of_units(const struct tg_record *r)
{
	return r->source != NULL && r->source != &tg_source_jsonl;
}

/* In a format that has units the unit does not leave, none of them when it is
 * in what they share. */
int
tg_walk_piece(struct tg_walk *w, struct tg_err *err)
{
	uint32_t u, end;

	if (!of_units(w->r))
		return tg_decode_piece(w->p, w->r, err);
	for (u = tg_record_units(w->r, w->unit, &end); u < end; u++)
		tg_decode_unit_piece(w->p, w->r, u, "redact");
	return 0;
}

/* Node @i of @d may be a piece of a stream. */
static int
look_for_pieces(
    struct tg_walk *w, const struct tg_jdoc *d, uint32_t i, struct tg_err *err)
{
	const bool open = w->p->stream && !of_units(w->r);

	if (w->p->set->mode == TG_MODE_RECHECK ||
	    !tg_stream_in_pieces(d, i, open && w->pieces == NULL))
		return 0;
	if (w->pieces == NULL)
		return tg_walk_piece(w, err);
	++*w->pieces;
	return 0;
}

int
tg_walk_json(struct tg_walk *w, uint32_t i, struct tg_jtext text, uint32_t base,
    uint32_t line, struct tg_err *err)
{
	struct tg_walk in = *w;
	struct tg_nest *nest;
	struct tg_err quiet = {0};
	size_t at;

	if (w->depth == TG_NEST_MAX)
		return 0;
	in.doc = &w->p->nest[w->depth];
	if (tg_jscan(in.doc, (struct tg_sv){text.text.bytes, text.text.n}, &at,
		&quiet) < 0)
		return quiet.cls == TG_E_MEMORY ? tg_fail_memory(err) : 0;
	if (look_for_pieces(w, in.doc, 0, err) < 0)
		return -1;
	nest = tg_arena_alloc(&w->r->arena, sizeof(*nest));
	if (nest == NULL)
		return tg_fail_memory(err);
	*nest = (struct tg_nest){
	    .up = w->nest, .text = text, .base = base, .depth = w->depth + 1};
	if (w->p->want_paths) {
		const char *outer = tg_walk_path(w, i, err);

		if (outer == NULL)
			return -1;
		in.prefix = line == 0
		    ? tg_arena_fmt(&w->r->arena, "%s#", outer)
		    : tg_arena_fmt(&w->r->arena, "%s#%u", outer, line);
		if (in.prefix == NULL)
			return tg_fail_memory(err);
	}
	in.nest = nest;
	in.node = w->depth == 0 ? i : w->node;
	in.depth = w->depth + 1;
	in.kin = tg_seam_orders_below(w, i);
	if (tg_walk_content(&in, 0, err) < 0 || nested_drops(&in, err) < 0)
		return -1;
	return 1;
}

bool
tg_texts_like_json(struct tg_trace_text t)
{
	size_t i = 0;

	while (i < t.n &&
	    (t.bytes[i] == ' ' || t.bytes[i] == '\n' || t.bytes[i] == '\t' ||
		t.bytes[i] == '\r'))
		i++;
	return i + 1 < t.n && (t.bytes[i] == '{' || t.bytes[i] == '[');
}

static int
string(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	const struct tg_jnode *n = &w->doc->nodes[i];
	struct tg_jtext text;
	struct tg_text *t;
	int rc;

	if (tg_jtext_decode(
		&text, tg_jdoc_str(w->doc, i), n->esc, &w->r->arena, err) < 0)
		return -1;
	if (n->esc &&
	    tg_controls_out(&text, tg_jdoc_str(w->doc, i), &w->r->arena, err) <
		0)
		return -1;
	if (tg_texts_like_json(text.text)) {
		rc = tg_walk_json(w, i, text, n->start + 1, 0, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		if (w->depth == TG_NEST_MAX &&
		    w->p->set->mode <= TG_MODE_REDACT)
			return blot(w, i, "[UNSCANNED]", err);
	}
	rc = tg_walk_lines(w, i, text, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (w->p->set->mode <= TG_MODE_REDACT && is_blob(text.text))
		return blot(w, i, "[BLOB]", err);
	if (tg_walk_add(w, i, TG_TXT_STRING, text, n->start + 1, &t, err) < 0)
		return -1;
	tg_seam_place(w, t, i);
	return 0;
}

/* A participant's name stands beside a role; a blob's bytes beside "blob". */
static void
drop_people(struct tg_walk *w, uint32_t i)
{
	struct tg_jdoc *d = w->doc;
	const uint32_t name = tg_jdoc_find(d, i, "name");
	const uint32_t bytes = tg_jdoc_find(d, i, "bytesValue");

	if (w->p->set->mode > TG_MODE_REDACT)
		return;
	if (name != UINT32_MAX && tg_jdoc_find(d, i, "role") != UINT32_MAX) {
		d->nodes[name].mark = MARK_DROP;
		w->p->counts->fields_dropped++;
	}
	if (bytes != UINT32_MAX) {
		d->nodes[bytes].mark = MARK_DROP;
		w->p->counts->fields_dropped++;
	}
}

/* An array of content: what its elements spell together. */
static int
array(struct tg_walk *w, uint32_t k, struct tg_err *err)
{
	if (w->doc->nodes[k].mark & TG_MARK_TOKEN)
		return 0; /* of arrays of tokens */
	if (tg_tokens_here(w, k))
		return tg_tokens_collect(w, k, false, err);
	if (w->p->set->mode <= TG_MODE_REDACT && tg_tokens_ids(w, k)) {
		w->doc->nodes[k].mark |= MARK_DROP;
		w->p->counts->fields_dropped++;
		return 0;
	}
	return tg_digits_collect(w, k, err);
}

static int
node(struct tg_walk *w, uint32_t k, struct tg_err *err)
{
	switch ((enum tg_jkind)w->doc->nodes[k].kind) {
	case TG_J_OBJECT:
		drop_people(w, k);
		return tg_tokens_here(w, k)
		    ? tg_tokens_collect(w, k, false, err)
		    : 0;
	case TG_J_ARRAY:
		return array(w, k, err);
	case TG_J_STRING:
		return w->doc->nodes[k].mark & TG_MARK_TOKEN
		    ? 0
		    : string(w, k, err);
	case TG_J_NUMBER:
		return w->doc->nodes[k].mark & TG_MARK_TOKEN
		    ? 0
		    : add_number(w, k, err);
	case TG_J_TRUE:
	case TG_J_FALSE:
	case TG_J_NULL:
		break;
	}
	return 0;
}

int
tg_walk_content(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	struct tg_jdoc *d = w->doc;
	const uint32_t end = d->nodes[i].next;
	uint32_t k = i;

	while (k < end) {
		if (d->nodes[k].mark & MARK_DROP) {
			k = d->nodes[k].next;
			continue;
		}
		if (k != i && d->nodes[k].key_end != 0 &&
		    add_key(w, k, err) < 0)
			return -1;
		if (node(w, k, err) < 0)
			return -1;
		if (d->nodes[k].mark & MARK_DROP)
			k = d->nodes[k].next;
		else
			k++;
	}
	return 0;
}

/* Strings of a kept value and keys below it; its numbers are settings. */
static int
kept(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	for (uint32_t k = i; k < w->doc->nodes[i].next; k++) {
		if (k != i && w->doc->nodes[k].key_end != 0 &&
		    add_key(w, k, err) < 0)
			return -1;
		if (w->doc->nodes[k].kind == TG_J_STRING &&
		    string(w, k, err) < 0)
			return -1;
	}
	return 0;
}

/* A key nobody knows: a scan looks at it, the filter of plain JSON objects
 * keeps what it can scan, an export leaves it out. */
static int
unknown(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	switch (w->p->set->mode) {
	case TG_MODE_EXPORT:
	case TG_MODE_REDACT:
		return 0;
	case TG_MODE_RECHECK:
		w->p->counts->unknown++;
		return 0;
	case TG_MODE_SCAN:
		break;
	}
	if (i != 0 && w->doc->nodes[i].key_end != 0 && add_key(w, i, err) < 0)
		return -1;
	return tg_walk_content(w, i, err);
}

/* An array of tokens, joined; and what stands beside them in their objects.  A
 * value of another kind under its name is content (a count, a text). */
static int
tokens(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	if (w->doc->nodes[i].kind == TG_J_ARRAY &&
	    tg_tokens_collect(w, i, true, err) < 0)
		return -1;
	return tg_walk_content(w, i, err);
}

static int
identifier(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	const enum tg_mode mode = w->p->set->mode;

	if (mode == TG_MODE_SCAN ||
	    (mode <= TG_MODE_REDACT &&
		w->p->set->op[w->r->field[i]] == TG_OP_KEEP))
		return kept(w, i, err);
	return 0;
}

/* One node of the record's document; *next is where to go on. */
static int
visit(struct tg_walk *w, uint32_t i, uint32_t *next, struct tg_err *err)
{
	const struct tg_jnode *n = &w->doc->nodes[i];

	*next = n->next;
	w->content = false;
	switch ((enum tg_class)w->r->cls[i]) {
	case TG_CLS_DROP:
		return unknown(w, i, err);
	case TG_CLS_NAME:
		return 0;
	case TG_CLS_FRAME:
		if (n->kind == TG_J_STRING)
			return string(w, i, err);
		*next = i + 1;
		return 0;
	case TG_CLS_KEEP:
		return kept(w, i, err);
	case TG_CLS_CONTENT:
		w->content = true;
		if (n->n > 0 && of_units(w->r) &&
		    look_for_pieces(w, w->doc, i, err) < 0)
			return -1;
		return tg_walk_content(w, i, err);
	case TG_CLS_TOKENS:
		return tokens(w, i, err);
	case TG_CLS_ID:
	case TG_CLS_TIME:
		return identifier(w, i, err);
	}
	return 0;
}

int
tg_texts_collect(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	struct tg_walk w = {.p = p, .r = r, .doc = &r->doc, .prefix = ""};
	uint32_t i = 0;

	while (i < r->doc.n) {
		uint32_t next;

		w.unit = tg_record_unit_of(r, i);
		if (w.unit != TG_UNIT_NONE && r->unit[w.unit].dropped) {
			i = r->doc.nodes[r->unit[w.unit].node].next;
			continue;
		}
		w.node = i;
		if (visit(&w, i, &next, err) < 0)
			return -1;
		i = next;
	}
	return 0;
}
