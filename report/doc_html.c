#include <string.h>

#include "report/doc.h"
#include "report/doc_css.h"
#include "report/doc_esc.h"
#include "report/doc_svg.h"

#include "base/banned.h"

#define SHORT_CODE 20 /* lines */

struct html {
	struct tg_doc_out o;
	unsigned figures;
};

static void blocks(struct html *h, const struct tg_block *b);

static void
element(struct html *h, const char *open, const char *text, const char *close)
{
	tg_doc_put(&h->o, open);
	tg_doc_esc_html(&h->o, text);
	tg_doc_put(&h->o, close);
}

static void
status(struct html *h, const struct tg_run *r)
{
	static const char *const class[] = {
	    [TG_MARK_MET] = "met",
	    [TG_MARK_CONFIRM] = "conf",
	    [TG_MARK_NOT_ASSESSED] = "na",
	    [TG_MARK_NOT_MET] = "fail",
	};

	tg_doc_putf(&h->o, "<span class=\"st %s\"><i>%s</i>", class[r->mark],
	    tg_doc_symbol(r->mark));
	tg_doc_esc_html(&h->o, r->text);
	tg_doc_put(&h->o, "</span>");
}

static void
runs(struct html *h, const struct tg_para *p)
{
	for (const struct tg_run *r = p == NULL ? NULL : p->first; r != NULL;
	     r = r->next)
		switch (r->kind) {
		case TG_RUN_TEXT:
			tg_doc_esc_html(&h->o, r->text);
			break;
		case TG_RUN_BOLD:
			element(h, "<b>", r->text, "</b>");
			break;
		case TG_RUN_MONO:
			element(h, "<code>", r->text, "</code>");
			break;
		case TG_RUN_STATUS:
			status(h, r);
			break;
		default:
			break;
		}
}

static void
para(struct html *h, const struct tg_para *p, const char *open)
{
	tg_doc_put(&h->o, open);
	runs(h, p);
	tg_doc_put(&h->o, "</p>\n");
}

static void
heading(struct html *h, const struct tg_block *b)
{
	tg_doc_putf(&h->o, "<h%u id=\"%s\">", b->level, b->id);
	tg_doc_esc_html(&h->o, b->title);
	tg_doc_putf(&h->o, "</h%u>\n", b->level);
}

static void
items(struct html *h, const struct tg_block *b, const char *open)
{
	tg_doc_put(&h->o, open);
	for (const struct tg_row *r = b->row; r != NULL; r = r->next) {
		tg_doc_put(&h->o, "<li>");
		runs(h, r->cell[0]);
		tg_doc_put(&h->o, "</li>");
	}
	tg_doc_put(&h->o, "</ul>\n");
}

static void
key_value(struct html *h, const struct tg_block *b)
{
	tg_doc_put(&h->o, "<table class=\"kf\"><tbody>\n");
	for (const struct tg_row *r = b->row; r != NULL; r = r->next) {
		tg_doc_put(&h->o, "<tr><th scope=\"row\">");
		runs(h, r->cell[0]);
		tg_doc_put(&h->o, "</th><td>");
		runs(h, r->cell[1]);
		tg_doc_put(&h->o, "</td></tr>\n");
	}
	tg_doc_put(&h->o, "</tbody></table>\n");
}

static void
table_head(struct html *h, const struct tg_block *b)
{
	tg_doc_put(&h->o, "<thead><tr>");
	for (size_t i = 0; i < b->n_col; i++) {
		tg_doc_put(&h->o, "<th scope=\"col\"");
		if (b->col[i].align == TG_RIGHT)
			tg_doc_put(&h->o, " class=\"n\"");
		if (b->col[i].width != 0)
			tg_doc_putf(
			    &h->o, " style=\"width:%u%%\"", b->col[i].width);
		element(h, ">", b->col[i].title, "</th>");
	}
	tg_doc_put(&h->o, "</tr></thead>\n<tbody>\n");
}

static void
table(struct html *h, const struct tg_block *b, const char *open)
{
	tg_doc_put(&h->o, open);
	if (b->title != NULL)
		element(h, "<caption>", b->title, "</caption>\n");
	table_head(h, b);
	for (const struct tg_row *r = b->row; r != NULL; r = r->next) {
		tg_doc_put(&h->o, r->tinted ? "<tr class=\"hl\">" : "<tr>");
		for (size_t i = 0; i < b->n_col; i++) {
			const bool head = b->col[i].head;

			tg_doc_put(&h->o, head ? "<th scope=\"row\"" : "<td");
			tg_doc_put(&h->o,
			    b->col[i].align == TG_RIGHT ? " class=\"n\">"
							: ">");
			runs(h, r->cell[i]);
			tg_doc_put(&h->o, head ? "</th>" : "</td>");
		}
		tg_doc_put(&h->o, "</tr>\n");
	}
	tg_doc_put(&h->o, "</tbody></table>\n");
}

