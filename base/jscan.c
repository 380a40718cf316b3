/*
 * jscan.c - marks (base/jblock.h) to nodes: the grammar of RFC 8259.
 *
 * Inside a string there is no mark but its closing quote, so a string costs its
 * blocks and not its bytes; a number is read byte by byte.  One rule beside
 * the header's: a text that is cut, at whatever byte, fails at its length.
 */
#include "base/jscan.h"

#include <stdlib.h>

#include "base/jblock.h"
#include "base/jkeys.h"

#include "base/banned.h"

#define NONE UINT32_MAX
#define TEXT_MAX (UINT32_C(1) << 31) /* bytes; offsets are 32 bits wide */
#define FIRST_ROOM 256		     /* nodes */
#define CUT "text ends too early"

struct scan {
	struct tg_jblock b;
	struct tg_jdoc *d;
	const char *p; /* the text */
	uint32_t n;
	uint32_t open;		     /* innermost open container, or NONE */
	uint32_t depth;		     /* open containers */
	uint32_t key_start, key_end; /* of the next node; 0,0: none */
	bool key_esc;
	/* The first defect. */
	enum tg_err_class cls;
	const char *what;
	uint32_t at;
};

static int
stop(struct scan *s, uint32_t at, const char *what)
{
	s->cls = TG_E_INPUT;
	s->what = what;
	s->at = at;
	return -1;
}

/* No mark where one is needed. */
static int
ended(struct scan *s)
{
	if (s->b.bad != NULL)
		return stop(s, s->b.bad_at, s->b.bad);
	return stop(s, s->n, CUT);
}

static int
no_memory(struct scan *s, uint32_t at)
{
	(void)stop(s, at, "out of memory");
	s->cls = TG_E_MEMORY;
	return -1;
}

bool
tg_jscan_room(struct tg_jdoc *d, uint32_t more)
{
	uint32_t cap = d->cap == 0 ? FIRST_ROOM : d->cap;
	struct tg_jnode *nodes;

	/* n and more are both below 2^23: no overflow. */
	while (cap - d->n < more)
		cap *= 2;
	if (cap == d->cap)
		return true;
	nodes = realloc(d->nodes, cap * sizeof(*nodes));
	if (nodes == NULL)
		return false;
	d->nodes = nodes;
	d->cap = cap;
	return true;
}

/* A new last node, child of the open container. */
static inline struct tg_jnode *
add_node(struct scan *s, uint32_t pos, enum tg_jkind kind)
{
	struct tg_jdoc *d = s->d;
	struct tg_jnode *node;

	if (d->n == d->cap) {
		if (d->n >= TG_JSCAN_NODES) {
			(void)stop(s, pos, "too many values");
			return NULL;
		}
		if (!tg_jscan_room(d, 1)) {
			(void)no_memory(s, pos);
			return NULL;
		}
	}
	if (s->open != NONE)
		d->nodes[s->open].n++;
	node = &d->nodes[d->n++];
	*node = (struct tg_jnode){.start = pos,
	    .key_start = s->key_start,
	    .key_end = s->key_end,
	    .key_esc = s->key_esc,
	    .parent = s->open,
	    .next = d->n,
	    .kind = (uint8_t)kind};
	return node;
}

static inline int
string(struct scan *s, uint32_t pos)
{
	struct tg_jnode *node = add_node(s, pos, TG_J_STRING);
	const uint32_t close = node == NULL ? 0 : tg_jblock_next(&s->b);

	if (node == NULL)
		return -1;
	if (close == TG_JBLOCK_END)
		return ended(s);
	node->end = close + 1;
	node->esc = tg_jblock_bslash(&s->b, pos, close);
	return 0;
}

static int
open_container(struct scan *s, uint32_t pos, enum tg_jkind kind)
{
	if (s->depth == TG_JSCAN_DEPTH)
		return stop(s, pos, "nested deeper than 128 brackets");
	if (add_node(s, pos, kind) == NULL)
		return -1;
	s->depth++;
	s->open = s->d->n - 1;
	return 0;
}

static int
close_container(struct scan *s, uint32_t pos)
{
	struct tg_jdoc *d = s->d;
	struct tg_jnode *node = &d->nodes[s->open];
	uint32_t twice = 0;
	int differ = 1;

	node->end = pos + 1;
	node->next = d->n;
	if (node->kind == TG_J_OBJECT && node->n > 1)
		differ = tg_jkeys_check(d, s->open, &twice);
	if (differ < 0)
		return no_memory(s, pos);
	if (differ == 0)
		return stop(s, d->nodes[twice].key_start, "key used twice");
	s->open = d->nodes[s->open].parent;
	s->depth--;
	return 0;
}

