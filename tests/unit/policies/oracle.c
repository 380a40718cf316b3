#include "tests/unit/policies/oracle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

#define PPB UINT64_C(1000000000)
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RULE(p, w, k, l, h, ws, a, c) {p, w, k, l, h, ws, a, c},

#define CAP(p, l, h) RULE(p, LOWER, WHOLE, l, h, NULL, NULL, false)
#define SHUT_CAP(a, p, l, h) RULE(p, LOWER, WHOLE, l, h, NULL, a, false)
#define MIN_(p, l, h) RULE(p, HIGHER, WHOLE, l, h, NULL, NULL, false)
#define RCAP(p) RULE(p, LOWER, RATIO, 0, PPB, NULL, NULL, false)
#define SHUT_RCAP(a, p) RULE(p, LOWER, RATIO, 0, PPB, NULL, a, false)
#define RMIN(p) RULE(p, HIGHER, RATIO, 0, PPB, NULL, NULL, false)
#define FLAG(p) RULE(p, LATER, WORD, 0, 0, WORDS("false", "true"), NULL, false)
#define STEP(p, ...) RULE(p, LATER, WORD, 0, 0, WORDS(__VA_ARGS__), NULL, false)
#define SHUT_STEP(a, p, ...) \
	RULE(p, LATER, WORD, 0, 0, WORDS(__VA_ARGS__), a, false)
#define SHUT_OP(a, p)                                                        \
	RULE(p, FIELD, WORD, 0, 0,                                           \
	    WORDS("keep", "generalise", "pseudonymise", "label", "drop"), a, \
	    false)
#define LOCK(p, ...) RULE(p, SAME, WORD, 0, 0, WORDS(__VA_ARGS__), NULL, false)
#define NAME(p) \
	RULE(p, SAME, FREE_WORD, 0, 0, WORDS("n.1", "N:2", "n_3"), NULL, false)
#define ALLOW(p) RULE(p, SHRINK, NAMES, 0, 0, NULL, NULL, false)
#define CLOSED_ALLOW(p) RULE(p, SHRINK, NAMES, 0, 0, NULL, NULL, true)
#define PLACES_ALLOW(p) RULE(p, SHRINK, PLACES, 0, 0, NULL, NULL, false)
#define NEED(p) RULE(p, GROW, NAMES, 0, 0, NULL, NULL, false)
#define PLACES_DENY(p) RULE(p, GROW, PLACES, 0, 0, NULL, NULL, false)
#define TARGETS(p) \
	RULE(p "/{file}", ONE_IN_EACH, PATTERNS, 0, 0, NULL, NULL, false)

static const struct rule rules[] = {
#include "policies/schema.def"
};

/* A few keys of each kind; "EMAIL" before "EMAIL_2", "t" before "t-a": paths
 * that begin alike. */
static const struct {
	const char *wild, *keys[3];
} wilds[] = {
    {"{id}", {"aa", "aa_b", NULL}},
    {"{TYPE}", {"EMAIL", "EMAIL_2", NULL}},
    {"{CC}", {"FR", "GB", NULL}},
    {"{place}", {"BE", "CH", "FR"}},
    {"{tool}", {"t", "t-a", NULL}},
    {"{file}", {"fragment", "other", NULL}},
};

static struct slot slots[ORACLE_SLOTS];
static size_t n_slots;

static void
add_slot(const char *path, const struct rule *r)
{
	const char *open = strchr(path, '{');
	const size_t head = open == NULL ? 0 : (size_t)(open - path);
	struct slot *s = &slots[n_slots];

	if (open == NULL) {
		ck_assert_uint_lt(n_slots, ORACLE_SLOTS);
		(void)snprintf(s->path, sizeof(s->path), "%s", path);
		s->map = (size_t)(strrchr(path, '/') - path);
		s->rule = r;
		n_slots++;
		return;
	}
	for (size_t i = 0; i < TG_COUNT(wilds); i++) {
		const size_t n = strlen(wilds[i].wild);

		for (size_t k = 0; k < 3 && wilds[i].keys[k] != NULL &&
		     strncmp(open, wilds[i].wild, n) == 0;
		     k++) {
			char one[128];

			(void)snprintf(one, sizeof(one), "%.*s%s%s", (int)head,
			    path, wilds[i].keys[k], open + n);
			add_slot(one, r); /* one wildcard fewer */
		}
	}
}

static int
slot_cmp(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return strcmp(x->path, y->path);
}

