/* reasons.h - the cases that make each reason code happen, on the way that it
 * happens to a user. */
#ifndef TG_TESTS_UNIT_REPORT_REASONS_H
#define TG_TESTS_UNIT_REPORT_REASONS_H

#include <stddef.h>

struct reason_case {
	const char *code;
	/* Tells saw() of every code that it sees; @arg is the row's own. */
	void (*make)(const struct reason_case *c);
	const void *arg;
};

/* A code that was given; the same one may come again. */
void saw(const char *code);
/* The codes in a message: "E-…:", "EXC-…:" or "APR-…:" at its beginning or
 * behind the place. */
void saw_in(const char *text);

extern const struct reason_case reasons_of_policies[], reasons_of_records[],
    reasons_of_people[];
extern const size_t n_reasons_of_policies, n_reasons_of_records,
    n_reasons_of_people;

#endif
