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
#include "redactors/person_names.h"

#include "base/banned.h"

#define SCORE_COMMON 5	 /* taken off for words that are common too */
#define SCORE_UNKNOWN 15 /* and for surnames in no dictionary */
#define SCORE_INITIAL 10 /* and behind initials */
#define SCORE_BEHIND 20	 /* and for an unknown word before a surname */
#define SCORE_SMALL 10	 /* and for one word in small letters */
#define CAPS_LONE 5	 /* bytes: shorter ones in capitals are acronyms */
#define UNKNOWN_LEAST 4	 /* bytes of a name in no dictionary */
#define SMALL_TEXT 4096	 /* bytes of a text read for names in small letters */
#define INTRO_LOOK 48	 /* bytes before a name where an introduction stands */

static struct tg_taken
take(const struct tg_names *c, size_t i, bool free)
{
	return tg_names_take(c, i, free, false);
}

static bool
is_title(const struct tg_name_word *w, bool small)
{
	return (w->flags & TG_DICT_TITLE) != 0 &&
	    (w->capital || small || w->end - w->start > 2) &&
	    (w->gap == TG_GAP_SPACE || w->gap == TG_GAP_DOT);
}

/* "NI. Ysart": how scanners of old print read "M." */
static bool
misread(const struct tg_look *v, const struct tg_name_word *w)
{
	return w->gap == TG_GAP_DOT && w->end - w->start == 2 &&
	    v->p[w->start] == 'N' && strchr("Iil", v->p[w->start + 1]) != NULL;
}

/* "M.", "Mr", "Dr.", "Mme": in writing only names follow. */
static bool
abbreviated(const struct tg_name_word *w)
{
	const size_t n = w->end - w->start;

	return w->capital && !w->caps && (w->flags & TG_DICT_RANK) == 0 &&
	    (w->gap == TG_GAP_DOT || (n > 1 && n <= 3));
}

/* Titles that stand in a row. */
struct titles {
	size_t end; /* behind the last */
	bool strong, rank, plural;
};

static struct titles
titles_at(const struct tg_names *c, size_t i)
{
	struct titles t = {.end = i};

	for (; t.end < c->run.n; t.end++) {
		const bool scanned = misread(c->run.look, &c->run.w[t.end]);

		if (!scanned && !is_title(&c->run.w[t.end], c->run.small))
			break;
		if (scanned) {
			t.strong = true;
			continue;
		}
		const uint16_t flags = c->run.w[t.end].flags;

		t.plural = t.plural || (flags & TG_DICT_PLURAL) != 0;
		t.rank = t.rank || (flags & TG_DICT_RANK) != 0;
		t.strong = t.strong || (flags & TG_DICT_RANK) == 0;
	}
	return t;
}

/* "Mr King": the last of the titles at @i is the name. */
static bool
title_is_name(const struct tg_names *c, size_t i, size_t end)
{
	const struct tg_name_word *w;

	if (end < i + 2)
		return false;
	w = &c->run.w[end - 1];
	return w->capital && !w->caps && (w->flags & TG_DICT_SURNAME) != 0 &&
	    abbreviated(w - 1);
}

/* The name behind titles; end is @s's when there is none. */
static struct tg_taken
behind_titles(const struct tg_names *c, const struct titles *s)
{
	struct tg_taken t = {.end = s->end};

	if (s->end == c->run.n)
		return t;
	t = tg_names_take(c, s->end, true, abbreviated(&c->run.w[s->end - 1]));
	if (t.end == s->end && s->strong && c->run.w[s->end].initial)
		t.end++; /* "Mme L." */
	return t;
}

/* Each tries a form at @i and returns the end of the name, @i when none, or
 * SIZE_MAX on error. */
static size_t
titled(struct tg_names *c, size_t i)
{
	const struct titles s = titles_at(c, i);
	const bool last = title_is_name(c, i, s.end);
	/* A rank tells who it is: "King Carlos", "colonel Bougon". */
	const size_t from = s.rank && !s.strong ? i : last ? s.end - 1 : s.end;
	struct tg_taken t;

	if (s.end == i)
		return i;
	t = behind_titles(c, &s);
	if (t.end == s.end && !last)
		return i;
	if (s.plural)
		tg_list_title(c, c->run.w[from].start);
	if (tg_names_found(c, TG_FORM_TITLED, from, t.end,
		s.strong || t.known != 0 ? 0 : SCORE_COMMON) < 0)
		return SIZE_MAX;
	return t.end;
}

