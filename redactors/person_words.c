#include "redactors/person_words.h"

#include "redactors/context.h"

#include "base/banned.h"

#define PLAIN_WORD 14 /* bytes of the longest title in small letters */
#define SMALL_NAME 3  /* bytes of the shortest name in small letters */
#define TOWN_WORDS 5
#define MARKS_BEFORE 32 /* bytes between a word and what introduces it */

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
static uint16_t
flags_of(const struct tg_dict *d, const char *p, size_t n, uint64_t *print)
{
	const char *const dash = memchr(p, '-', n);
	uint16_t flags;

	*print = print_of(p, n);
	flags = tg_dict_flags(d, *print);
	if (flags != 0 || dash == NULL)
		return flags;
	flags = tg_dict_flags(d, print_of(p, (size_t)(dash - p)));
	if ((flags & TG_DICT_PLACE) != 0)
		return 0; /* "San-Francisco", "Saint-Marc" */
	flags &=
	    tg_dict_flags(d, print_of(dash + 1, n - (size_t)(dash - p) - 1));
	return flags & (TG_DICT_GIVEN | TG_DICT_SURNAME);
}

/* The end of the letters at @i. */
static size_t
letters_end(const struct tg_marks *m, size_t i)
{
	uint64_t w = tg_marks_from(m, TG_MARK_WORD, i) &
	    ~tg_marks_from(m, TG_MARK_DIGIT, i);

	for (; ~w == 0; w = tg_marks_from(m, TG_MARK_WORD, i) &
		 ~tg_marks_from(m, TG_MARK_DIGIT, i))
		i += 64;
	return i + (size_t)__builtin_ctzll(~w);
}