size_t
oracle_slots(void)
{
	if (n_slots > 0)
		return n_slots;
	for (size_t i = 0; i < TG_COUNT(rules); i++)
		add_slot(rules[i].pattern, &rules[i]);
	qsort(slots, n_slots, sizeof(*slots), slot_cmp);
	for (size_t i = 0; i < n_slots; i++)
		for (size_t k = 0; k < n_slots; k++) {
			if (slots[k].map != slots[i].map ||
			    memcmp(slots[k].path, slots[i].path,
				slots[i].map) != 0)
				continue;
			if (slots[i].n++ == 0)
				slots[i].first = k;
		}
	return n_slots;
}

const struct slot *
oracle_slot(size_t i)
{
	return &slots[i];
}

const char *
oracle_item(enum kind kind, size_t bit)
{
	static const char *const names[] = {"B", "a", "a-b", "b", "c9", "d.e"};
	static const char *const places[] = {
	    "AT", "BE", "CH", "FR", "GB", "US"};
	static const char *const patterns[] = {"file:/a/**", "s3://a",
	    "s3://a-*/**", "s3://a/**", "s3://b/?", "s3://b/x"};

	return kind == NAMES ? names[bit]
	    : kind == PLACES ? places[bit]
			     : patterns[bit];
}

const char *
oracle_word(const struct rule *r, uint64_t num)
{
	return r->words[num];
}

/* "0.05" in parts per billion. */
static uint64_t
ppb_of(const char *text)
{
	uint64_t num = (uint64_t)(text[0] - '0') * PPB, unit = PPB;

	for (size_t i = 1; text[i] != '\0' && text[i + 1] != '\0'; i++)
		num += (uint64_t)(text[i + 1] - '0') * (unit /= 10);
	return num;
}

bool
oracle_parse(const struct rule *r, const char *text, uint64_t *num)
{
	if (r->kind == WHOLE)
		*num = strtoull(text, NULL, 10);
	else if (r->kind == RATIO)
		*num = ppb_of(text);
	for (uint64_t i = 0; r->words != NULL && r->words[i] != NULL; i++)
		if (strcmp(r->words[i], text) == 0) {
			*num = i;
			return true;
		}
	return r->words == NULL && *num >= r->lo && *num <= r->hi;
}

/* ---- what the rules say ------------------------------------------------- */

enum how { EQUAL, TIGHTER, LOOSER, APART };

static enum how
how_sets(uint8_t a, uint8_t b)
{
	if (a == b)
		return EQUAL;
	if ((a & b) == a)
		return TIGHTER;
	return (a & b) == b ? LOOSER : APART;
}

/* @a against @b, both there. */
static enum how
how(const struct rule *r, const struct value *a, const struct value *b)
{
	/* keep, generalise, pseudonymise, label, drop against the same. */
	static const enum how fields[5][5] = {
	    {EQUAL, LOOSER, LOOSER, LOOSER, LOOSER},
	    {TIGHTER, EQUAL, APART, APART, LOOSER},
	    {TIGHTER, APART, EQUAL, LOOSER, LOOSER},
	    {TIGHTER, APART, TIGHTER, EQUAL, LOOSER},
	    {TIGHTER, TIGHTER, TIGHTER, TIGHTER, EQUAL},
	};

	switch (r->way) {
	case LOWER:
		return a->num < b->num ? TIGHTER
		    : a->num > b->num  ? LOOSER
				       : EQUAL;
	case HIGHER:
	case LATER:
		return a->num > b->num ? TIGHTER
		    : a->num < b->num  ? LOOSER
				       : EQUAL;
	case FIELD:
		return fields[a->num][b->num];
	case SAME:
		return a->num == b->num ? EQUAL : APART;
	case SHRINK:
	case ONE_IN_EACH:
		return how_sets(a->set, b->set);
	case GROW:
		return how_sets(b->set, a->set);
	}
	return APART;
}

/* Whether @p has anything in the map of slot @i. */
static bool
has_map(const struct opol *p, size_t i)
{
	const struct slot *s = &slots[i];
	bool has = false;

	for (size_t k = s->first; k < s->first + s->n; k++)
		has |= p->v[k].there;
	return has;
}

static const char *
code_of(const struct rule *r, enum how h)
{
	if (h != APART || r->way == SHRINK || r->way == ONE_IN_EACH)
		return "E-RELAX";
	return r->way == FIELD ? "E-INCOMPARABLE" : "E-LOCKED";
}

