#include "report/review_text.h"

#include "report/explain_out.h"
#include "report/typo.h"

#include "base/banned.h"

static const char *
count(const struct tg_xout *x, const char *key)
{
	return tg_view_int(&x->v, tg_json_get_int(x->v.m, key, 0));
}

int
tg_review_text(struct tg_buf *out, const struct tg_json *r, enum tg_lang lang,
    struct tg_err *err)
{
	const int64_t upper = tg_json_get_int(r, "upper_ppb", -1);
	struct tg_xout x;

	if (tg_xout_begin(&x, out, r, lang, err) < 0)
		return -1;
	tg_xout_head(&x, TG_FILL(&x.v, rv_run, tg_json_get_str(r, "run", "?")),
	    tg_view_term(&x.v, TG_T_STATUS, tg_json_get_str(r, "state", "?")));
	tg_xout_line(&x, TG_SAY(&x.v, rv_read),
	    TG_FILL(&x.v, rv_read_is, count(&x, "examined"),
		count(&x, "wanted"), count(&x, "found")));
	if (!tg_json_get_bool(r, "demanded", true))
		tg_xout_line(&x, "", TG_SAY(&x.v, rv_not_asked));
	if (upper >= 0 &&
	    tg_json_get_int(r, "examined", 0) <
		tg_json_get_int(r, "population", 0))
		tg_xout_line(&x, "",
		    TG_FILL(&x.v, rv_bound, count(&x, "found"),
			count(&x, "examined"), count(&x, "population"),
			tg_typo_percent(x.v.a, lang, tg_typo_up(upper))));
	return tg_xout_end(&x);
}

int
tg_review_record(struct tg_buf *out, const struct tg_json *r, size_t i,
    int64_t record, enum tg_lang lang, struct tg_err *err)
{
	struct tg_xout x;

	if (tg_xout_begin(&x, out, r, lang, err) < 0)
		return -1;
	tg_xout_head(&x,
	    TG_FILL(&x.v, rv_record, tg_view_int(&x.v, (int64_t)i + 1),
		count(&x, "wanted"), tg_view_int(&x.v, record + 1),
		count(&x, "population")),
	    "");
	return tg_xout_end(&x);
}
