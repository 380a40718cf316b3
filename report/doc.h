/*
 * doc.h - one document tree for everything a person reads; a writer for each
 * form (HTML, Markdown).
 *
 * The tree is built top-down with functions that never fail one by one: when
 * memory runs out they return NULL, accept NULL, and tg_doc_check says so once
 * at the end.  Text is UTF-8, borrowed, and must outlive the document (its own
 * arena, tg_doc_arena, is the place for formatted text).  No text is markup:
 * the writers escape all of it.
 */
#ifndef TG_REPORT_DOC_H
#define TG_REPORT_DOC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "report/strings.h"

#define TG_DOC_MAX (32u << 20) /* bytes of a written document */
#define TG_DOC_COLS 8	       /* columns of a table */
#define TG_DOC_DEPTH 4	       /* boxes in boxes */

enum tg_run_kind { TG_RUN_TEXT, TG_RUN_BOLD, TG_RUN_MONO, TG_RUN_STATUS };

/* A result is a word and a symbol; the colour only repeats it. */
enum tg_mark {
	TG_MARK_MET,	      /* a tick */
	TG_MARK_CONFIRM,      /* an exclamation mark */
	TG_MARK_NOT_ASSESSED, /* a dash */
	TG_MARK_NOT_MET	      /* a cross */
};

struct tg_run {
	enum tg_run_kind kind;
	enum tg_mark mark; /* of a status */
	const char *text;
	struct tg_run *next;
};

struct tg_para {
	struct tg_run *first, *last;
};

struct tg_row {
	struct tg_para *cell[TG_DOC_COLS];
	size_t n;
	bool tinted; /* needs somebody's action */
	struct tg_row *next;
};

enum tg_align { TG_LEFT, TG_RIGHT };

struct tg_col {
	const char *title;
	enum tg_align align;
	unsigned width; /* per cent of the table; 0: as it comes */
	bool head;	/* its cells are the heads of their rows */
};

struct tg_bar {
	const char *label;
	uint64_t value;
	const char *text; /* the value as printed */
	const char *note; /* at the far right, or NULL */
	bool strong;	  /* the bar that matters */
	struct tg_bar *next;
};

enum tg_block_kind {
	TG_B_HEADING,
	TG_B_PARA,
	TG_B_NOTE, /* a paragraph in small type */
	TG_B_LIST,
	TG_B_KEY_VALUE,
	TG_B_TABLE,
	TG_B_SIGN, /* a table to be filled in by hand */
	TG_B_BOX,
	TG_B_BARS,
	TG_B_CHOICES, /* boxes to tick */
	TG_B_FIELD,   /* an empty frame to write in */
	TG_B_CODE,
	TG_B_PAGE_BREAK
};

enum tg_box { TG_BOX_ASK, TG_BOX_SCORE, TG_BOX_ATTENTION, TG_BOX_NOTE };

struct tg_block {
	enum tg_block_kind kind;
	struct tg_block *next;
	unsigned level;	   /* heading: 2, 3 */
	const char *id;	   /* heading: anchor, of ours: [a-z0-9-] */
	const char *title; /* heading, box, caption, field */
	const char *text;  /* figure: the finding as a sentence; code */
	struct tg_para *para;
	struct tg_col col[TG_DOC_COLS];
	size_t n_col;
	struct tg_row *row, *last_row; /* also: items of a list, choices */
	struct tg_bar *bar, *last_bar;
	const char *gap; /* figure: said where the scale changes */
	enum tg_box box;
	struct tg_block *child, *last_child;
};

/* What stands around the text. */
struct tg_doc_frame {
	const char *title;
	const char *subtitle;
	const char *kicker;   /* what kind of document, upper left */
	const char *left[3];  /* lines under it; NULL ends */
	const char *right[3]; /* lines at the upper right */
	const char *status;   /* the last of them, in bold */
	const char *foot_left, *foot_center;
	const char *skip; /* "Skip to content" */
	const char *page; /* "Page {0} of {1}" */
};

struct tg_doc;

