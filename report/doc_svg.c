#include "report/doc_svg.h"

#include "base/banned.h"

/* In units of the view box, 680 wide: a column of text on A4. */
enum {
	WIDTH = 680,
	LABEL_X = 236, /* labels end here */
	BAR_X = 248,
	BAR_W = 300,
	NOTE_X = 676, /* notes end here */
	STEP = 27,
	BAR_H = 17,
	BREAK_RATIO = 12 /* a bar this much longer than the next is broken */
};

#define VALUE_MAX ((uint64_t)1 << 50) /* keeps value * 3000 in 64 bits */

static uint64_t
capped(uint64_t v)
{
	return v < VALUE_MAX ? v : VALUE_MAX;
}

/* The largest value below @top, and how many bars are not above it. */
static uint64_t
below(const struct tg_block *b, uint64_t top, unsigned *n)
{
	uint64_t v = 0;

	*n = 0;
	for (const struct tg_bar *k = b->bar; k != NULL; k = k->next) {
		if (capped(k->value) >= top)
			continue;
		++*n;
		if (capped(k->value) > v)
			v = capped(k->value);
	}
	return v;
}

/*
 * The value that fills the width: the largest, unless it is so far above most
 * of the bars that nothing would be seen of them; then the largest of those.
 */
static uint64_t
scale_of(const struct tg_block *b)
{
	unsigned all, n;
	const uint64_t first = below(b, UINT64_MAX, &all);

	for (uint64_t v = first; v != 0;) {
		const uint64_t less = below(b, v, &n);

		if (less != 0 && v / less >= BREAK_RATIO && n * 2 >= all)
			return less;
		v = less;
	}
	return first == 0 ? 1 : first;
}

static void
label(struct tg_doc_out *o, int x, int y, const char *attr, const char *text)
{
	tg_doc_putf(o, "<text x=\"%d\" y=\"%d\" %s>", x, y, attr);
	tg_doc_esc_html(o, text);
	tg_doc_put(o, "</text>");
}

/* Longer than the scale: drawn full and cut through by a gap. */
static void
broken(struct tg_doc_out *o, int y, const char *gap)
{
	const int end = BAR_X + BAR_W, cut = end - 36;

	tg_doc_putf(o,
	    "<path d=\"M%d %dH%dl-6 %d 12 0 -6 %dH%dz\" fill=\"#c3c7cd\"/>",
	    BAR_X, y, cut, BAR_H / 2, BAR_H - BAR_H / 2, BAR_X);
	tg_doc_putf(o,
	    "<path d=\"M%d %dH%dV%dH%dl6 -%d -12 0z\" fill=\"#c3c7cd\"/>",
	    cut + 10, y, end, y + BAR_H, cut + 10, BAR_H - BAR_H / 2);
	if (gap != NULL)
		label(o, BAR_X + 8, y + BAR_H - 4, "font-size=\"11\"", gap);
}

static void
bar(struct tg_doc_out *o, const struct tg_bar *k, int y, uint64_t scale,
    const char *gap)
{
	const uint64_t v = capped(k->value);
	const unsigned tenths =
	    v > scale ? BAR_W * 10u : (unsigned)(v * (BAR_W * 10u) / scale);
	const int base = y + BAR_H - 4;
	const int end = BAR_X + (int)(tenths / 10) + 9;

	label(o, LABEL_X, base,
	    k->strong ? "text-anchor=\"end\" font-weight=\"700\""
		      : "text-anchor=\"end\"",
	    k->label);
	if (v > scale)
		broken(o, y, gap);
	else
		tg_doc_putf(o,
		    "<rect x=\"%d\" y=\"%d\" width=\"%u.%u\" height=\"%d\" "
		    "fill=\"%s\"/>",
		    BAR_X, y, tenths / 10, tenths % 10, BAR_H,
		    k->strong ? "#1f3a5f" : "#5b7596");
	label(o, end, base, k->strong ? "font-weight=\"700\"" : "", k->text);
	if (k->note != NULL)
		label(o, NOTE_X, base, "text-anchor=\"end\" fill=\"#8f1d1d\"",
		    k->note);
	tg_doc_put(o, "\n");
}

void
tg_doc_svg_bars(
    struct tg_doc_out *o, const struct tg_block *figure, unsigned number)
{
	const uint64_t scale = scale_of(figure);
	int n = 0, y = 5;

	for (const struct tg_bar *k = figure->bar; k != NULL; k = k->next)
		n++;
	tg_doc_putf(o,
	    "<svg viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"12\" "
	    "fill=\"#1b1d21\" aria-labelledby=\"f%ut f%ud\">"
	    "<title id=\"f%ut\">",
	    WIDTH, n * STEP + 6, number, number, number);
	tg_doc_esc_html(o, figure->title);
	tg_doc_putf(o, "</title><desc id=\"f%ud\">", number);
	tg_doc_esc_html(o, figure->text);
	tg_doc_put(o, "</desc>\n");
	for (const struct tg_bar *k = figure->bar; k != NULL; k = k->next) {
		bar(o, k, y, scale, figure->gap);
		y += STEP;
	}
	tg_doc_putf(o,
	    "<line x1=\"%d\" y1=\"1\" x2=\"%d\" y2=\"%d\" "
	    "stroke=\"#1b1d21\"/></svg>\n",
	    BAR_X, BAR_X, n * STEP + 3);
}