/* The end of the word at @i; inner hyphens and apostrophes belong to it. */
static size_t
word_end(const struct tg_name_reader *r, size_t i)
{
	const struct tg_look *v = r->look;

	while (i < v->n) {
		i = letters_end(r->marks, i);
		if (i >= v->n)
			break;
		if ((v->p[i] != '-' && v->p[i] != '\'') || i + 1 >= v->n ||
		    !letter(v->p[i + 1]))
			break;
		i++;
	}
	return i;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
starts_with(const struct tg_look *v, size_t i, char c)
{
	return i < v->n && v->p[i] == c;
}

/* The hyphen of "J.-P. Morvan", whose first letter ends at @from. */
static bool
initials_dash(const struct tg_look *v, size_t from, size_t i)
{
	return starts_with(v, i, '-') && (from < 2 || !letter(v->p[from - 2]));
}

/* "M' Ysart", "M \" Ysart": what scanners make of the raised e of Me (maitre).
 * Behind the quote, or 0. */
static size_t
raised(const struct tg_look *v, size_t i)
{
	if (i == 0 || v->p[i - 1] != 'M' || (i > 1 && letter(v->p[i - 2])))
		return 0;
	i += starts_with(v, i, ' ');
	return (starts_with(v, i, '\'') || starts_with(v, i, '"')) &&
		starts_with(v, i + 1, ' ')
	    ? i + 1
	    : 0;
}

/* Corpora and careless writers put a blank before the dot or comma, and one
 * behind the apostrophe of "d' Arc". */
static size_t
careless(const struct tg_look *v, size_t i)
{
	const size_t quote = raised(v, i);

	if (quote != 0)
		return quote;
	if (starts_with(v, i, ' ') &&
	    (starts_with(v, i + 1, '.') || starts_with(v, i + 1, ',')))
		return i + 1;
	if (starts_with(v, i, '\'') && starts_with(v, i + 1, ' ') &&
	    (i < 3 || !letter(v->p[i - 3])))
		return i + 1;
	return i;
}

static enum tg_name_gap
gap_at(const struct tg_look *v, size_t i, size_t *next)
{
	enum tg_name_gap gap = TG_GAP_SPACE;
	const size_t from = i;
	size_t lines = 0;

	i = careless(v, i);
	if (starts_with(v, i, '.') || starts_with(v, i, ',')) {
		gap = v->p[i] == '.' ? TG_GAP_DOT : TG_GAP_COMMA;
		i++;
		i += gap == TG_GAP_DOT && initials_dash(v, from, i);
	}
	for (; i < v->n && blank(v->p[i]); i++)
		lines += v->p[i] == '\n';
	*next = i;
	if (i >= v->n || !letter(v->p[i]) || lines > 1 || i == from ||
	    (gap == TG_GAP_COMMA && lines != 0))
		return TG_GAP_BREAK;
	return gap;
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

/* In small letters a name is told from an address or a path by what stands
 * around it. */
static bool
stands_alone(const struct tg_look *v, size_t start, size_t end)
{
	if (start > 0 && strchr(" \t\r\n\"'(>-:,", v->p[start - 1]) == NULL)
		return false;
	return end >= v->n ||
	    (strchr("@_/=\\", v->p[end]) == NULL &&
		(v->p[end] != '.' || end + 1 >= v->n ||
		    !letter(v->p[end + 1])));
}

static bool
has_small(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			return true;
	return false;
}

static bool
may_be_name(uint16_t flags, size_t n)
{
	return n >= SMALL_NAME &&
	    (flags & (TG_DICT_GIVEN | TG_DICT_SURNAME)) != 0 &&
	    (flags & (TG_DICT_COMMON | TG_DICT_TITLE)) == 0;
}

/* A text without capitals: a word that is a name, and no other, counts as one
 * that begins with a capital. */
static void
read_small(const struct tg_name_reader *r, struct tg_name_word *w, size_t end)
{
	const size_t n = w->end - w->start;

	if (n >= TG_DICT_WORD)
		return;
	w->flags = flags_of(r->dict, r->look->p + w->start, n, &w->print);
	w->capital =
	    may_be_name(w->flags, n) && stands_alone(r->look, w->start, end);
}

static void
read_word(const struct tg_name_reader *r, struct tg_name_word *w, size_t i,
    size_t end)
{
	const char *p = r->look->p;
	const size_t all = end;
	size_t n;

	if (end - i > 2 && p[end - 2] == '\'' && lower(p[end - 1]) == 's')
		end -= 2;
	n = end - i;
	*w = (struct tg_name_word){.start = i, .end = end};
	if (r->small) {
		read_small(r, w, all);
		return;
	}
	w->capital = upper(p[i]);
	w->initial = n == 1 && w->capital;
	w->caps = n >= 2 && w->capital && !has_small(p + i, n);
	if (w->capital ? n < TG_DICT_WORD
		       : n <= PLAIN_WORD &&
		    tg_dict_may_lead(
			r->leads, tg_dict_head(p + i, n, r->look->n - i)))
		w->flags = flags_of(r->dict, p + i, n, &w->print);
	if (w->flags == 0 && w->capital && tg_name_shaped(p + i, n))
		w->flags = TG_DICT_SURNAME;
}

static bool
belongs(const struct tg_name_word *w)
{
	return w->capital ||
	    (w->flags & (TG_DICT_TITLE | TG_DICT_PARTICLE)) != 0;
}

/* The letters of block @b that may begin a word: not behind a digit. */
static uint64_t
begins(const struct tg_marks *m, size_t b)
{
	const uint64_t digit = m->at[TG_MARK_DIGIT][b];
	const uint64_t last = b == 0 ? 0 : m->at[TG_MARK_DIGIT][b - 1] >> 63;

	return m->at[TG_MARK_WORD][b] & ~digit & ~(digit << 1 | last);
}

/* The next letter that begins a word; replacements of ours are left out. */
static size_t
word_start(const struct tg_name_reader *r, size_t i)
{
	const struct tg_look *v = r->look;
	const struct tg_marks *m = r->marks;

	while (i < v->n) {
		const size_t b = i >> 6;
		uint64_t w = begins(m, b);
		size_t label = 0;

		w |= m->at[TG_MARK_OPEN][b];
		w &= ~UINT64_C(0) << (i & 63);
		if (w == 0) {
			i = (i | 63) + 1;
			continue;
		}
		i = b * 64 + (size_t)__builtin_ctzll(w);
		if (v->p[i] != '[')
			return i;
		label = tg_context_label(v->p + i, v->n - i);
		i += label != 0 ? label : 1;
	}
	return v->n;
}

/* The same of a word that may be of a name in a text without capitals: one
 * with a hyphen or an apostrophe, one that the dictionary knows as such. */
static size_t
skip_small(const struct tg_name_reader *r, size_t i)
{
	const struct tg_look *v = r->look;
	size_t end;

	for (i = word_start(r, i); i < v->n; i = word_start(r, end)) {
		uint16_t flags;

		end = letters_end(r->marks, i);
		if (end < v->n && (v->p[end] == '-' || v->p[end] == '\''))
			return i;
		if (end - i >= TG_DICT_WORD)
			continue;
		flags = tg_dict_flags(r->dict, print_of(v->p + i, end - i));
		if ((flags & (TG_DICT_TITLE | TG_DICT_PARTICLE)) != 0 ||
		    may_be_name(flags, end - i))
			return i;
	}
	return v->n;
}

static bool
may_lead(const struct tg_name_reader *r, size_t i, size_t n)
{
	return tg_dict_may_lead(
	    r->leads, tg_dict_head(r->look->p + i, n, r->look->n - i));
}

/* Whether the word at @i, in small letters, leads to no name: no title, without
 * hyphen or apostrophe. */
static bool
plain_word(const struct tg_name_reader *r, size_t i)
{
	const struct tg_look *v = r->look;
	const size_t end = letters_end(r->marks, i);

	if (end < v->n && (v->p[end] == '-' || v->p[end] == '\''))
		return false;
	return end - i > PLAIN_WORD || !may_lead(r, i, end - i);
}

/* The beginning of the word that the capital at @i stands in, not before
 * @from: the parts that hyphens and apostrophes join are one. */
static size_t
joined_start(const struct tg_name_reader *r, size_t i, size_t from)
{
	const char *p = r->look->p;
	size_t at = i;

	while (at >= from + 2 && (p[at - 1] == '-' || p[at - 1] == '\'') &&
	    letter(p[at - 2])) {
		size_t k = at - 2;

		while (k > from && letter(p[k - 1]))
			k--;
		/* What follows a digit begins no word. */
		if (k > 0 && p[k - 1] >= '0' && p[k - 1] <= '9' &&
		    ++k == at - 1)
			break;
		at = k;
		if (k > 1 && p[k - 1] >= '0' && p[k - 1] <= '9')
			break;
	}
	return at;
}

/* The word starts in @small, of block @b, that may begin a title.  Behind a
 * digit heads.h sees none: those are left to what reads the word. */
static uint64_t
titles(const struct tg_name_reader *r, size_t b, uint64_t small)
{
	const uint64_t word = r->marks->at[TG_MARK_WORD][b];
	const uint64_t last =
	    b == 0 ? 0 : r->marks->at[TG_MARK_WORD][b - 1] >> 63;

	return small & (r->marks->at[TG_MARK_TITLE][b] | (word << 1 | last));
}

/*
 * The first word at @i (no letter stands before it) or behind it that may begin
 * a name: a capital, or a title in small letters.  A particle alone begins
 * none.  Words and labels of the same block are told by their bits.
 */
static size_t
skip_plain(const struct tg_name_reader *r, size_t i)
{
	const struct tg_marks *m = r->marks;
	const size_t from = i;
	size_t next;

	for (; i < m->n; i = next) {
		const size_t b = i >> 6;
		const uint64_t may = begins(m, b);
		const uint64_t last = b == 0 ? 0 : begins(m, b - 1) >> 63;
		const uint64_t starts =
		    may & ~(may << 1 | last) & (~UINT64_C(0) << (i & 63));
		const uint64_t open =
		    m->at[TG_MARK_OPEN][b] & (~UINT64_C(0) << (i & 63));
		const uint64_t upper = starts & m->at[TG_MARK_UPPER][b];
		uint64_t todo = upper | open;

		/* Behind the first capital nothing is asked for. */
		todo |= titles(
		    r, b, starts & ~upper & ((upper & (~upper + 1)) - 1));

		next = (i | 63) + 1;
		for (; todo != 0; todo &= todo - 1) {
			const unsigned k = (unsigned)__builtin_ctzll(todo);
			const size_t at = b * 64 + k;

			if (((upper >> k) & 1) != 0)
				return joined_start(r, at, from);
			if (((open >> k) & 1) == 0) {
				/* A part of a longer word is no title. */
				if (joined_start(r, at, from) == at &&
				    !plain_word(r, at))
					return at;
				continue;
			}
			next = tg_context_label(r->look->p + at, m->n - at);
			if (next != 0) {
				next += at;
				break;
			}
			next = (i | 63) + 1;
		}
	}
	return m->n;
}

/* "Ch. Ysart", "Wm. Ysart": a given name cut short by a dot is an initial. */
static bool
cut_short(const char *p, size_t n)
{
	static const char *const heads[] = {"Ch", "Ph", "Th", "Wm", "Alf",
	    "Aug", "Ern", "Eug", "Geo", "Jas", "Jos", "Chas", "Ferd", "Gust",
	    "Robt"};

	for (size_t i = 0; i < TG_COUNT(heads); i++)
		if (strlen(heads[i]) == n && memcmp(heads[i], p, n) == 0)
			return true;
	return false;
}

/* One word from @i on; returns where the next may be. */
static size_t
take_word(const struct tg_name_reader *r, struct tg_name_word *w, size_t i)
{
	size_t end = word_end(r, i), next = end;
	const size_t cut = elision(r->look, i, end);

	if (cut != 0) {
		read_word(r, w, i, i + cut);
		w->gap = TG_GAP_NONE;
		return i + cut + 1;
	}
	read_word(r, w, i, end);
	w->gap = gap_at(r->look, end, &next);
	if (w->gap == TG_GAP_DOT && w->capital && end - i <= 4)
		w->initial = w->initial || cut_short(r->look->p + i, end - i);
	if (w->end != end)
		w->gap = TG_GAP_BREAK; /* a possessive */
	return w->gap == TG_GAP_BREAK ? end : next;
}

/* Back over blanks, an apostrophe or a dot; *@dot tells. */
static size_t
skip_back(const char *p, size_t i, bool *dot)
{
	while (i > 0 && p[i - 1] == ' ')
		i--;
	*dot = i > 0 && p[i - 1] == '.';
	if (*dot || (i > 0 && p[i - 1] == '\''))
		i--;
	while (*dot && i > 0 && p[i - 1] == ' ')
		i--;
	return i;
}

uint16_t
tg_name_before(const struct tg_name_reader *r, size_t *at)
{
	const char *p = r->look->p;
	bool dot;
	const size_t end = skip_back(p, *at, &dot);
	size_t i = end;

	while (i > 0 && end - i <= PLAIN_WORD && letter(p[i - 1]))
		i--;
	if (end == *at || i == end || end - i > PLAIN_WORD ||
	    (dot && end - i > SMALL_NAME))
		return 0;
	*at = i;
	return tg_dict_flags(r->dict, print_of(p + i, end - i));
}

uint16_t
tg_name_last(const struct tg_name_reader *r, size_t at)
{
	const char *p = r->look->p;
	size_t i = at, end;

	while (i > 0 && at - i < MARKS_BEFORE && !letter(p[i - 1]))
		i--;
	end = i;
	while (i > 0 && end - i <= PLAIN_WORD && letter(p[i - 1]))
		i--;
	if (end - i > PLAIN_WORD)
		return 0;
	return tg_dict_flags(r->dict, print_of(p + i, end - i));
}

uint16_t
tg_name_after(const struct tg_name_reader *r, size_t at)
{
	const struct tg_look *v = r->look;
	size_t end = at + 1;

	if (end >= v->n || v->p[at] != ' ')
		return 0;
	while (end < v->n && end - at <= PLAIN_WORD && v->p[end] >= 'a' &&
	    v->p[end] <= 'z')
		end++;
	if (end == at + 1 || end - at > PLAIN_WORD ||
	    (end < v->n && letter(v->p[end])))
		return 0;
	return tg_dict_flags(r->dict, print_of(v->p + at + 1, end - at - 1));
}

size_t
tg_name_town(const struct tg_name_reader *r, const struct tg_name_word *w)
{
	const struct tg_look *v = r->look;
	size_t town = (w->flags & TG_DICT_TOWN) != 0 ? w->end : 0;
	size_t i = w->end;
	uint64_t h = w->print;

	if ((w->flags & TG_DICT_TOWN_HEAD) == 0)
		return town;
	for (int k = 1; k < TOWN_WORDS && i + 1 < v->n && v->p[i] == ' ' &&
	     letter(v->p[i + 1]);
	     k++) {
		const size_t end = word_end(r, i + 1);

		h = tg_dict_step(h, ' ');
		for (i++; i < end; i++)
			h = tg_dict_step(h, lower(v->p[i]));
		if ((tg_dict_flags(r->dict, h) & TG_DICT_TOWN) != 0)
			town = end;
	}
	return town;
}

/* A long list is cut between names. */
static void
end_at_comma(struct tg_name_reader *r)
{
	for (size_t k = TG_NAME_RUN - 1; k > TG_NAME_RUN / 2; k--)
		if (r->w[k - 1].gap == TG_GAP_COMMA) {
			r->n = k;
			r->at = r->w[k].start;
			return;
		}
}

bool
tg_name_next(struct tg_name_reader *r)
{
	r->n = 0;
	while (r->n < TG_NAME_RUN) {
		const size_t i = r->n != 0 ? word_start(r, r->at)
		    : r->small		   ? skip_small(r, r->at)
					   : skip_plain(r, r->at);
		struct tg_name_word w;

		if (i == r->look->n) {
			r->at = i;
			break;
		}
		r->at = take_word(r, &w, i);
		if (belongs(&w))
			r->w[r->n++] = w;
		if (r->n != 0 && (!belongs(&w) || w.gap == TG_GAP_BREAK))
			break;
	}
	if (r->n == TG_NAME_RUN)
		end_at_comma(r);
	return r->n != 0;
}
