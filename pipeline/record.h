/*
 * record.h - one piece of input on its way: the bytes, what each part of them
 * is, what was found in them, what becomes of them.
 *
 * A record is one JSON line or one JSON document.  A unit is what is sampled
 * and dropped as a whole inside it: an OTLP span or log record, a graph, a
 * JSONL object.  The bytes are never copied or re-printed: a stage writes down
 * verdicts, hits and edits, and emit.c splices them in.
 */
#ifndef TG_PIPELINE_RECORD_H
#define TG_PIPELINE_RECORD_H

#include <stdint.h>

#include "base/arena.h"
#include "base/jscan.h"
#include "base/sv.h"

/* What a node is; set by the source that knows the format. */
enum tg_class {
	TG_CLS_DROP,  /* unknown or forbidden: does not leave */
	TG_CLS_NAME,  /* a name of the allow-list: stays, need not be scanned */
	TG_CLS_FRAME, /* structure or a number of no person: stays as it is; a
		       * string in its place is scanned */
	TG_CLS_KEEP,  /* stays; a string is scanned all the same */
	TG_CLS_CONTENT, /* people's text and any JSON below it: all scanned */
	TG_CLS_TOKENS,	/* array of token strings: scanned joined */
	TG_CLS_ID,	/* an identifier: the policy's op for its field */
	TG_CLS_TIME	/* a time: generalised by the policy */
};

#define TG_FIELD(name) TG_FIELD_##name,
enum tg_field_id {
#include "pipeline/fields.def"
	TG_FIELD_COUNT
};
#undef TG_FIELD

const char *tg_field_name(enum tg_field_id f);

#define TG_UNIT_NONE UINT32_MAX

struct tg_unit {
	uint32_t node; /* its root; the subtree is node..nodes[node].next */
	struct tg_trace_text trace_id;	 /* sampling identity, may be empty */
	struct tg_trace_text session_id; /* may be empty */
	struct tg_trace_text person;	 /* whose it is (s20), may be empty */
	int64_t time;			 /* captured at, s UTC; 0 unknown */
	bool dropped;
	const char *stage, *code; /* why; static strings */
	uint64_t draw;		  /* number of its identity (s20) */
	uint64_t serial;	  /* number in the run, from 1 */
	uint64_t tokens;	  /* estimated, or counted in a tokens array */
	uint64_t own_tokens;	  /* of them, counted by the source (s50) */
	bool prompt_hit;	  /* a finding in the prompt of a graph */
	bool nearly;   /* something in it scored under its type's minimum */
	bool foreign;  /* a text in a language without rules (foreign.h) */
	bool health;   /* a finding that the policy counts as health */
	bool frame;    /* the head of a tensor file: not sampled */
	uint32_t keep; /* a context's tokens whose rows stay (s40) */
	bool bare;     /* its text stays, its numbers do not (s40) */
	bool counted;  /* went into the aggregates alone (s60) */
	bool piece;    /* holds one piece of a stream (stream.h) */
};

/* Where a text stands: the chain of strings it is nested in. */
struct tg_nest {
	const struct tg_nest *up;
	struct tg_jtext text; /* the string that holds the JSON, decoded */
	uint32_t base;	      /* where its raw bytes begin in the level above */
	unsigned depth;	      /* 1 for JSON in a string of the record */
};

enum tg_text_kind {
	TG_TXT_STRING,
	TG_TXT_KEY,
	TG_TXT_NUMBER, /* replaced by a string */
	TG_TXT_TOKEN,
	TG_TXT_LITERAL /* any value; replaced by JSON */
};

/* Whether a value may go on in the next such text (seams.h). */
enum tg_joins {
	TG_JOINS_NOT,
	TG_JOINS_TEXT,	 /* a field, a message, a part of one */
	TG_JOINS_STREAM, /* a piece of a stream, an element of an array */
	TG_JOINS_COLUMN, /* a token in a row: only with those of its column */
	TG_JOINS_KEY	 /* a key: only with its value, the next text */
};

struct tg_hit {
	uint32_t start, end; /* bytes in the decoded text */
	struct tg_sv by;     /* replacement, not yet escaped */
	bool name;	     /* a person's, whatever stands for it */
	bool general;	     /* a coarser value stands for it */
};

