#include "pipeline/aligned.h"

#include <string.h>

#include "base/banned.h"

/* A name with the word id or ids in it: id, token_id, tokenIds. */
static bool
names_id(struct tg_trace_text name)
{
	for (size_t i = 0; i + 2 <= name.n; i++) {
		const char *p = name.bytes + i;
		const bool head = i == 0 || p[-1] == '_' || p[0] == 'I';
		size_t end = i + 2;

		if (strncasecmp(p, "id", 2) != 0 || !head)
			continue;
		if (end < name.n && name.bytes[end] == 's')
			end++;
		if (end == name.n || name.bytes[end] == '_')
			return true;
	}
	return false;
}

static bool
whole_number(struct tg_sv raw)
{
	return memchr(raw.p, '.', raw.n) == NULL &&
	    memchr(raw.p, 'e', raw.n) == NULL &&
	    memchr(raw.p, 'E', raw.n) == NULL;
}

/* A list or object with a string, a key or whole numbers in it. */
static bool
says_something(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].kind == TG_J_OBJECT)
		return d->nodes[i].n > 0;
	for (uint32_t k = i + 1; k < d->nodes[i].next; k++)
		if (d->nodes[k].kind == TG_J_STRING ||
		    d->nodes[k].key_end != 0 ||
		    (d->nodes[k].kind == TG_J_NUMBER &&
			whole_number(tg_jdoc_raw(d, k))))
			return true;
	return false;
}

/* The letters and digits of @s without the marks around them. */
static struct tg_sv
core(struct tg_sv s)
{
	while (s.n > 0 && ((unsigned char)*s.p >= 0x80 || *s.p <= ' ')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

static bool
repeats(const struct tg_jdoc *d, uint32_t i, uint32_t text)
{
	struct tg_sv a, b;

	if (text == UINT32_MAX || d->nodes[text].kind != TG_J_STRING)
		return false;
	a = core(tg_jdoc_str(d, i));
	b = core(tg_jdoc_str(d, text));
	return a.n > 0 && b.n > 0 &&
	    (memmem(a.p, a.n, b.p, b.n) != NULL ||
		memmem(b.p, b.n, a.p, a.n) != NULL);
}

/* Value @i, which stands under @name, beside the token @text. */
static int
fall(struct tg_walk *w, uint32_t i, struct tg_trace_text name, uint32_t text,
    struct tg_err *err)
{
	const struct tg_jdoc *d = w->doc;

	switch ((enum tg_jkind)d->nodes[i].kind) {
	case TG_J_STRING:
		return repeats(d, i, text)
		    ? tg_walk_blot(w, i, TG_TXT_TOKEN, TG_SV(""), err)
		    : 0;
	case TG_J_NUMBER:
		return names_id(name) && whole_number(tg_jdoc_raw(d, i))
		    ? tg_walk_blot(w, i, TG_TXT_LITERAL, TG_SV("null"), err)
		    : 0;
	case TG_J_ARRAY:
		if (!says_something(d, i))
			return 0;
		return tg_walk_blot(w, i, TG_TXT_LITERAL,
		    tg_sv_is((struct tg_sv){name.bytes, name.n}, "bytes")
			? TG_SV("null")
			: TG_SV("[]"),
		    err);
	case TG_J_OBJECT:
		return says_something(d, i)
		    ? tg_walk_blot(w, i, TG_TXT_LITERAL, TG_SV("{}"), err)
		    : 0;
	case TG_J_TRUE:
	case TG_J_FALSE:
	case TG_J_NULL:
		break;
	}
	return 0;
}

/* Arrays of strings are tokens themselves, or say something else. */
static bool
beside(const struct tg_jdoc *d, uint32_t i, uint32_t array)
{
	return i != array && d->nodes[i].kind == TG_J_ARRAY &&
	    d->nodes[i].n == d->nodes[array].n &&
	    d->nodes[i + 1].kind != TG_J_STRING;
}

static int
add(struct tg_aligned *a, struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	const struct tg_jdoc *d = w->doc;
	uint32_t *list, k = 0;

	if (a->n == TG_ALIGNED_MAX)
		return tg_fail(err, TG_E_INPUT,
		    "byte %u: more than %u arrays beside tokens",
		    d->nodes[i].start, TG_ALIGNED_MAX);
	list = tg_arena_calloc(&w->r->arena, d->nodes[i].n, sizeof(*list));
	if (list == NULL)
		return tg_fail_memory(err);
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next)
		list[k++] = c;
	a->array[a->n] = i;
	a->element[a->n++] = list;
	return 0;
}

static int
find_all(
    struct tg_aligned *a, struct tg_walk *w, uint32_t array, struct tg_err *err)
{
	const struct tg_jdoc *d = w->doc;
	const uint32_t holder = d->nodes[array].parent;

	a->ready = true;
	if (holder == UINT32_MAX || d->nodes[holder].kind != TG_J_OBJECT)
		return 0;
	for (uint32_t c = holder + 1; c < d->nodes[holder].next;
	     c = d->nodes[c].next)
		if (beside(d, c, array) && add(a, w, c, err) < 0)
			return -1;
	return 0;
}

int
tg_aligned_strike(struct tg_aligned *a, struct tg_walk *w, uint32_t array,
    uint32_t k, uint32_t node, uint32_t text, struct tg_err *err)
{
	const struct tg_jdoc *d = w->doc;

	if (!a->ready && find_all(a, w, array, err) < 0)
		return -1;
	if (d->nodes[node].kind == TG_J_OBJECT)
		for (uint32_t c = node + 1; c < d->nodes[node].next;
		     c = d->nodes[c].next)
			if (c != text &&
			    fall(w, c, tg_walk_name(d, c), text, err) < 0)
				return -1;
	for (uint32_t i = 0; i < a->n; i++)
		if (fall(w, a->element[i][k], tg_walk_name(d, a->array[i]),
			text, err) < 0)
			return -1;
	return 0;
}
