/*
 * jscan_fuzz.c - the scanner and the splicer on any bytes.
 *
 * The last eight bytes of an input seed the marks, the rest is the text.
 * What holds for each:
 *  - AVX2 and scalar agree on verdict, place and nodes;
 *  - what is accepted jansson accepts, but for lone surrogates, a NUL in a key
 *    and numbers beyond a double, which only jansson refuses;
 *  - what is refused jansson refuses, but for our caps, what is "the same key"
 *    (decoded, so that lone surrogates are one), and a NUL byte, which jansson
 *    takes for the end of the text;
 *  - without edits the splice is the text; with any set of nodes dropped it is
 *    accepted again, and is shorter.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... or with replay.c
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/jscan.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define TEXT_MAX (1u << 20)

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "jscan_fuzz: broken: %s\n", rule);
	abort();
}

static uint64_t
draw(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static bool
has(struct tg_sv text, const char *what)
{
	return memmem(text.p, text.n, what, strlen(what)) != NULL;
}

/* What only one of the two refuses, by their documented rules. */
static bool
may_differ(struct tg_sv text, bool ours, const char *why)
{
	if (!ours)
		return memchr(text.p, '\0', text.n) != NULL ||
		    strncmp(why, "nested", 6) == 0 ||
		    strncmp(why, "number longer", 13) == 0 ||
		    strcmp(why, "key used twice") == 0;
	return has(text, "\\ud") || has(text, "\\uD") || has(text, "\\u0000") ||
	    has(text, "e") || has(text, "E");
}

static void
same_nodes(const struct tg_jdoc *a, const struct tg_jdoc *b)
{
	hold(a->n == b->n, "as many nodes");
	for (uint32_t i = 0; i < a->n; i++) {
		const struct tg_jnode *x = &a->nodes[i], *y = &b->nodes[i];

		hold(x->start == y->start && x->end == y->end &&
			x->key_start == y->key_start &&
			x->key_end == y->key_end && x->parent == y->parent &&
			x->next == y->next && x->n == y->n &&
			x->kind == y->kind && x->esc == y->esc &&
			x->key_esc == y->key_esc,
		    "the same nodes");
	}
}

/* The scanner both ways; true when accepted, then @d is filled. */
static bool
scan(struct tg_jdoc *d, struct tg_sv text, struct tg_err *err)
{
	struct tg_jdoc other;
	struct tg_err e = {.cls = TG_E_NONE};
	size_t at, at2;
	int rc, rc2;

	tg_jdoc_init(&other);
	(void)tg_jscan_force("scalar");
	rc2 = tg_jscan(&other, text, &at2, &e);
	(void)tg_jscan_force(NULL);
	rc = tg_jscan(d, text, &at, err);
	hold(rc == rc2 && at == at2, "avx2 and scalar agree");
	hold(at <= text.n, "the place is in the text");
	same_nodes(d, &other);
	tg_jdoc_deinit(&other);
	return rc == 0;
}

static void
against_jansson(struct tg_sv text, bool ours, const char *why)
{
	json_t *j = json_loadb(text.p, text.n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL |
		JSON_DECODE_INT_AS_REAL,
	    NULL);

	hold(ours == (j != NULL) || may_differ(text, ours, why),
	    "the verdict is jansson's");
	json_decref(j);
}

static void
drop(struct tg_jdoc *d, uint64_t seed)
{
	struct tg_jdoc again;
	struct tg_edits edits;
	struct tg_buf out;
	size_t at;
	uint32_t marked = 0;

	tg_jdoc_init(&again);
	tg_edits_init(&edits, TG_JSCAN_NODES);
	tg_buf_init(&out, TEXT_MAX);
	hold(tg_edits_splice(&out, d->text, &edits, NULL) == 0 &&
		tg_sv_eq(tg_buf_sv(&out), d->text),
	    "no edits, no change");
	for (uint32_t i = 1; i < d->n; i++) {
		d->nodes[i].mark = draw(&seed) % 3 == 0;
		marked += d->nodes[i].mark;
	}
	tg_buf_reset(&out);
	hold(tg_edits_drop_marked(&edits, d, 1, NULL) == 0, "marks drop");
	hold(tg_edits_splice(&out, d->text, &edits, NULL) == 0, "drops splice");
	hold(tg_jscan(&again, tg_buf_sv(&out), &at, NULL) == 0,
	    "what is left is accepted");
	hold(again.n + marked >= d->n || marked > 0, "only marked nodes go");
	hold(marked == 0 ? out.n == d->text.n : out.n < d->text.n,
	    "what is dropped is gone");
	tg_buf_deinit(&out);
	tg_edits_deinit(&edits);
	tg_jdoc_deinit(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_jdoc d;
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	char *copy;
	bool ours;

	if (n > TEXT_MAX)
		return 0;
	if (n >= sizeof(seed)) {
		uint64_t tail;

		memcpy(&tail, p + n - sizeof(tail), sizeof(tail));
		seed ^= tail;
	}
	if (seed == 0)
		seed = 1;
	/* Exactly as long as the text: a byte read too far is found. */
	copy = malloc(n == 0 ? 1 : n);
	hold(copy != NULL, "memory");
	if (n > 0)
		memcpy(copy, p, n);
	tg_jdoc_init(&d);
	ours = scan(&d, (struct tg_sv){copy, n}, &err);
	against_jansson((struct tg_sv){copy, n}, ours, err.text);
	if (ours)
		drop(&d, seed);
	tg_jdoc_deinit(&d);
	free(copy);
	return 0;
}
