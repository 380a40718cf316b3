/*
 * shadow.h - the normalised view: one text, whatever it was dressed up as.
 * See fold.h for what becomes of each code point.
 */
#ifndef TG_REDACTORS_SHADOW_H
#define TG_REDACTORS_SHADOW_H

#include "redactors/look.h"
#include "redactors/marks.h"

#define TG_SHADOW_SLACK \
	8 /* bytes of a view's buffer beyond those of the text */

struct tg_shadow {
	bool folded;  /* the view differs from the text */
	bool removed; /* invisible characters were taken out */
};

/* No byte of @v is above 0x7f: the text is its own shadow. */
bool tg_shadow_plain(const struct tg_look *v);

/*
 * tg_shadow_fold - *@out is @v folded, in @m.  With @keep_gaps an invisible
 * character is TG_FOLD_OTHER instead of nothing (what it kept apart stays
 * apart).  TG_E_LIMIT, TG_E_MEMORY.
 */
int tg_shadow_fold(struct tg_look *out, struct tg_mapped *m,
    const struct tg_look *v, bool keep_gaps, struct tg_shadow *what,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_shadow_join - *@out is @v (its marks in @k) with the line breaks taken out
 * that may cut an identifier in two: between two bytes of [0-9A-Za-z@._+/=-]
 * where a word next to the break has a digit, '@' or '_', or 16 bytes.  *@any:
 * there was one.
 */
int tg_shadow_join(struct tg_look *out, struct tg_mapped *m,
    const struct tg_look *v, const struct tg_marks *k, bool *any,
    struct tg_err *err) TG_MUST_CHECK;

#endif
