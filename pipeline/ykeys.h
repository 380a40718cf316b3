/* ykeys.h - the small helpers that readers of typed YAML files share. */
#ifndef TG_PIPELINE_YKEYS_H
#define TG_PIPELINE_YKEYS_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/yaml.h"

/* @map is a map without other keys than @words (NULL-terminated), else
 * TG_E_CONFIG file:line:col with "did you mean". */
int tg_ykeys_only(const struct tg_yaml *y, const struct tg_ynode *map,
    const char *const *words, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_ykeys_text - the scalar under @key of @map, copied to @a.  One line of
 * UTF-8 without control characters, at most @max bytes.  Missing: "" when
 * @required is false, else TG_E_CONFIG.
 */
int tg_ykeys_text(const char **out, const struct tg_yaml *y,
    const struct tg_ynode *map, const char *key, bool required, size_t max,
    struct tg_arena *a, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_ykeys_list - the list of such texts under @key; *@out is borrowed from
 * @a.  At least one and at most @max_n when @required, else a missing list is
 * empty.  Repeated texts are refused.
 */
int tg_ykeys_list(const char *const **out, size_t *n, const struct tg_yaml *y,
    const struct tg_ynode *map, const char *key, bool required, size_t max_n,
    size_t max, struct tg_arena *a, struct tg_err *err) TG_MUST_CHECK;

#endif