/* The value that began before @end must be followed by a delimiter. */
static inline int
end_scalar(struct scan *s, uint32_t end)
{
	if (end < s->n &&
	    (tg_jblock_class[(uint8_t)s->p[end]] &
		(TG_JC_OP | TG_JC_WHITE | TG_JC_QUOTE)) == 0)
		return stop(s, end, "unexpected byte");
	s->d->nodes[s->d->n - 1].end = end;
	return 0;
}

static int
literal(struct scan *s, uint32_t pos, struct tg_sv word, enum tg_jkind kind)
{
	for (uint32_t i = 0; i < word.n; i++) {
		if (pos + i >= s->n)
			return stop(s, s->n, CUT);
		if (s->p[pos + i] != word.p[i])
			return stop(s, pos + i, "unexpected byte");
	}
	if (add_node(s, pos, kind) == NULL)
		return -1;
	return end_scalar(s, pos + (uint32_t)word.n);
}

/* Past the digits at @i; eight bytes at once (little-endian). */
static inline uint32_t
digits(const struct scan *s, uint32_t i)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t w;

	for (; s->n - i >= sizeof(w); i += (uint32_t)sizeof(w)) {
		memcpy(&w, s->p + i, sizeof(w));
		w ^= UINT64_C(0x3030303030303030);
		/* 10 and more reach the high bit. */
		w = (w | ((w & ~high) + UINT64_C(0x7676767676767676))) & high;
		if (w != 0)
			return i + (uint32_t)__builtin_ctzll(w) / 8;
	}
	while (i < s->n && (uint8_t)(s->p[i] - '0') < 10)
		i++;
	return i;
}

/* Past the digits at @i, of which there must be one; NONE when there is not. */
static inline uint32_t
some_digits(struct scan *s, uint32_t i)
{
	const uint32_t end = digits(s, i);

	if (end > i)
		return end;
	(void)(i >= s->n ? stop(s, s->n, CUT) : stop(s, i, "malformed number"));
	return NONE;
}

/* [ minus ] int [ frac ] [ exp ], RFC 8259 section 6. */
static int
number(struct scan *s, uint32_t pos)
{
	const uint32_t from = pos + (s->p[pos] == '-');
	uint32_t i = some_digits(s, from);

	if (i == NONE)
		return -1;
	if (i - from > 1 && s->p[from] == '0')
		return stop(s, from + 1, "malformed number");
	if (i < s->n && s->p[i] == '.') {
		i = some_digits(s, i + 1);
		if (i == NONE)
			return -1;
	}
	if (i < s->n && (s->p[i] | 0x20) == 'e') {
		i++;
		if (i < s->n && (s->p[i] == '+' || s->p[i] == '-'))
			i++;
		i = some_digits(s, i);
		if (i == NONE)
			return -1;
	}
	if (i - pos > TG_JSCAN_NUMBER)
		return stop(s, pos, "number longer than 64 characters");
	if (add_node(s, pos, TG_J_NUMBER) == NULL)
		return -1;
	return end_scalar(s, i);
}

/* The value whose first byte is at @pos. */
static inline int
value(struct scan *s, uint32_t pos)
{
	switch (s->p[pos]) {
	case '"':
		return string(s, pos);
	case '{':
		return open_container(s, pos, TG_J_OBJECT);
	case '[':
		return open_container(s, pos, TG_J_ARRAY);
	case 't':
		return literal(s, pos, TG_SV("true"), TG_J_TRUE);
	case 'f':
		return literal(s, pos, TG_SV("false"), TG_J_FALSE);
	case 'n':
		return literal(s, pos, TG_SV("null"), TG_J_NULL);
	default:
		if (s->p[pos] == '-' || (uint8_t)(s->p[pos] - '0') < 10)
			return number(s, pos);
		return stop(s, pos, "unexpected byte");
	}
}

/* "key" : and the first byte of the value, which *@pos is moved to. */
static inline int
key(struct scan *s, uint32_t *pos)
{
	const uint32_t start = *pos;
	uint32_t close, colon;

	if (s->p[start] != '"')
		return stop(s, start, "unexpected byte");
	close = tg_jblock_next(&s->b);
	if (close == TG_JBLOCK_END)
		return ended(s);
	s->key_start = start;
	s->key_end = close + 1;
	s->key_esc = tg_jblock_bslash(&s->b, start, close);
	colon = tg_jblock_next(&s->b);
	if (colon == TG_JBLOCK_END)
		return ended(s);
	if (s->p[colon] != ':')
		return stop(s, colon, "unexpected byte");
	*pos = tg_jblock_next(&s->b);
	return *pos == TG_JBLOCK_END ? ended(s) : 0;
}

/* The strings that follow in the open array, one behind the other, as far as
 * their marks are there: the tokens of a trace are thousands. */
