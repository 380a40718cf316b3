/*
 * tokens_here.c - which arrays are arrays of tokens, or of their ids, and where
 * in an element its string or number stands.
 */
#include <string.h>

#include "pipeline/tokens_priv.h"
#include "base/banned.h"

/* What a token's string stands under in an object; the first that is there. */
static const char *const strings[] = {"token", "text", "str", "piece",
    "token_str", "token_text", "decoded", "decoded_token", "stringValue", "t"};

uint32_t
tg_tokens_string(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].kind == TG_J_STRING)
		return i;
	if (d->nodes[i].kind != TG_J_OBJECT)
		return UINT32_MAX;
	for (size_t k = 0; k < TG_COUNT(strings); k++) {
		const uint32_t s = tg_jdoc_find(d, i, strings[k]);

		if (s != UINT32_MAX && d->nodes[s].kind == TG_J_STRING)
			return s;
	}
	return UINT32_MAX;
}

uint32_t
tg_tokens_number(const struct tg_jdoc *d, uint32_t i)
{
	static const char *const values[] = {"intValue", "doubleValue"};

	if (d->nodes[i].kind == TG_J_NUMBER)
		return i;
	if (d->nodes[i].kind != TG_J_OBJECT)
		return UINT32_MAX;
	for (size_t k = 0; k < TG_COUNT(values); k++) {
		const uint32_t v = tg_jdoc_find(d, i, values[k]);

		if (v != UINT32_MAX &&
		    (d->nodes[v].kind == TG_J_NUMBER ||
			d->nodes[v].kind == TG_J_STRING))
			return v;
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

/* Begins as only tokens do. */
static bool
marked(struct tg_sv raw, bool in_object)
{
	static const char *const blanks[] = {"\xe2\x96\x81", "\xc4\xa0",
	    "\xc4\x8a", "\\u2581", "\\u0120", "\\u010a"};
	bool is = false;

	for (size_t k = 0; k < TG_COUNT(blanks) && !is; k++)
		is = begins(raw, blanks[k]);
	/* A part of a message may begin with a special token. */
	return is ||
	    (!in_object &&
		(begins(raw, "<0x") || begins(raw, "<|") || word_piece(raw)));
}

static bool
any_marked(const struct tg_jdoc *d, uint32_t i)
{
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next) {
		const uint32_t s = tg_tokens_string(d, c);

		if (s != UINT32_MAX && marked(tg_jdoc_str(d, s), s != c))
			return true;
	}
	return false;
}

bool
tg_tokens_here(const struct tg_walk *w, uint32_t i)
{
	const struct tg_jdoc *d = w->doc;
	const struct tg_jnode *n = &d->nodes[i];
	uint32_t c = i + 1;

	if (n->kind != TG_J_ARRAY)
		return false;
	/* What has no string among them is passed over. */
	while (c < n->next && tg_tokens_string(d, c) == UINT32_MAX)
		c = d->nodes[c].next;
	if (c >= n->next)
		return false;
	if (d->nodes[c].kind == TG_J_OBJECT) {
		/* Alternatives do not follow each other. */
		if (n->key_end != 0 && begins(tg_jdoc_key(d, i), "top"))
			return false;
		if (tg_jdoc_find(d, c, "token") != UINT32_MAX)
			return true;
	}
	return tg_tokens_named(d, i) || (n->n > 1 && any_marked(d, i));
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
