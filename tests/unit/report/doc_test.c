#include "report/doc.h"

#include <check.h>
#include <string.h>

#include "base/banned.h"

Suite *doc_suite(void);

static struct tg_doc *d;
static struct tg_buf out;

static void
setup(void)
{
	ck_assert_int_eq(tg_doc_new(&d, TG_EN, NULL), 0);
	*tg_doc_frame(d) = (struct tg_doc_frame){.title = "T",
	    .subtitle = "S",
	    .kicker = "K",
	    .left = {"L"},
	    .right = {"R"},
	    .status = "open",
	    .foot_left = "F",
	    .foot_center = "C",
	    .skip = "Skip",
	    .page = "Page {0} of {1}"};
	tg_buf_init(&out, TG_DOC_MAX);
}

static void
teardown(void)
{
	tg_doc_free(d);
	tg_buf_deinit(&out);
}

static const char *
html(void)
{
	tg_buf_reset(&out);
	ck_assert_int_eq(tg_doc_html(&out, d, NULL), 0);
	return out.p;
}

static const char *
md(void)
{
	tg_buf_reset(&out);
	ck_assert_int_eq(tg_doc_md(&out, d, NULL), 0);
	return out.p;
}

static void
has(const char *text, const char *part)
{
	ck_assert_msg(
	    strstr(text, part) != NULL, "\"%s\" not in:\n%s", part, text);
}

static void
has_not(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" in:\n%s", part, text);
}

static void
para(const char *text)
{
	tg_para_add(d, tg_doc_para(d), TG_RUN_TEXT, text);
}

START_TEST(html_loads_nothing_and_says_so)
{
	para("x");
	has(html(), "default-src 'none'; style-src 'unsafe-inline'");
	has(out.p, "<html lang=\"en\">");
	has(out.p, "<a class=\"skip\" href=\"#main\">Skip</a>");
	has(out.p, "<main id=\"main\">");
	has_not(out.p, "<script");
	has_not(out.p, "src=");
	has_not(out.p, "@import");
	has_not(out.p, "url(");
}
END_TEST

START_TEST(html_text_cannot_become_markup)
{
	para("<script>alert(1)</script>&\"'");
	has(html(), "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;");
	has_not(out.p, "<script");
}
END_TEST

START_TEST(controls_and_bad_bytes_are_replaced)
{
	para("a\x01"
	     "b\x7f"
	     "c\xff"
	     "d\xe2\x80\xae"
	     "e\xc2\x85"
	     "f\xef\xbb\xbfg");
	has(html(),
	    "<p>a\xEF\xBF\xBD"
	    "b\xEF\xBF\xBD"
	    "c\xEF\xBF\xBD"
	    "d\xEF\xBF\xBD"
	    "e\xEF\xBF\xBD"
	    "f\xEF\xBF\xBD"
	    "g</p>");
	has(md(),
	    "a\xEF\xBF\xBD"
	    "b\xEF\xBF\xBD"
	    "c\xEF\xBF\xBD"
	    "d\xEF\xBF\xBD"
	    "e\xEF\xBF\xBD"
	    "f\xEF\xBF\xBD"
	    "g\n");
	/* The narrow no-break space is not one of them. */
	teardown();
	setup();
	para("4\xE2\x80\xAF"
	     "000");
	has(html(),
	    "<p>4\xE2\x80\xAF"
	    "000</p>");
}
END_TEST

START_TEST(truncated_utf8_at_the_end_is_replaced)
{
	para("x\xe2\x80");
	has(html(), "<p>x\xEF\xBF\xBD\xEF\xBF\xBD</p>");
}
END_TEST

START_TEST(footer_text_cannot_leave_its_string)
{
	tg_doc_frame(d)->foot_left = "a\"}</style><script>\\";
	has(html(), "content:\"a\\22 \\7d \\3c \\2f style\\3e ");
	has_not(out.p, "<script");
	tg_doc_frame(d)->page = "P {0}/{1}";
	has(html(), "content:\"P \" counter(page) \"\\2f \" counter(pages)");
}
END_TEST

START_TEST(status_is_a_word_and_a_symbol)
{
	tg_para_status(d, tg_doc_para(d), TG_MARK_MET, "Met");
	tg_para_status(d, tg_doc_para(d), TG_MARK_CONFIRM, "To confirm");
	tg_para_status(d, tg_doc_para(d), TG_MARK_NOT_ASSESSED, "Not assessed");
	tg_para_status(d, tg_doc_para(d), TG_MARK_NOT_MET, "Not met");
	has(html(), "<span class=\"st met\"><i>✓</i>Met</span>");
	has(out.p, "<span class=\"st conf\"><i>!</i>To confirm</span>");
	has(out.p, "<span class=\"st na\"><i>–</i>Not assessed</span>");
	has(out.p, "<span class=\"st fail\"><i>✗</i>Not met</span>");
	has(md(), "✓ Met");
	has(out.p, "✗ Not met");
}
END_TEST

START_TEST(sentences_are_filled_once_and_only_where_asked)
{
	struct tg_para *p = tg_doc_para(d);

	tg_para_fill(d, p, "a {0} b {*1} c {#2} d {3} {x} {",
	    TG_ARGS("{1}", "B", "abc"));
	has(html(), "<p>a {1} b <b>B</b> c <code>abc</code> d {3} {x} {</p>");
	ck_assert_str_eq(
	    tg_doc_fill(d, "{0}-{*1}-{2}", TG_ARGS("a", "b")), "a-b-{2}");
}
END_TEST

