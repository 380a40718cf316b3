/* person_beside.c - a word in no dictionary, told by what stands beside it. */
#include "redactors/person_names.h"

#include "base/banned.h"

#define RANK_LEAST 4	/* bytes of a rank behind a name */
#define UNKNOWN_LEAST 4 /* bytes of a name in no dictionary */
#define CAPS_SHORT 3	/* bytes in capitals that name no one */

static bool
at_text(const struct tg_look *v, size_t at, const char *text)
{
	const size_t n = strlen(text);

	return v->n - at >= n && memcmp(v->p + at, text, n) == 0;
}

static size_t
small_end(const struct tg_look *v, size_t i)
{
	while (i < v->n && v->p[i] >= 'a' && v->p[i] <= 'z')
		i++;
	return i;
}

/* What somebody is, in small letters, at @at: "notaire", "ex-soldat". */
static bool
is_rank(const struct tg_names *c, size_t at)
{
	const struct tg_look *v = c->run.look;
	uint16_t flags;

	if (at_text(v, at, "ex-") && small_end(v, at + 3) > at + 3)
		return true;
	if (small_end(v, at) - at < RANK_LEAST)
		return false;
	flags = tg_name_after(&c->run, at - 1);
	return (flags & TG_DICT_RANK) != 0 &&
	    (flags & (TG_DICT_DOES | TG_DICT_INTRO)) == 0;
}

/* "Quillerac, notaire", "Ysart, 34 ans": what somebody is stands behind the
 * name that ends at @at. */
static bool
apposed(const struct tg_names *c, size_t at)
{
	const struct tg_look *v = c->run.look;
	size_t i, k;

	at += at < v->n && v->p[at] == ' ';
	if (at + 2 >= v->n || v->p[at] != ',' || v->p[at + 1] != ' ')
		return false;
	i = k = at + 2;
	while (k < v->n && k - i < 4 && v->p[k] >= '0' && v->p[k] <= '9')
		k++;
	if (k > i)
		return k - i < 4 &&
		    (at_text(v, k, " ans") || at_text(v, k, " years old"));
	return is_rank(c, i);
}

/* "chef d'escadron Ysart": an office with what it is of, in small letters. */
static bool
in_office(const struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];
	const struct tg_look *v = c->run.look;
	size_t at = w->start, word;

	if (at < 2 || v->p[at - 1] != ' ')
		return false;
	(void)tg_name_before(&c->run, &at);
	word = at;
	return at != w->start && v->p[at] >= 'a' && v->p[at] <= 'z' &&
	    (tg_name_before(&c->run, &at) & TG_DICT_LINK) != 0 && at < word &&
	    (tg_name_before(&c->run, &at) & TG_DICT_RANK) != 0;
}

bool
tg_names_acronym(const struct tg_name_word *w)
{
	return w->caps && w->end - w->start <= CAPS_SHORT && !tg_names_given(w);
}

bool
tg_names_beside(const struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];
	const size_t n = w->end - w->start;
	struct tg_taken t;

	if (n < UNKNOWN_LEAST || (w->caps && n == UNKNOWN_LEAST) ||
	    (w->flags & (TG_DICT_TOWN | TG_DICT_PLACE)) != 0 ||
	    tg_names_odd(c->run.look, w) || tg_names_against(c, w->start))
		return false;
	if (in_office(c, i))
		return true;
	t = tg_names_take(c, i, true, false);
	return t.end != i && apposed(c, c->run.w[t.end - 1].end);
}

/* A state or country that is no given name too. */
static bool
is_region(const char *p, size_t n)
{
	static const char *const names[] = {"Alabama", "Alaska", "Arizona",
	    "Arkansas", "California", "Colorado", "Connecticut", "Delaware",
	    "Florida", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa",
	    "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland",
	    "Massachusetts", "Michigan", "Minnesota", "Mississippi", "Missouri",
	    "Montana", "Nebraska", "Nevada", "New Hampshire", "New Jersey",
	    "New Mexico", "New York", "North Carolina", "North Dakota", "Ohio",
	    "Oklahoma", "Oregon", "Pennsylvania", "Rhode Island",
	    "South Carolina", "South Dakota", "Tennessee", "Texas", "Utah",
	    "Vermont", "Washington", "West Virginia", "Wisconsin", "Wyoming",
	    "England", "Scotland", "Wales", "Ireland", "Canada", "Australia",
	    "Germany", "Italy", "Belgium"};

	for (size_t i = 0; i < TG_COUNT(names); i++)
		if (n >= strlen(names[i]) &&
		    memcmp(p, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

bool
tg_names_in_region(const struct tg_names *c, size_t at)
{
	const struct tg_look *v = c->run.look;
	size_t k;

	at += at < v->n && v->p[at] == ' ';
	if (!at_text(v, at, ", "))
		return false;
	at += 2;
	k = at < v->n ? small_end(v, at + 1) : at;
	return is_region(v->p + at, v->n - at) ||
	    (k - at > 5 && memcmp(v->p + k - 5, "shire", 5) == 0);
}
