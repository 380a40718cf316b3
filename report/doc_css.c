#include "report/doc_css.h"

#include "base/banned.h"

/*
 * Type and colours: contrast on white at least 4.5 to 1 (WCAG 2.1, 1.4.3);
 * on paper nothing under 8 pt.  Fonts by name only: nothing is loaded.
 * Literal values, no custom properties: some printers drop var() in
 * shorthands.
 */
#define SERIF "\"Noto Serif\",Cambria,Georgia,\"Liberation Serif\",serif"
#define SANS                                             \
	"\"Noto Sans\",\"Segoe UI\",\"Helvetica Neue\"," \
	"Arial,\"Liberation Sans\",sans-serif"
#define MONO "\"Noto Sans Mono\",\"DejaVu Sans Mono\",Consolas,monospace"
#define FOOT "font:8pt \"Noto Sans\",sans-serif;color:#4b515a"

static const char *const screen[] = {
    "*{box-sizing:border-box}",
    "html{-webkit-text-size-adjust:100%}",
    "body{margin:0;background:#e9ebee;color:#1b1d21;"
    "font:400 15px/1.5 " SERIF "}",
    ".sheet{max-width:860px;margin:24px auto;background:#fff;"
    "padding:48px 64px 60px}",
    ".skip{position:absolute;left:-9999px}",
    ".skip:focus{left:8px;top:8px;background:#fff;padding:8px;"
    "outline:3px solid #1f3a5f}",
    "a{color:#1f3a5f}",
    ".top{border-top:4px solid #1f3a5f;padding-top:10px;display:flex;"
    "justify-content:space-between;font:400 12px/1.45 " SANS ";color:#4b515a}",
    ".top p{margin:0}",
    ".top .k{font-weight:700;letter-spacing:.06em;"
    "text-transform:uppercase;color:#1f3a5f}",
    ".top .r{text-align:right;padding-left:24px;white-space:nowrap}",
    ".top .s{font-weight:700;color:#7a4a00}",
    "h1{font:700 27px/1.22 " SERIF ";margin:18px 0 4px;letter-spacing:-.005em}",
    ".sub{color:#4b515a;margin:0 0 16px}",
    "h2{font:700 18.5px/1.3 " SERIF ";margin:34px 0 8px;padding-top:10px;"
    "border-top:1px solid #c3c7cd}",
    "h3{font:700 13.5px/1.35 " SANS ";margin:20px 0 6px}",
    "p{margin:0 0 10px;overflow-wrap:anywhere}",
    ".ask{border-left:4px solid #1f3a5f;background:#f4f5f7;"
    "padding:12px 18px;margin:0 0 14px}",
    ".ask h2{border:0;padding:0;margin:0 0 4px;font-size:16.5px}",
    ".ask p:last-child,.judge p:last-child,.nb p:last-child{margin:0}",
    ".score{border:1px solid #c3c7cd;padding:7px 16px}",
    ".score p{margin:0;font:400 13px/1.4 " SANS ";color:#4b515a}",
    ".score b{font:700 17px/1.3 " SERIF ";color:#1b1d21;margin-right:10px}",
    ".judge{border:1px solid #c79a4a;background:#fbf3e2;"
    "padding:8px 16px;margin:0 0 6px;font-size:14px}",
    ".score+.judge{border-top:0}",
    ".judge .h{font:700 13.5px/1.35 " SANS ";color:#7a4a00;margin:0 0 3px}",
    ".judge p{margin:0 0 4px}",
    ".nb{border-left:4px solid #c3c7cd;padding:2px 14px;"
    "margin:0 0 12px}",
    ".nb .h{font:700 13.5px/1.35 " SANS ";margin:0 0 3px}",
    "table{border-collapse:collapse;width:100%;font:400 13px/1.42 " SANS
    ";margin:6px 0 14px}",
    "caption{text-align:left;font:700 13px/1.4 " SANS ";padding:0 0 5px}",
    "th,td{text-align:left;vertical-align:top;padding:5px 10px 5px 0;"
    "border-bottom:1px solid #e2e4e8;font-weight:400;"
    "overflow-wrap:anywhere}",
    "thead th{font-weight:700;border-bottom:1.5px solid #1b1d21;"
    "font-size:12px}",
    "tbody tr:last-child>*{border-bottom:1.5px solid #1b1d21}",
    ".n{text-align:right;font-variant-numeric:tabular-nums;"
    "padding-right:14px;overflow-wrap:normal}",
    "td.n{white-space:nowrap}",
    ".kf{border-top:1.5px solid #1b1d21}",
    ".kf th{width:27%;font-weight:600;color:#4b515a}",
    ".hl>*{background:#fbf3e2}",
    ".st{white-space:nowrap;font-weight:700}",
    ".st i{font-style:normal;display:inline-block;width:1.2em}",
    ".met{color:#1e5c3a}.conf{color:#7a4a00}.na{color:#4b515a}.fail{"
    "color:#8f1d1d}",
    "figure{margin:14px 0;break-inside:avoid}",
    "figcaption{font:400 13px/1.45 " SANS ";color:#4b515a;margin:0 0 6px}",
    "figcaption b{color:#1b1d21;display:block}",
    "svg{display:block;width:100%;height:auto;font-family:" SANS "}",
    ".note{font:400 12.5px/1.45 " SANS ";color:#4b515a}",
    "ul{padding-left:20px;margin:4px 0 10px}",
    "li{margin:4px 0}",
    "code,pre{font:400 12px/1.5 " MONO "}",
    "code{overflow-wrap:anywhere}",
    "pre{background:#f4f5f7;border:1px solid #e2e4e8;"
    "padding:9px 12px;white-space:pre-wrap;overflow-wrap:anywhere;"
    "margin:6px 0 12px}",
    ".opts{list-style:none;padding:0;margin:8px 0 8px;display:flex}",
    ".opts li{margin:0 30px 0 0;white-space:nowrap;font-weight:600;"
    "font-size:14px;padding-left:24px;position:relative}",
    ".opts li::before{content:\"\";position:absolute;left:0;top:3px;"
    "width:14px;height:14px;border:1.5px solid #1b1d21}",
    ".field{border:1px solid #c3c7cd;min-height:60px;"
    "padding:5px 10px;margin:0 0 12px;font:400 12px/1.4 " SANS
    ";color:#4b515a}",
    ".field span{color:#1b1d21}",
    ".sig th,.sig td{border:1px solid #c3c7cd;padding-left:9px}",
    ".sig thead th{border-bottom:1px solid #c3c7cd}",
    ".sig tbody tr>*{height:40px;vertical-align:middle;"
    "border-bottom:1px solid #c3c7cd}",
    ".sig tbody th{font-weight:700}",
    ".pb{border:0;margin:0;height:0}",
    "@media (max-width:700px){.sheet{padding:24px 18px;margin:0}"
    ".top,.opts{display:block}.top .r{text-align:left;"
    "padding:6px 0 0}}",
};

