/*
 * fuzz.h - what the fuzz targets of redactors and pipeline share.
 *
 * A target that needs the rules loads them in LLVMFuzzerInitialize, which the
 * fuzzer and replay.c call once.
 */
#ifndef TG_TESTS_FUZZ_FUZZ_H
#define TG_TESTS_FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "redactors/scan.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The rule that broke; the fuzzer keeps the input. */
static inline void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "broken: %s\n", rule);
	abort();
}

/* A copy exactly as long as the text: a byte read too far is found. */
static inline char *
exact(const void *p, size_t n)
{
	char *copy = malloc(n == 0 ? 1 : n);

	hold(copy != NULL, "memory");
	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

/* A way back: offsets that do not fall and stay inside. */
static inline void
hold_map(const struct tg_look *v)
{
	bool ok = true;

	if (v->map == NULL)
		return;
	for (size_t i = 0; i < v->n; i++)
		ok = ok && v->map[i] <= v->map[i + 1];
	hold(ok && v->map[v->n] == v->up->n, "the map rises to the end");
}

/* Spans of @v lead back into @n bytes of the text, on code-point borders when
 * the text is UTF-8. */
static inline void
hold_roots(const struct tg_look *v, const char *text, size_t n, bool utf8)
{
	const size_t step = v->n / 64 + 1;
	bool ok = true;

	for (size_t i = 0; i < v->n; i += step) {
		const struct tg_span s = tg_look_root(
		    v, (struct tg_span){i, i + step < v->n ? i + step : v->n});

		ok = ok && s.start < s.end && s.end <= n;
		if (ok && utf8)
			ok = ((unsigned char)text[s.start] & 0xc0) != 0x80 &&
			    (s.end == n ||
				((unsigned char)text[s.end] & 0xc0) != 0x80);
	}
	hold(ok, "every span leads back into the text");
}

/* The built-in packs and names below $TG_ROOT (default: here). */
static inline struct tg_rules *
built_in_rules(void)
{
	static const char *const files[] = {"redactors/rules/generic.yaml",
	    "redactors/rules/secrets.yaml", "redactors/rules/person.yaml",
	    "regions/uk/identifiers.yaml", "regions/fr/identifiers.yaml",
	    "regions/us/identifiers.yaml", "regions/uk/names",
	    "regions/fr/names", "regions/us/names"};
	static char path[TG_COUNT(files)][512];
	const char *at[TG_COUNT(files)];
	const struct tg_rules_src src = {at, 6, at + 6, 3};
	const char *root = getenv("TG_ROOT");
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_rules *r = NULL;

	for (size_t i = 0; i < TG_COUNT(files); i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%s/%s",
		    root == NULL ? "." : root, files[i]);
		at[i] = path[i];
	}
	if (tg_rules_load(&r, &src, &err) < 0)
		(void)fprintf(stderr, "%s\n", err.text);
	hold(r != NULL, "the built-in rules load");
	return r;
}

#endif
