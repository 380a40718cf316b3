/*
 * validator.h - named checks of what a pattern matched.  The table is
 * validators.def; the sources are named there.
 */
#ifndef TG_REDACTORS_VALIDATOR_H
#define TG_REDACTORS_VALIDATOR_H

#include "base/attr.h"
#include "base/sv.h"

enum tg_checked {
	TG_CHECK_BAD,	/* it is none */
	TG_CHECK_PLAIN, /* the form is right; nothing was computed */
	TG_CHECK_GOOD	/* a check digit or the like was verified */
};

/* What of the match it is; begins as the whole match. */
struct tg_cut {
	size_t skip; /* bytes left out in front */
	size_t end;  /* offset of the end in the match */
};

typedef enum tg_checked (*tg_validate)(
    const char *p, size_t n, struct tg_cut *cut);

struct tg_validator {
	const char *name;
	tg_validate run;
	const char *source;
};

/* NULL when there is none. */
const struct tg_validator *tg_validator_find(struct tg_sv name);
/* NULL-terminated. */
const char *const *tg_validator_names(void);

#define TG_VALIDATOR(name, source)           \
	enum tg_checked tg_validator_##name( \
	    const char *p, size_t n, struct tg_cut *cut);
#include "redactors/validators.def"
#undef TG_VALIDATOR

/*
 * For the checks: digits of @p as values 0 to 9 into @d; the number, or 0 when
 * there are more than @max.  @at: where each ends (offset + 1), may be NULL.
 */
size_t tg_validator_digits(
    unsigned char *d, size_t max, size_t *at, const char *p, size_t n);
/* Letters and digits in upper case, likewise. */
size_t
tg_validator_alnums(char *out, size_t max, size_t *at, const char *p, size_t n);
/* Luhn, ISO/IEC 7812-1 annex B: double every second from the right. */
bool tg_validator_luhn(const unsigned char *d, size_t n);
/* The digits as one number (n <= 18). */
unsigned long long tg_validator_number(const unsigned char *d, size_t n);

#endif