static const char *const print[] = {
    "@media print{",
    "body{background:#fff;font-size:10pt;line-height:1.4}",
    ".sheet{max-width:none;margin:0;padding:0}",
    ".skip{display:none}",
    "p{margin-bottom:6pt;orphans:2;widows:2}",
    ".top{font-size:8.2pt}",
    "h1{font-size:18.5pt;margin:8pt 0 2pt}",
    ".sub{font-size:10.5pt;margin-bottom:7pt}",
    "h2{font-size:12.8pt;margin:10pt 0 3pt;padding-top:5pt;"
    "break-after:avoid}",
    "h3{font-size:9.6pt;margin:9pt 0 3pt;break-after:avoid}",
    ".ask{padding:6pt 11pt;margin-bottom:7pt}",
    ".ask h2{font-size:11.5pt;margin-bottom:2pt}",
    ".score{padding:4pt 11pt}",
    ".score p{font-size:8.8pt}",
    ".score b{font-size:11.5pt}",
    ".judge{padding:5pt 11pt;font-size:9.2pt;line-height:1.34}",
    ".judge .h{font-size:9.2pt;margin-bottom:1pt}",
    ".judge p{margin-bottom:2pt}",
    "table{font-size:8.8pt;line-height:1.34;margin:4pt 0 9pt}",
    "thead{display:table-header-group;break-after:avoid}",
    "tbody tr:first-child{break-before:avoid}",
    "pre.s,.kf{break-inside:avoid}",
    "thead th{font-size:8.2pt}",
    "caption{font-size:9pt;break-after:avoid}",
    "th,td{padding:3.1pt 7pt 3.1pt 0}",
    "tr{break-inside:avoid}",
    ".kf>tbody>tr>*{padding-top:2.2pt;padding-bottom:2.2pt}",
    "figcaption,.note{font-size:8.6pt}",
    "code,pre{font-size:8pt}",
    "pre{padding:5pt 8pt;line-height:1.4}",
    "ul{margin-bottom:6pt}",
    "li{margin:2pt 0}",
    ".opts{margin:4pt 0 5pt}",
    ".opts li{font-size:9.6pt}",
    ".opts li::before{top:1.5pt;width:10pt;height:10pt}",
    ".field{min-height:26pt;margin-bottom:6pt;padding:3pt 8pt;"
    "font-size:8.6pt;break-inside:avoid}",
    ".sig{break-inside:avoid;margin-bottom:0}",
    ".sig th,.sig td{padding-left:7pt}",
    ".sig tbody tr>*{height:22pt;padding-top:2pt;padding-bottom:2pt}",
    ".pb{break-after:page}",
    ".pb+h2{border-top:0;margin-top:0;padding-top:0}",
    "}",
};

static void
put_all(struct tg_doc_out *o, const char *const *rule, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		tg_doc_put(o, rule[i]);
		tg_doc_put(o, "\n");
	}
}

/* @page margin boxes: the run at the left, the notice in the middle, the page
 * at the right; f->page is "Page {0} of {1}". */
static void
put_page(struct tg_doc_out *o, const struct tg_doc_frame *f)
{
	const char *s = f->page;

	tg_doc_put(o,
	    "@page{size:A4;margin:12mm 18mm 15mm;\n"
	    "@bottom-left{content:\"");
	tg_doc_esc_css(o, f->foot_left);
	tg_doc_put(o, "\";" FOOT "}\n@bottom-center{content:\"");
	tg_doc_esc_css(o, f->foot_center);
	tg_doc_put(o, "\";" FOOT "}\n@bottom-right{content:\"");
	for (; *s != '\0'; s++) {
		const char one[2] = {*s, '\0'};

		if (s[0] == '{' && (s[1] == '0' || s[1] == '1') &&
		    s[2] == '}') {
			tg_doc_put(o,
			    s[1] == '0' ? "\" counter(page) \""
					: "\" counter(pages) \"");
			s += 2;
		} else {
			tg_doc_esc_css(o, one);
		}
	}
	tg_doc_put(o, "\";" FOOT "}}\n");
}

void
tg_doc_css(struct tg_doc_out *o, const struct tg_doc_frame *f)
{
	put_all(o, screen, TG_COUNT(screen));
	put_page(o, f);
	put_all(o, print, TG_COUNT(print));
}
