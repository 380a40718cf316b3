/*
 * person.c - names of people, from titles and dictionaries.
 *
 * Capitalised words that stand together (with titles, particles and initials
 * between) make a run; in a run each form of name is tried from the left:
 * after a title; a given name and what follows it; SURNAME Given and "Surname,
 * Given"; initials and a surname; a word after "my name is".  Common words and
 * places do not stand for a person alone.  Words of a name that was found count
 * wherever they stand again in the same text.  Best effort: a name in no
 * dictionary and without a title is not seen.
 */
#include "redactors/context.h"
#include "redactors/person_words.h"
#include "redactors/scan.h"

#include "base/banned.h"

#define NAME_WORDS 5	 /* words of a name */
#define SCORE_COMMON 5	 /* taken off for words that are common too */
#define SCORE_UNKNOWN 15 /* and for surnames in no dictionary */
#define SCORE_INITIAL 10 /* and behind initials */
#define INTRO_LOOK 48	 /* bytes before a name where an introduction stands */

struct names {
	struct tg_scanner *s;
	const struct tg_rules *r;
	struct tg_err *err;
	struct tg_name_reader run;
	uint64_t seen[TG_SCAN_NAMES]; /* words of names found */
	size_t n_seen;
	bool again; /* second pass: only words seen */
};

static bool
namely(const struct tg_name_word *w)
{
	return w->capital && !w->initial &&
	    (w->flags & (TG_DICT_TITLE | TG_DICT_PARTICLE)) == 0 &&
	    ((w->flags & TG_DICT_COMMON) == 0 ||
		(w->flags & (TG_DICT_GIVEN | TG_DICT_SURNAME)) ==
		    (TG_DICT_GIVEN | TG_DICT_SURNAME));
}

static bool
surname(const struct tg_name_word *w)
{
	return w->capital && (w->flags & TG_DICT_SURNAME) != 0;
}

static bool
given(const struct tg_name_word *w)
{
	return w->capital && (w->flags & TG_DICT_GIVEN) != 0;
}

static bool
common(const struct tg_name_word *w)
{
	return (w->flags & TG_DICT_COMMON) != 0;
}

static void
remember(struct names *c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct tg_name_word *w = &c->run.w[i];

		if (c->n_seen == TG_SCAN_NAMES || !namely(w) || common(w) ||
		    w->end - w->start < 3)
			continue;
		c->seen[c->n_seen++] = w->print;
	}
}

/* Jr, Sr, II, III, IV behind a name belong to it. */
static size_t
suffix(const struct names *c, size_t end)
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

static int
found(struct names *c, enum tg_form form, size_t from, size_t to, int less)
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
	m.base = (uint8_t)(m.rule->base > less ? m.rule->base - less : 0);
	if (form != TG_FORM_LONE && form != TG_FORM_REPEATED)
		remember(c, from, to);
	return tg_scan_judge(c->s, &m, c->err);
}

/* Words of a name, as they are taken. */
struct taken {
	size_t end;   /* behind the last name */
	size_t names; /* that are names */
	size_t known; /* of those in the dictionary */
	bool free;    /* an unknown capitalised word counts */
};

