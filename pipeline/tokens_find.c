#include "pipeline/tokens_find.h"

#include <string.h>

#include "base/num.h"
#include "pipeline/digits.h"
#include "pipeline/tokens.h"
#include "base/banned.h"

/* What a token's string stands under in an object; the first that is there. */
static const char *const strings[] = {"token", "text", "str", "piece",
    "token_str", "token_text", "decoded", "decoded_token", "stringValue", "t",
    "bytes"};

/* Objects of content are many: their keys are read once. */
static uint32_t
member_string(const struct tg_jdoc *d, uint32_t i)
{
	size_t best = TG_COUNT(strings);
	uint32_t found = UINT32_MAX;

	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next) {
		if (d->nodes[c].kind != TG_J_STRING)
			continue;
		for (size_t k = 0; k < best; k++)
			if (tg_jdoc_key_is(d, c, strings[k])) {
				best = k;
				found = c;
			}
	}
	return found;
}

/* {"17": {"logprob": -1, "decoded_token": "a"}}: prompt_logprobs of vLLM
 * (vllm/sequence.py, PromptLogprobs); the token that was there is the first. */
static uint32_t
wrapped_string(const struct tg_jdoc *d, uint32_t i)
{
	uint32_t s;

	if (d->nodes[i].kind != TG_J_OBJECT || d->nodes[i].n == 0 ||
	    d->nodes[i + 1].kind != TG_J_OBJECT)
		return UINT32_MAX;
	s = tg_jdoc_find(d, i + 1, "decoded_token");
	return s != UINT32_MAX && d->nodes[s].kind == TG_J_STRING ? s
								  : UINT32_MAX;
}

static uint32_t
string_of(const struct tg_jdoc *d, uint32_t i)
{
	uint32_t s;

	if (d->nodes[i].kind == TG_J_STRING)
		return i;
	if (d->nodes[i].kind != TG_J_OBJECT)
		return UINT32_MAX;
	s = member_string(d, i);
	return s != UINT32_MAX ? s : wrapped_string(d, i);
}

/* The bytes of an object without a string. */
static uint32_t
bytes_of(const struct tg_jdoc *d, uint32_t i)
{
	const uint32_t b = d->nodes[i].kind == TG_J_OBJECT
	    ? tg_jdoc_find(d, i, "bytes")
	    : UINT32_MAX;

	if (b == UINT32_MAX || d->nodes[b].kind != TG_J_ARRAY ||
	    d->nodes[b].n == 0)
		return UINT32_MAX;
	for (uint32_t c = b + 1; c < d->nodes[b].next; c = d->nodes[c].next) {
		uint64_t v;

		if (d->nodes[c].kind != TG_J_NUMBER ||
		    !tg_parse_u64(&v, tg_jdoc_raw(d, c), 0, 255))
			return UINT32_MAX;
	}
	return b;
}

/* The digits that value @i is, as a number or as OTLP writes one. */
static uint32_t
number_of(const struct tg_jdoc *d, uint32_t i)
{
	static const char *const members[] = {"intValue", "doubleValue"};

	if (d->nodes[i].kind == TG_J_OBJECT) {
		uint32_t k = 0, in = UINT32_MAX;

		while (k < TG_COUNT(members) && in == UINT32_MAX)
			in = tg_jdoc_find(d, i, members[k++]);
		if (in == UINT32_MAX)
			return in;
		i = in;
	}
	switch ((enum tg_jkind)d->nodes[i].kind) {
	case TG_J_STRING:
		return tg_digits_whole(tg_jdoc_str(d, i)).n > 0 ? i
								: UINT32_MAX;
	case TG_J_NUMBER:
		return tg_digits_whole(tg_jdoc_raw(d, i)).n > 0 ? i
								: UINT32_MAX;
	case TG_J_OBJECT:
	case TG_J_ARRAY:
	case TG_J_TRUE:
	case TG_J_FALSE:
	case TG_J_NULL:
		break;
	}
	return UINT32_MAX;
}

static bool
ends_with(struct tg_trace_text name, const char *tail)
{
	const size_t n = strlen(tail);

	return name.n >= n && memcmp(name.bytes + name.n - n, tail, n) == 0;
}

