#include "report/doc.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define ARENA_MAX ((size_t)64 << 20) /* bytes of a tree */
#define FILL_MAX 256 /* bytes, first guess at a filled sentence */

struct tg_doc {
	struct tg_arena arena;
	enum tg_lang lang;
	struct tg_doc_frame frame;
	struct tg_block root; /* a box that holds everything */
	struct tg_block *open[TG_DOC_DEPTH + 1];
	size_t depth;
	bool bad; /* out of memory, or boxes not matched */
};

int
tg_doc_new(struct tg_doc **out, enum tg_lang lang, struct tg_err *err)
{
	struct tg_doc *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return tg_fail_memory(err);
	tg_arena_init(&d->arena, ARENA_MAX);
	d->lang = lang;
	d->root.kind = TG_B_BOX;
	d->open[0] = &d->root;
	*out = d;
	return 0;
}

void
tg_doc_free(struct tg_doc *d)
{
	if (d == NULL)
		return;
	tg_arena_deinit(&d->arena);
	free(d);
}

struct tg_arena *
tg_doc_arena(struct tg_doc *d)
{
	return &d->arena;
}

enum tg_lang
tg_doc_lang(const struct tg_doc *d)
{
	return d->lang;
}

struct tg_doc_frame *
tg_doc_frame(struct tg_doc *d)
{
	return &d->frame;
}

const struct tg_doc_frame *
tg_doc_frame_of(const struct tg_doc *d)
{
	return &d->frame;
}

const struct tg_block *
tg_doc_first(const struct tg_doc *d)
{
	return d->root.child;
}

int
tg_doc_check(const struct tg_doc *d, struct tg_err *err)
{
	if (d->bad)
		return tg_fail_memory(err);
	if (d->depth != 0)
		return tg_fail(err, TG_E_BUG, "document: a box is still open");
	return 0;
}

static void *
make(struct tg_doc *d, size_t size)
{
	void *p = tg_arena_calloc(&d->arena, 1, size);

	if (p == NULL)
		d->bad = true;
	return p;
}

