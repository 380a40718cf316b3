#include <string.h>

#include "report/doc.h"
#include "report/doc_esc.h"

#include "base/banned.h"

#define FENCE_MAX 64 /* backticks; a longer run in the text is cut there */

struct md {
	struct tg_doc_out o;
	/* What every line starts with: "> " for each open box. */
	char prefix[2 * TG_DOC_DEPTH + 1];
};

static void blocks(struct md *m, const struct tg_block *b);

/* Ends the line and begins the next. */
static void
line(struct md *m)
{
	tg_doc_put(&m->o, "\n");
	tg_doc_put(&m->o, m->prefix);
}

static void
put(struct md *m, const char *before, const char *text, const char *after)
{
	tg_doc_put(&m->o, before);
	tg_doc_esc_md(&m->o, text, false);
	tg_doc_put(&m->o, after);
}

/* A code span is used only where nothing in it could end it. */
static void
mono(struct md *m, const char *s)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    " ./:_+=@,-";

	if (strspn(s, plain) != strlen(s) || s[0] == ' ') {
		put(m, "", s, "");
	} else {
		tg_doc_put(&m->o, "`");
		tg_doc_put(&m->o, s);
		tg_doc_put(&m->o, "`");
	}
}

static void
runs(struct md *m, const struct tg_para *p, bool bol)
{
	for (const struct tg_run *r = p == NULL ? NULL : p->first; r != NULL;
	     r = r->next) {
		switch (r->kind) {
		case TG_RUN_TEXT:
			tg_doc_esc_md(&m->o, r->text, bol);
			break;
		case TG_RUN_BOLD:
			put(m, "**", r->text, "**");
			break;
		case TG_RUN_MONO:
			mono(m, r->text);
			break;
		case TG_RUN_STATUS:
			tg_doc_putf(&m->o, "%s ", tg_doc_symbol(r->mark));
			tg_doc_esc_md(&m->o, r->text, false);
			break;
		default:
			break;
		}
		bol = false;
	}
}

static void
row(struct md *m, const struct tg_row *r, size_t n)
{
	tg_doc_put(&m->o, "|");
	for (size_t i = 0; i < n; i++) {
		tg_doc_put(&m->o, " ");
		runs(m, r->cell[i], false);
		tg_doc_put(&m->o, " |");
	}
	line(m);
}

static void
table(struct md *m, const struct tg_block *b)
{
	if (b->title != NULL) {
		put(m, "**", b->title, "**");
		line(m);
		line(m);
	}
	tg_doc_put(&m->o, "|");
	for (size_t i = 0; i < b->n_col; i++)
		put(m, " ", b->col[i].title, " |");
	line(m);
	tg_doc_put(&m->o, "|");
	for (size_t i = 0; i < b->n_col; i++)
		tg_doc_put(
		    &m->o, b->col[i].align == TG_RIGHT ? " ---: |" : " --- |");
	line(m);
	for (const struct tg_row *r = b->row; r != NULL; r = r->next)
		row(m, r, b->n_col);
}

static void
key_value(struct md *m, const struct tg_block *b)
{
	tg_doc_put(&m->o, "| | |");
	line(m);
	tg_doc_put(&m->o, "| --- | --- |");
	line(m);
	for (const struct tg_row *r = b->row; r != NULL; r = r->next)
		row(m, r, 2);
}

static void
items(struct md *m, const struct tg_block *b, const char *mark)
{
	for (const struct tg_row *r = b->row; r != NULL; r = r->next) {
		tg_doc_put(&m->o, mark);
		runs(m, r->cell[0], true);
		line(m);
	}
}

static void
figure(struct md *m, const struct tg_block *b)
{
	put(m, "**", b->title, "** ");
	tg_doc_esc_md(&m->o, b->text, false);
	line(m);
	line(m);
	tg_doc_put(&m->o, "| | | |");
	line(m);
	tg_doc_put(&m->o, "| --- | ---: | --- |");
	line(m);
	for (const struct tg_bar *k = b->bar; k != NULL; k = k->next) {
		put(m, "| ", k->label, " | ");
		put(m, "", k->text, " | ");
		put(m, "", k->note == NULL ? "" : k->note, " |");
		line(m);
	}
}

/* A fence longer than any run of backticks inside. */
static void
code(struct md *m, const struct tg_block *b)
{
	char fence[FENCE_MAX + 1];
	size_t run = 0, longest = 2;

	for (const char *s = b->text; *s != '\0'; s++) {
		run = *s == '`' ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	if (longest >= FENCE_MAX) { /* not ours; shown as plain text */
		tg_doc_esc_md(&m->o, b->text, false);
		line(m);
		return;
	}
	memset(fence, '`', longest + 1);
	fence[longest + 1] = '\0';
	tg_doc_put(&m->o, fence);
	line(m);
	tg_doc_esc_fenced(&m->o, b->text, m->prefix);
	line(m);
	tg_doc_put(&m->o, fence);
	line(m);
}

static void
box(struct md *m, const struct tg_block *b)
{
	const size_t n = strlen(m->prefix);

	if (n + 2 >= sizeof(m->prefix))
		return;
	memcpy(m->prefix + n, "> ", 3);
	tg_doc_put(&m->o, "> ");
	if (b->title != NULL) {
		put(m, "**", b->title, "**");
		line(m);
		line(m);
	}
	blocks(m, b->child);
	m->prefix[n] = '\0';
	line(m);
}

static void
one_block(struct md *m, const struct tg_block *b)
{
	switch (b->kind) {
	case TG_B_HEADING:
		put(m, b->level == 3 ? "### " : "## ", b->title, "");
		line(m);
		break;
	case TG_B_PARA:
	case TG_B_NOTE:
		runs(m, b->para, true);
		line(m);
		break;
	case TG_B_LIST:
		items(m, b, "- ");
		break;
	case TG_B_CHOICES:
		items(m, b, "- [ ] ");
		break;
	case TG_B_KEY_VALUE:
		key_value(m, b);
		break;
	case TG_B_TABLE:
	case TG_B_SIGN:
		table(m, b);
		break;
	case TG_B_BOX:
		box(m, b);
		break;
	case TG_B_BARS:
		figure(m, b);
		break;
	case TG_B_FIELD:
		put(m, "**", b->title, "** ");
		tg_doc_esc_md(&m->o, b->text, false);
		line(m);
		break;
	case TG_B_CODE:
		code(m, b);
		break;
	case TG_B_PAGE_BREAK:
		tg_doc_put(&m->o, "---");
		line(m);
		break;
	default:
		break;
	}
}

static void
blocks(struct md *m, const struct tg_block *b)
{
	for (; b != NULL; b = b->next) {
		one_block(m, b);
		if (b->next != NULL)
			line(m);
	}
}

static void
head(struct md *m, const struct tg_doc_frame *f)
{
	put(m, "# ", f->title, "\n\n");
	put(m, "", f->subtitle, "\n\n");
	put(m, "**", f->kicker, "**");
	for (size_t i = 0; i < TG_COUNT(f->left) && f->left[i] != NULL; i++)
		put(m, " · ", f->left[i], "");
	for (size_t i = 0; i < TG_COUNT(f->right) && f->right[i] != NULL; i++)
		put(m, " · ", f->right[i], "");
	put(m, " · **", f->status, "**\n\n");
}

int
tg_doc_md(struct tg_buf *out, const struct tg_doc *d, struct tg_err *err)
{
	struct md m = {{out, err, 0}, ""};

	if (tg_doc_check(d, err) < 0)
		return -1;
	head(&m, tg_doc_frame_of(d));
	blocks(&m, tg_doc_first(d));
	return m.o.rc;
}
