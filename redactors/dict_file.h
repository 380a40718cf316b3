/*
 * dict_file.h - a dictionary in binary form (*.tgd), as an import makes it.
 *
 *     0   8  "tgnames1"
 *     8   4  flags of all words: one of dict.h (given, surname)
 *    12   4  N, number of words
 *    16  32  SHA-256 of the file it was made from
 *    48  16  what kind of file that was ("insee-given"), zeros behind
 *    64  8N  fingerprints (dict.h), ascending, each once, none 0
 *    64+8N 32  SHA-256 of all before
 *
 * Numbers are little-endian.  The same source gives the same bytes.
 */
#ifndef TG_REDACTORS_DICT_FILE_H
#define TG_REDACTORS_DICT_FILE_H

#include "redactors/dict.h"

#define TG_DICT_FILE_MAGIC "tgnames1"
#define TG_DICT_FILE_HEAD 64 /* bytes before the fingerprints */
#define TG_DICT_FILE_KIND 16 /* bytes of the kind */

/* Appends the file of @n fingerprints, sorted and each once, to @out.  @kind is
 * shorter than TG_DICT_FILE_KIND.  TG_E_LIMIT (@out's ceiling), TG_E_MEMORY. */
int tg_dict_file_make(struct tg_buf *out, uint16_t flags, const char *kind,
    const uint8_t source[32], const uint64_t *print, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
/* Adds the words of a file to @d; any defect is TG_E_CONFIG with the byte. */
int tg_dict_file_add(struct tg_dict *d, struct tg_sv file, struct tg_err *err)
    TG_MUST_CHECK;

#endif