/* What comes behind the given name at @i; end is i + 1 when nothing does. */
static struct tg_taken
behind_given(const struct tg_names *c, size_t i)
{
	const struct tg_name_word *next = &c->run.w[i + 1];
	struct tg_taken t = take(c, i + 1, true);

	if (t.end == i + 1 && next->initial && !tg_names_common(&c->run.w[i])) {
		t.end = i + 2; /* "Edward D." */
		t.known = 0;
	}
	/* A common word as the first name wants a known surname, and so do
	 * headings in capitals. */
	if (t.known == 0 &&
	    (tg_names_common(&c->run.w[i]) || (c->run.w[i].caps && next->caps)))
		t.end = i + 1;
	return t;
}

/* A capitalised word in no dictionary. */
static bool
unknown(const struct tg_name_word *w)
{
	return w->capital && (w->flags & TG_NAMES_KNOWN) == 0 && !w->caps &&
	    w->end - w->start >= 3;
}

/* Whether a name begins at @w: what follows a given name. */
static bool
begins(const struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];

	return tg_names_given(w) && i + 1 < c->run.n &&
	    w->gap == TG_GAP_SPACE && tg_names_namely(w + 1) &&
	    !tg_names_common(w + 1);
}

/* "Ysaline Martin": a word in no dictionary before a surname. */
static size_t
before_surname(struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i], *next = w + 1;
	struct tg_taken t;

	if (i + 1 >= c->run.n || !unknown(w) || w->gap != TG_GAP_SPACE ||
	    !tg_names_surname(next) || next->caps ||
	    (next->flags & (TG_DICT_COMMON | TG_DICT_TOWN | TG_DICT_TITLE)) !=
		0 ||
	    begins(c, i + 1))
		return i;
	t = take(c, i + 1, false);
	if (t.end == i + 1)
		return i;
	if (tg_names_found(c, TG_FORM_NAMED, i, t.end, SCORE_BEHIND) < 0)
		return SIZE_MAX;
	return t.end;
}

/* "San Jose Sharks", "Lake Edward": the word before says that it is a place. */
static bool
in_place(const struct tg_names *c, size_t i)
{
	const struct tg_name_word *w;

	if (i == 0)
		return false;
	w = &c->run.w[i - 1];
	return w->capital && (w->flags & TG_DICT_PLACE) != 0 &&
	    (w->gap == TG_GAP_SPACE || w->gap == TG_GAP_DOT);
}

static size_t
named(struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];
	struct tg_taken t;
	int less = 0;

	if ((w->flags & TG_DICT_PLACE) != 0 || in_place(c, i))
		return i;
	if (!tg_names_given(w))
		return before_surname(c, i);
	if ((w->gap != TG_GAP_SPACE && w->gap != TG_GAP_NONE) ||
	    i + 1 == c->run.n)
		return i;
	/* "Liberty Anna Quill": the name begins with the next. */
	if (tg_names_common(w) && !tg_names_common(w + 1) && begins(c, i + 1))
		return i;
	t = behind_given(c, i);
	if (t.end == i + 1)
		return i;
	if (t.known == 0)
		less += SCORE_UNKNOWN;
	if (tg_names_common(w))
		less += SCORE_COMMON;
	if (tg_names_found(c, TG_FORM_NAMED, i, t.end, less) < 0)
		return SIZE_MAX;
	return t.end;
}

/* "DUPONT Jean", "Dupont, Jean". */
static bool
turned(const struct tg_name_word *w, const struct tg_name_word *g)
{
	if (!tg_names_namely(w) || tg_names_common(w) || !tg_names_given(g) ||
	    tg_names_common(g))
		return false;
	if (w->gap == TG_GAP_COMMA)
		return tg_names_surname(w) &&
		    (!tg_names_given(w) || tg_names_surname(g));
	return w->gap == TG_GAP_SPACE && w->caps && !g->caps &&
	    w->end - w->start >= 3;
}

/* "Quill (Anna)": the surname in front of the bracket at @w, or 0. */
static bool
bracketed(const struct tg_names *c, const struct tg_name_word *w,
    const struct tg_name_word *last, struct tg_span *span)
{
	const struct tg_look *v = c->run.look;
	size_t a = w->start, b = last->end;

	while (a > 0 && v->p[a - 1] == ' ')
		a--;
	while (b < v->n && v->p[b] == ' ')
		b++;
	if (a == 0 || v->p[a - 1] != '(' || b == v->n || v->p[b] != ')')
		return false;
	*span = (struct tg_span){a - 1, b + 1};
	return (tg_name_before(&c->run, &span->start) &
		   (TG_DICT_COMMON | TG_DICT_TOWN | TG_DICT_TITLE)) == 0 &&
	    span->start + 3 < a && v->p[span->start] >= 'A' &&
	    v->p[span->start] <= 'Z';
}

