/*
 * oracle.h - the merge rules once more, from the table in
 * policy-and-evidence.md 4.2 and the head of schema.def, on values of its own;
 * and a seeded generator of policies over every row of schema.def.  Nothing of
 * policies/ is asked but to turn such a policy into leaves and back.
 */
#ifndef TG_TESTS_UNIT_POLICIES_ORACLE_H
#define TG_TESTS_UNIT_POLICIES_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policies/layer.h"

enum way {
	LOWER,	/* min: lower is stricter */
	HIGHER, /* max */
	LATER,	/* ordered: the later word */
	FIELD,	/* partial: keep < {generalise, pseudonymise < label} < drop */
	SAME,	/* lock */
	SHRINK, /* intersect: fewer is stricter */
	GROW,	/* union: more is stricter */
	ONE_IN_EACH /* conj */
};

enum kind { WHOLE, RATIO, WORD, FREE_WORD, NAMES, PLACES, PATTERNS };

struct rule {
	const char *pattern;
	enum way way;
	enum kind kind;
	uint64_t lo, hi;
	const char *const *words;
	const char *absent;
	bool closed;
};

#define ORACLE_SLOTS 256
#define ORACLE_ITEMS 6 /* that a set is made of */

/* A leaf that a generated policy may have: wildcards of a rule's pattern are
 * filled with a few keys.  Sorted by path. */
struct slot {
	char path[128];
	size_t map;	 /* bytes of the path before its last segment */
	size_t first, n; /* the slots of that map; together if it is closed */
	const struct rule *rule;
};

struct value {
	bool there;
	uint8_t set;  /* bit i: item i */
	uint64_t num; /* number; parts per billion; place of the word */
};

struct opol {
	struct value v[ORACLE_SLOTS];
};

/* Builds the slots; their number. */
size_t oracle_slots(void);
const struct slot *oracle_slot(size_t i);
/* Item @bit of sets of this kind; in sorted order. */
const char *oracle_item(enum kind kind, size_t bit);
const char *oracle_word(const struct rule *r, uint64_t num);
/* The value of @text; false when it is none. */
bool oracle_parse(const struct rule *r, const char *text, uint64_t *num);

/* ---- what the rules say ------------------------------------------------- */

/* NULL or the code of a refusal, at *at (a slot; of a closed map: the first
 * slot of it); else *out. */
const char *oracle_extend(struct opol *out, const struct opol *parent,
    const struct opol *child, bool project, size_t *at);
/* Whether a child may say @v at slot @i. */
bool oracle_fits(
    const struct opol *parent, size_t i, const struct value *v, bool project);
const char *oracle_meet(
    struct opol *out, const struct opol *a, const struct opol *b, size_t *at);
/* Whether @a is nowhere looser than @b; else *at. */
bool oracle_not_looser(const struct opol *a, const struct opol *b, size_t *at);
/* The same values everywhere; else *at. */
bool oracle_same(const struct opol *a, const struct opol *b, size_t *at);

/* ---- what is generated -------------------------------------------------- */

uint64_t oracle_random(uint64_t *seed);
/* How often two policies contradict each other. */
enum agree {
	NOWHERE,
	BUT_FOR_SOME, /* but for fields and closed maps: a third may settle */
	EVERYWHERE
};
void oracle_base(struct opol *out, enum agree agree, uint64_t *seed);
/* A layer over @parent that tightens it; one in @naughty leaves has any value
 * instead (0: none). */
void oracle_child(struct opol *out, const struct opol *parent, bool project,
    enum agree agree, uint64_t naughty, uint64_t *seed);

/* ---- to policies/ and back ---------------------------------------------- */

/* Leaves of @from as a loaded file has them. */
void oracle_leaves(struct tg_leaves *out, const struct opol *p,
    const struct tg_layer *from, struct tg_arena *mem);
/* false: a leaf that is no slot or has no value of its rule. */
bool oracle_read(struct opol *out, const struct tg_leaves *leaves);
/* The same policy as YAML of one of many looks. */
void oracle_yaml(struct tg_buf *out, const struct opol *p, uint64_t *seed);

#endif
