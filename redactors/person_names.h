/*
 * person_names.h - what a word may be in a name, and names as they are taken
 * from a run of words.  Inside of person.c and its parts.
 */
#ifndef TG_REDACTORS_PERSON_NAMES_H
#define TG_REDACTORS_PERSON_NAMES_H

#include "redactors/person_words.h"
#include "redactors/scan.h"

/* What makes a word more than a capitalised one. */
#define TG_NAMES_KNOWN                                                      \
	(TG_DICT_GIVEN | TG_DICT_SURNAME | TG_DICT_COMMON | TG_DICT_TITLE | \
	    TG_DICT_PARTICLE)

struct tg_names {
	struct tg_scanner *s;
	const struct tg_rules *r;
	struct tg_err *err;
	struct tg_name_reader run;
	uint64_t seen[TG_SCAN_NAMES]; /* words of names found */
	size_t n_seen;
	bool again;	 /* second pass: only words seen */
	size_t list_end; /* end of the last name of a list */
	size_t list_n;	 /* names of the list so far */
	bool list_title; /* it began with "MM." */
	bool commas;	 /* the run is a list with known names in it */
};

/* Words of a name, as they are taken. */
struct tg_taken {
	size_t end;   /* behind the last name */
	size_t names; /* that are names */
	size_t known; /* of those in the dictionary */
	bool free;    /* an unknown capitalised word counts */
	bool sure;    /* and a common one: "M. Marquis" */
};

/* "Ben", "Van": a given name too. */
static inline bool
tg_names_particle(const struct tg_name_word *w)
{
	return (w->flags & TG_DICT_PARTICLE) != 0 &&
	    !(w->capital && (w->flags & TG_DICT_GIVEN) != 0 &&
		w->end - w->start >= 3);
}

static inline bool
tg_names_namely(const struct tg_name_word *w)
{
	return w->capital && !w->initial && (w->flags & TG_DICT_TITLE) == 0 &&
	    !tg_names_particle(w) &&
	    ((w->flags & TG_DICT_COMMON) == 0 ||
		(w->flags & (TG_DICT_GIVEN | TG_DICT_SURNAME)) ==
		    (TG_DICT_GIVEN | TG_DICT_SURNAME));
}

static inline bool
tg_names_surname(const struct tg_name_word *w)
{
	return w->capital && (w->flags & TG_DICT_SURNAME) != 0;
}

static inline bool
tg_names_given(const struct tg_name_word *w)
{
	return w->capital && (w->flags & TG_DICT_GIVEN) != 0;
}

static inline bool
tg_names_common(const struct tg_name_word *w)
{
	return (w->flags & TG_DICT_COMMON) != 0;
}

/* person_beside.c: whether what stands beside the word at @i tells a name: an
 * office in front, a rank or an age behind. */
bool tg_names_beside(const struct tg_names *c, size_t i);
/* "Salem, New Jersey": what ends at @at is a town. */
bool tg_names_in_region(const struct tg_names *c, size_t at);
/* "client IP", "patient DOB": three capitals at most that are no given name. */
bool tg_names_acronym(const struct tg_name_word *w);

/* Words of a name from @i on: initials, particles before a name, names.
 * @free: an unknown capitalised word counts; @sure: a common one too. */
struct tg_taken
tg_names_take(const struct tg_names *c, size_t i, bool free, bool sure);
/* Judges the words @from to @to (exclusive) of the run, @less off the score of
 * the form's rule, and remembers them.  TG_E_INPUT, TG_E_MEMORY. */
int tg_names_found(struct tg_names *c, enum tg_form form, size_t from,
    size_t to, int less) TG_MUST_CHECK;
/* A capital inside that no name has: "TraX", "KOs". */
bool tg_names_odd(const struct tg_look *v, const struct tg_name_word *w);
/* "the Azna", "rue Massena", "University of Alberta": before @at stands what
 * speaks against a person. */
bool tg_names_against(const struct tg_names *c, size_t at);
/* "from Salem", "to Coleman": a town that is a surname too. */
bool tg_names_from_town(const struct tg_names *c, const struct tg_name_word *w);

/* person_list.c - names of a list: "MM. A, B et C". */
#define TG_LIST_SURE 2 /* names of a list until an unknown one is a name */

/* Whether the run is a list with known names in it. */
bool tg_list_commas(const struct tg_names *c);
/* The end of the unknown name at @i that goes on a list; @i: none; SIZE_MAX on
 * error. */
size_t tg_list_next(struct tg_names *c, size_t i);
/* The first of several names is at @start, behind "MM.". */
void tg_list_title(struct tg_names *c, size_t start);
/* A name from @start to @end of the look was found. */
void tg_list_put(struct tg_names *c, size_t start, size_t end);

/* person_town.c - judges the town that begins with @w, if it is one. */
int tg_town_at(struct tg_names *c, const struct tg_name_word *w) TG_MUST_CHECK;

#endif