bool
tg_tokens_named(const struct tg_jdoc *d, uint32_t i)
{
	static const char *const tails[] = {"tokens", "Tokens", "token_strs",
	    "token_strings", "token_texts", "wordpieces", "subwords", "pieces"};
	const struct tg_trace_text name = tg_walk_name(d, i);

	for (size_t k = 0; k < TG_COUNT(tails); k++)
		if (ends_with(name, tails[k]))
			return true;
	return false;
}

static bool
begins(struct tg_sv raw, const char *head)
{
	const size_t n = strlen(head);

	return raw.n >= n && strncasecmp(raw.p, head, n) == 0;
}

/* "##ing" */
static bool
word_piece(struct tg_sv raw)
{
	const char c = raw.n > 2 ? raw.p[2] : ' ';

	return raw.n > 2 && memcmp(raw.p, "##", 2) == 0 &&
	    ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9'));
}

bool
tg_tokens_marked(struct tg_sv raw, bool in_object)
{
	static const char *const heads[] = {"<|", "\xe2\x96\x81", "\xc4\xa0",
	    "\xc4\x8a", "\\u2581", "\\u0120", "\\u010a", "<0x"};

	for (size_t k = in_object ? 1 : 0; k < TG_COUNT(heads); k++)
		if (begins(raw, heads[k]))
			return true;
	return word_piece(raw);
}

uint32_t
tg_tokens_odd(const struct tg_jdoc *d, uint32_t i)
{
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next)
		if (d->nodes[c].kind != TG_J_STRING &&
		    d->nodes[c].kind != TG_J_NULL &&
		    string_of(d, c) == UINT32_MAX)
			return c;
	return UINT32_MAX;
}

/* Array @i, which is an element itself, has a marked string. */
static bool
inner_tells(const struct tg_jdoc *d, uint32_t i)
{
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next)
		if (d->nodes[c].kind == TG_J_STRING &&
		    tg_tokens_marked(tg_jdoc_str(d, c), false))
			return true;
	return false;
}

/* What element @c tells of its array: that it has a piece; that it is one of
 * tokens.  @many: a mark in it is no chance. */
static void
hear(const struct tg_jdoc *d, uint32_t c, bool many, bool *has, bool *says)
{
	uint32_t s;

	switch ((enum tg_jkind)d->nodes[c].kind) {
	case TG_J_STRING:
		*has = true;
		*says = *says ||
		    (many && tg_tokens_marked(tg_jdoc_str(d, c), false));
		break;
	case TG_J_OBJECT:
		s = string_of(d, c);
		if (s == UINT32_MAX) {
			const bool bytes = bytes_of(d, c) != UINT32_MAX;

			*has = *has || bytes;
			*says = *says || (many && bytes);
			break;
		}
		*has = true;
		*says = *says || tg_jdoc_key_is(d, s, "token") ||
		    tg_jdoc_key_is(d, s, "decoded_token") ||
		    (many && tg_tokens_marked(tg_jdoc_str(d, s), true));
		break;
	case TG_J_ARRAY:
		*says = *says || (many && inner_tells(d, c));
		break;
	case TG_J_NUMBER:
	case TG_J_TRUE:
	case TG_J_FALSE:
	case TG_J_NULL:
		break;
	}
}

/* Array @i has one string and otherwise figures. */
static bool
pair(const struct tg_jdoc *d, uint32_t i)
{
	unsigned strings_in = 0;

	if (d->nodes[i].kind != TG_J_ARRAY)
		return false;
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next) {
		if (d->nodes[c].kind == TG_J_ARRAY ||
		    d->nodes[c].kind == TG_J_OBJECT)
			return false;
		strings_in += d->nodes[c].kind == TG_J_STRING;
	}
	return strings_in == 1;
}

/* [["a", 0.5], ["b", 0.25]] */
static bool
pairs(const struct tg_jdoc *d, uint32_t i)
{
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next)
		if (!pair(d, c))
			return false;
	return d->nodes[i].n > 0;
}

/* {"0": "a", "1": "b"}, as pandas writes a column (DataFrame.to_json). */
static bool
column(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].kind != TG_J_OBJECT || d->nodes[i].n < 2)
		return false;
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next) {
		const struct tg_sv key = tg_jdoc_key(d, c);

		if (key.n == 0 || tg_digits_whole(key).n != key.n ||
		    d->nodes[c].kind == TG_J_OBJECT ||
		    d->nodes[c].kind == TG_J_ARRAY)
			return false;
	}
	return true;
}

