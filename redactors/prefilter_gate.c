#include "redactors/prefilter_gate.h"

#include <stdlib.h>

#include "base/banned.h"

#define SLOTS 4096 /* first words; a power of two, at most half full */

struct slot {
	uint64_t print; /* 0: free */
	uint32_t first; /* its rules in the list */
	uint32_t n;
};

struct tg_gate {
	struct slot slot[SLOTS];
	uint8_t begins[256 / 8]; /* first bytes of the words */
	size_t n_words;
	uint16_t *rule; /* rules, word by word */
	size_t n_rules;
	uint16_t *gated; /* all rules that are gated */
	size_t n_gated;
};

struct pair {
	uint64_t print;
	uint16_t rule;
};

static bool
alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c >= 0x80;
}

static unsigned char
lower(unsigned char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool
gated(const struct tg_rule *rule)
{
	return rule->engine == TG_ENGINE_PCRE2 && rule->base == 0 &&
	    rule->valid == 0 && rule->whole == 0 && !rule->keyed;
}

static int
by_print(const void *pa, const void *pb)
{
	const struct pair *a = pa, *b = pb;

	if (a->print != b->print)
		return a->print < b->print ? -1 : 1;
	return (a->rule > b->rule) - (a->rule < b->rule);
}

static size_t
add_words(struct pair *out, size_t n, const struct tg_words *w, uint16_t rule,
    struct tg_gate *g)
{
	for (size_t i = 0; i < w->n; i++) {
		uint64_t h = TG_DICT_SEED;

		for (const char *c = w->p[i]; *c != '\0' && *c != ' '; c++)
			h = tg_dict_step(h, *c);
		g->begins[(unsigned char)w->p[i][0] >> 3] |=
		    (uint8_t)(1u << (w->p[i][0] & 7));
		out[n].print = h;
		out[n++].rule = rule;
	}
	return n;
}

static int
fill(struct tg_gate *g, struct pair *pair, size_t n, struct tg_err *err)
{
	qsort(pair, n, sizeof(*pair), by_print);
	for (size_t i = 0; i < n; i++) {
		size_t k = pair[i].print & (SLOTS - 1);

		while (
		    g->slot[k].print != 0 && g->slot[k].print != pair[i].print)
			k = (k + 1) & (SLOTS - 1);
		if (g->slot[k].print == 0) {
			if (++g->n_words > SLOTS / 2)
				return tg_fail(err, TG_E_CONFIG,
				    "over %d words of context", SLOTS / 2);
			g->slot[k].print = pair[i].print;
			g->slot[k].first = (uint32_t)g->n_rules;
		}
		g->slot[k].n++;
		g->rule[g->n_rules++] = pair[i].rule;
	}
	return 0;
}

int
tg_gate_new(struct tg_gate **out, const struct tg_rules *r, struct tg_err *err)
{
	struct tg_gate *g = calloc(1, sizeof(*g));
	struct pair *pair = NULL;
	size_t words = 1, n = 0;

	for (size_t i = 0; i < r->n; i++)
		words += r->rule[i].words.n + r->rule[i].keys.n;
	pair = calloc(words, sizeof(*pair));
	if (g != NULL) {
		g->rule = calloc(words, sizeof(*g->rule));
		g->gated = calloc(r->n + 1, sizeof(*g->gated));
	}
	if (g == NULL || pair == NULL || g->rule == NULL || g->gated == NULL) {
		free(pair);
		tg_gate_free(g);
		return tg_fail_memory(err);
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct tg_rule *rule = &r->rule[i];

		if (!gated(rule))
			continue;
		g->gated[g->n_gated++] = (uint16_t)i;
		n = add_words(pair, n, &rule->words, (uint16_t)i, g);
		n = add_words(pair, n, &rule->keys, (uint16_t)i, g);
	}
	if (fill(g, pair, n, err) < 0) {
		free(pair);
		tg_gate_free(g);
		return -1;
	}
	free(pair);
	*out = g;
	return 0;
}

void
tg_gate_free(struct tg_gate *g)
{
	if (g == NULL)
		return;
	free(g->rule);
	free(g->gated);
	free(g);
}

static void
wake(const struct tg_gate *g, uint64_t print, size_t *next)
{
	size_t k = print & (SLOTS - 1);

	while (g->slot[k].print != 0 && g->slot[k].print != print)
		k = (k + 1) & (SLOTS - 1);
	if (g->slot[k].print == 0)
		return;
	for (uint32_t i = 0; i < g->slot[k].n; i++)
		next[g->rule[g->slot[k].first + i]] = 0;
}

/* Words as context.h makes them: runs of letters and digits, parted where a
 * capital follows a small letter. */
static void
wake_words(
    const struct tg_gate *g, const unsigned char *p, size_t n, size_t *next)
{
	size_t i = 0;

	while (i < n) {
		const unsigned char c = lower(p[i]);
		const bool maybe = ((g->begins[c >> 3] >> (c & 7)) & 1) != 0;
		uint64_t h = TG_DICT_SEED;

		if (!alnum(p[i])) {
			i++;
			continue;
		}
		for (bool first = true; i < n && alnum(p[i]); first = false) {
			if (!first && p[i] >= 'A' && p[i] <= 'Z' &&
			    !(p[i - 1] >= 'A' && p[i - 1] <= 'Z'))
				break;
			if (maybe)
				h = tg_dict_step(h, (char)lower(p[i]));
			i++;
		}
		if (maybe)
			wake(g, h, next);
	}
}

void
tg_gate_run(const struct tg_gate *g, const char *p, size_t n, const char *key,
    size_t n_key, size_t *next, size_t shut)
{
	for (size_t i = 0; i < g->n_gated; i++)
		next[g->gated[i]] = shut;
	wake_words(g, (const unsigned char *)p, n, next);
	wake_words(g, (const unsigned char *)key, n_key, next);
}
