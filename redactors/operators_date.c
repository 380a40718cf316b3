/*
 * operators_date.c - dates and ages: the year of a date of birth, ten years of
 * an age, a date some days away in the form of the old one.
 *
 * Read are 12/05/1985, 12.5.85, 1985-05-12, 3 February 1990, 1er mars 1990,
 * March 3rd, 1990 and the like; of 12/05 the first is the day unless the second
 * can be no month.  What is read as no date of the calendar from 1900 to 2099
 * is refused.
 */
#include "redactors/operators_priv.h"

#include "base/banned.h"

#define PARTS 3
#define AGE_TOP 90  /* 45 CFR 164.514(b)(2)(i)(C): over 89 is one category */
#define AGE_MAX 150 /* nobody is */
#define PIVOT 2030  /* of two digits, when the year of the run is unknown */
#define WORD_MAX 16 /* bytes of a month's name */
#define YEAR_MIN 1900
#define YEAR_MAX 2099

struct month {
	const char *en, *en_short, *fr, *fr_short;
};

static const struct month months[12] = {
    {"january", "jan", "janvier", "janv"},
    {"february", "feb", "f\xc3\xa9vrier", "f\xc3\xa9vr"},
    {"march", "mar", "mars", "mars"},
    {"april", "apr", "avril", "avr"},
    {"may", "may", "mai", "mai"},
    {"june", "jun", "juin", "juin"},
    {"july", "jul", "juillet", "juil"},
    {"august", "aug", "ao\xc3\xbbt", "ao\xc3\xbbt"},
    {"september", "sep", "septembre", "sept"},
    {"october", "oct", "octobre", "oct"},
    {"november", "nov", "novembre", "nov"},
    {"december", "dec",
	"d\xc3\xa9"
	"cembre",
	"d\xc3\xa9"
	"c"},
};

/* A piece of the value: a number or a word. */
struct part {
	size_t start, end;
	unsigned value; /* of a number */
};

struct date {
	struct tg_sv text;
	struct part day, month, year;
	struct part ordinal; /* "rd" behind the day; empty when none */
	bool named;	     /* the month is a word: */
	size_t name;	     /* which of the names of struct month */
	int y, m, d;
};

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (unsigned char)c >= 0x80;
}

/* ---- names of months ---------------------------------------------------- */

static const char *
name_of(unsigned m, size_t which)
{
	const char *const n[] = {
	    months[m].en, months[m].fr, months[m].en_short, months[m].fr_short};

	return n[which];
}

/* @s in small ASCII letters without accents (é, û); false when too long. */
static bool
plain(char out[WORD_MAX], struct tg_sv s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];
		const unsigned char d =
		    i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
		char to = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);

		if (c == 0xc3) {
			to = (d | 0x20) == 0xa9 ? 'e' : 'u';
			if (to == 'u' && (d | 0x20) != 0xbb)
				return false;
			i++;
		}
		if (n + 1 == WORD_MAX)
			return false;
		out[n++] = to;
	}
	out[n] = '\0';
	return true;
}

/* The month that @word names, 1 to 12; 0: none. */
static unsigned
month_of(struct tg_sv word, size_t *which)
{
	char w[WORD_MAX], m[WORD_MAX];

	if (!plain(w, word))
		return 0;
	for (size_t k = 0; k < 4; k++)
		for (unsigned i = 0; i < 12; i++)
			if (plain(m, tg_sv_of(name_of(i, k))) &&
			    strcmp(w, m) == 0) {
				*which = k;
				return i + 1;
			}
	return 0;
}

