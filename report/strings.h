/*
 * strings.h - every sentence of the report in English and French.
 *
 * strings.def holds them; a missing or empty translation does not compile.
 * A sentence may hold places: {0} plain, {*0} bold, {#0} in the type of
 * digests (report/doc.h, tg_para_fill).
 */
#ifndef TG_REPORT_STRINGS_H
#define TG_REPORT_STRINGS_H

#include <stdint.h>

#include "base/attr.h"

enum tg_lang { TG_EN, TG_FR };
#define TG_LANGS 2

enum tg_str_id {
#define STR(id, en, fr) TG_S_##id,
#define PLURAL(id, en1, en2, fr1, fr2)
#include "report/strings.def"
#undef STR
#undef PLURAL
	TG_S_COUNT
};

enum tg_plural_id {
#define STR(id, en, fr)
#define PLURAL(id, en1, en2, fr1, fr2) TG_P_##id,
#include "report/strings.def"
#undef STR
#undef PLURAL
	TG_P_COUNT
};

/* tg_str - the sentence; static. */
const char *tg_str(enum tg_lang lang, enum tg_str_id id);
/* tg_plural - the form that goes with @n.  English: one for 1; French: one
 * for 0 and 1. */
const char *tg_plural(enum tg_lang lang, enum tg_plural_id id, int64_t n);
/* tg_lang_tag - "en", "fr" (BCP 47). */
const char *tg_lang_tag(enum tg_lang lang);

#endif
