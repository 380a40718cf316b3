/* fixture.h - the built-in rules and a scanner, for the tests of this folder.
 */
#ifndef TG_TESTS_UNIT_REDACTORS_FIXTURE_H
#define TG_TESTS_UNIT_REDACTORS_FIXTURE_H

#include <check.h>

#include "redactors/scan.h"

/* The built-in packs and names of $TG_ROOT; loaded once a process. */
const struct tg_rules *fixture_rules(void);
/* The same with the packs from the last to the first; the caller frees. */
struct tg_rules *fixture_rules_backwards(void);
/* Once a case, in the parent of the forked tests. */
void fixture_start(void);
void fixture_stop(void);
struct tg_scanner *fixture_scanner(void);

/* Scans @text under @key; aborts the test on an error. */
struct tg_findings fixture_scan(const char *text, const char *key);
struct tg_findings fixture_scan_n(const char *text, size_t n, const char *key);
/* Whether one finding of @type covers start to end. */
bool fixture_covered(
    struct tg_findings f, const char *type, size_t start, size_t end);
bool fixture_has(struct tg_findings f, const char *type);

/* $TG_ROOT/@path in a static buffer (one of four). */
const char *fixture_path(const char *path);
/* The next of a reproducible sequence, below @n. */
unsigned fixture_random(uint64_t *state, unsigned n);

#endif