START_TEST(markdown_text_cannot_become_markup)
{
	para("# *a* _b_ `c` [d](e) <i> | \\ ~x~ &lt; $y$ http://h www.h");
	has(md(),
	    "\\# \\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\<i\\> \\| \\\\ "
	    "\\~x\\~ \\&lt; \\$y\\$ http\\://h www\\.h");
	teardown();
	setup();
	para("- x");
	para("1. y");
	para("2) z");
	para("=== w");
	has(md(), "\n\\- x\n\n1\\. y\n\n2\\) z\n\n\\=== w\n");
}
END_TEST

START_TEST(markdown_cells_stay_on_their_line)
{
	const struct tg_col cols[] = {
	    {"A", TG_LEFT, 0, true}, {"N", TG_RIGHT, 0, false}};
	struct tg_block *t = tg_doc_table(d, "Cap", cols, 2);
	struct tg_row *row = tg_doc_row(d, t);

	tg_doc_text(d, row, "a\nb|c");
	tg_doc_text(d, row, "7");
	has(md(), "**Cap**\n\n| A | N |\n| --- | ---: |\n| a b\\|c | 7 |\n");
	has(html(), "<caption>Cap</caption>");
	has(out.p, "<th scope=\"col\">A</th>");
	has(out.p, "<th scope=\"row\">a\nb|c</th><td class=\"n\">7</td>");
}
END_TEST

START_TEST(markdown_code_cannot_close_its_fence)
{
	tg_doc_code(d, "x\n````\n# y <b>");
	has(md(), "\n`````\nx\n````\n# y <b>\n`````\n");
	has(html(), "<pre class=\"s\">x\n````\n# y &lt;b&gt;</pre>");
}
END_TEST

START_TEST(boxes_nest_and_must_be_closed)
{
	struct tg_err err = {0};

	tg_doc_open(d, TG_BOX_ATTENTION, "Mind");
	para("inside");
	ck_assert_int_eq(tg_doc_html(&out, d, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	tg_doc_close(d);
	has(html(),
	    "<div class=\"judge\"><p class=\"h\">Mind</p>\n"
	    "<p>inside</p>\n</div>");
	has(md(), "> **Mind**\n> \n> inside\n");
}
END_TEST

START_TEST(lost_text_is_an_error_and_not_a_gap)
{
	struct tg_err err = {0};

	para(NULL);
	ck_assert_int_eq(tg_doc_html(&out, d, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_MEMORY);
	ck_assert_int_eq(tg_doc_md(&out, d, NULL), -1);
}
END_TEST

static void
bars(const uint64_t *v, size_t n)
{
	struct tg_block *f = tg_doc_bars(d, "F & G", "finding <1>");

	f->gap = "gap";
	for (size_t i = 0; i < n; i++) {
		const struct tg_bar b = {"l<", v[i], "n", "−1", false, NULL};

		tg_doc_bar(d, f, &b);
	}
}

START_TEST(chart_has_a_text_alternative)
{
	static const uint64_t v[] = {10, 5};

	bars(v, 2);
	has(html(), "role=\"img\"");
	has(out.p,
	    "<title id=\"f1t\">F &amp; G</title>"
	    "<desc id=\"f1d\">finding &lt;1&gt;</desc>");
	has(out.p, "width=\"300.0\"");
	has(out.p, "width=\"150.0\"");
	has(out.p, ">l&lt;</text>");
	has_not(out.p, "gap");
	has(md(), "| l\\< | n | −1 |");
}
END_TEST

START_TEST(chart_breaks_only_what_dwarfs_most_bars)
{
	static const uint64_t funnel[] = {412384, 412380, 4124, 4000};
	static const uint64_t tail[] = {2906, 1488, 205, 3};

	bars(funnel, 4);
	has(html(), "gap");
	teardown();
	setup();
	bars(tail, 4);
	has_not(html(), "gap");
}
END_TEST

START_TEST(chart_of_nothing_or_of_the_largest_number)
{
	static const uint64_t none[] = {0, 0};
	static const uint64_t all[] = {UINT64_MAX, UINT64_MAX - 1};

	bars(none, 2);
	has(html(), "width=\"0.0\"");
	bars(all, 2);
	has(html(), "width=\"300.0\"");
	has(out.p, "<title id=\"f2t\">");
}
END_TEST

START_TEST(output_over_the_ceiling_is_refused)
{
	struct tg_err err = {0};
	struct tg_buf small;

	para("x");
	tg_buf_init(&small, 100);
	ck_assert_int_eq(tg_doc_html(&small, d, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	tg_buf_deinit(&small);
}
END_TEST

Suite *
doc_suite(void)
{
	Suite *s = suite_create("report/doc");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, html_loads_nothing_and_says_so);
	tcase_add_test(c, html_text_cannot_become_markup);
	tcase_add_test(c, controls_and_bad_bytes_are_replaced);
	tcase_add_test(c, truncated_utf8_at_the_end_is_replaced);
	tcase_add_test(c, footer_text_cannot_leave_its_string);
	tcase_add_test(c, status_is_a_word_and_a_symbol);
	tcase_add_test(c, sentences_are_filled_once_and_only_where_asked);
	tcase_add_test(c, markdown_text_cannot_become_markup);
	tcase_add_test(c, markdown_cells_stay_on_their_line);
	tcase_add_test(c, markdown_code_cannot_close_its_fence);
	tcase_add_test(c, boxes_nest_and_must_be_closed);
	tcase_add_test(c, lost_text_is_an_error_and_not_a_gap);
	tcase_add_test(c, chart_has_a_text_alternative);
	tcase_add_test(c, chart_breaks_only_what_dwarfs_most_bars);
	tcase_add_test(c, chart_of_nothing_or_of_the_largest_number);
	tcase_add_test(c, output_over_the_ceiling_is_refused);
	suite_add_tcase(s, c);
	return s;
}
