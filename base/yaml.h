/*
 * yaml.h - the libyaml door: a strict subset, untyped scalars with positions.
 *
 * One document.  No anchors, aliases, tags, merge keys, duplicate keys,
 * complex keys, second documents; depth and size are capped.  Every scalar is
 * text: what it means is for the schema of the reader to say (so NO stays
 * Norway and 012 stays 012).  Errors are TG_E_CONFIG "name:line:col: ...".
 */
#ifndef TG_BASE_YAML_H
#define TG_BASE_YAML_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

enum tg_ykind { TG_Y_SCALAR, TG_Y_SEQ, TG_Y_MAP };

struct tg_ynode {
	enum tg_ykind kind;
	bool quoted;	      /* scalar: single, double or block style */
	uint32_t line, col;   /* from 1 */
	struct tg_sv text;    /* scalar: value, NUL-terminated */
	struct tg_ynode *key; /* entry of a map: its key (scalar), else NULL */
	struct tg_ynode *child; /* first entry of a seq or map */
	struct tg_ynode *next;	/* next entry of the same parent */
	size_t n;		/* entries */
};

struct tg_yaml; /* owns every node; freed whole */

#define TG_YAML_MAX (1u << 20) /* bytes of a document */
#define TG_YAML_DEPTH 24

int tg_yaml_parse(struct tg_yaml **out, struct tg_sv text, const char *name,
    struct tg_err *err) TG_MUST_CHECK;
int tg_yaml_load(struct tg_yaml **out, const char *path, struct tg_err *err)
    TG_MUST_CHECK;
void tg_yaml_free(struct tg_yaml *y);

/* Borrowed from @y: the root (NULL for an empty document), the name, the
 * source bytes. */
const struct tg_ynode *tg_yaml_root(const struct tg_yaml *y);
const char *tg_yaml_name(const struct tg_yaml *y);
struct tg_sv tg_yaml_text(const struct tg_yaml *y);

/* The value under @key of a map, or NULL (also when @map is no map). */
const struct tg_ynode *
tg_ynode_get(const struct tg_ynode *map, const char *key);

/* tg_yaml_fail - TG_E_CONFIG "name:line:col: formatted".  Returns -1. */
int tg_yaml_fail(const struct tg_yaml *y, const struct tg_ynode *at,
    struct tg_err *err, const char *fmt, ...) TG_PRINTF(4, 5);

/*
 * tg_nearest - the entry of @words (NULL-terminated) nearest to @s by edit
 * distance, or NULL when none is near; for "did you mean".
 */
const char *tg_nearest(struct tg_sv s, const char *const *words);

#endif
