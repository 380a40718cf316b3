/*
 * person_town.c - towns.
 *
 * A town alone is no one's address.  It is judged behind a word that leads to a
 * place, and its rule's context (somebody lives there) or its postcode makes it
 * a finding.
 */
#include "redactors/person_names.h"

#include "base/banned.h"

#define SCORE_POSTCODE 40 /* added to a town beside its postcode */

/* Whether @v holds at @at what @shape says: '9' a digit, 'A' a capital, else
 * the byte itself. */
static bool
shaped(const struct tg_look *v, size_t at, const char *shape)
{
	for (; *shape != '\0'; shape++, at++) {
		const char c = at < v->n ? v->p[at] : '\0';
		const bool ok = *shape == '9' ? c >= '0' && c <= '9'
		    : *shape == 'A'	      ? c >= 'A' && c <= 'Z'
					      : c == *shape;

		if (!ok)
			return false;
	}
	return true;
}

/* "75011 Paris", "Leeds LS1 4AP", "Austin, TX 78701". */
static bool
by_postcode(const struct tg_look *v, size_t start, size_t end)
{
	/* ISO 3166-2 state and ZIP; the forms of a UK postcode (BS 7666). */
	static const char *const behind[] = {"AA 99999", "A9 9AA", "A99 9AA",
	    "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"};
	const size_t left = strlen("99999 ");
	size_t i = end;

	if (start >= left && shaped(v, start - left, "99999 ") &&
	    (start == left || !shaped(v, start - left - 1, "9")))
		return true;
	while (i < v->n && (v->p[i] == ' ' || v->p[i] == ','))
		i++;
	for (size_t k = 0; i > end && k < TG_COUNT(behind); k++)
		if (shaped(v, i, behind[k]))
			return true;
	return false;
}

/* A town counts behind "in", "from", "a", or beside its postcode. */
int
tg_town_at(struct tg_names *c, const struct tg_name_word *w)
{
	const int id = c->r->form_rule[TG_FORM_TOWN];
	const size_t end = w->capital ? tg_name_town(&c->run, w) : 0;
	struct tg_match m = {.look = c->run.look};
	size_t at = w->start;
	bool postcode;

	if (id < 0 || end == 0)
		return 0;
	postcode = by_postcode(c->run.look, w->start, end);
	if (!postcode && (tg_name_before(&c->run, &at) & TG_DICT_AT) == 0)
		return 0;
	m.rule = &c->r->rule[id];
	m.span = (struct tg_span){w->start, end};
	m.base = (uint8_t)(m.rule->base + (postcode ? SCORE_POSTCODE : 0));
	return tg_scan_judge(c->s, &m, c->err);
}
