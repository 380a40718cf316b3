/*
 * pack_value.h - the values in a rule file, each of its type.  Errors are
 * TG_E_CONFIG with file, line and column, in the pack's err.
 */
#ifndef TG_REDACTORS_PACK_VALUE_H
#define TG_REDACTORS_PACK_VALUE_H

#include "base/yaml.h"
#include "redactors/rule.h"

/* One file being read; all borrowed. */
struct tg_pack_file {
	struct tg_rules *r;
	struct tg_yaml *y;
	const struct tg_ynode *lists;
	const char *path;
	struct tg_err *err;
};

/* "unknown WHAT 'x' (did you mean 'y'?)"; -1. */
int tg_pack_unknown(const struct tg_pack_file *p, const struct tg_ynode *at,
    const char *what, struct tg_sv word, const char *const *known);
/* @map is a map, every key of it one of @known. */
int tg_pack_map(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *what, const char *const *known) TG_MUST_CHECK;
/* The scalar under @key; NULL and no error when it is missing and @must is
 * false. */
int tg_pack_scalar(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, bool must, const struct tg_ynode **out) TG_MUST_CHECK;
/* The same as text of the rule set's arena; a missing one leaves *out alone,
 * here and below. */
int tg_pack_text(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, bool must, struct tg_sv *out) TG_MUST_CHECK;
/* The index in @words of the value under @key. */
int tg_pack_choice(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, const char *const *words, unsigned *out) TG_MUST_CHECK;
/* A number from 0 to @max, to 100. */
int tg_pack_number(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, uint64_t max, uint64_t *out) TG_MUST_CHECK;
int tg_pack_score(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, uint8_t *out) TG_MUST_CHECK;

#endif