/* Whether the word at @i goes on the name. */
static bool
take_one(const struct names *c, size_t i, struct taken *t)
{
	const struct tg_name_word *w = &c->run.w[i];
	const bool dict = surname(w) || given(w);

	if (w->initial)
		return true; /* "J. Smith" */
	if ((w->flags & TG_DICT_PARTICLE) != 0 && i + 1 < c->run.n &&
	    c->run.w[i + 1].capital)
		return t->free || !w->capital || !common(w);
	if (!(namely(w) && (dict || t->free)) && !(t->free && surname(w)))
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
static struct taken
take(const struct names *c, size_t i, bool free)
{
	struct taken t = {.end = i, .free = free};

	for (; i < c->run.n && t.names < NAME_WORDS; i++) {
		const struct tg_name_word *w = &c->run.w[i];

		if (!take_one(c, i, &t) || w->gap == TG_GAP_COMMA ||
		    w->gap == TG_GAP_BREAK ||
		    (w->gap == TG_GAP_DOT && !w->initial))
			break;
	}
	return t;
}

static bool
is_title(const struct tg_name_word *w)
{
	return (w->flags & TG_DICT_TITLE) != 0 &&
	    (w->capital || w->end - w->start > 2) &&
	    (w->gap == TG_GAP_SPACE || w->gap == TG_GAP_DOT);
}

/* Each tries a form at @i and returns the end of the name, @i when none, or
 * SIZE_MAX on error. */
static size_t
titled(struct names *c, size_t i)
{
	struct taken t;
	size_t k = i;
	bool strong = false, rank = false;

	for (; k < c->run.n && is_title(&c->run.w[k]); k++) {
		if ((c->run.w[k].flags & TG_DICT_RANK) != 0)
			rank = true;
		else
			strong = true;
	}
	if (k == i || k == c->run.n)
		return i;
	t = take(c, k, true);
	if (t.end == k)
		return i;
	/* A rank tells who it is: "King Carlos", "colonel Bougon". */
	if (found(c, TG_FORM_TITLED, rank && !strong ? i : k, t.end,
		strong || t.known != 0 ? 0 : SCORE_COMMON) < 0)
		return SIZE_MAX;
	return t.end;
}

/* What comes behind the given name at @i; end is i + 1 when nothing does. */
static struct taken
behind_given(const struct names *c, size_t i)
{
	const struct tg_name_word *next = &c->run.w[i + 1];
	struct taken t = take(c, i + 1, true);

	if (t.end == i + 1 && next->initial && !common(&c->run.w[i])) {
		t.end = i + 2; /* "Edward D." */
		t.known = 0;
	}
	/* A common word as the first name wants a known surname, and so do
	 * headings in capitals. */
	if (t.known == 0 &&
	    (common(&c->run.w[i]) || (c->run.w[i].caps && next->caps)))
		t.end = i + 1;
	return t;
}

static size_t
named(struct names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];
	struct taken t;
	int less = 0;

	if (!given(w) || (w->gap != TG_GAP_SPACE && w->gap != TG_GAP_NONE) ||
	    i + 1 == c->run.n)
		return i;
	t = behind_given(c, i);
	if (t.end == i + 1)
		return i;
	if (t.known == 0)
		less += SCORE_UNKNOWN;
	if (common(w))
		less += SCORE_COMMON;
	if (found(c, TG_FORM_NAMED, i, t.end, less) < 0)
		return SIZE_MAX;
	return t.end;
}

/* "DUPONT Jean", "Dupont, Jean". */
static bool
turned(const struct tg_name_word *w, const struct tg_name_word *g)
{
	if (!namely(w) || common(w) || !given(g) || common(g))
		return false;
	if (w->gap == TG_GAP_COMMA)
		return surname(w) && (!given(w) || surname(g));
	return w->gap == TG_GAP_SPACE && w->caps && !g->caps &&
	    w->end - w->start >= 3;
}

static size_t
surname_first(struct names *c, size_t i)
{
	size_t end = i + 2;

	if (i + 1 >= c->run.n || !turned(&c->run.w[i], &c->run.w[i + 1]))
		return i;
	while (end < c->run.n && c->run.w[end - 1].gap == TG_GAP_SPACE &&
	    given(&c->run.w[end]) && !common(&c->run.w[end]))
		end++;
	if (found(c, TG_FORM_SURNAME_FIRST, i, end, 0) < 0)
		return SIZE_MAX;
	return end;
}

static size_t
initials(struct names *c, size_t i)
{
	struct taken t;
	size_t k = i;
	bool dots = true;

	for (; k < c->run.n && c->run.w[k].initial; k++) {
		const enum tg_name_gap gap = c->run.w[k].gap;

		if (gap != TG_GAP_DOT && gap != TG_GAP_SPACE)
			break;
		dots = dots && gap == TG_GAP_DOT;
	}
	/* One letter without a dot is no initial. */
	if (k == i || k == c->run.n || c->run.w[k].initial ||
	    (!dots && k == i + 1))
		return i;
	t = take(c, k, dots);
	if (t.end == k)
		return i;
	if (found(c, TG_FORM_INITIALS, i, t.end,
		t.known == 0 ? SCORE_INITIAL : 0) < 0)
		return SIZE_MAX;
	return t.end;
}

