#include "redactors/shadow.h"

#include "redactors/fold.h"

#include "base/banned.h"

#define LONG_WORD 16
#define TRAIL_MAX 3  /* blanks before a line break */
#define WORD_LOOK 40 /* bytes of a word looked at */

bool
tg_shadow_plain(const struct tg_look *v)
{
	const char *p = v->p;
	size_t i = 0;

	for (; i + 8 <= v->n; i += 8) {
		uint64_t w;

		memcpy(&w, p + i, 8);
		if ((w & UINT64_C(0x8080808080808080)) != 0)
			return false;
	}
	for (; i < v->n; i++)
		if ((unsigned char)p[i] >= 0x80)
			return false;
	return true;
}

/* How many bytes at @p are below 0x80 (little-endian words). */
static size_t
ascii_run(const unsigned char *p, size_t n)
{
	size_t i = 0;
	uint64_t w;

	for (; i + sizeof(w) <= n; i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		w &= UINT64_C(0x8080808080808080);
		if (w != 0)
			return i + (size_t)__builtin_ctzll(w) / 8;
	}
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

typedef uint32_t four __attribute__((vector_size(16)));

/* Eight offsets at a time; what is written too much is written over (there is
 * room for the view's end and a few more: TG_SHADOW_SLACK). */
static void
put_run(struct tg_mapped *m, const char *p, size_t n, size_t from)
{
	uint32_t *map = m->m + m->n;
	four a = {0, 1, 2, 3}, b;

	a += (uint32_t)from;
	b = a + 4;
	memcpy(m->p + m->n, p, n);
	for (size_t k = 0; k < n; k += 8) {
		memcpy(map + k, &a, sizeof(a));
		memcpy(map + k + 4, &b, sizeof(b));
		a += 8;
		b += 8;
	}
	m->n += n;
}

int
tg_shadow_fold(struct tg_look *out, struct tg_mapped *m,
    const struct tg_look *v, bool keep_gaps, struct tg_shadow *what,
    struct tg_err *err)
{
	const unsigned char *p = (const unsigned char *)v->p;
	char to[TG_FOLD_MAX];
	size_t len = 1;

	what->folded = what->removed = false;
	if (tg_mapped_start(m, v->n + TG_SHADOW_SLACK, err) < 0)
		return -1;
	for (size_t i = 0; i < v->n; i += len) {
		int k;

		len = ascii_run(p + i, v->n - i);
		if (len != 0) {
			put_run(m, v->p + i, len, i);
			continue;
		}
		k = tg_fold(tg_fold_decode(p + i, v->n - i, &len), to);
		if (k == TG_FOLD_KEEP) {
			for (size_t j = 0; j < len; j++)
				tg_mapped_put(m, (char)p[i + j], i);
			continue;
		}
		what->folded = true;
		if (k == 0) {
			what->removed = true;
			if (keep_gaps)
				tg_mapped_put(m, TG_FOLD_OTHER, i);
		}
		for (int j = 0; j < k; j++)
			tg_mapped_put(m, to[j], i);
	}
	*out = tg_mapped_look(m, v, what->folded ? TG_VIEW_SHADOW : v->kind);
	return 0;
}

static bool
joins(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (c != '\0' && strchr("@._+/=()-", c));
}

/* Whether the word on one side of the break looks like part of an id. */
static bool
idish(const char *p, size_t n, size_t at, int dir)
{
	size_t len = 0;

	for (; len < WORD_LOOK; len++) {
		const char c = p[at];

		if (!joins(c))
			break;
		if ((c >= '0' && c <= '9') || c == '@' || c == '_')
			return true;
		if ((dir < 0 && at == 0) || (dir > 0 && at + 1 == n))
			break;
		at = dir < 0 ? at - 1 : at + 1;
	}
	return len >= LONG_WORD;
}

static bool
hex_or_colon(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
	    (c >= 'a' && c <= 'f') || c == ':';
}

/* Groups of an IPv6 address (RFC 4291 section 2.2) end at @left and go on at
 * @right, a colon on one side of the break. */
static bool
groups_of_address(const struct tg_look *v, size_t left, size_t right)
{
	const bool colon = v->p[left] == ':' || v->p[right] == ':';
	unsigned before = 0, behind = 0;

	if (!colon)
		return false;
	for (size_t i = left; hex_or_colon(v->p[i]); i--) {
		before += v->p[i] == ':';
		if (i == 0)
			break;
	}
	for (size_t i = right; i < v->n && hex_or_colon(v->p[i]); i++)
		behind += v->p[i] == ':';
	return before > 0 && behind > 0 && before + behind > 2;
}

/* The line break at @i with the indent behind it: where it ends, or 0. */
static size_t
indent_end(const struct tg_look *v, size_t i)
{
	if (v->p[i] == '\r' && i + 1 < v->n)
		i++;
	if (v->p[i] != '\n')
		return 0;
	for (i++; i < v->n; i++)
		if (strchr(" \t>", v->p[i]) == NULL || v->p[i] == '\0')
			return i;
	return 0;
}

/* The first byte after the break at @i when it may cut an identifier, or 0. */
static size_t
break_end(const struct tg_look *v, size_t i)
{
	const size_t k = indent_end(v, i);
	size_t last = i;

	while (last > 0 && i - last < TRAIL_MAX && v->p[last - 1] == ' ')
		last--;
	if (k == 0 || last == 0)
		return 0;
	if (!joins(v->p[last - 1]) || !joins(v->p[k]))
		return groups_of_address(v, last - 1, k) ? k : 0;
	if (!idish(v->p, v->n, last - 1, -1) && !idish(v->p, v->n, k, 1))
		return 0;
	return k;
}

int
tg_shadow_join(struct tg_look *out, struct tg_mapped *m,
    const struct tg_look *v, const struct tg_marks *k, bool *any,
    struct tg_err *err)
{
	size_t done = 0, first = tg_marks_next(k, TG_MARK_BREAK, 0);

	*any = false;
	for (; first < v->n && !*any;
	     first = tg_marks_next(k, TG_MARK_BREAK, first + 1))
		*any = break_end(v, first) != 0;
	if (!*any)
		return 0;
	if (tg_mapped_start(m, v->n, err) < 0)
		return -1;
	while (done < v->n) {
		const char c = v->p[done];
		const bool soft = c == '=' && done + 1 < v->n &&
		    (v->p[done + 1] == '\n' || v->p[done + 1] == '\r');
		const size_t to = c == '\n' || c == '\r' || soft
		    ? break_end(v, done + (soft ? 1 : 0))
		    : 0;

		if (to != 0) {
			/* An indent stands for a blank. */
			if (v->p[to - 1] != '\n')
				tg_mapped_put(m, ' ', done);
			done = to;
			continue;
		}
		tg_mapped_put(m, c, done++);
	}
	*out = tg_mapped_look(m, v, TG_VIEW_SHADOW);
	out->joined = true;
	return 0;
}
