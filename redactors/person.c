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
#include "redactors/scan.h"

#include "base/banned.h"

#define RUN_MAX 24	 /* words of a run */
#define NAME_WORDS 5	 /* words of a name */
#define SCORE_COMMON 5	 /* taken off for words that are common too */
#define INTRO_LOOK 48	 /* bytes before a name where an introduction stands */

enum gap {
	GAP_SPACE, /* one or more blanks, one line break */
	GAP_DOT,   /* ". " or "." and a letter */
	GAP_COMMA, /* ", " */
	GAP_NONE,  /* an elided "d'" */
	GAP_BREAK
};

struct word {
	size_t start, end;
	uint64_t print;
	uint8_t flags;
	bool capital, caps, initial;
	enum gap gap; /* what follows */
};

struct names {
	struct tg_scanner *s;
	const struct tg_rules *r;
	const struct tg_look *look;
	struct tg_err *err;
	struct word w[RUN_MAX];
	size_t n;
	uint64_t seen[TG_SCAN_NAMES]; /* words of names found */
	size_t n_seen;
	bool again; /* second pass: only words seen */
};

static bool
letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (unsigned char)c >= 0x80;
}

static bool
upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static char
lower(char c)
{
	return (char)(upper(c) ? c - 'A' + 'a' : c);
}

static uint64_t
print_of(const char *p, size_t n)
{
	uint64_t h = TG_DICT_SEED;

	for (size_t i = 0; i < n; i++)
		h = tg_dict_step(h, lower(p[i]));
	return h;
}

/* A double name is what both halves are. */
static uint8_t
flags_of(const struct names *c, const char *p, size_t n, uint64_t *print)
{
	const char *const dash = memchr(p, '-', n);
	uint8_t flags;

	*print = print_of(p, n);
	flags = tg_dict_flags(c->r->dict, *print);
	if (flags != 0 || dash == NULL)
		return flags;
	flags = tg_dict_flags(
	    c->r->dict, print_of(p, (size_t)(dash - p)));
	flags &= tg_dict_flags(c->r->dict,
	    print_of(dash + 1, n - (size_t)(dash - p) - 1));
	return flags & (TG_DICT_GIVEN | TG_DICT_SURNAME);
}

/* The end of the word at @i; inner hyphens and apostrophes belong to it. */
static size_t
word_end(const struct tg_look *v, size_t i)
{
	while (i < v->n) {
		if (letter(v->p[i])) {
			i++;
			continue;
		}
		if ((v->p[i] != '-' && v->p[i] != '\'') || i + 1 >= v->n ||
		    !letter(v->p[i + 1]))
			break;
		i++;
	}
	return i;
}

static enum gap
gap_at(const struct tg_look *v, size_t i, size_t *next)
{
	enum gap gap = GAP_SPACE;
	size_t lines = 0;
	const size_t from = i;

	/* Corpora and careless writers put a blank before the dot. */
	if (i + 1 < v->n && v->p[i] == ' ' && v->p[i + 1] == '.')
		i++;
	if (i < v->n && v->p[i] == '.') {
		gap = GAP_DOT;
		i++;
	} else if (i < v->n && v->p[i] == ',') {
		gap = GAP_COMMA;
		i++;
	}
	for (; i < v->n && (v->p[i] == ' ' || v->p[i] == '\t' ||
			       v->p[i] == '\n' || v->p[i] == '\r');
	     i++)
		lines += v->p[i] == '\n';
	*next = i;
	if (i >= v->n || !letter(v->p[i]) || lines > 1 || i == from)
		return GAP_BREAK;
	if (gap == GAP_COMMA && lines != 0)
		return GAP_BREAK;
	return gap;
}

static bool
namely(const struct word *w)
{
	return w->capital && !w->initial &&
	    (w->flags & (TG_DICT_TITLE | TG_DICT_PARTICLE)) == 0 &&
	    ((w->flags & TG_DICT_COMMON) == 0 ||
		(w->flags & (TG_DICT_GIVEN | TG_DICT_SURNAME)) ==
		    (TG_DICT_GIVEN | TG_DICT_SURNAME));
}