static size_t
in_bracket(struct tg_names *c, size_t i)
{
	struct tg_match m = {.look = c->run.look};
	const int id = c->r->form_rule[TG_FORM_SURNAME_FIRST];
	size_t end = i + 1;

	while (end < c->run.n && c->run.w[end - 1].gap == TG_GAP_SPACE &&
	    tg_names_given(&c->run.w[end]))
		end++;
	if (id < 0 || i != 0 || end != c->run.n ||
	    !tg_names_given(&c->run.w[i]) ||
	    !bracketed(c, &c->run.w[i], &c->run.w[end - 1], &m.span))
		return i;
	m.rule = &c->r->rule[id];
	m.base = m.rule->base;
	return tg_scan_judge(c->s, &m, c->err) < 0 ? SIZE_MAX : end;
}

/* "Anna Dupont, Jean", "Dupont, Jean Martin": a list of names. */
static bool
in_row(const struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];

	if (w->gap != TG_GAP_COMMA)
		return false;
	if (w->print == w[1].print ||
	    (i > 0 && w[-1].gap == TG_GAP_SPACE && tg_names_given(&w[-1])))
		return true;
	return i + 2 < c->run.n && w[1].gap == TG_GAP_SPACE &&
	    tg_names_namely(w + 2) && !tg_names_given(w + 2);
}

static size_t
surname_first(struct tg_names *c, size_t i)
{
	size_t end = i + 2, from = i;
	const size_t bracket = in_bracket(c, i);

	if (bracket != i)
		return bracket;
	if (i + 1 >= c->run.n || !turned(&c->run.w[i], &c->run.w[i + 1]) ||
	    in_row(c, i))
		return i;
	while (end < c->run.n && c->run.w[end - 1].gap == TG_GAP_SPACE &&
	    tg_names_given(&c->run.w[end]) && !tg_names_common(&c->run.w[end]))
		end++;
	/* "LE GOFF Yann" */
	if (i > 0 && c->run.w[i - 1].capital && c->run.w[i].caps &&
	    tg_names_particle(&c->run.w[i - 1]) &&
	    c->run.w[i - 1].gap == TG_GAP_SPACE)
		from--;
	if (tg_names_found(c, TG_FORM_SURNAME_FIRST, from, end, 0) < 0)
		return SIZE_MAX;
	return end;
}

static size_t
initials(struct tg_names *c, size_t i)
{
	struct tg_taken t;
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
	if (tg_names_found(c, TG_FORM_INITIALS, i, t.end,
		t.known == 0 ? SCORE_INITIAL : 0) < 0)
		return SIZE_MAX;
	return t.end;
}

/* "Quillerac said": the next word is what a person does. */
static bool
acts(const struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];

	return (w->flags & TG_NAMES_KNOWN) == 0 &&
	    w->end - w->start >= UNKNOWN_LEAST && !w->caps &&
	    (tg_name_after(&c->run, w->end) & TG_DICT_DOES) != 0 &&
	    !tg_names_odd(c->run.look, w) && !tg_names_against(c, w->start);
}

/* "My name is Quillerac": one of the introductions stands in front. */
static bool
intro(const struct tg_names *c, size_t at)
{
	const size_t from = at > INTRO_LOOK ? at - INTRO_LOOK : 0;
	char words[INTRO_LOOK + 8];
	size_t n;

	if ((tg_name_last(&c->run, at) & TG_DICT_INTRO) == 0)
		return false;
	n = tg_context_words(
	    words, sizeof(words), c->run.look->p + from, at - from, false);
	return tg_context_ends(&c->r->intros, words, n);
}

/* "my name is tobias quillerac", in a text without capitals: the word behind a
 * name that was introduced, when no list knows it, is the surname. */
static void
goes_on(const struct tg_names *c, struct tg_name_word *w)
{
	const struct tg_look *v = c->run.look;
	size_t end = w->end + 1;

	if (!c->run.small || w->end >= v->n || v->p[w->end] != ' ' ||
	    tg_name_after(&c->run, w->end) != 0)
		return;
	while (end < v->n && v->p[end] >= 'a' && v->p[end] <= 'z')
		end++;
	if (end - w->end > UNKNOWN_LEAST &&
	    (end == v->n || strchr(" ,.;!?\n", v->p[end]) != NULL))
		w->end = end;
}

static size_t
introduced(struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];
	struct tg_taken t;

	if (!tg_names_namely(w) || tg_names_common(w) || tg_names_acronym(w) ||
	    (!intro(c, w->start) && !acts(c, i) && !tg_names_beside(c, i)))
		return i;
	t = take(c, i, true);
	if (t.end == i)
		return i;
	if (intro(c, w->start))
		goes_on(c, &c->run.w[t.end - 1]);
	if (tg_names_found(c, TG_FORM_INTRODUCED, i, t.end, 0) < 0)
		return SIZE_MAX;
	return t.end;
}