static size_t
introduced(struct names *c, size_t i)
{
	const size_t at = c->run.w[i].start;
	const size_t from = at > INTRO_LOOK ? at - INTRO_LOOK : 0;
	char words[INTRO_LOOK + 8];
	struct taken t;
	size_t n;

	if (!namely(&c->run.w[i]) || common(&c->run.w[i]) ||
	    !tg_context_may_end(
		&c->r->intro_tails, c->run.look->p, at, INTRO_LOOK))
		return i;
	n = tg_context_words(
	    words, sizeof(words), c->run.look->p + from, at - from, false);
	if (!tg_context_ends(&c->r->intros, words, n))
		return i;
	t = take(c, i, true);
	if (t.end == i)
		return i;
	if (found(c, TG_FORM_INTRODUCED, i, t.end, 0) < 0)
		return SIZE_MAX;
	return t.end;
}

/* A word that is all of a text, or all of a quotation: a token, a label. */
static bool
by_itself(const struct tg_look *v, const struct tg_name_word *w)
{
	size_t a = w->start, b = w->end;

	while (a > 0 && v->p[a - 1] == ' ')
		a--;
	while (b < v->n && v->p[b] == ' ')
		b++;
	return (a == 0 || strchr("\"'`", v->p[a - 1]) != NULL) &&
	    (b == v->n || strchr("\"'`\\", v->p[b]) != NULL);
}

static size_t
lone(struct names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];

	if (!namely(w) || common(w) || (!given(w) && !surname(w)))
		return i;
	/* "Stanley Cup", "Nobel Prize": called after somebody. */
	if (i + 1 < c->run.n && w->gap == TG_GAP_SPACE &&
	    c->run.w[i + 1].capital && common(&c->run.w[i + 1]) &&
	    !surname(&c->run.w[i + 1]))
		return i;
	if (by_itself(c->run.look, w))
		return i;
	if (found(c, TG_FORM_LONE, i, i + 1, 0) < 0)
		return SIZE_MAX;
	return i + 1;
}

static size_t
repeated(struct names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];

	if (!w->capital)
		return i;
	for (size_t k = 0; k < c->n_seen; k++) {
		if (c->seen[k] != w->print)
			continue;
		if (found(c, TG_FORM_REPEATED, i, i + 1, 0) < 0)
			return SIZE_MAX;
		return i + 1;
	}
	return i;
}

static size_t
name_at(struct names *c, size_t i)
{
	static size_t (*const forms[])(struct names *, size_t) = {
	    titled, introduced, surname_first, named, initials, lone};
	size_t end = i;

	if (c->again)
		return repeated(c, i);
	for (size_t k = 0; k < TG_COUNT(forms) && end == i; k++)
		end = forms[k](c, i);
	return end;
}

static int
flush(struct names *c)
{
	for (size_t i = 0; i < c->run.n;) {
		const size_t end = name_at(c, i);

		if (end == SIZE_MAX)
			return -1;
		i = end == i ? i + 1 : end;
	}
	return 0;
}

static int
pass(struct names *c, const struct tg_look *look, const struct tg_marks *m)
{
	c->run.look = look;
	c->run.marks = m;
	c->run.dict = c->r->dict;
	c->run.leads = tg_dict_leads(c->r->dict);
	c->run.at = 0;
	while (tg_name_next(&c->run))
		if (flush(c) < 0)
			return -1;
	return 0;
}

int
tg_person_scan(struct tg_scanner *s, const struct tg_rules *r,
    const struct tg_look *look, const struct tg_marks *m, struct tg_err *err)
{
	struct names c;
	bool any = false;

	for (int i = 0; i < TG_FORM_N; i++)
		any = any || r->form_rule[i] >= 0;
	if (!any)
		return 0;
	/* Not the arrays: they are written before they are read. */
	c.s = s;
	c.r = r;
	c.err = err;
	c.n_seen = 0;
	c.again = false;
	if (pass(&c, look, m) < 0)
		return -1;
	if (c.n_seen == 0 || r->form_rule[TG_FORM_REPEATED] < 0)
		return 0;
	c.again = true;
	return pass(&c, look, m);
}
