#include "redactors/prefilter_gate.h"

#include <stdlib.h>

#include "base/banned.h"

#define SLOTS 8192 /* first words; a power of two, at most half full */
#define BLOOM_BITS 15
#define PRINT_BYTES 8 /* of a word that tell it */

struct slot {
	uint64_t print; /* 0: free */
	uint32_t first; /* the rules it wakes, in the list */
	uint32_t n;
	uint32_t asks; /* its row of rules that ask for it */
};

struct tg_gate {
	struct slot slot[SLOTS];
	uint64_t bloom[(1u << BLOOM_BITS) / 64]; /* of the prints */
	size_t n_words;
	uint16_t *rule; /* rules, word by word */
	size_t n_rules;
	uint64_t *asks;	 /* rows of a bit a rule, word by word */
	size_t row;	 /* words of a row */
	uint16_t *gated; /* all rules that are gated */
	size_t n_gated;
	uint64_t has[TG_RULES_MAX / 64 + 1]; /* the same, a bit a rule */
	uint64_t near[TG_RULES_MAX / 64 + 1];
};

struct pair {
	uint64_t print;
	uint16_t rule;
	bool wakes;
};

/* What tells a word. */
static uint64_t
head(const char *p, size_t n)
{
	return tg_dict_head(p, n, n);
}

static uint64_t
mix(uint64_t print)
{
	return print * UINT64_C(0x9e3779b97f4a7c15);
}

static size_t
bloom_bit(uint64_t mixed)
{
	return (size_t)(mixed >> (64 - BLOOM_BITS));
}

static size_t
slot_of(const struct tg_gate *g, uint64_t print)
{
	size_t k = (size_t)(mix(print) >> 32) & (SLOTS - 1);

	while (g->slot[k].print != 0 && g->slot[k].print != print)
		k = (k + 1) & (SLOTS - 1);
	return k;
}

static bool
gated(const struct tg_rule *rule)
{
	return rule->engine == TG_ENGINE_PCRE2 && rule->base == 0 &&
	    rule->valid == 0 && rule->whole == 0 && !rule->keyed;
}

/* No list of the rule has a phrase that begins with a digit. */
static bool
in_letters(const struct tg_rule *rule)
{
	const struct tg_words *const list[] = {&rule->words, &rule->negative};

	for (size_t k = 0; k < TG_COUNT(list); k++)
		for (size_t i = 0; i < list[k]->n; i++)
			if (list[k]->p[i][0] >= '0' && list[k]->p[i][0] <= '9')
				return false;
	return true;
}

/*
 * Whether it is known, before a match, where the words that could wake the rule
 * must stand.  The finding is the match, or what a check leaves of digits, so
 * that no word of a phrase is cut by it.
 */
static bool
near(const struct tg_rule *rule)
{
	return rule->boundary != TG_BOUND_NONE && rule->most != 0 &&
	    rule->re.group == 0 && rule->allow.n == 0 &&
	    (rule->check == NULL || (rule->number && in_letters(rule)));
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
    bool wakes, struct tg_gate *g)
{
	for (size_t i = 0; i < w->n; i++) {
		const uint64_t h = head(w->p[i], strcspn(w->p[i], " "));
		const size_t bit = bloom_bit(mix(h));

		g->bloom[bit >> 6] |= UINT64_C(1) << (bit & 63);
		out[n++] = (struct pair){h, rule, wakes};
	}
	return n;
}

