#include "report/status_text.h"

#include "report/explain_out.h"
#include "report/typo.h"

#include "base/banned.h"

static const char *
of(const struct tg_xout *x, const char *key)
{
	const char *unit = tg_arena_fmt(x->v.a, "max_%s", key);
	const int64_t used =
	    tg_json_get_int(tg_json_get(x->v.m, "used"), key, 0);
	const int64_t most = unit == NULL
	    ? 0
	    : tg_json_get_int(tg_json_get(x->v.m, "caps"), unit, 0);

	return TG_FILL(
	    &x->v, s_of, tg_view_int(&x->v, used), tg_view_int(&x->v, most));
}

int
tg_standing_text(struct tg_buf *out, const struct tg_json *s, enum tg_lang lang,
    struct tg_err *err)
{
	const char *why = tg_json_get_str(s, "why", "");
	struct tg_xout x;

	if (tg_xout_begin(&x, out, s, lang, err) < 0)
		return -1;
	tg_xout_head(&x,
	    TG_FILL(&x.v, s_standing,
		tg_view_term(
		    &x.v, TG_T_COUNTRY, tg_json_get_str(s, "origin", "?")),
		tg_view_term(&x.v, TG_T_ROLE, tg_json_get_str(s, "role", "?")),
		tg_json_get_str(s, "signer", "?")),
	    tg_view_term(&x.v, TG_T_STATUS, tg_json_get_str(s, "state", "?")));
	if (why[0] != '\0')
		tg_xout_line(&x, "!", why);
	tg_xout_line(&x, TG_SAY(&x.v, s_until),
	    tg_view_date(&x.v, tg_json_get_int(s, "expires_at", 0)));
	tg_xout_line(&x, TG_SAY(&x.v, s_used),
	    TG_FILL(&x.v, s_used_is, of(&x, "runs"), of(&x, "records"),
		of(&x, "bytes")));
	return tg_xout_end(&x);
}
