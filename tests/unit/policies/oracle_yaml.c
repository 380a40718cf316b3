/* oracle_yaml.c - one policy in many looks: the order of keys and of list
 * items, comments, empty lines, quotes, flow and block, ends of lines. */
#include <check.h>
#include <stdio.h>

#include "tests/unit/policies/oracle.h"

#include "base/banned.h"

#define PPB UINT64_C(1000000000)

struct look {
	struct tg_buf *out;
	const struct opol *p;
	uint64_t *seed;
	const char *eol;
	bool ok;
};

static bool
coin(struct look *l)
{
	return (oracle_random(l->seed) >> 40 & 1) != 0;
}

static void
say(struct look *l, const char *text)
{
	struct tg_err err;

	l->ok = l->ok && tg_buf_adds(l->out, text, &err) == 0;
}

static void
quoted(struct look *l, const char *text, bool must)
{
	const char *q = must || coin(l) ? (coin(l) ? "'" : "\"") : "";

	say(l, q);
	say(l, text);
	say(l, q);
}

static void
end_line(struct look *l)
{
	if (coin(l))
		say(l, "   # a: {comment");
	say(l, l->eol);
	if (coin(l) && coin(l))
		say(l, l->eol);
	if (coin(l) && coin(l))
		say(l, "      # limits: 5\n");
}

static void
list(struct look *l, enum kind kind, uint8_t set)
{
	const size_t first = (size_t)(oracle_random(l->seed) % ORACLE_ITEMS);
	bool more = false;

	say(l, "[");
	for (size_t k = 0; k < ORACLE_ITEMS; k++) {
		const size_t i = (first + 5 * k) % ORACLE_ITEMS;

		if ((set >> i & 1) == 0)
			continue;
		say(l, more ? "," : "");
		say(l, more && coin(l) ? "  " : " ");
		quoted(l, oracle_item(kind, i), kind == PATTERNS);
		more = true;
	}
	say(l, more && coin(l) ? ",]" : "]");
}

static void
value(struct look *l, size_t i)
{
	const struct rule *r = oracle_slot(i)->rule;
	const struct value *v = &l->p->v[i];
	char text[64];

	if (r->kind >= NAMES) {
		list(l, r->kind, v->set);
		return;
	}
	if (r->kind == WHOLE)
		(void)snprintf(
		    text, sizeof(text), "%llu", (unsigned long long)v->num);
	else if (r->kind == RATIO && v->num % (PPB / 10) == 0 && coin(l))
		(void)snprintf(text, sizeof(text), "%llu.%llu",
		    (unsigned long long)(v->num / PPB),
		    (unsigned long long)(v->num % PPB / (PPB / 10)));
	else if (r->kind == RATIO)
		(void)snprintf(text, sizeof(text), "%llu.%09llu",
		    (unsigned long long)(v->num / PPB),
		    (unsigned long long)(v->num % PPB));
	else
		(void)snprintf(
		    text, sizeof(text), "%s", oracle_word(r, v->num));
	quoted(l, text, strchr("*#", text[0]) != NULL);
}

/* The slots from @lo on that share @n bytes of path with it. */
static size_t
reach(size_t lo, size_t n)
{
	const char *path = oracle_slot(lo)->path;
	size_t hi = lo + 1;

	while (hi < oracle_slots() &&
	    memcmp(oracle_slot(hi)->path, path, n) == 0 &&
	    (oracle_slot(hi)->path[n] == '/' ||
		oracle_slot(hi)->path[n] == '\0'))
		hi++;
	return hi;
}

static bool
any_there(const struct look *l, size_t lo, size_t hi)
{
	for (size_t i = lo; i < hi; i++)
		if (l->p->v[i].there)
			return true;
	return false;
}

static void map(struct look *l, size_t lo, size_t hi, size_t n, bool flow);

/* One key and what is below it; @n bytes of path are above. */
static void
entry(struct look *l, size_t lo, size_t hi, size_t n, bool flow)
{
	const char *path = oracle_slot(lo)->path;
	const size_t k = n + 1 + strcspn(path + n + 1, "/");
	const bool leaf =
	    path[k] == '\0' || oracle_slot(lo)->rule->way == ONE_IN_EACH;
	char key[128];

	for (size_t i = 0; !flow && i < n; i++)
		if (path[i] == '/')
			say(l, "   ");
	(void)snprintf(
	    key, sizeof(key), "%.*s", (int)(k - n - 1), path + n + 1);
	quoted(l, key, false);
	say(l, coin(l) ? ": " : ":  ");
	if (leaf) {
		value(l, lo);
		if (!flow)
			end_line(l);
	} else if (flow || coin(l)) {
		say(l, "{");
		map(l, lo, hi, k, true);
		say(l, "}");
		if (!flow)
			end_line(l);
	} else {
		end_line(l);
		map(l, lo, hi, k, false);
	}
}

/* The children, from one of them on and round. */
static void
map(struct look *l, size_t lo, size_t hi, size_t n, bool flow)
{
	size_t first[ORACLE_SLOTS], last[ORACLE_SLOTS], kids = 0, start;
	bool more = false;

	for (size_t i = lo; i < hi; i = last[kids - 1]) {
		const char *path = oracle_slot(i)->path;

		first[kids] = i;
		last[kids] = reach(i, n + 1 + strcspn(path + n + 1, "/"));
		kids++;
	}
	start = (size_t)(oracle_random(l->seed) % kids);
	for (size_t k = 0; k < kids; k++) {
		const size_t i = (start + k) % kids;

		if (!any_there(l, first[i], last[i]))
			continue;
		if (flow && more)
			say(l, coin(l) ? ", " : ",\n      ");
		entry(l, first[i], last[i], n, flow);
		more = true;
	}
}

void
oracle_yaml(struct tg_buf *out, const struct opol *p, uint64_t *seed)
{
	struct look l = {.out = out, .p = p, .seed = seed, .ok = true};

	l.eol = coin(&l) ? "\n" : "\r\n";
	if (coin(&l))
		say(&l, "---\n# a comment\n");
	map(&l, 0, oracle_slots(), 0, false);
	if (!any_there(&l, 0, oracle_slots()))
		say(&l, "{}\n");
	ck_assert(l.ok);
}
