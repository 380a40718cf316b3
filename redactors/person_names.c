/* person_names.c - what a word may be in a name, and names as they are taken.
 */
#include "redactors/person_names.h"

#include "base/banned.h"

#define NAME_WORDS 5 /* words of a name */

static void
remember(struct tg_names *c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct tg_name_word *w = &c->run.w[i];

		if (c->n_seen == TG_SCAN_NAMES || !tg_names_namely(w) ||
		    tg_names_common(w) || w->end - w->start < 3)
			continue;
		c->seen[c->n_seen++] = w->print;
	}
}

/* Jr, Sr, II, III, IV behind a name belong to it. */
static size_t
suffix(const struct tg_names *c, size_t end)
{
	static const char *const words[] = {
	    "Jr", "Sr", "II", "III", "IV", "VI", "VII"};
	const struct tg_name_word *w = &c->run.w[end];

	if (end >= c->run.n || c->run.w[end - 1].gap == TG_GAP_BREAK)
		return end;
	for (size_t i = 0; i < TG_COUNT(words); i++)
		if (strlen(words[i]) == w->end - w->start &&
		    memcmp(words[i], c->run.look->p + w->start,
			w->end - w->start) == 0)
			return end + 1;
	return end;
}

int
tg_names_found(
    struct tg_names *c, enum tg_form form, size_t from, size_t to, int less)
{
	const int id = c->r->form_rule[form];
	struct tg_match m = {.look = c->run.look};

	if (id < 0)
		return 0;
	m.rule = &c->r->rule[id];
	if (form != TG_FORM_LONE && form != TG_FORM_REPEATED)
		to = suffix(c, to);
	m.span.start = c->run.w[from].start;
	m.span.end = c->run.w[to - 1].end;
	if (c->run.w[to - 1].initial && m.span.end < c->run.look->n &&
	    c->run.look->p[m.span.end] == '.')
		m.span.end++;
	m.base = (uint8_t)(m.rule->base > less ? m.rule->base - less : 0);
	if (form != TG_FORM_LONE && form != TG_FORM_REPEATED)
		remember(c, from, to);
	return tg_scan_judge(c->s, &m, c->err);
}

/* A capital inside that no name has: "TraX", "KOs". */
bool
tg_names_odd(const struct tg_look *v, const struct tg_name_word *w)
{
	static const char *const heads[] = {
	    "Mc", "Mac", "De", "Di", "Du", "Le", "La", "Van", "Fitz"};
	size_t k = w->start + 1;

	if (w->caps)
		return false;
	for (size_t i = 0; i < TG_COUNT(heads); i++)
		if (w->end - w->start > strlen(heads[i]) &&
		    memcmp(v->p + w->start, heads[i], strlen(heads[i])) == 0)
			k = w->start + strlen(heads[i]) + 1;
	for (; k < w->end; k++)
		if (v->p[k] >= 'A' && v->p[k] <= 'Z' && v->p[k - 1] != '-' &&
		    v->p[k - 1] != '\'')
			return true;
	return false;
}

/* "from Salem", "to Coleman": a town that is a surname too. */
bool
tg_names_from_town(const struct tg_names *c, const struct tg_name_word *w)
{
	size_t at = w->start;

	return (w->flags & TG_DICT_TOWN) != 0 && !tg_names_given(w) &&
	    (tg_name_before(&c->run, &at) & TG_DICT_AT) != 0;
}

/* "the Azna", "rue Masséna", "University of Alberta". */
bool
tg_names_against(const struct tg_names *c, size_t at)
{
	for (int k = 0; k < 2; k++) {
		const uint16_t flags = tg_name_before(&c->run, &at);

		if ((flags & TG_DICT_AGAINST) != 0)
			return true;
		if ((flags & TG_DICT_LINK) == 0)
			return false;
	}
	return false;
}

/* A common word that is a name here: "M. Marquis", "Jeanne d'Arc". */
static bool
common_name(const struct tg_names *c, size_t i, const struct tg_taken *t)
{
	const struct tg_name_word *w = &c->run.w[i];

	const bool led = i > 0 && !w[-1].capital &&
	    (w[-1].flags & TG_DICT_PARTICLE) != 0 &&
	    (w->flags & TG_DICT_TOWN) == 0;

	return (t->sure || led) && w->capital && tg_names_common(w) &&
	    w->end - w->start >= 3 &&
	    (w->flags &
		(TG_DICT_TITLE | TG_DICT_AGAINST | TG_DICT_DOES |
		    TG_DICT_AT)) == 0 &&
	    !tg_names_particle(w);
}

/* Whether a name follows the particle at @i: "de Gaulle"; with @two also "de la
 * Tour". */
static bool
leads_on(const struct tg_names *c, size_t i, bool two)
{
	size_t k = i + 1;

	if (two && k < c->run.n && !c->run.w[k].capital &&
	    tg_names_particle(&c->run.w[k]))
		k++;
	return k < c->run.n && c->run.w[k].capital;
}

/* "M. Le Du": two particles that are the name. */
static bool
particle_name(const struct tg_names *c, size_t i, const struct tg_taken *t)
{
	const struct tg_name_word *w = &c->run.w[i];

	return t->sure && i > 0 && w->capital && w[-1].capital &&
	    tg_names_particle(w) && tg_names_particle(w - 1) &&
	    !leads_on(c, i, false);
}

static bool
usual(const struct tg_name_word *w, bool dict, const struct tg_taken *t)
{
	return (tg_names_namely(w) && (dict || t->free)) ||
	    (t->free && tg_names_surname(w));
}

/* Whether the word at @i goes on the name. */
static bool
take_one(const struct tg_names *c, size_t i, struct tg_taken *t)
{
	const struct tg_name_word *w = &c->run.w[i];
	const bool dict = tg_names_surname(w) || tg_names_given(w);

	if (w->initial)
		return true; /* "J. Smith" */
	if (particle_name(c, i, t)) {
		t->names++;
		t->end = i + 1;
		return false;
	}
	if (tg_names_particle(w) &&
	    leads_on(c, i, i > 0 && tg_names_given(w - 1)))
		return t->free || !w->capital || !tg_names_common(w);
	if (common_name(c, i, t)) {
		t->names++;
		t->end = i + 1;
		t->sure = t->free = false;
		return true;
	}
	if (!usual(w, dict, t))
		return false;
	t->names++;
	t->known += dict;
	t->end = i + 1;
	/* After two names a word must be known. */
	if (t->names >= 2)
		t->free = false;
	return true;
}

/* Words of a name from @i on: initials, particles before a name, names. */
struct tg_taken
tg_names_take(const struct tg_names *c, size_t i, bool free, bool sure)
{
	struct tg_taken t = {.end = i, .free = free, .sure = sure};

	for (; i < c->run.n && t.names < NAME_WORDS; i++) {
		const struct tg_name_word *w = &c->run.w[i];

		if (!take_one(c, i, &t) || w->gap == TG_GAP_COMMA ||
		    w->gap == TG_GAP_BREAK ||
		    (w->gap == TG_GAP_DOT && !w->initial))
			break;
	}
	return t;
}