/* Endings that only surnames have: Slavic, Nordic, Greek, Armenian, Turkish,
 * German. */
static bool
shaped(const char *p, size_t n)
{
	static const char *const ends[] = {"ski", "sky", "ska", "wicz", "vich",
	    "vic", "enko", "ovsky", "ova", "eva", "nov", "rov", "kov", "lov",
	    "yev", "sson", "ssen", "dottir", "oglu", "escu", "opoulos",
	    "idis", "akis", "mann", "stein", "quist", "strom", "shvili",
	    "zadeh", "yan"};

	for (size_t i = 0; n >= 6 && i < TG_COUNT(ends); i++) {
		const size_t len = strlen(ends[i]);

		if (memcmp(p + n - len, ends[i], len) == 0)
			return true;
	}
	return n >= 5 &&
	    (memcmp(p, "Mc", 2) == 0 || memcmp(p, "O'", 2) == 0) &&
	    upper(p[2]);
}

static bool
surname(const struct word *w)
{
	return w->capital && (w->flags & TG_DICT_SURNAME) != 0;
}

static bool
given(const struct word *w)
{
	return w->capital && (w->flags & TG_DICT_GIVEN) != 0;
}

static bool
common(const struct word *w)
{
	return (w->flags & TG_DICT_COMMON) != 0;
}

static void
remember(struct names *c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct word *w = &c->w[i];

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
	const struct word *w = &c->w[end];

	if (end >= c->n || c->w[end - 1].gap == GAP_BREAK)
		return end;
	for (size_t i = 0; i < TG_COUNT(words); i++)
		if (strlen(words[i]) == w->end - w->start &&
		    memcmp(words[i], c->look->p + w->start,
			w->end - w->start) == 0)
			return end + 1;
	return end;
}

static int
found(struct names *c, enum tg_form form, size_t from, size_t to, int less)
{
	const int id = c->r->form_rule[form];
	struct tg_match m = {.look = c->look};

	if (id < 0)
		return 0;
	m.rule = &c->r->rule[id];
	if (form != TG_FORM_LONE && form != TG_FORM_REPEATED)
		to = suffix(c, to);
	m.span.start = c->w[from].start;
	m.span.end = c->w[to - 1].end;
	m.base = (uint8_t)(m.rule->base > less ? m.rule->base - less : 0);
	if (form != TG_FORM_LONE && form != TG_FORM_REPEATED)
		remember(c, from, to);
	return tg_scan_judge(c->s, &m, c->err);
}

/*
 * Words of a name from @i on: initials, particles before a name, names.
 * Returns the end; *@names: how many are names, *@known: of those in the
 * dictionary.  @free: an unknown capitalised word counts.
 */
static size_t
take(const struct names *c, size_t i, bool free, size_t *names, size_t *known)
{
	size_t end = i;

	*names = *known = 0;
	for (; i < c->n && *names < NAME_WORDS; i++) {
		const struct word *w = &c->w[i];
		const bool dict = surname(w) || given(w);

		if (w->initial) {
			/* "J. Smith", not the end of a sentence. */
		} else if ((w->flags & TG_DICT_PARTICLE) != 0 &&
		    i + 1 < c->n && c->w[i + 1].capital) {
			if (w->capital && common(w) && !free)
				break;
		} else if ((namely(w) && (dict || free)) ||
		    (free && surname(w))) {
			++*names;
			*known += dict;
			end = i + 1;
			/* After two names a word must be known. */
			if (*names >= 2)
				free = false;
		} else {
			break;
		}
		if (w->gap == GAP_COMMA || w->gap == GAP_BREAK ||
		    (w->gap == GAP_DOT && !w->initial))
			break;
	}
	return end;
}

/* Each tries a form at @i and returns the end of the name, @i when none, or
 * SIZE_MAX on error. */
