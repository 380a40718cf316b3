#include "redactors/pack_lint.h"

#include <stdarg.h>
#include <stdio.h>

#include "redactors/rule.h"

#include "base/banned.h"

#define ALTERNATIVES 256 /* of one pattern */
#define TEXT_MAX 512

struct lint {
	const struct tg_rule *rule;
	tg_complain complain;
	void *ctx;
	size_t n;
};

TG_PRINTF(3, 4)
static void
warn(struct lint *l, size_t at, const char *fmt, ...)
{
	const struct tg_rule *r = l->rule;
	char text[TEXT_MAX];
	va_list ap;
	int n;

	n = snprintf(text, sizeof(text), "%s:%u:%zu: ", r->info.pack,
	    r->pattern_line, r->pattern_col + at);
	if (n < 0 || (size_t)n >= sizeof(text))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	l->n++;
	l->complain(l->ctx, false, text);
}

/* How many byte values a match may begin with. */
static size_t
beginnings(const struct tg_pf_head *h)
{
	struct tg_bytes any = {{0}};
	size_t n = 0;

	if (h->back)
		any = h->run;
	for (size_t i = 0; i < h->n && !h->back; i++)
		for (int k = 0; k < 4; k++)
			any.w[k] |= h->seq[i].n == 0 ? UINT64_MAX
						     : h->seq[i].at[0].w[k];
	for (int c = 0; c < 256; c++)
		n += tg_bytes_has(&any, (unsigned char)c);
	return h->n == 0 && !h->back ? 256 : n;
}

static void
slow_lane(struct lint *l)
{
	struct tg_pf_head head;
	size_t where;

	if (!l->rule->slow || l->rule->keyed ||
	    tg_pf_derive(&head, l->rule->pattern, &where, NULL) < 0)
		return;
	warn(l, 0,
	    "SLOW-LANE: rule '%s' has no beginning to look for (%zu of 256 "
	    "byte values may begin it): PCRE2 searches every text from end to "
	    "end for it; begin the pattern with a literal or a short class",
	    l->rule->info.id, beginnings(&head));
}

/* The alternatives of one group. */
struct group {
	size_t first; /* in starts */
	size_t open;  /* offset behind its parenthesis */
};

struct walk {
	struct lint *l;
	size_t start[ALTERNATIVES], end[ALTERNATIVES];
	size_t n;
	struct group group[TG_PF_DEPTH + 2];
	size_t depth;
	size_t from; /* of the alternative that is read */
};

static bool
plain(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strchr("\\^$.[]|()?*+{}", p[i]) != NULL)
			return false;
	return true;
}

/* An alternative that is the same as an earlier one; at the end of a rule
 * without a boundary, also one that begins with an earlier literal: what is
 * found first is taken and nothing behind it can refuse it. */
static void
compare(struct walk *w, size_t first, bool last)
{
	const char *p = w->l->rule->pattern.p;

	for (size_t j = first + 1; j < w->n; j++)
		for (size_t i = first; i < j; i++) {
			const size_t ni = w->end[i] - w->start[i];
			const size_t nj = w->end[j] - w->start[j];

			if (ni > nj ||
			    memcmp(p + w->start[i], p + w->start[j], ni) != 0)
				continue;
			if (ni != nj &&
			    !(last && ni > 0 && plain(p + w->start[i], ni) &&
				plain(p + w->start[j], nj)))
				continue;
			warn(w->l, w->start[j],
			    "UNREACHABLE: rule '%s': this alternative is never "
			    "taken: the one at byte %zu %s",
			    w->l->rule->info.id, w->start[i],
			    ni == nj ? "is the same" : "matches first");
			break;
		}
}

static void
end_alternative(struct walk *w, size_t at)
{
	if (w->n < ALTERNATIVES) {
		w->start[w->n] = w->from;
		w->end[w->n++] = at;
	}
	w->from = at + 1;
}

/* Behind "(?:", "(?<value>" and the like; look-arounds and the rest are
 * read but not judged. */
static size_t
open_group(struct walk *w, size_t i)
{
	static const char *const heads[] = {
	    "?:", "?>", "?i:", "?-i:", "?<value>", "?=", "?!", "?<=", "?<!"};
	const struct tg_sv p = w->l->rule->pattern;
	struct group *g = &w->group[++w->depth];
	size_t skip = 0;

	for (size_t k = 0; k < TG_COUNT(heads); k++) {
		const size_t n = strlen(heads[k]);

		if (p.n - i > n && memcmp(p.p + i + 1, heads[k], n) == 0)
			skip = n;
	}
	*g = (struct group){.first = w->n, .open = w->from};
	w->from = i + 1 + skip;
	return i + skip;
}

/* A class from its bracket on; the offset of the closing one. */
static size_t
skip_class(struct tg_sv p, size_t i)
{
	size_t k = i + 1;

	if (k < p.n && p.p[k] == '^')
		k++;
	if (k < p.n && p.p[k] == ']')
		k++;
	while (k < p.n && p.p[k] != ']')
		k += p.p[k] == '\\' ? 2 : 1;
	return k;
}

static void
close_group(struct walk *w, size_t at)
{
	const struct group g = w->group[w->depth];
	const bool last = at + 1 == w->l->rule->pattern.n && w->depth == 1 &&
	    w->l->rule->boundary == TG_BOUND_NONE;

	end_alternative(w, at);
	compare(w, g.first, last);
	w->n = g.first;
	w->from = g.open;
	w->depth--;
}

static void
unreachable_alternatives(struct lint *l)
{
	const struct tg_sv p = l->rule->pattern;
	struct walk w = {.l = l, .n = 0};

	for (size_t i = 0; i < p.n; i++) {
		if (p.p[i] == '\\')
			i++;
		else if (p.p[i] == '[')
			i = skip_class(p, i);
		else if (p.p[i] == '(' && w.depth <= TG_PF_DEPTH)
			i = open_group(&w, i);
		else if (p.p[i] == ')' && w.depth > 0)
			close_group(&w, i);
		else if (p.p[i] == '|')
			end_alternative(&w, i);
	}
	end_alternative(&w, p.n);
	compare(&w, 0, l->rule->boundary == TG_BOUND_NONE);
}

size_t
tg_rules_lint(
    const struct tg_rules *r, const char *pack, tg_complain complain, void *ctx)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct lint l = {&r->rule[i], complain, ctx, 0};

		if (strcmp(r->rule[i].info.pack, pack) != 0 ||
		    r->rule[i].engine != TG_ENGINE_PCRE2)
			continue;
		slow_lane(&l);
		unreachable_alternatives(&l);
		n += l.n;
	}
	return n;
}