static struct tg_block *
block(struct tg_doc *d, enum tg_block_kind kind)
{
	struct tg_block *parent = d->open[d->depth];
	struct tg_block *b = make(d, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->kind = kind;
	if (parent->last_child == NULL)
		parent->child = b;
	else
		parent->last_child->next = b;
	parent->last_child = b;
	return b;
}

/* Text that could not be made is memory that ran out. */
static const char *
text_of(struct tg_doc *d, const char *s)
{
	if (s == NULL)
		d->bad = true;
	return s == NULL ? "" : s;
}

void
tg_doc_heading(
    struct tg_doc *d, unsigned level, const char *id, const char *title)
{
	struct tg_block *b = block(d, TG_B_HEADING);

	if (b == NULL)
		return;
	b->level = level;
	b->id = id;
	b->title = text_of(d, title);
}

static struct tg_para *
para_block(struct tg_doc *d, enum tg_block_kind kind)
{
	struct tg_block *b = block(d, kind);

	if (b == NULL)
		return NULL;
	b->para = make(d, sizeof(*b->para));
	return b->para;
}

struct tg_para *
tg_doc_para(struct tg_doc *d)
{
	return para_block(d, TG_B_PARA);
}

struct tg_para *
tg_doc_note(struct tg_doc *d)
{
	return para_block(d, TG_B_NOTE);
}

struct tg_block *
tg_doc_list(struct tg_doc *d)
{
	return block(d, TG_B_LIST);
}

struct tg_para *
tg_doc_item(struct tg_doc *d, struct tg_block *list)
{
	return tg_doc_cell(d, tg_doc_row(d, list));
}

struct tg_block *
tg_doc_key_value(struct tg_doc *d)
{
	return block(d, TG_B_KEY_VALUE);
}

struct tg_para *
tg_doc_key(struct tg_doc *d, struct tg_block *kv, const char *label)
{
	struct tg_row *row = tg_doc_row(d, kv);

	tg_doc_text(d, row, label);
	return tg_doc_cell(d, row);
}

static struct tg_block *
table(struct tg_doc *d, enum tg_block_kind kind, const struct tg_col *cols,
    size_t n)
{
	struct tg_block *b = block(d, kind);

	if (b == NULL)
		return NULL;
	b->n_col = n < TG_DOC_COLS ? n : TG_DOC_COLS;
	for (size_t i = 0; i < b->n_col; i++)
		b->col[i] = cols[i];
	return b;
}

struct tg_block *
tg_doc_table(
    struct tg_doc *d, const char *caption, const struct tg_col *cols, size_t n)
{
	struct tg_block *b = table(d, TG_B_TABLE, cols, n);

	if (b != NULL)
		b->title = caption;
	return b;
}

struct tg_block *
tg_doc_sign(struct tg_doc *d, const struct tg_col *cols, size_t n)
{
	return table(d, TG_B_SIGN, cols, n);
}

struct tg_row *
tg_doc_row(struct tg_doc *d, struct tg_block *b)
{
	struct tg_row *row = b == NULL ? NULL : make(d, sizeof(*row));

	if (row == NULL)
		return NULL;
	if (b->last_row == NULL)
		b->row = row;
	else
		b->last_row->next = row;
	b->last_row = row;
	return row;
}

struct tg_para *
tg_doc_cell(struct tg_doc *d, struct tg_row *row)
{
	struct tg_para *p;

	if (row == NULL || row->n == TG_DOC_COLS)
		return NULL;
	p = make(d, sizeof(*p));
	if (p != NULL)
		row->cell[row->n++] = p;
	return p;
}

void
tg_doc_text(struct tg_doc *d, struct tg_row *row, const char *text)
{
	tg_para_add(d, tg_doc_cell(d, row), TG_RUN_TEXT, text);
}

void
tg_doc_open(struct tg_doc *d, enum tg_box box, const char *title)
{
	struct tg_block *b = block(d, TG_B_BOX);

	if (b == NULL)
		return;
	b->box = box;
	b->title = title;
	if (d->depth == TG_DOC_DEPTH) {
		d->bad = true;
		return;
	}
	d->open[++d->depth] = b;
}

void
tg_doc_close(struct tg_doc *d)
{
	if (d->depth == 0)
		d->bad = true;
	else
		d->depth--;
}

struct tg_block *
tg_doc_bars(struct tg_doc *d, const char *title, const char *finding)
{
	struct tg_block *b = block(d, TG_B_BARS);

	if (b == NULL)
		return NULL;
	b->title = text_of(d, title);
	b->text = text_of(d, finding);
	return b;
}

void
tg_doc_bar(struct tg_doc *d, struct tg_block *figure, const struct tg_bar *bar)
{
	struct tg_bar *b = figure == NULL ? NULL : make(d, sizeof(*b));

	if (b == NULL)
		return;
	*b = *bar;
	b->label = text_of(d, bar->label);
	b->text = text_of(d, bar->text);
	b->next = NULL;
	if (figure->last_bar == NULL)
		figure->bar = b;
	else
		figure->last_bar->next = b;
	figure->last_bar = b;
}

struct tg_block *
tg_doc_choices(struct tg_doc *d)
{
	return block(d, TG_B_CHOICES);
}

void
tg_doc_choice(struct tg_doc *d, struct tg_block *choices, const char *text)
{
	tg_doc_text(d, tg_doc_row(d, choices), text);
}

void
tg_doc_field(struct tg_doc *d, const char *title, const char *text)
{
	struct tg_block *b = block(d, TG_B_FIELD);

	if (b == NULL)
		return;
	b->title = text_of(d, title);
	b->text = text_of(d, text);
}

void
tg_doc_code(struct tg_doc *d, const char *text)
{
	struct tg_block *b = block(d, TG_B_CODE);

	if (b != NULL)
		b->text = text_of(d, text);
}

void
tg_doc_page_break(struct tg_doc *d)
{
	(void)block(d, TG_B_PAGE_BREAK);
}

static struct tg_run *
run(struct tg_doc *d, struct tg_para *p, const char *text)
{
	struct tg_run *r;

	if (text == NULL)
		d->bad = true;
	if (p == NULL || text == NULL || text[0] == '\0')
		return NULL;
	r = make(d, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->text = text;
	if (p->last == NULL)
		p->first = r;
	else
		p->last->next = r;
	p->last = r;
	return r;
}

void
tg_para_add(struct tg_doc *d, struct tg_para *p, enum tg_run_kind kind,
    const char *text)
{
	struct tg_run *r = run(d, p, text);

	if (r != NULL)
		r->kind = kind;
}

void
tg_para_status(
    struct tg_doc *d, struct tg_para *p, enum tg_mark mark, const char *word)
{
	struct tg_run *r = run(d, p, word);

	if (r == NULL)
		return;
	r->kind = TG_RUN_STATUS;
	r->mark = mark;
}

/* A place at @s: its length, number and kind; 0 when there is none. */
static size_t
place(const char *s, size_t *i, enum tg_run_kind *kind)
{
	size_t k = 1;

	*kind = TG_RUN_TEXT;
	if (s[0] != '{')
		return 0;
	if (s[k] == '*' || s[k] == '#')
		*kind = s[k++] == '*' ? TG_RUN_BOLD : TG_RUN_MONO;
	if (s[k] < '0' || s[k] > '9' || s[k + 1] != '}')
		return 0;
	*i = (size_t)(s[k] - '0');
	return k + 2;
}

void
tg_para_fill(struct tg_doc *d, struct tg_para *p, const char *tmpl,
    const char *const *arg, size_t n)
{
	const char *from = tmpl;
	const char *s = tmpl;

	while (s != NULL && *s != '\0') {
		enum tg_run_kind kind;
		size_t i = 0;
		const size_t len = place(s, &i, &kind);

		if (len == 0 || i >= n) {
			s++;
			continue;
		}
		tg_para_add(d, p, TG_RUN_TEXT,
		    tg_arena_str(
			&d->arena, (struct tg_sv){from, (size_t)(s - from)}));
		tg_para_add(d, p, kind, arg[i]);
		s += len;
		from = s;
	}
	tg_para_add(d, p, TG_RUN_TEXT, from);
}

static int
fill(struct tg_buf *out, const char *tmpl, const char *const *arg, size_t n)
{
	for (const char *s = tmpl; *s != '\0';) {
		enum tg_run_kind kind;
		size_t i = 0;
		const size_t len = place(s, &i, &kind);

		if (len == 0 || i >= n) {
			if (tg_buf_addc(out, *s++, NULL) < 0)
				return -1;
			continue;
		}
		if (arg[i] == NULL || tg_buf_adds(out, arg[i], NULL) < 0)
			return -1;
		s += len;
	}
	return 0;
}

const char *
tg_doc_fill(
    struct tg_doc *d, const char *tmpl, const char *const *arg, size_t n)
{
	const char *text = NULL;
	struct tg_buf out;

	tg_buf_init(&out, TG_DOC_MAX);
	if (tg_buf_reserve(&out, FILL_MAX, NULL) == 0 &&
	    fill(&out, tmpl, arg, n) == 0)
		text = tg_arena_str(&d->arena, tg_buf_sv(&out));
	tg_buf_deinit(&out);
	if (text == NULL)
		d->bad = true;
	return text;
}

const char *
tg_doc_symbol(enum tg_mark mark)
{
	switch (mark) {
	case TG_MARK_MET:
		return "✓";
	case TG_MARK_CONFIRM:
		return "!";
	case TG_MARK_NOT_ASSESSED:
		return "–";
	case TG_MARK_NOT_MET:
		return "✗";
	default:
		return "?";
	}
}