static size_t
titled(struct names *c, size_t i)
{
	size_t k = i, end, names, known;
	bool strong = false, rank = false;

	while (k < c->n && (c->w[k].flags & TG_DICT_TITLE) != 0 &&
	    (c->w[k].capital || c->w[k].end - c->w[k].start > 2) &&
	    (c->w[k].gap == GAP_SPACE || c->w[k].gap == GAP_DOT)) {
		if ((c->w[k].flags & TG_DICT_RANK) != 0)
			rank = true;
		else
			strong = true;
		k++;
	}
	if (k == i || k == c->n)
		return i;
	end = take(c, k, true, &names, &known);
	if (end == k)
		return i;
	/* A rank tells who it is: "King Carlos", "colonel Bougon". */
	if (found(c, TG_FORM_TITLED, rank && !strong ? i : k, end,
		strong || known != 0 ? 0 : SCORE_COMMON) < 0)
		return SIZE_MAX;
	return end;
}

static size_t
named(struct names *c, size_t i)
{
	const struct word *w = &c->w[i];
	size_t end, names, known;
	int less = 0;

	if (!given(w) || w->gap == GAP_COMMA || w->gap == GAP_BREAK ||
	    w->gap == GAP_DOT || i + 1 == c->n)
		return i;
	end = take(c, i + 1, true, &names, &known);
	if (end == i + 1 && c->w[i + 1].initial && !common(w)) {
		end = i + 2; /* "Edward D." */
		names = known = 0;
	}
	if (end == i + 1)
		return i;
	/* A common word as the first name wants a known surname. */
	if (common(w) && known == 0)
		return i;
	if (known == 0)
		less += 15;
	if (common(w))
		less += SCORE_COMMON;
	/* Headings in capitals want both to be known. */
	if (w->caps && c->w[i + 1].caps && known == 0)
		return i;
	if (found(c, TG_FORM_NAMED, i, end, less) < 0)
		return SIZE_MAX;
	return end;
}

static size_t
surname_first(struct names *c, size_t i)
{
	const struct word *w = &c->w[i];
	const struct word *g = &c->w[i + 1];
	size_t end = i + 2;

	if (i + 1 >= c->n || !namely(w) || common(w) || !given(g) ||
	    common(g))
		return i;
	if (w->gap == GAP_COMMA) {
		if (!surname(w) || (given(w) && !surname(g)))
			return i;
	} else if (w->gap != GAP_SPACE || !w->caps || g->caps ||
	    w->end - w->start < 3) {
		return i;
	}
	while (end < c->n && c->w[end - 1].gap == GAP_SPACE &&
	    given(&c->w[end]) && !common(&c->w[end]))
		end++;
	if (found(c, TG_FORM_SURNAME_FIRST, i, end, 0) < 0)
		return SIZE_MAX;
	return end;
}

static size_t
initials(struct names *c, size_t i)
{
	size_t k = i, end, names, known;
	bool dots = true;

	while (k < c->n && c->w[k].initial &&
	    (c->w[k].gap == GAP_DOT || c->w[k].gap == GAP_SPACE)) {
		dots = dots && c->w[k].gap == GAP_DOT;
		k++;
	}
	if (k == i || k == c->n)
		return i;
	end = take(c, k, dots, &names, &known);
	if (end == k || c->w[k].initial || (known == 0 && !dots) ||
	    (!dots && k == i + 1))
		return i;
	if (found(c, TG_FORM_INITIALS, i, end, known == 0 ? 10 : 0) < 0)
		return SIZE_MAX;
	return end;
}

static size_t
introduced(struct names *c, size_t i)
{
	const size_t at = c->w[i].start;
	const size_t from = at > INTRO_LOOK ? at - INTRO_LOOK : 0;
	char words[INTRO_LOOK + 8];
	size_t n, end, names, known;

	if (!namely(&c->w[i]) || common(&c->w[i]))
		return i;
	n = tg_context_words(
	    words, sizeof(words), c->look->p + from, at - from, false);
	if (!tg_context_ends(&c->r->intros, words, n))
		return i;
	end = take(c, i, true, &names, &known);
	if (end == i)
		return i;
	if (found(c, TG_FORM_INTRODUCED, i, end, 0) < 0)
		return SIZE_MAX;
	return end;
}