struct tg_pieces_held; /* tokens_held.h */

struct tg_text {
	const struct tg_nest *nest; /* NULL: directly in the record */
	struct tg_jtext text;
	uint32_t base; /* raw start (behind the quote) in its level */
	uint32_t node; /* in the record's document (the outermost string) */
	struct tg_trace_text key; /* the name it stands under: context */
	const char *path; /* JSON Pointer with '#' hops, when asked for */
	uint32_t unit;	  /* TG_UNIT_NONE: shared by all */
	enum tg_text_kind kind;
	bool content; /* counts for the token limit */
	enum tg_joins joins;
	uint64_t kin, column; /* where it stands; see seam_orders.h */
	struct tg_pieces_held
	    *held;    /* the tokens that it is joined of, or NULL */
	bool changed; /* by a seam, and not looked at since */
	struct tg_hit *hit;
	uint32_t n_hit, cap_hit; /* lists that others hold only grow */
	uint32_t cut;		 /* the text ends here; UINT32_MAX: whole */
};

/* An edit in the coordinates of a nested document. */
struct tg_nested_edit {
	const struct tg_nest *nest;
	uint32_t start, end;
};

#define TG_UNITS_MAX 65536u
#define TG_TEXTS_MAX 1048576u

struct tg_source;

struct tg_record {
	struct tg_sv raw;
	uint64_t no;	 /* from 1, in its input */
	uint64_t offset; /* of its first byte in the decompressed input */
	uint64_t line;	 /* of its first byte, from 1 */
	uint64_t chars;	 /* code points before it; with want_paths, else 0;
			  * UINT64_MAX: unknown behind an oversized one */
	struct tg_jdoc doc;
	uint8_t *cls;	/* enum tg_class a node; cap as doc.cap */
	uint8_t *field; /* enum tg_field_id a node */
	uint32_t cls_cap;
	const struct tg_source *source;
	struct tg_unit *unit;
	uint32_t n_unit, cap_unit;
	struct tg_text *text;
	uint32_t n_text, cap_text;
	struct tg_nested_edit *nested;
	uint32_t n_nested, cap_nested;
	uint32_t n_held; /* arrays of tokens among the texts (tokens_held.h) */
	struct tg_edits edits;
	struct tg_arena arena;
	bool tensors;	  /* made from a tensor file, source_tensors.c */
	bool in_pieces;	  /* goes on in another record (stream.h) */
	bool nearly;	  /* as of a unit, in what they share */
	uint32_t unknown; /* nodes dropped because nobody knows them */
	uint32_t alive;	  /* units whose texts are looked at */
	bool dropped;	  /* nothing of it leaves */
};

/* One reusable record; memory grows to the largest and stays. */
void tg_record_init(struct tg_record *r);
void tg_record_deinit(struct tg_record *r);
/* Ready for the next bytes. */
void tg_record_reset(struct tg_record *r);

/* Room for a class a node after a scan.  TG_E_MEMORY. */
int tg_record_classes(struct tg_record *r, struct tg_err *err) TG_MUST_CHECK;
/* TG_E_MEMORY, TG_E_INPUT over the limit; the pointer is good until the next
 * call. */
int tg_record_add_unit(struct tg_record *r, uint32_t node, struct tg_unit **out,
    struct tg_err *err) TG_MUST_CHECK;
int tg_record_add_text(struct tg_record *r, struct tg_text **out,
    struct tg_err *err) TG_MUST_CHECK;
int tg_record_add_nested(struct tg_record *r, const struct tg_nest *nest,
    uint32_t start, uint32_t end, struct tg_err *err) TG_MUST_CHECK;

/* The unit that holds node @i, or TG_UNIT_NONE. */
uint32_t tg_record_unit_of(const struct tg_record *r, uint32_t i);
/* The units that @unit stands for, the first one up to *@end: itself, or all of
 * the record for TG_UNIT_NONE, which is what they share. */
uint32_t
tg_record_units(const struct tg_record *r, uint32_t unit, uint32_t *end);
/* Drops a unit once; a later reason does not replace an earlier one. */
void tg_unit_drop(struct tg_unit *u, const char *stage, const char *code);

#endif