/* A word that is all of a text, or all of a quotation: a token, a label. */
static bool
by_itself(const struct tg_look *v, const struct tg_name_word *w)
{
	static const char blanks[] = " \t\r\n";
	size_t a = w->start, b = w->end;

	while (
	    a > 0 && v->p[a - 1] != '\0' && strchr(blanks, v->p[a - 1]) != NULL)
		a--;
	while (b < v->n && v->p[b] != '\0' && strchr(blanks, v->p[b]) != NULL)
		b++;
	return (a == 0 || strchr("\"'`", v->p[a - 1]) != NULL) &&
	    (b == v->n || strchr("\"'`\\", v->p[b]) != NULL);
}

/* "Stanley Cup", "Nobel Prize", "Kähler metrics": called after somebody. */
static bool
called_after(const struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i], *next = w + 1;

	return i + 1 < c->run.n && w->gap == TG_GAP_SPACE && next->capital &&
	    !next->initial &&
	    ((tg_names_common(next) && !tg_names_surname(next)) ||
		(next->flags & TG_NAMES_KNOWN) == 0);
}

/* "NASA", "BEL20": a label in capitals, a name of a thing. */
static bool
label(const struct tg_look *v, const struct tg_name_word *w)
{
	if (w->caps && w->end - w->start < CAPS_LONE)
		return true;
	return w->end < v->n && v->p[w->end] >= '0' && v->p[w->end] <= '9';
}

static size_t
lone(struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];
	const struct tg_look *v = c->run.look;

	if (!tg_names_namely(w) || tg_names_common(w) ||
	    (!tg_names_given(w) && !tg_names_surname(w)))
		return i;
	if ((w->flags & TG_DICT_PLACE) != 0 || called_after(c, i) ||
	    by_itself(v, w) || tg_names_odd(v, w) || label(v, w) ||
	    tg_names_against(c, w->start) || tg_names_from_town(c, w) ||
	    tg_names_in_region(c, w->end))
		return i;
	if (tg_names_found(
		c, TG_FORM_LONE, i, i + 1, c->run.small ? SCORE_SMALL : 0) < 0)
		return SIZE_MAX;
	return i + 1;
}

static size_t
repeated(struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];

	if (!w->capital)
		return i;
	for (size_t k = 0; k < c->n_seen; k++) {
		if (c->seen[k] != w->print)
			continue;
		if (tg_names_found(c, TG_FORM_REPEATED, i, i + 1, 0) < 0)
			return SIZE_MAX;
		return i + 1;
	}
	return i;
}

static size_t
name_at(struct tg_names *c, size_t i)
{
	static size_t (*const forms[])(struct tg_names *, size_t) = {titled,
	    introduced, surname_first, named, initials, tg_list_next, lone};
	size_t end = i;

	if (c->again)
		return repeated(c, i);
	for (size_t k = 0; k < TG_COUNT(forms) && end == i; k++)
		end = forms[k](c, i);
	if (end != i && end != SIZE_MAX)
		tg_list_put(c, c->run.w[i].start, c->run.w[end - 1].end);
	return end;
}

static int
flush(struct tg_names *c)
{
	for (size_t i = 0; i < c->run.n && !c->again; i++)
		if ((c->run.w[i].flags & (TG_DICT_TOWN | TG_DICT_TOWN_HEAD)) !=
			0 &&
		    tg_town_at(c, &c->run.w[i]) < 0)
			return -1;
	c->commas = !c->again && tg_list_commas(c);
	for (size_t i = 0; i < c->run.n;) {
		const size_t end = name_at(c, i);

		if (end == SIZE_MAX)
			return -1;
		i = end == i ? i + 1 : end;
	}
	return 0;
}

static int
pass(struct tg_names *c, const struct tg_look *look, const struct tg_marks *m)
{
	c->run.look = look;
	c->run.marks = m;
	c->run.dict = c->r->dict;
	c->run.leads = tg_dict_leads(c->r->dict);
	c->run.at = 0;
	c->list_end = c->list_n = 0;
	while (tg_name_next(&c->run))
		if (flush(c) < 0)
			return -1;
	return 0;
}

/* A text of a chat, without one capital. */
static bool
small(const struct tg_marks *m)
{
	return m->n <= SMALL_TEXT && tg_marks_next(m, TG_MARK_UPPER, 0) == m->n;
}

int
tg_person_scan(struct tg_scanner *s, const struct tg_rules *r,
    const struct tg_look *look, const struct tg_marks *m, struct tg_err *err)
{
	struct tg_names c;
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
	c.run.small = small(m);
	if (pass(&c, look, m) < 0)
		return -1;
	if (c.n_seen == 0 || r->form_rule[TG_FORM_REPEATED] < 0)
		return 0;
	c.again = true;
	return pass(&c, look, m);
}