int tg_doc_new(struct tg_doc **out, enum tg_lang lang, struct tg_err *err)
    TG_MUST_CHECK;
void tg_doc_free(struct tg_doc *d);
struct tg_arena *tg_doc_arena(struct tg_doc *d);
enum tg_lang tg_doc_lang(const struct tg_doc *d);
struct tg_doc_frame *tg_doc_frame(struct tg_doc *d);
const struct tg_doc_frame *tg_doc_frame_of(const struct tg_doc *d);
const struct tg_block *tg_doc_first(const struct tg_doc *d);
/* tg_doc_check - TG_E_MEMORY when anything was lost while building. */
int tg_doc_check(const struct tg_doc *d, struct tg_err *err) TG_MUST_CHECK;

void tg_doc_heading(
    struct tg_doc *d, unsigned level, const char *id, const char *title);
struct tg_para *tg_doc_para(struct tg_doc *d);
struct tg_para *tg_doc_note(struct tg_doc *d);
struct tg_block *tg_doc_list(struct tg_doc *d);
struct tg_para *tg_doc_item(struct tg_doc *d, struct tg_block *list);
struct tg_block *tg_doc_key_value(struct tg_doc *d);
struct tg_para *
tg_doc_key(struct tg_doc *d, struct tg_block *kv, const char *label);
/* @cols is copied; @caption may be NULL. */
struct tg_block *tg_doc_table(
    struct tg_doc *d, const char *caption, const struct tg_col *cols, size_t n);
struct tg_block *
tg_doc_sign(struct tg_doc *d, const struct tg_col *cols, size_t n);
struct tg_row *tg_doc_row(struct tg_doc *d, struct tg_block *table);
/* The next cell of @row. */
struct tg_para *tg_doc_cell(struct tg_doc *d, struct tg_row *row);
/* A cell of one plain run. */
void tg_doc_text(struct tg_doc *d, struct tg_row *row, const char *text);
void tg_doc_open(struct tg_doc *d, enum tg_box box, const char *title);
void tg_doc_close(struct tg_doc *d);
/* @title names the figure, @finding says in a sentence what it shows. */
struct tg_block *
tg_doc_bars(struct tg_doc *d, const char *title, const char *finding);
void
tg_doc_bar(struct tg_doc *d, struct tg_block *figure, const struct tg_bar *bar);
struct tg_block *tg_doc_choices(struct tg_doc *d);
void
tg_doc_choice(struct tg_doc *d, struct tg_block *choices, const char *text);
void tg_doc_field(struct tg_doc *d, const char *title, const char *text);
void tg_doc_code(struct tg_doc *d, const char *text);
void tg_doc_page_break(struct tg_doc *d);

void tg_para_add(struct tg_doc *d, struct tg_para *p, enum tg_run_kind kind,
    const char *text);
void tg_para_status(
    struct tg_doc *d, struct tg_para *p, enum tg_mark mark, const char *word);
/* The sentence @tmpl with {0} .. {9} from @arg; {*0} is bold, {#0} mono.  A
 * place without an argument stays as it is. */
void tg_para_fill(struct tg_doc *d, struct tg_para *p, const char *tmpl,
    const char *const *arg, size_t n);
/* The same into one string, marks ignored. */
const char *tg_doc_fill(
    struct tg_doc *d, const char *tmpl, const char *const *arg, size_t n);

#define TG_ARGS(...)                        \
	(const char *const[]){__VA_ARGS__}, \
	    TG_COUNT(((const char *const[]){__VA_ARGS__}))

/* The symbol of a mark, UTF-8. */
const char *tg_doc_symbol(enum tg_mark mark);

/* The writers; TG_E_LIMIT over @out's ceiling.  HTML: one file, no script,
 * nothing loaded, Content-Security-Policy default-src 'none'. */
int tg_doc_html(struct tg_buf *out, const struct tg_doc *d, struct tg_err *err)
    TG_MUST_CHECK;
int tg_doc_md(struct tg_buf *out, const struct tg_doc *d, struct tg_err *err)
    TG_MUST_CHECK;

#endif