static void
box(struct html *h, const struct tg_block *b)
{
	static const char *const open[] = {
	    [TG_BOX_ASK] = "<section class=\"ask\" aria-labelledby=\"ask\">",
	    [TG_BOX_SCORE] = "<div class=\"score\">",
	    [TG_BOX_ATTENTION] = "<div class=\"judge\">",
	    [TG_BOX_NOTE] = "<div class=\"nb\">",
	};
	const bool ask = b->box == TG_BOX_ASK;

	tg_doc_put(&h->o, open[b->box]);
	if (b->title != NULL)
		element(h, ask ? "<h2 id=\"ask\">" : "<p class=\"h\">",
		    b->title, ask ? "</h2>\n" : "</p>\n");
	blocks(h, b->child);
	tg_doc_put(&h->o, ask ? "</section>\n" : "</div>\n");
}

static void
figure(struct html *h, const struct tg_block *b)
{
	element(h, "<figure><figcaption><b>", b->title, "</b>");
	element(h, "", b->text, "</figcaption>\n");
	tg_doc_svg_bars(&h->o, b, ++h->figures);
	tg_doc_put(&h->o, "</figure>\n");
}

static void
field(struct html *h, const struct tg_block *b)
{
	element(h, "<div class=\"field\">", b->title, "");
	if (b->text[0] != '\0')
		element(h, " <span>", b->text, "</span>");
	tg_doc_put(&h->o, "</div>\n");
}

/* A short one is not torn apart on paper. */
static void
code(struct html *h, const struct tg_block *b)
{
	size_t lines = 0;

	for (const char *s = b->text; *s != '\0'; s++)
		lines += *s == '\n';
	element(h, lines < SHORT_CODE ? "<pre class=\"s\">" : "<pre>", b->text,
	    "</pre>\n");
}

static void
one_block(struct html *h, const struct tg_block *b)
{
	switch (b->kind) {
	case TG_B_HEADING:
		heading(h, b);
		break;
	case TG_B_PARA:
		para(h, b->para, "<p>");
		break;
	case TG_B_NOTE:
		para(h, b->para, "<p class=\"note\">");
		break;
	case TG_B_LIST:
		items(h, b, "<ul>");
		break;
	case TG_B_CHOICES:
		items(h, b, "<ul class=\"opts\">");
		break;
	case TG_B_KEY_VALUE:
		key_value(h, b);
		break;
	case TG_B_TABLE:
		table(h, b, "<table>");
		break;
	case TG_B_SIGN:
		table(h, b, "<table class=\"sig\">");
		break;
	case TG_B_BOX:
		box(h, b);
		break;
	case TG_B_BARS:
		figure(h, b);
		break;
	case TG_B_FIELD:
		field(h, b);
		break;
	case TG_B_CODE:
		code(h, b);
		break;
	case TG_B_PAGE_BREAK:
		tg_doc_put(&h->o, "<hr class=\"pb\">\n");
		break;
	default:
		break;
	}
}

static void
blocks(struct html *h, const struct tg_block *b)
{
	for (; b != NULL; b = b->next)
		one_block(h, b);
}

static void
lines(struct html *h, const char *const *line, size_t n)
{
	for (size_t i = 0; i < n && line[i] != NULL; i++)
		element(h, "<p>", line[i], "</p>");
}

static void
head(struct html *h, const struct tg_doc *d)
{
	const struct tg_doc_frame *f = tg_doc_frame_of(d);

	tg_doc_put(&h->o, "<!DOCTYPE html>\n");
	tg_doc_putf(&h->o, "<html lang=\"%s\">\n", tg_lang_tag(tg_doc_lang(d)));
	tg_doc_put(&h->o,
	    "<head><meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'; "
	    "img-src data:\">\n"
	    "<meta name=\"generator\" content=\"tracegate\">\n");
	element(h, "<title>", f->foot_left, " – ");
	element(h, "", f->title, "</title>\n<style>\n");
	tg_doc_css(&h->o, f);
	tg_doc_put(&h->o, "</style></head>\n<body>");
	element(h, "<a class=\"skip\" href=\"#main\">", f->skip, "</a>\n");
	tg_doc_put(&h->o, "<div class=\"sheet\"><header class=\"top\"><div>");
	element(h, "<p class=\"k\">", f->kicker, "</p>");
	lines(h, f->left, TG_COUNT(f->left));
	tg_doc_put(&h->o, "</div><div class=\"r\">");
	lines(h, f->right, TG_COUNT(f->right));
	element(h, "<p class=\"s\">", f->status, "</p></div></header>\n");
	element(h, "<main id=\"main\"><h1>", f->title, "</h1>\n");
	element(h, "<p class=\"sub\">", f->subtitle, "</p>\n");
}

int
tg_doc_html(struct tg_buf *out, const struct tg_doc *d, struct tg_err *err)
{
	struct html h = {{out, err, 0}, 0};

	if (tg_doc_check(d, err) < 0)
		return -1;
	head(&h, d);
	blocks(&h, tg_doc_first(d));
	tg_doc_put(&h.o, "</main></div></body></html>\n");
	return h.o.rc;
}
