#include "redactors/dict_import.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/enc.h"
#include "base/num.h"
#include "redactors/dict_file.h"

#include "base/banned.h"

#define PREAMBLE 40	   /* lines in front of the headings */
#define BEARERS (1u << 31) /* of one row */
#define NAME_LEAST 2	   /* bytes of a folded name */

static const struct kind {
	const char *name;
	uint16_t flags;
	char comma;
	bool bare;		/* no headings: name, sex, count */
	bool preamble;		/* text may stand before them */
	uint64_t least;		/* bearers of a name, unless asked otherwise */
	const char *columns[2]; /* headings of name and count */
	const char *rest;	/* what stands for all other names */
} kinds[] = {
    {"insee-given", TG_DICT_GIVEN, ';', false, false, 100,
	{"preusuel", "nombre"}, "_prenoms_rares"},
    {"census-surnames", TG_DICT_SURNAME, ',', false, false, 100,
	{"name", "count"}, "all other names"},
    {"ssa-given", TG_DICT_GIVEN, ',', true, false, 5, {"", ""}, NULL},
    {"ons-given", TG_DICT_GIVEN, ',', false, true, 3, {"name", "count"}, NULL},
};

struct tally {
	uint64_t print, count;
};

struct import {
	const struct kind *kind;
	const char *path;
	size_t line;
	struct tg_sv field[TG_IMPORT_COLUMNS];
	size_t n_field;
	size_t at[2]; /* columns of name and count */
	size_t columns;
	bool headed;
	struct tally *tally;
	size_t n, room;
	struct tg_import *done;
	struct tg_err *err;
};

const char *
tg_import_kind(size_t i)
{
	return i < TG_COUNT(kinds) ? kinds[i].name : NULL;
}

static int
fail_at(
    const struct import *m, const char *at, const char *row, const char *what)
{
	return tg_fail(m->err, TG_E_CONFIG, "%s:%zu:%zu: %s", m->path, m->line,
	    (size_t)(at - row) + 1, what);
}

static bool
same(struct tg_sv a, const char *b)
{
	char folded[TG_DICT_WORD];

	return a.n < TG_DICT_WORD && tg_dict_fold(folded, a) &&
	    strcmp(folded, b) == 0;
}

/* The field at @p of a row that ends at @end; *@next is behind its comma, or
 * NULL at the end of the row. */
static int
field_at(const struct import *m, struct tg_sv row, const char *p,
    struct tg_sv *out, const char **next)
{
	const char *const end = row.p + row.n;
	const char *stop;

	if (p < end && *p == '"') {
		stop = memchr(p + 1, '"', (size_t)(end - p - 1));
		if (stop == NULL)
			return fail_at(m, p, row.p, "a quote is not closed");
		*out = (struct tg_sv){p + 1, (size_t)(stop - p - 1)};
		if (stop + 1 != end && stop[1] != m->kind->comma)
			return fail_at(
			    m, stop + 1, row.p, "more behind the quote");
		*next = stop + 1 == end ? NULL : stop + 2;
		return 0;
	}
	stop = memchr(p, m->kind->comma, (size_t)(end - p));
	*out = (struct tg_sv){p, (size_t)((stop == NULL ? end : stop) - p)};
	*next = stop == NULL ? NULL : stop + 1;
	return 0;
}

static int
split(struct import *m, struct tg_sv row)
{
	const char *next = row.p;

	for (m->n_field = 0; next != NULL; m->n_field++) {
		if (m->n_field == TG_IMPORT_COLUMNS)
			return fail_at(m, next, row.p, "too many columns");
		if (field_at(m, row, next, &m->field[m->n_field], &next) < 0)
			return -1;
	}
	return 0;
}

/* Whether the row is the headings; then the columns are known. */
static bool
headings(struct import *m)
{
	for (size_t k = 0; k < TG_COUNT(m->at); k++) {
		size_t i = 0;

		while (
		    i < m->n_field && !same(m->field[i], m->kind->columns[k]))
			i++;
		if (i == m->n_field)
			return false;
		m->at[k] = i;
	}
	m->columns = m->n_field;
	return true;
}

static bool
withheld(struct tg_sv s)
{
	static const char *const marks[] = {"", "-", ":", "z", "[x]", "[c]"};

	for (size_t i = 0; i < TG_COUNT(marks); i++)
		if (s.n == strlen(marks[i]) && memcmp(s.p, marks[i], s.n) == 0)
			return true;
	return false;
}

/* "4,525" as 4525. */
static bool
count_of(struct tg_sv s, uint64_t *out)
{
	char digits[24];
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ',' && i > 0 && i + 3 < s.n)
			continue;
		if (n == sizeof(digits))
			return false;
		digits[n++] = s.p[i];
	}
	return tg_parse_u64(out, (struct tg_sv){digits, n}, 0, BEARERS);
}

static int
add(struct import *m, uint64_t print, uint64_t count)
{
	/* Years of one name mostly stand together. */
	if (m->n > 0 && m->tally[m->n - 1].print == print) {
		m->tally[m->n - 1].count += count;
		return 0;
	}
	if (m->n == m->room) {
		const size_t room = m->room == 0 ? 4096 : m->room * 2;
		struct tally *next =
		    reallocarray(m->tally, room, sizeof(*next));

		if (next == NULL)
			return tg_fail_memory(m->err);
		m->tally = next;
		m->room = room;
	}
	m->tally[m->n++] = (struct tally){print, count};
	return 0;
}

