/* person_list.c - names of a list: one that is known vouches for the next. */
#include "redactors/person_names.h"

#include "base/banned.h"

/* Whether only what separates names of a list stands from @a to @b: a comma,
 * a semicolon, "and", "et". */
static bool
separates(const struct tg_look *v, size_t a, size_t b)
{
	static const char *const words[] = {"and", "et", "&"};
	size_t marks = 0;

	for (; a < b && (strchr(" ,;", v->p[a]) != NULL); a++)
		marks += v->p[a] != ' ';
	for (size_t i = 0; i < TG_COUNT(words); i++) {
		const size_t n = strlen(words[i]);

		if (b - a > n && memcmp(v->p + a, words[i], n) == 0 &&
		    v->p[a + n] == ' ') {
			a += n;
			marks++;
			break;
		}
	}
	while (a < b && v->p[a] == ' ')
		a++;
	return a == b && marks != 0;
}

/* Whether two known names stand between commas of the run. */
bool
tg_list_commas(const struct tg_names *c)
{
	size_t known = 0, n = 0;

	for (size_t i = 0; i < c->run.n; i++) {
		const struct tg_name_word *w = &c->run.w[i];

		if (w->gap != TG_GAP_COMMA &&
		    (i == 0 || w[-1].gap != TG_GAP_COMMA))
			continue;
		n++;
		known += tg_names_namely(w) && !tg_names_common(w) &&
		    (tg_names_given(w) || tg_names_surname(w)) &&
		    (w->flags & TG_DICT_TOWN) == 0;
	}
	return known >= TG_LIST_SURE && known * 2 >= n;
}

static bool
in_commas(const struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];

	return c->commas &&
	    (w->gap == TG_GAP_COMMA || (i > 0 && w[-1].gap == TG_GAP_COMMA));
}

/* Whether the word at @i may be a name of the list; @sure: behind "MM.". */
static bool
may_stand(const struct tg_name_word *w, bool sure)
{
	if (!w->capital || w->end - w->start < 2 ||
	    (w->flags & (TG_DICT_TOWN | TG_DICT_TITLE)) != 0)
		return false;
	return sure || (!w->initial && !tg_names_common(w));
}

/* The next of "MM. Ysart, Quill et Obray", or of names that stand in a row. */
size_t
tg_list_next(struct tg_names *c, size_t i)
{
	const struct tg_name_word *w = &c->run.w[i];
	const bool on = c->list_n >= TG_LIST_SURE &&
	    separates(c->run.look, c->list_end, w->start);
	const bool sure = on && c->list_title;
	struct tg_taken t;

	if ((!on && !in_commas(c, i)) || !may_stand(w, sure))
		return i;
	t = tg_names_take(c, i, true, sure);
	if (t.end == i)
		return i;
	if (tg_names_found(c, TG_FORM_LISTED, i, t.end, 0) < 0)
		return SIZE_MAX;
	return t.end;
}

void
tg_list_title(struct tg_names *c, size_t start)
{
	c->list_n = TG_LIST_SURE;
	c->list_title = true;
	c->list_end = start;
}

/* A name that was found goes on a list, or begins one. */
void
tg_list_put(struct tg_names *c, size_t start, size_t end)
{
	if (c->list_end <= start && separates(c->run.look, c->list_end, start))
		c->list_n++;
	else if (c->list_end <= start || c->list_n == 0) {
		c->list_n = 1;
		c->list_title = false;
	}
	c->list_end = end;
}
