/* input_tensors_beside.c - the texts that stand beside a tensor file
 * (beside.h): one for each context, or none of it is known; what they say more
 * than the token ids shortens a context further. */
#include "pipeline/input_tensors.h"

#include <string.h>

#include "base/enc.h"
#include "base/banned.h"

#define CUTS 16 /* rounds, as s40_activations.c */

/* The file beside cannot say what the contexts are: told once. */
static int
doubtful(struct tg_tensors *s, const char *what)
{
	s->beside_bad = true;
	s->unscanned = true;
	return tg_tensors_leave_out(s, "ACT-UNSCANNED", 0, what);
}

/* A fault of the file is told; others are errors. */
static int
fault(struct tg_tensors *s, const struct tg_err *why)
{
	if (why->cls != TG_E_INPUT && why->cls != TG_E_LIMIT) {
		*s->err = *why;
		return -1;
	}
	return doubtful(s, why->text);
}

int
tg_tensors_beside_open(struct tg_tensors *s)
{
	struct tg_err why = {.cls = TG_E_NONE};

	if (tg_beside_open(&s->beside, s->t->pass->texts, s->in->path, &why) <
	    0)
		return fault(s, &why);
	return 0;
}

int
tg_tensors_beside_next(struct tg_tensors *s)
{
	struct tg_err why = {.cls = TG_E_NONE};
	int more;

	s->row = (struct tg_beside_row){.text = {"", 0}};
	if (s->beside == NULL || s->beside_bad)
		return 0;
	more = tg_beside_next(s->beside, &s->row, &why);
	if (more < 0)
		return fault(s, &why);
	if (more == 0)
		return doubtful(
		    s, "fewer texts stand beside it than it has contexts");
	if (s->row.n_token > s->roles.positions)
		return doubtful(
		    s, "a text beside it has more tokens than positions");
	return 0;
}

int
tg_tensors_beside_end(struct tg_tensors *s)
{
	struct tg_err why = {.cls = TG_E_NONE};
	int more;

	if (s->beside == NULL || s->beside_bad)
		return 0;
	more = tg_beside_next(s->beside, &s->row, &why);
	if (more < 0)
		return fault(s, &why);
	return more == 0
	    ? 0
	    : doubtful(s, "more texts stand beside it than it has contexts");
}

/* The first finding of @text, or SIZE_MAX; in bytes. */
static int
first(struct tg_tensors *s, struct tg_trace_text text, size_t *at)
{
	struct tg_findings found;

	*at = SIZE_MAX;
	if (tg_scan(s->t->pass->scanner, text,
		(struct tg_trace_text){"text", 4}, &found, s->err) < 0)
		return -1;
	for (size_t k = 0; k < found.n; k++)
		if (found.f[k].action != TG_ACT_KEEP && found.f[k].start < *at)
			*at = found.f[k].start;
	return 0;
}

/* What is left of a context with a finding at byte @at of s->text. */
static uint32_t
before(const struct tg_tensors *s, size_t at)
{
	const struct tg_pass *p = s->t->pass;
	uint32_t n = 0;

	if (p->set->on_span != TG_SPAN_FROM || !p->causal)
		return 0;
	while (n < s->row.n_token && s->off[n + 1] <= at)
		n++;
	return n;
}

/* One more spelling: the whole, then what would be left, until it is clean. */
static int
look(struct tg_tensors *s, enum tg_spelling how, uint32_t *keep)
{
	size_t n, at;

	if (tg_beside_spell(&s->text, s->off, &s->row, how, s->err) < 0)
		return -1;
	n = s->text.n;
	for (unsigned round = 0; *keep > 0; round++) {
		const struct tg_trace_text left = {n == 0 ? "" : s->text.p, n};

		if (first(s, left, &at) < 0)
			return -1;
		if (at != SIZE_MAX) {
			const uint32_t k = round == CUTS ? 0 : before(s, at);

			*keep = k < *keep ? k : *keep;
		} else if (round > 0) {
			return 0;
		}
		n = s->off[*keep < s->row.n_token ? *keep : s->row.n_token];
		s->text.n = n;
		tg_spell_mend(&s->text, 0);
	}
	return 0;
}

static bool
alone(const struct tg_settings *set)
{
	return set->on_span == TG_SPAN_ROWS || set->on_span == TG_SPAN_BARE;
}

/* One more spelling, where the tokens of a finding go alone: with one that has
 * not gone nothing of the context stays. */
static int
look_alone(struct tg_tensors *s, enum tg_spelling how, uint32_t *keep)
{
	struct tg_findings found;
	size_t i = 0;

	if (tg_beside_spell(&s->text, s->off, &s->row, how, s->err) < 0 ||
	    tg_scan(s->t->pass->scanner,
		(struct tg_trace_text){
		    s->text.n == 0 ? "" : s->text.p, s->text.n},
		(struct tg_trace_text){"text", 4}, &found, s->err) < 0)
		return -1;
	for (uint32_t k = 0; k < s->row.n_token; k++) {
		while (i < found.n &&
		    (found.f[i].end <= s->off[k] ||
			found.f[i].action == TG_ACT_KEEP))
			i++;
		if (i < found.n && found.f[i].start < s->off[k + 1] &&
		    s->struck_now[k] == 0)
			*keep = 0;
	}
	return 0;
}

/* Whether the text beside is in what went through the stages, word for word. */
static bool
said(const struct tg_tensors *s)
{
	return s->row.text.n == 0 ||
	    (s->text.n > 0 &&
		memmem(s->text.p, s->text.n, s->row.text.bytes,
		    s->row.text.n) != NULL);
}

/* What the tokens of the row say, in every spelling but the one of @main. */
static int
looks(struct tg_tensors *s, bool main, uint32_t *keep)
{
	if (s->row.token == NULL)
		return 0;
	if (*keep > s->row.n_token)
		*keep = s->row.n_token;
	for (unsigned how = main ? TG_SPELL_FLAT : TG_SPELL_PLAIN;
	     how <= TG_SPELL_WORDS; how++)
		if (tg_spell_wants(&s->row.traits, (enum tg_spelling)how) &&
		    (alone(s->t->pass->set)
			    ? look_alone(s, (enum tg_spelling)how, keep)
			    : look(s, (enum tg_spelling)how, keep)) < 0)
			return -1;
	return 0;
}

int
tg_tensors_beside_narrow(struct tg_tensors *s, bool main, uint32_t *keep)
{
	const bool nothing_more = said(s);
	size_t at;

	if (s->beside == NULL || s->beside_bad || *keep == 0)
		return 0;
	if (looks(s, main, keep) < 0)
		return -1;
	if (nothing_more)
		return 0;
	/* A text that says more than the tokens: nobody knows where. */
	if (first(s, s->row.text, &at) < 0)
		return -1;
	if (at != SIZE_MAX)
		*keep = 0;
	return 0;
}