/* A leaf that no parent has. */
static bool
may_bring(
    const struct opol *parent, size_t i, const struct value *v, bool project)
{
	const struct rule *r = slots[i].rule;
	struct value silent = {.there = true};
	enum how h;

	if (r->closed)
		return !has_map(parent, i);
	if (r->absent == NULL)
		return true;
	/* "0" may be under the least number that a file may say. */
	if (r->kind == WHOLE)
		silent.num = strtoull(r->absent, NULL, 10);
	else
		(void)oracle_parse(r, r->absent, &silent.num);
	h = how(r, v, &silent);
	return !project && (h == EQUAL || h == TIGHTER);
}

static const char *
extend_value(struct value *out, const struct opol *parent, size_t i,
    const struct value *c, bool project)
{
	const struct rule *r = slots[i].rule;
	const struct value *p = &parent->v[i];
	enum how h;

	*out = *c;
	if (!p->there)
		return may_bring(parent, i, c, project) ? NULL : "E-RELAX";
	h = how(r, c, p);
	if (r->way == GROW)
		out->set = c->set | p->set;
	else if (h == LOOSER || h == APART)
		return code_of(r, h);
	return NULL;
}

const char *
oracle_extend(struct opol *out, const struct opol *parent,
    const struct opol *child, bool project, size_t *at)
{
	const char *code = NULL;

	for (*at = 0; *at < n_slots; ++*at) {
		const struct value *c = &child->v[*at];

		out->v[*at] = parent->v[*at];
		if (c->there)
			code =
			    extend_value(&out->v[*at], parent, *at, c, project);
		if (code != NULL)
			return code;
	}
	return NULL;
}

bool
oracle_fits(
    const struct opol *parent, size_t i, const struct value *v, bool project)
{
	struct value out;

	return extend_value(&out, parent, i, v, project) == NULL;
}

/* NULL or a code; both have the leaf. */
static const char *
meet_value(struct value *out, const struct rule *r, const struct value *a,
    const struct value *b)
{
	const enum how h = how(r, a, b);

	*out = h == LOOSER ? *b : *a;
	if (r->way == GROW)
		out->set = a->set | b->set;
	if (r->way == SHRINK || r->way == ONE_IN_EACH) {
		out->set = a->set & b->set;
		return out->set == 0 ? "E-EMPTY" : NULL;
	}
	if (h == APART && r->way != GROW)
		return code_of(r, h);
	return NULL;
}

const char *
oracle_meet(
    struct opol *out, const struct opol *a, const struct opol *b, size_t *at)
{
	for (size_t i = 0; i < n_slots; i++) {
		const struct rule *r = slots[i].rule;
		const struct value *x = &a->v[i], *y = &b->v[i];
		const char *code = NULL;

		*at = i;
		if (x->there && y->there)
			code = meet_value(&out->v[i], r, x, y);
		else
			out->v[i] = x->there ? *x : *y;
		if (code != NULL)
			return code;
		/* The other law has the map and not the key: nothing. */
		if (r->closed && x->there != y->there &&
		    has_map(x->there ? b : a, i))
			out->v[i] = (struct value){0};
	}
	for (*at = 0; *at < n_slots; ++*at)
		if (slots[*at].rule->closed && a->v[*at].there &&
		    !has_map(out, *at))
			return "E-EMPTY";
	return NULL;
}

/* What holds at a slot: what is said, or what silence means there. */
static struct value
holds(const struct opol *p, size_t i)
{
	const struct rule *r = slots[i].rule;
	struct value v = p->v[i];

	if (v.there)
		return v;
	if (r->way == GROW || (r->closed && has_map(p, i)))
		return (struct value){.there = true};
	if (r->absent == NULL)
		return v;
	v.there = true;
	if (r->kind == WHOLE)
		v.num = strtoull(r->absent, NULL, 10);
	else
		(void)oracle_parse(r, r->absent, &v.num);
	return v;
}

bool
oracle_not_looser(const struct opol *a, const struct opol *b, size_t *at)
{
	for (*at = 0; *at < n_slots; ++*at) {
		const struct value x = holds(a, *at), y = holds(b, *at);
		enum how h;

		if (!y.there)
			continue; /* anything goes */
		if (!x.there)
			return false;
		h = how(slots[*at].rule, &x, &y);
		if (h != EQUAL && h != TIGHTER)
			return false;
	}
	return true;
}

bool
oracle_same(const struct opol *a, const struct opol *b, size_t *at)
{
	for (*at = 0; *at < n_slots; ++*at) {
		const struct value *x = &a->v[*at], *y = &b->v[*at];

		if (x->there != y->there)
			return false;
		if (x->there && (x->num != y->num || x->set != y->set))
			return false;
	}
	return true;
}