static void
strings(struct scan *s)
{
	struct tg_jblock *const b = &s->b;
	struct tg_jdoc *const d = s->d;
	const uint32_t *m = b->mark + b->i, *const end = b->mark + b->have;
	uint32_t n = d->n;

	for (; end - m >= 3 && n < d->cap && s->p[m[0]] == ',' &&
	     s->p[m[1]] == '"';
	     m += 3, n++)
		d->nodes[n] = (struct tg_jnode){.start = m[1],
		    .end = m[2] + 1,
		    .parent = s->open,
		    .next = n + 1,
		    .kind = TG_J_STRING,
		    .esc = b->has_bslash && tg_jblock_bslash_in(b, m[1], m[2])};
	d->nodes[s->open].n += n - d->n;
	d->n = n;
	b->i = (uint32_t)(m - b->mark);
}

/* The next child of the open container, or its end. */
static inline int
step(struct scan *s)
{
	const struct tg_jnode *up = &s->d->nodes[s->open];
	const bool object = up->kind == TG_J_OBJECT;
	uint32_t pos;

	if (!object && up->n > 0 &&
	    s->d->nodes[s->d->n - 1].kind == TG_J_STRING)
		strings(s);
	pos = tg_jblock_next(&s->b);
	if (pos == TG_JBLOCK_END)
		return ended(s);
	if (s->p[pos] == (object ? '}' : ']'))
		return close_container(s, pos);
	if (up->n > 0) {
		if (s->p[pos] != ',')
			return stop(s, pos, "unexpected byte");
		pos = tg_jblock_next(&s->b);
		if (pos == TG_JBLOCK_END)
			return ended(s);
	}
	s->key_start = s->key_end = 0;
	s->key_esc = false;
	if (object && key(s, &pos) < 0)
		return -1;
	return value(s, pos);
}

static int
run(struct scan *s)
{
	uint32_t pos = tg_jblock_next(&s->b);

	if (pos == TG_JBLOCK_END)
		return ended(s);
	if (value(s, pos) < 0)
		return -1;
	while (s->open != NONE) {
		if (step(s) < 0)
			return -1;
	}
	pos = tg_jblock_next(&s->b);
	if (pos != TG_JBLOCK_END)
		return stop(s, pos, "bytes after the value");
	return s->b.bad != NULL ? ended(s) : 0;
}

void
tg_jdoc_init(struct tg_jdoc *d)
{
	memset(d, 0, sizeof(*d));
}

void
tg_jdoc_deinit(struct tg_jdoc *d)
{
	free(d->nodes);
	tg_jdoc_init(d);
}

int
tg_jscan(struct tg_jdoc *d, struct tg_sv text, size_t *at, struct tg_err *err)
{
	struct scan s;

	d->text = TG_SV("");
	d->n = 0;
	*at = 0;
	if (text.n > TEXT_MAX)
		return tg_fail(
		    err, TG_E_LIMIT, "a JSON text of more than 2 GiB");
	tg_jblock_init(&s.b, text);
	s.d = d;
	s.p = text.p;
	s.n = (uint32_t)text.n;
	s.open = NONE;
	s.depth = s.key_start = s.key_end = 0;
	s.key_esc = false;
	d->text = text;
	if (run(&s) == 0)
		return 0;
	d->text = TG_SV("");
	d->n = 0;
	*at = s.at;
	if (s.cls == TG_E_MEMORY)
		return tg_fail_memory(err);
	return tg_fail(err, s.cls, "%s", s.what);
}

uint32_t
tg_jdoc_find(const struct tg_jdoc *d, uint32_t i, const char *name)
{
	uint32_t c = i + 1;

	if (d->nodes[i].kind != TG_J_OBJECT)
		return NONE;
	for (uint32_t k = 0; k < d->nodes[i].n; k++, c = d->nodes[c].next) {
		if (tg_jdoc_key_is(d, c, name))
			return c;
	}
	return NONE;
}

struct tg_sv
tg_jdoc_raw(const struct tg_jdoc *d, uint32_t i)
{
	return (struct tg_sv){
	    d->text.p + d->nodes[i].start, d->nodes[i].end - d->nodes[i].start};
}

struct tg_sv
tg_jdoc_str(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].kind != TG_J_STRING)
		return TG_SV("");
	return (struct tg_sv){d->text.p + d->nodes[i].start + 1,
	    d->nodes[i].end - d->nodes[i].start - 2};
}

struct tg_sv
tg_jdoc_key(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].key_end == 0)
		return TG_SV("");
	return (struct tg_sv){d->text.p + d->nodes[i].key_start + 1,
	    d->nodes[i].key_end - d->nodes[i].key_start - 2};
}
