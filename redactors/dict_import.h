/*
 * dict_import.h - an official file of names as a binary dictionary.
 *
 *   insee-given      INSEE, Fichier des prenoms, nat*.csv:
 *                    sexe;preusuel;annais;nombre, all years of a name together
 *   census-surnames  US Census Bureau, Names_2010Census.csv:
 *                    name,rank,count,...
 *   ssa-given        US Social Security Administration, yobXXXX.txt:
 *                    Mary,F,7065, without a line of headings
 *   ons-given        Office for National Statistics, baby names as CSV: lines
 *                    of text, then headings with Name and Count; counts that
 *                    are withheld ("[x]", "z", ":", "-", "") are left out
 *
 * UTF-8 with or without a byte order mark, LF or CR LF; a field may stand in
 * quotes; a count may have commas between the thousands.
 */
#ifndef TG_REDACTORS_DICT_IMPORT_H
#define TG_REDACTORS_DICT_IMPORT_H

#include "redactors/dict.h"

#define TG_IMPORT_MAX (64u << 20) /* bytes of a file */
#define TG_IMPORT_ROWS (4u << 20) /* rows of a file */
#define TG_IMPORT_COLUMNS 64	  /* of a row */

struct tg_import {
	size_t rows;  /* with a name and a count */
	size_t left;  /* rows left out: withheld, "all other names", names of
		       * several words */
	size_t rare;  /* names under the least count */
	size_t words; /* in the dictionary */
};

/* Kinds, in order; NULL behind the last. */
const char *tg_import_kind(size_t i);
/*
 * tg_dict_import - appends the dictionary (dict_file.h) made of @text to @out.
 * A name needs @least bearers in all rows together; 0: the default of the kind.
 * Errors: TG_E_USAGE (unknown kind), TG_E_CONFIG with @path:line:col,
 * TG_E_LIMIT, TG_E_MEMORY.
 */
int tg_dict_import(struct tg_buf *out, struct tg_import *done, const char *kind,
    uint64_t least, struct tg_sv text, const char *path, struct tg_err *err)
    TG_MUST_CHECK;

#endif