static int
name_row(struct import *m, struct tg_sv row)
{
	const struct tg_sv name = m->field[m->at[0]];
	const struct tg_sv number = m->field[m->at[1]];
	char folded[TG_DICT_WORD];
	uint64_t count;

	if (tg_utf8_valid(name) != name.n)
		return fail_at(m, name.p, row.p, "not UTF-8");
	if (name.n == 0)
		return fail_at(m, name.p, row.p, "no name");
	if (!tg_dict_fold(folded, name))
		return fail_at(m, name.p, row.p, "a name too long");
	if (withheld(number)) {
		m->done->left++;
		return 0;
	}
	if (!count_of(number, &count))
		return fail_at(m, number.p, row.p, "not a count");
	/* A run is made of single words (person_words.h). */
	if ((m->kind->rest != NULL && strcmp(folded, m->kind->rest) == 0) ||
	    strchr(folded, ' ') != NULL || strlen(folded) < NAME_LEAST) {
		m->done->left++;
		return 0;
	}
	if (m->done->rows == TG_IMPORT_ROWS)
		return fail_at(m, row.p, row.p, "too many rows");
	m->done->rows++;
	return add(m, tg_dict_print(folded), count);
}

static int
one_row(struct import *m, struct tg_sv row)
{
	if (row.n == 0)
		return 0;
	if (split(m, row) < 0)
		return -1;
	if (!m->headed) {
		m->headed = headings(m);
		if (m->headed || (m->kind->preamble && m->line <= PREAMBLE))
			return 0;
		return fail_at(m, row.p, row.p,
		    "these are not the headings of this kind of file");
	}
	if (m->n_field != m->columns)
		return fail_at(
		    m, row.p, row.p, "another number of columns than before");
	return name_row(m, row);
}

static int
read_rows(struct import *m, struct tg_sv text)
{
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) {
		text.p += 3;
		text.n -= 3;
	}
	if (m->kind->bare) {
		m->headed = true;
		m->columns = 3;
		m->at[1] = 2;
	}
	while (text.n > 0) {
		const char *const nl = memchr(text.p, '\n', text.n);
		struct tg_sv row = {
		    text.p, nl == NULL ? text.n : (size_t)(nl - text.p)};

		m->line++;
		text.p += row.n + (nl != NULL);
		text.n -= row.n + (nl != NULL);
		if (row.n > 0 && row.p[row.n - 1] == '\r')
			row.n--;
		if (one_row(m, row) < 0)
			return -1;
	}
	return 0;
}

static int
by_print(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	return x->print < y->print ? -1 : x->print > y->print;
}

/* Names of @least bearers and more: their fingerprints in place. */
static size_t
choose(struct import *m, uint64_t *print, uint64_t least)
{
	size_t n = 0;

	if (m->n > 0)
		qsort(m->tally, m->n, sizeof(*m->tally), by_print);
	for (size_t i = 0, k; i < m->n; i = k) {
		uint64_t count = 0;

		for (k = i; k < m->n && m->tally[k].print == m->tally[i].print;
		     k++)
			count += m->tally[k].count;
		if (count >= least)
			print[n++] = m->tally[i].print;
		else
			m->done->rare++;
	}
	return n;
}

static int
finish(struct import *m, struct tg_buf *out, uint64_t least, struct tg_sv text)
{
	uint64_t *print = calloc(m->n + 1, sizeof(*print));
	uint8_t sha[TG_SHA256_LEN];
	int rc = -1;

	if (print == NULL)
		return tg_fail_memory(m->err);
	m->done->words = choose(m, print, least == 0 ? m->kind->least : least);
	if (m->done->words == 0)
		tg_fail(m->err, TG_E_CONFIG, "%s: no name with %s", m->path,
		    m->n == 0 ? "a count" : "enough bearers");
	else if (m->done->words > TG_DICT_MAX)
		tg_fail(m->err, TG_E_LIMIT, "%s: over %u names", m->path,
		    TG_DICT_MAX);
	else if (tg_sha256_bytes(sha, text.p, text.n, m->err) == 0)
		rc = tg_dict_file_make(out, m->kind->flags, m->kind->name, sha,
		    print, m->done->words, m->err);
	free(print);
	return rc;
}

int
tg_dict_import(struct tg_buf *out, struct tg_import *done, const char *kind,
    uint64_t least, struct tg_sv text, const char *path, struct tg_err *err)
{
	struct import m = {.path = path, .done = done, .err = err};
	int rc = -1;

	*done = (struct tg_import){.rows = 0};
	for (size_t i = 0; i < TG_COUNT(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			m.kind = &kinds[i];
	if (m.kind == NULL)
		return tg_fail(err, TG_E_USAGE,
		    "kind '%s': insee-given, census-surnames, ssa-given or "
		    "ons-given expected",
		    kind);
	if (read_rows(&m, text) == 0)
		rc = finish(&m, out, least, text);
	free(m.tally);
	return rc;
}
