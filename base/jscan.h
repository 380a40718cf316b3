/*
 * jscan.h - the structural scanner of the record path: RFC 8259 JSON to a flat
 * list of nodes with byte ranges, strictly validated (grammar, UTF-8, depth),
 * nothing copied, nothing re-printed.  What is to change is written down as
 * edits (byte ranges and their replacement) and spliced; every other byte
 * stays bit-identical (design, section 3).
 *
 * Nodes are in document order: the children of node i begin at i + 1, its next
 * sibling is nodes[i].next (which is also one past its subtree).
 */
#ifndef TG_BASE_JSCAN_H
#define TG_BASE_JSCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

enum tg_jkind {
	TG_J_OBJECT,
	TG_J_ARRAY,
	TG_J_STRING,
	TG_J_NUMBER,
	TG_J_TRUE,
	TG_J_FALSE,
	TG_J_NULL
};

struct tg_jnode {
	uint32_t start,
	    end; /* the value's bytes, quotes or brackets included */
	uint32_t key_start, key_end; /* the key's, quotes included; 0,0: none */
	uint32_t parent;	     /* of the root: UINT32_MAX */
	uint32_t next;		     /* one past the subtree */
	uint32_t n;		     /* children */
	uint8_t kind;		     /* enum tg_jkind */
	bool esc;		     /* string with a backslash */
	bool key_esc;		     /* key with a backslash */
	uint8_t mark;		     /* for the caller; 0 after a scan */
};

struct tg_jdoc {
	struct tg_sv text; /* borrowed */
	struct tg_jnode *nodes;
	uint32_t n, cap;
};

#define TG_JSCAN_DEPTH 128 /* brackets; deeper is refused */
#define TG_JSCAN_NUMBER 64 /* characters of a number; longer is refused */
#define TG_JSCAN_NODES (1u << 22)

void tg_jdoc_init(struct tg_jdoc *d);
void tg_jdoc_deinit(struct tg_jdoc *d);

/*
 * tg_jscan - scans @text, one JSON value with white space around it.
 * On failure TG_E_INPUT (or TG_E_MEMORY) with a text such as "number longer
 * than 64 characters" and *@at the byte offset in @text.  Duplicate keys within
 * one object are refused too (two readers would see two records).  A text that
 * is cut, at whatever byte, fails with *@at at its length.  TG_E_LIMIT: above
 * 2 GiB.
 */
int tg_jscan(struct tg_jdoc *d, struct tg_sv text, size_t *at,
    struct tg_err *err) TG_MUST_CHECK;

/* The dispatch of the block scanner: "avx2" or "scalar"; both give the same
 * nodes.  tg_jscan_force(NULL) goes back to what the processor offers. */
const char *tg_jscan_path(void);
bool tg_jscan_force(const char *name);

/* The child of object @i with the key @name (compared decoded), or
 * UINT32_MAX. */
uint32_t tg_jdoc_find(const struct tg_jdoc *d, uint32_t i, const char *name);
/* The raw bytes between the quotes of a string node, of a key. */
struct tg_sv tg_jdoc_str(const struct tg_jdoc *d, uint32_t i);
struct tg_sv tg_jdoc_key(const struct tg_jdoc *d, uint32_t i);
/* The node's bytes. */
struct tg_sv tg_jdoc_raw(const struct tg_jdoc *d, uint32_t i);
/* Whether string node @i (key of node @i), decoded, equals @s. */
bool tg_jdoc_str_is(const struct tg_jdoc *d, uint32_t i, const char *s);
bool tg_jdoc_key_is(const struct tg_jdoc *d, uint32_t i, const char *s);
/* Appends the JSON Pointer (RFC 6901) of node @i.  A key can be personal
 * data: for findings only after the key was scanned. */
int tg_jdoc_pointer(struct tg_buf *out, const struct tg_jdoc *d, uint32_t i,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * A decoded string.  Without escapes text is the raw bytes themselves and map
 * is NULL (identity); else text is a copy and map[k] is the raw offset of
 * decoded byte k, map[text.n] the raw length.  A lone surrogate decodes to
 * U+FFFD.  \u0000 decodes to a NUL byte.
 */
struct tg_jtext {
	struct tg_trace_text text;
	const uint32_t *map;
};

/* Memory from @a; TG_E_MEMORY.  @raw must come from a scanned document. */
int tg_jtext_decode(struct tg_jtext *out, struct tg_sv raw, bool esc,
    struct tg_arena *a, struct tg_err *err) TG_MUST_CHECK;
/* The raw offset of decoded offset @k (0 to text.n). */
static inline uint32_t
tg_jtext_raw(const struct tg_jtext *t, size_t k)
{
	return t->map == NULL ? (uint32_t)k : t->map[k];
}

/* The offset in @raw (the inside of a string that was scanned) of a \\u escape
 * that is half a surrogate pair, or SIZE_MAX.  RFC 8259 section 8.2: what a
 * reader makes of it cannot be foretold. */
size_t tg_jtext_lone_surrogate(struct tg_sv raw);

/* Appends @s as the inside of a JSON string (quotes, backslash and controls
 * escaped; other bytes as they are). */
int tg_json_escape(struct tg_buf *out, struct tg_sv s, struct tg_err *err)
    TG_MUST_CHECK;

/* One replacement of text[start, end).  by is borrowed until the splice. */
struct tg_edit {
	uint32_t start, end;
	struct tg_sv by;
};

struct tg_edits {
	struct tg_edit *edit;
	uint32_t n, cap;
	uint32_t max;
};

void tg_edits_init(struct tg_edits *e, uint32_t max);
void tg_edits_deinit(struct tg_edits *e);
void tg_edits_reset(struct tg_edits *e);
int tg_edits_add(struct tg_edits *e, uint32_t start, uint32_t end,
    struct tg_sv by, struct tg_err *err) TG_MUST_CHECK;
/* tg_edits_drop_marked - adds the edits that remove every node whose mark has
 * a bit of @mask, with its key and the comma it needs.  A dropped root is
 * TG_E_BUG. */
int tg_edits_drop_marked(struct tg_edits *e, const struct tg_jdoc *d,
    uint8_t mask, struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_edits_splice - appends @text with the edits applied.  Edits are sorted
 * first (start, then longer first); one inside another is dropped, the outer
 * one wins; two that cross are TG_E_BUG (the record must not leave).
 */
int tg_edits_splice(struct tg_buf *out, struct tg_sv text, struct tg_edits *e,
    struct tg_err *err) TG_MUST_CHECK;

#endif