bool
tg_tokens_here(const struct tg_walk *w, uint32_t i)
{
	const struct tg_jdoc *d = w->doc;
	const struct tg_jnode *n = &d->nodes[i];
	bool has = false, says = false, asked = false;

	if (n->n == 0 || (n->kind != TG_J_ARRAY && !column(d, i)))
		return false;
	/* Alternatives do not follow each other. */
	if (n->key_end != 0 && d->nodes[i + 1].kind == TG_J_OBJECT &&
	    begins(tg_jdoc_key(d, i), "top"))
		return false;
	for (uint32_t c = i + 1; c < n->next; c = d->nodes[c].next) {
		hear(d, c, n->n > 1, &has, &says);
		/* Most have no piece: their name is not asked for. */
		if (has && !asked)
			says = says || tg_tokens_named(d, i);
		asked = has;
		if (has && says)
			return true;
	}
	return pairs(d, i) && (says || tg_tokens_named(d, i));
}

bool
tg_tokens_ids(const struct tg_walk *w, uint32_t i)
{
	const struct tg_jdoc *d = w->doc;
	const struct tg_jnode *n = &d->nodes[i];
	struct tg_trace_text name;

	if (n->kind != TG_J_ARRAY || n->n < 2 || n->key_end == 0)
		return false;
	name = tg_walk_name(d, i);
	if (!(tg_tokens_named(d, i) || ends_with(name, "token_ids") ||
		ends_with(name, "input_ids")))
		return false;
	for (uint32_t c = i + 1; c < n->next; c++)
		if (d->nodes[c].kind != TG_J_NUMBER &&
		    d->nodes[c].kind != TG_J_ARRAY)
			return false;
	return true;
}

/* Array @i inside: one of pieces when a string is among its elements. */
static void
mark_inner(struct tg_jdoc *d, uint32_t i)
{
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next)
		if (string_of(d, c) != UINT32_MAX ||
		    bytes_of(d, c) != UINT32_MAX) {
			d->nodes[i].mark |= TG_MARK_TOKEN;
			return;
		}
}

/* Whether @c, no string, is a piece. */
static bool
piece(const struct tg_jdoc *d, uint32_t c, const struct tg_token_way *way,
    struct tg_token_at *at)
{
	at->text = string_of(d, c);
	at->wrapped =
	    at->text != UINT32_MAX && at->text == wrapped_string(d, c);
	if (at->text != UINT32_MAX)
		return true;
	if (d->nodes[c].kind == TG_J_NULL)
		return d->nodes[c].parent == way->array;
	at->text = bytes_of(d, c);
	at->bytes = at->text != UINT32_MAX;
	if (at->bytes)
		return true;
	if (way->pairs)
		return false; /* a figure of the token */
	at->text = number_of(d, c);
	at->number = true;
	return at->text != UINT32_MAX;
}

struct tg_token_way
tg_tokens_begin(const struct tg_jdoc *d, uint32_t array)
{
	return (struct tg_token_way){
	    .array = array, .next = array + 1, .pairs = pairs(d, array)};
}

bool
tg_tokens_next(
    struct tg_jdoc *d, struct tg_token_way *way, struct tg_token_at *at)
{
	const uint32_t end = d->nodes[way->array].next;

	while (way->next < end) {
		const uint32_t c = way->next;
		const struct tg_jnode *n = &d->nodes[c];
		const bool element = n->parent == way->array;

		way->ahead += element;
		if (n->kind == TG_J_ARRAY) {
			mark_inner(d, c);
			way->next = c + 1;
			continue;
		}
		way->next = n->next;
		if (!element && !(d->nodes[n->parent].mark & TG_MARK_TOKEN))
			continue;
		*at = (struct tg_token_at){.element = way->ahead - 1,
		    .node = c,
		    .text = c,
		    .nested = !element && !way->pairs};
		if (n->kind == TG_J_STRING || piece(d, c, way, at))
			return true;
	}
	return false;
}

uint32_t
tg_tokens_most(struct tg_jdoc *d, uint32_t array)
{
	struct tg_token_way way = tg_tokens_begin(d, array);
	const uint32_t below = d->nodes[array].next - array - 1;
	struct tg_token_at at;
	uint32_t n = 0;

	/* None has anything inside. */
	if (below == d->nodes[array].n)
		return below;
	while (tg_tokens_next(d, &way, &at))
		n++;
	return n;
}
