/*
 * language.h - whether a text is in a language for which there are no rules and
 * names: detection knows English and French, and identifiers of any text.
 *
 * Told by script (letters that are not Latin) and by the words of
 * languages.def; looked at is the first quarter of each KiB.  A text that is
 * too short or is none of the languages listed is not told to be another one:
 * the answer errs to "no", and a policy that wants more has to say so of the
 * source.
 */
#ifndef TG_REDACTORS_LANGUAGE_H
#define TG_REDACTORS_LANGUAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sv.h"

#define TG_LANGUAGE_SLOTS 1024

/* Made once, read by all. */
struct tg_languages {
	struct {
		uint64_t word;	 /* its bytes, the first lowest */
		uint32_t spoken; /* bit 0: ours; bit k: language k */
	} slot[TG_LANGUAGE_SLOTS];
};

void tg_languages_init(struct tg_languages *l);

/* Whether @text, or a part of it, is in another language. */
bool
tg_languages_other(const struct tg_languages *l, struct tg_trace_text text);

#endif
