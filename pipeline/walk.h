/*
 * walk.h - the walk over a record that collects its texts, from inside: what
 * texts.c (which nodes), tokens.c and digits.c (arrays that spell a text)
 * share.
 */
#ifndef TG_PIPELINE_WALK_H
#define TG_PIPELINE_WALK_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/stage.h"

/* Set on a node whose text was looked at joined (tokens.h). */
#define TG_MARK_TOKEN 2u

/* Where the walk is.  A string that holds JSON is a level of its own. */
struct tg_walk {
	struct tg_pass *p;
	struct tg_record *r;
	struct tg_jdoc *doc; /* the level's document */
	const struct tg_nest *nest;
	unsigned depth; /* levels open */
	uint32_t node;	/* in the record's document */
	uint32_t unit;
	bool content;
	const char *prefix; /* path of the level's root */
	uint64_t kin;	    /* of the level's root (seam_orders.h) */
	/* Counts the pieces of a stream that stand in one text, which are whole
	 * together; NULL: one is told at once. */
	uint32_t *pieces;
};

/* The path of node @i in the record's arena; NULL on error. */
const char *
tg_walk_path(struct tg_walk *w, uint32_t i, struct tg_err *err) TG_MUST_CHECK;

/* The name a value stands under: its key, the key of the array it is in, or
 * the "key" of the OTLP KeyValue around it.  Raw bytes; may be empty. */
struct tg_trace_text tg_walk_name(const struct tg_jdoc *d, uint32_t i);

/* Adds a text that stands at @base of the level; *@out may be NULL and is good
 * until the next.  TG_E_INPUT over the limit, TG_E_MEMORY. */
int tg_walk_add(struct tg_walk *w, uint32_t i, enum tg_text_kind kind,
    struct tg_jtext text, uint32_t base, struct tg_text **out,
    struct tg_err *err) TG_MUST_CHECK;

/* The same, replaced by @by without a look: a string's inside, a number, or
 * (TG_TXT_LITERAL) the value, which @by must be JSON for.  @by is borrowed for
 * the record. */
int tg_walk_blot(struct tg_walk *w, uint32_t i, enum tg_text_kind kind,
    struct tg_sv by, struct tg_err *err) TG_MUST_CHECK;

/* A text that stands for array @i as a whole: its place, not its bytes. */
int tg_walk_whole(struct tg_text *out, struct tg_walk *w, uint32_t i,
    struct tg_err *err) TG_MUST_CHECK;

/* texts.c: node @i and all below it, by the rules of content. */
int tg_walk_content(struct tg_walk *w, uint32_t i, struct tg_err *err)
    TG_MUST_CHECK;

/* texts.c: the JSON in @text, which stands at @base in string @i, is walked
 * over; @line: which one of several documents of the string, from 1; 0: it is
 * the string.  1: done; 0: it is no JSON; -1. */
int tg_walk_json(struct tg_walk *w, uint32_t i, struct tg_jtext text,
    uint32_t base, uint32_t line, struct tg_err *err) TG_MUST_CHECK;

/* texts.c: a piece of a stream stands alone where the walk is. */
int tg_walk_piece(struct tg_walk *w, struct tg_err *err) TG_MUST_CHECK;

/* texts_lines.c: string @i, decoded @text, whose lines are JSON.  1: done; 0:
 * they are not; -1. */
int tg_walk_lines(struct tg_walk *w, uint32_t i, struct tg_jtext text,
    struct tg_err *err) TG_MUST_CHECK;

#endif