static bool
has_high(struct tg_sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

static bool
capital(struct tg_sv s, size_t i)
{
	return i < s.n &&
	    ((s.p[i] >= 'A' && s.p[i] <= 'Z') ||
		(s.p[i] == '\xc3' && i + 1 < s.n &&
		    ((unsigned char)s.p[i + 1] & 0x20) == 0));
}

/* "fevrier" was written without its accent: so is "aout". */
static bool
drops_accents(struct tg_sv old, size_t which)
{
	size_t ignore;
	const unsigned m = month_of(old, &ignore);

	return m != 0 && !has_high(old) &&
	    has_high(tg_sv_of(name_of(m - 1, which)));
}

/* Byte @i of @name as a capital: ASCII, and the second byte of é and û. */
static char
raise_byte(const char *name, size_t i)
{
	const unsigned char c = (unsigned char)name[i];
	const bool second = i > 0 && name[i - 1] == '\xc3';

	if (second)
		return (char)(c & ~0x20u);
	return (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
}

/* The name @which of month @m as @old is written: capitals, accents. */
static bool
put_month(struct tg_buf *out, unsigned m, size_t which, struct tg_sv old)
{
	const char *name = name_of(m - 1, which);
	const bool first = capital(old, 0);
	const bool all = first && capital(old, old.p[0] == '\xc3' ? 2 : 1);
	char bare[WORD_MAX];

	if (drops_accents(old, which) && plain(bare, tg_sv_of(name)))
		name = bare;
	for (size_t i = 0; name[i] != '\0'; i++) {
		const bool up = all || (first && i == 0);

		if (tg_buf_addc(out, up ? raise_byte(name, i) : name[i], NULL) <
		    0)
			return false;
	}
	return true;
}

/* ---- reading ------------------------------------------------------------ */

static bool
leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int
month_days(int y, int m)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return m == 2 && leap(y) ? 29 : days[m - 1];
}

static size_t
width(const struct part *p)
{
	return p->end - p->start;
}

/* A word between numbers: a month, the ordinal of a day, "of". */
static bool
read_word(struct date *d, struct part w, const struct part *last)
{
	static const char *const ordinals[] = {"st", "nd", "rd", "th", "er"};
	const struct tg_sv s = {d->text.p + w.start, w.end - w.start};
	char low[WORD_MAX];
	unsigned m;

	if (!plain(low, s))
		return false;
	if (strcmp(low, "of") == 0)
		return true;
	for (size_t i = 0; i < TG_COUNT(ordinals); i++)
		if (strcmp(low, ordinals[i]) == 0 && last != NULL &&
		    last->end == w.start) {
			d->ordinal = w;
			return true;
		}
	m = month_of(s, &d->name);
	if (m == 0 || d->named)
		return false;
	d->named = true;
	d->month = w;
	d->month.value = m;
	return true;
}

/* The numbers of the value in order; false when there is anything else. */
static bool
read_parts(struct date *d, struct part part[PARTS], size_t *n)
{
	size_t i = 0;

	while (i < d->text.n) {
		struct part p = {.start = i, .end = i};
		const char c = d->text.p[i];

		if (tg_digit(c)) {
			while (p.end < d->text.n &&
			    tg_digit(d->text.p[p.end]) && p.end - i < 5)
				p.value = p.value * 10 +
				    (unsigned)(d->text.p[p.end++] - '0');
			if (*n == PARTS || width(&p) > 4)
				return false;
			part[(*n)++] = p;
		} else if (letter(c)) {
			while (p.end < d->text.n && letter(d->text.p[p.end]))
				p.end++;
			if (!read_word(d, p, *n == 0 ? NULL : &part[*n - 1]))
				return false;
		} else if (strchr(" ./-,", c) == NULL || c == '\0') {
			return false;
		} else {
			p.end++;
		}
		i = p.end;
	}
	return true;
}

static bool
choose(struct date *d, const struct part part[PARTS], size_t n)
{
	if (d->named) {
		d->day = part[0];
		d->year = part[1];
		return n == 2;
	}
	if (n != 3)
		return false;
	if (width(&part[0]) == 4) {
		d->year = part[0];
		d->month = part[1];
		d->day = part[2];
		return true;
	}
	d->day = part[0];
	d->month = part[1];
	d->year = part[2];
	if (part[1].value > 12) {
		d->day = part[1];
		d->month = part[0];
	}
	return true;
}

/* The year of two digits is the last there was. */
static int
full_year(const struct part *p, int now)
{
	const int v = (int)p->value, top = now == 0 ? PIVOT : now;

	if (width(p) != 2)
		return v;
	return top / 100 * 100 + v > top ? top / 100 * 100 - 100 + v
					 : top / 100 * 100 + v;
}

static bool
read_date(struct date *d, struct tg_sv value, int now)
{
	struct part part[PARTS];
	size_t n = 0;

	*d = (struct date){.text = value};
	if (!read_parts(d, part, &n) || !choose(d, part, n))
		return false;
	d->y = full_year(&d->year, now);
	d->m = (int)d->month.value;
	d->d = (int)d->day.value;
	return (width(&d->year) == 4 || width(&d->year) == 2) &&
	    width(&d->day) <= 2 && (d->named || width(&d->month) <= 2) &&
	    d->y >= YEAR_MIN && d->y <= YEAR_MAX && d->m >= 1 && d->m <= 12 &&
	    d->d >= 1 && d->d <= month_days(d->y, d->m);
}

/* ---- coarser ------------------------------------------------------------ */

bool
tg_operator_birth(
    struct tg_buf *out, struct tg_sv value, enum tg_birth_band band, int year)
{
	struct date d;
	int from;

	if (year == 0 || !read_date(&d, value, year) || d.y > year)
		return false;
	from = d.y - d.y % 5;
	/* Whoever may be 90 this year is among those over 89. */
	if (year - (band == TG_BIRTH_YEAR ? d.y : from) >= AGE_TOP)
		return tg_buf_addf(out, NULL, "%dplus", AGE_TOP) == 0;
	if (band == TG_BIRTH_YEAR)
		return tg_buf_addf(out, NULL, "%d", d.y) == 0;
	return tg_buf_addf(out, NULL, "%d_%d", from, from + 4) == 0;
}

bool
tg_operator_age(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band TG_UNUSED, int year TG_UNUSED)
{
	unsigned age = 0;
	size_t i = 0, n = 0;

	while (i < value.n && !tg_digit(value.p[i]))
		i++;
	for (; i < value.n && tg_digit(value.p[i]) && n < 4; i++, n++)
		age = age * 10 + (unsigned)(value.p[i] - '0');
	for (; i < value.n; i++)
		if (tg_digit(value.p[i]))
			return false; /* which of them is it? */
	if (n == 0 || age > AGE_MAX)
		return false;
	if (age >= AGE_TOP)
		return tg_buf_addf(out, NULL, "%dplus", AGE_TOP) == 0;
	return tg_buf_addf(out, NULL, "%us", age - age % 10) == 0;
}

/* ---- shifted ------------------------------------------------------------ */

static void
step(struct date *d, long days)
{
	for (; days > 0; days--)
		if (++d->d > month_days(d->y, d->m)) {
			d->d = 1;
			if (++d->m > 12) {
				d->m = 1;
				d->y++;
			}
		}
	for (; days < 0; days++)
		if (--d->d < 1) {
			if (--d->m < 1) {
				d->m = 12;
				d->y--;
			}
			d->d = month_days(d->y, d->m);
		}
}

/* Two digits when the old number was written so that one can tell, or any of
 * day and month has a leading zero to tell it by. */
static bool
put_number(
    struct tg_buf *out, const struct date *d, const struct part *p, int v)
{
	const struct part *other = p == &d->day ? &d->month : &d->day;
	const bool bare = width(p) == 1 || (!d->named && width(other) == 1);

	return tg_buf_addf(out, NULL, bare ? "%d" : "%02d", v) == 0;
}

static bool
put_ordinal(struct tg_buf *out, const struct date *d)
{
	const char *s = "th";

	if (d->text.p[d->ordinal.start] == 'e' ||
	    d->text.p[d->ordinal.start] == 'E')
		s = d->d == 1 ? "er" : "";
	else if (d->d % 10 == 1 && d->d != 11)
		s = "st";
	else if (d->d % 10 == 2 && d->d != 12)
		s = "nd";
	else if (d->d % 10 == 3 && d->d != 13)
		s = "rd";
	return tg_buf_adds(out, s, NULL) == 0;
}

static bool
put_part(struct tg_buf *out, const struct date *d, const struct part *p)
{
	if (p == &d->day)
		return put_number(out, d, p, d->d);
	if (p == &d->ordinal)
		return put_ordinal(out, d);
	if (p == &d->year)
		return tg_buf_addf(out, NULL, width(p) == 2 ? "%02d" : "%d",
			   width(p) == 2 ? d->y % 100 : d->y) == 0;
	if (d->named)
		return put_month(out, (unsigned)d->m, d->name,
		    (struct tg_sv){d->text.p + p->start, width(p)});
	return put_number(out, d, p, d->m);
}

bool
tg_operator_shift(struct tg_buf *out, struct tg_sv value, long days, int year)
{
	struct date d;
	size_t at = 0;

	if (!read_date(&d, value, year))
		return false;
	step(&d, days);
	if (d.y < YEAR_MIN || d.y > YEAR_MAX)
		return false;
	while (at < value.n) {
		const struct part *const parts[] = {
		    &d.day, &d.month, &d.year, &d.ordinal};
		const struct part *p = NULL;

		for (size_t k = 0; k < TG_COUNT(parts); k++)
			if (parts[k]->start == at && width(parts[k]) > 0)
				p = parts[k];
		if (p == NULL) {
			if (tg_buf_addc(out, value.p[at++], NULL) < 0)
				return false;
			continue;
		}
		if (!put_part(out, &d, p))
			return false;
		at = p->end;
	}
	return true;
}
