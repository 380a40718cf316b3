/*
 * decoded.h - what is written in a text in another alphabet: percent-encoding,
 * backslash escapes, HTML character references (mapped byte by byte), base64
 * and hex (a run stands for all it holds).
 */
#ifndef TG_REDACTORS_DECODED_H
#define TG_REDACTORS_DECODED_H

#include "redactors/look.h"
#include "redactors/marks.h"

#define TG_DECODED_DEPTH 3	   /* encodings inside encodings */
#define TG_DECODED_MIN_BASE64 16   /* characters of a run */
#define TG_DECODED_MIN_SHORT 12	   /* the same when it is padded whole */
#define TG_DECODED_MIN_HEX 20	   /* digits of a run */
#define TG_DECODED_MAX (32u << 20) /* bytes decoded of one text, in all */

/* tg_decoded_escapes - *@out is @v (its marks in @k) with the escapes undone;
 * *@any: there was one.  TG_E_LIMIT, TG_E_MEMORY. */
int tg_decoded_escapes(struct tg_look *out, struct tg_mapped *m,
    const struct tg_look *v, const struct tg_marks *k, bool *any,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_decoded_next - the next run of base64, base64url or hex from *@from on
 * that decodes to text (at least nine bytes of ten printable).  1 and *@out,
 * 0 when there is none; *@from is moved behind the run.
 */
int tg_decoded_next(struct tg_look *out, struct tg_mapped *m,
    const struct tg_look *v, const struct tg_marks *k, size_t *from,
    struct tg_err *err) TG_MUST_CHECK;

#endif
