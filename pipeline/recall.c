/*
 * recall.c - "Imogen Barrett" in the prompt makes "Barrett" in the answer a
 * name: what was found to be a person's name is struck wherever it stands in
 * the same unit, as a whole word, spelled the same.
 */
#include <string.h>

#include "pipeline/replace.h"
#include "pipeline/stage.h"
#include "base/banned.h"

#define WORDS_MAX 256 /* of one unit; more are not remembered */
#define WORD_MIN 4    /* bytes: shorter ones are words of other things */

static const struct tg_sv person = {"[PERSON", 7};

struct words {
	struct tg_sv word[WORDS_MAX];
	size_t n;
};

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (unsigned char)c >= 0x80;
}

static bool
word_byte(char c)
{
	return letter(c) || (c >= '0' && c <= '9');
}

static void
remember(struct words *w, struct tg_sv word)
{
	if (word.n < WORD_MIN || w->n == WORDS_MAX ||
	    (word.p[0] >= 'a' && word.p[0] <= 'z'))
		return;
	for (size_t i = 0; i < w->n; i++)
		if (tg_sv_eq(w->word[i], word))
			return;
	w->word[w->n++] = word;
}

/* The words of what was replaced as a person. */
static void
learn(struct words *w, const struct tg_text *t)
{
	for (uint32_t k = 0; k < t->n_hit; k++) {
		const struct tg_hit *h = &t->hit[k];
		uint32_t i = h->start;

		if (!h->name && !tg_sv_starts(h->by, person))
			continue;
		while (i < h->end) {
			const uint32_t from = i;

			while (i < h->end && letter(t->text.text.bytes[i]))
				i++;
			remember(w,
			    (struct tg_sv){
				t->text.text.bytes + from, i - from});
			if (i == from)
				i++;
		}
	}
}

static bool
hit_already(const struct tg_text *t, uint32_t start, uint32_t end)
{
	for (uint32_t k = 0; k < t->n_hit; k++)
		if (t->hit[k].start < end && start < t->hit[k].end)
			return true;
	return false;
}

/* Strikes @word where it stands alone; *n counts. */
static int
strike(struct tg_record *r, struct tg_text *t, struct tg_sv word,
    struct tg_sv by, size_t *n, struct tg_err *err)
{
	const char *p = t->text.text.bytes;
	const size_t len = t->text.text.n;
	size_t at = 0;

	while (at + word.n <= len) {
		const char *hit = memmem(p + at, len - at, word.p, word.n);
		size_t start, end;

		if (hit == NULL)
			break;
		start = (size_t)(hit - p);
		end = start + word.n;
		at = end;
		if ((start > 0 && word_byte(p[start - 1])) ||
		    (end < len && word_byte(p[end])) ||
		    hit_already(t, (uint32_t)start, (uint32_t)end))
			continue;
		if (tg_replace_merge(
			r, t, (uint32_t)start, (uint32_t)end, by, err) < 0)
			return -1;
		(*n)++;
	}
	return 0;
}

/* A text whose words were struck: what stood beside them reads differently
 * now, so it is looked at again. */
static int
one_text(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    const struct words *w, int type, size_t *more, struct tg_err *err)
{
	/* A part of a name has no number or pseudonym of its own. */
	const enum tg_action done =
	    tg_operators_action(p->ops, (uint16_t)type) == TG_ACT_REDACT
	    ? TG_ACT_REDACT
	    : TG_ACT_LABEL;
	const struct tg_sv by =
	    done == TG_ACT_REDACT ? TG_SV("") : TG_SV("[PERSON]");
	struct tg_unit *u = &r->unit[t->unit];
	size_t n = 0, found = 0;

	for (size_t k = 0; k < w->n; k++)
		if (strike(r, t, w->word[k], by, &n, err) < 0)
			return -1;
	for (size_t k = 0; k < n; k++) {
		tg_counts_finding(p->counts, (uint16_t)type, u->serial);
		tg_counts_done(p->counts, (uint16_t)type, done);
	}
	if (n == 0)
		return 0;
	if (r->field[t->node] == TG_FIELD_prompt_text)
		u->prompt_hit = true;
	if (tg_text_again(p, r, t, &found, err) < 0)
		return -1;
	*more += found;
	return 0;
}

/* @more: what was found beside words that were struck. */
static int
one_unit(struct tg_pass *p, struct tg_record *r, uint32_t unit, int type,
    size_t *more, struct tg_err *err)
{
	struct words w = {.n = 0};

	*more = 0;
	for (uint32_t i = 0; i < r->n_text; i++)
		if (r->text[i].unit == unit && r->text[i].n_hit > 0)
			learn(&w, &r->text[i]);
	for (uint32_t i = 0; w.n > 0 && i < r->n_text; i++) {
		struct tg_text *t = &r->text[i];

		if (t->unit == unit && t->kind == TG_TXT_STRING && t->content &&
		    one_text(p, r, t, &w, type, more, err) < 0)
			return -1;
	}
	return 0;
}

int
tg_recall(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	const int type = tg_rules_type_find(p->rules, "PERSON");

	if (type < 0)
		return 0;
	for (uint32_t unit = 0; unit < r->n_unit; unit++) {
		size_t more = 1;

		/* Every round strikes what no earlier one did. */
		while (more > 0 && !r->unit[unit].dropped)
			if (one_unit(p, r, unit, type, &more, err) < 0)
				return -1;
	}
	return 0;
}