/* A word that is all of a text, or all of a quotation: a token, a label. */
static bool
by_itself(const struct tg_look *v, const struct word *w)
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
	const struct word *w = &c->w[i];

	if (!namely(w) || common(w) || (!given(w) && !surname(w)))
		return i;
	/* "Stanley Cup", "Nobel Prize": called after somebody. */
	if (i + 1 < c->n && w->gap == GAP_SPACE && c->w[i + 1].capital &&
	    common(&c->w[i + 1]) && !surname(&c->w[i + 1]))
		return i;
	if (by_itself(c->look, w))
		return i;
	if (found(c, TG_FORM_LONE, i, i + 1, 0) < 0)
		return SIZE_MAX;
	return i + 1;
}

static size_t
repeated(struct names *c, size_t i)
{
	const struct word *w = &c->w[i];

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
	for (size_t i = 0; i < c->n;) {
		const size_t end = name_at(c, i);

		if (end == SIZE_MAX)
			return -1;
		i = end == i ? i + 1 : end;
	}
	c->n = 0;
	return 0;
}

/* "l'", "d'", "qu'" in front, "'s" behind are no part of the word. */
static size_t
elision(const struct tg_look *v, size_t start, size_t end)
{
	for (size_t k = 1; k <= 2 && start + k + 1 < end; k++)
		if (v->p[start + k] == '\'' &&
		    (!upper(v->p[start]) || k == 2) &&
		    upper(v->p[start + k + 1]))
			return k;
	return 0;
}

static void
read_word(const struct names *c, struct word *w, size_t i, size_t end)
{
	const char *p = c->look->p;
	size_t n;

	if (end - i > 2 && p[end - 2] == '\'' && lower(p[end - 1]) == 's')
		end -= 2;
	n = end - i;
	*w = (struct word){.start = i, .end = end};
	w->capital = upper(p[i]);
	w->initial = n == 1 && w->capital;
	w->caps = n >= 2 && w->capital;
	for (size_t k = i + 1; k < end; k++)
		w->caps = w->caps && !(p[k] >= 'a' && p[k] <= 'z');
	if (n < TG_DICT_WORD && (w->capital || n <= 14))
		w->flags = flags_of(c, p + i, n, &w->print);
	if (w->flags == 0 && w->capital && shaped(p + i, n))
		w->flags = TG_DICT_SURNAME;
}

static bool
belongs(const struct word *w)
{
	return w->capital ||
	    (w->flags & (TG_DICT_TITLE | TG_DICT_PARTICLE)) != 0;
}

static int
scan_words(struct names *c)
{
	const struct tg_look *v = c->look;
	size_t i = 0;

	while (i < v->n) {
		size_t end, next = 0, cut;
		struct word w;

		cut = tg_context_label(v->p + i, v->n - i);
		if (cut != 0) {
			i += cut;
			continue;
		}
		if (!letter(v->p[i]) ||
		    (i > 0 && v->p[i - 1] >= '0' && v->p[i - 1] <= '9')) {
			i++;
			continue;
		}
		end = word_end(v, i);
		cut = elision(v, i, end);
		if (cut != 0)
			end = i + cut;
		read_word(c, &w, i, end);
		w.gap = cut != 0 ? GAP_NONE : gap_at(v, end, &next);
		if (w.end != end)
			w.gap = GAP_BREAK; /* a possessive */
		if (cut != 0)
			next = end + 1;
		if (belongs(&w))
			c->w[c->n++] = w;
		if (c->n != 0 &&
		    (!belongs(&w) || w.gap == GAP_BREAK || c->n == RUN_MAX) &&
		    flush(c) < 0)
			return -1;
		i = w.gap == GAP_BREAK ? end : next;
	}
	return flush(c);
}

int
tg_person_scan(struct tg_scanner *s, const struct tg_rules *r,
    const struct tg_look *look, struct tg_err *err)
{
	struct names c = {.s = s, .r = r, .look = look, .err = err};
	bool any = false;

	for (int i = 0; i < TG_FORM_N; i++)
		any = any || r->form_rule[i] >= 0;
	if (!any)
		return 0;
	if (scan_words(&c) < 0)
		return -1;
	if (c.n_seen == 0 || r->form_rule[TG_FORM_REPEATED] < 0)
		return 0;
	c.again = true;
	return scan_words(&c);
}