static int
fill(struct tg_gate *g, struct pair *pair, size_t n, struct tg_err *err)
{
	qsort(pair, n, sizeof(*pair), by_print);
	for (size_t i = 0; i < n; i++) {
		const size_t k = slot_of(g, pair[i].print);

		if (g->slot[k].print == 0) {
			if (++g->n_words > SLOTS / 2)
				return tg_fail(err, TG_E_CONFIG,
				    "over %d words of context", SLOTS / 2);
			g->slot[k].print = pair[i].print;
			g->slot[k].first = (uint32_t)g->n_rules;
			g->slot[k].asks = (uint32_t)((g->n_words - 1) * g->row);
		}
		g->asks[g->slot[k].asks + (pair[i].rule >> 6)] |= UINT64_C(1)
		    << (pair[i].rule & 63);
		if (!pair[i].wakes)
			continue;
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
		words += r->rule[i].words.n + r->rule[i].keys.n +
		    r->rule[i].negative.n;
	pair = calloc(words, sizeof(*pair));
	if (g != NULL) {
		g->row = r->n / 64 + 1;
		g->rule = calloc(words, sizeof(*g->rule));
		g->gated = calloc(r->n + 1, sizeof(*g->gated));
		g->asks =
		    calloc((words < SLOTS / 2 ? words : SLOTS / 2) * g->row,
			sizeof(*g->asks));
	}
	if (g == NULL || pair == NULL || g->rule == NULL || g->gated == NULL ||
	    g->asks == NULL) {
		free(pair);
		tg_gate_free(g);
		return tg_fail_memory(err);
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct tg_rule *rule = &r->rule[i];
		const bool wakes = gated(rule);

		n = add_words(pair, n, &rule->words, (uint16_t)i, wakes, g);
		n = add_words(pair, n, &rule->negative, (uint16_t)i, false, g);
		if (!wakes)
			continue;
		g->gated[g->n_gated++] = (uint16_t)i;
		g->has[i >> 6] |= UINT64_C(1) << (i & 63);
		if (near(rule))
			g->near[i >> 6] |= UINT64_C(1) << (i & 63);
		n = add_words(pair, n, &rule->keys, (uint16_t)i, true, g);
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
	free(g->asks);
	free(g);
}

static bool
wake_rules(const struct tg_gate *g, uint64_t print, size_t *next)
{
	const struct slot *const slot = &g->slot[slot_of(g, print)];

	for (uint32_t i = 0; i < slot->n; i++)
		next[g->rule[slot->first + i]] = 0;
	return slot->print != 0;
}

/* Whether some rule asks for the word. */
static inline bool
wake(const struct tg_gate *g, uint64_t print, size_t *next)
{
	const size_t bit = bloom_bit(mix(print));

	return ((g->bloom[bit >> 6] >> (bit & 63)) & 1) != 0 &&
	    wake_rules(g, print, next);
}

/* Bytes of the word at @i of the text, at most PRINT_BYTES: up to what is no
 * letter or digit, or a capital that follows a small letter. */
static size_t
word_len(const struct tg_marks *m, size_t i)
{
	const uint64_t word = tg_marks_from(m, TG_MARK_WORD, i);
	const uint64_t upper = tg_marks_from(m, TG_MARK_UPPER, i);
	const uint64_t end = ~word | (upper & ~(upper << 1) & ~UINT64_C(1)) |
	    UINT64_C(1) << PRINT_BYTES;

	return (size_t)__builtin_ctzll(end);
}

static uint64_t
print_at(const char *p, const struct tg_marks *m, size_t i)
{
	return tg_dict_head(p + i, word_len(m, i), m->n - i);
}

/* The words that begin at @starts in block @b and end in it, 64 bytes and more
 * before the end of the text; those left over are returned.  *@asked: a bit of
 * each that some rule asks for. */
static uint64_t
wake_block(const struct tg_gate *g, const char *p, size_t *next,
    uint64_t starts, uint64_t ends, uint64_t *asked)
{
	uint64_t left = 0;

	for (; starts != 0; starts &= starts - 1) {
		const unsigned k = (unsigned)__builtin_ctzll(starts);
		const uint64_t rest = ends >> k >> 1;
		uint64_t print;

		if (rest == 0) {
			left |= starts & (~starts + 1);
			continue;
		}
		memcpy(&print, p + k, sizeof(print));
		print = tg_dict_cut(print, (size_t)__builtin_ctzll(rest) + 1);
		if (wake(g, print, next))
			*asked |= UINT64_C(1) << k;
	}
	return left;
}

/* Words as context.h makes them: runs of letters and digits, parted where a
 * capital follows a small letter. */
static void
wake_words(const struct tg_gate *g, const char *p, const struct tg_marks *m,
    size_t *next)
{
	uint64_t was_word = 0, was_upper = 0;

	for (size_t b = 0; b < m->blocks; b++) {
		const uint64_t word = m->at[TG_MARK_WORD][b];
		const uint64_t upper = m->at[TG_MARK_UPPER][b];
		const uint64_t camel = upper & ~(upper << 1 | was_upper);
		uint64_t starts = (word & ~(word << 1 | was_word)) | camel;
		uint64_t asked = 0;

		was_word = word >> 63;
		was_upper = upper >> 63;
		if (m->n - b * 64 >= 64 + PRINT_BYTES)
			starts = wake_block(
			    g, p + b * 64, next, starts, ~word | camel, &asked);
		for (; starts != 0; starts &= starts - 1) {
			const unsigned k = (unsigned)__builtin_ctzll(starts);

			if (wake(g, print_at(p, m, b * 64 + k), next))
				asked |= UINT64_C(1) << k;
		}
		m->at[TG_MARK_ASKED][b] = asked;
	}
}

/* Words of context.h: in small letters, parted by spaces. */
static void
wake_key(const struct tg_gate *g, struct tg_sv key, size_t *next)
{
	for (size_t i = 0; i < key.n;) {
		size_t end = i;

		while (end < key.n && key.p[end] != ' ')
			end++;
		if (end > i)
			(void)wake(g, head(key.p + i, end - i), next);
		i = end + 1;
	}
}

bool
tg_gate_has(const struct tg_gate *g, uint16_t rule)
{
	return ((g->has[rule >> 6] >> (rule & 63)) & 1) != 0;
}

bool
tg_gate_near(const struct tg_gate *g, uint16_t rule)
{
	return ((g->near[rule >> 6] >> (rule & 63)) & 1) != 0;
}

void
tg_gate_run(const struct tg_gate *g, const char *p, const struct tg_marks *m,
    struct tg_sv key, size_t *next, size_t shut)
{
	for (size_t i = 0; i < g->n_gated; i++)
		next[g->gated[i]] = shut;
	wake_words(g, p, m, next);
	wake_key(g, key, next);
}

bool
tg_gate_asks(const struct tg_gate *g, uint16_t rule, const char *p,
    const struct tg_marks *m, size_t from, size_t to)
{
	for (size_t i = tg_marks_until(m, TG_MARK_ASKED, from, to); i < to;
	     i = tg_marks_until(m, TG_MARK_ASKED, i + 1, to)) {
		const struct slot *slot =
		    &g->slot[slot_of(g, print_at(p, m, i))];

		if (((g->asks[slot->asks + (rule >> 6)] >> (rule & 63)) & 1) !=
		    0)
			return true;
	}
	return false;
}
