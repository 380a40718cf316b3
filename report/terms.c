#include "report/terms.h"

#include <string.h>

#include "base/banned.h"

struct term {
	enum tg_term_kind kind;
	const char *code;
	const char *words[TG_LANGS];
};

/* Complete at compile time: both languages there, neither empty. */
#define TERM(kind, code, en, fr) \
	_Static_assert(sizeof(en) > 1 && sizeof(fr) > 1, code " empty");
#define FINDING(code, en, fr) TERM(FINDING, code, en, fr)
#define REASON(code, en, fr) TERM(REASON, code, en, fr)
#define REMEDY(code, en, fr) TERM(REMEDY, code, en, fr)
#include "report/findings.def"
#include "report/reasons.def"
#include "report/remedies.def"
#include "report/terms.def"
#undef TERM

#define TERM(kind, code, en, fr) {TG_T_##kind, code, {en, fr}},
static const struct term terms[] = {
#include "report/findings.def"
#include "report/reasons.def"
#include "report/remedies.def"
#include "report/terms.def"
};
#undef TERM
#undef FINDING
#undef REASON
#undef REMEDY

static const char *const kinds[] = {"country", "region", "role", "party",
    "type", "action", "stage", "basis", "granularity", "domain", "key_end",
    "free_text", "level", "format", "unit", "ledger", "status", "decision",
    "result", "class", "clock", "source", "special", "test", "field", "part",
    "onward", "finding", "reason", "remedy"};
_Static_assert(TG_COUNT(kinds) == TG_T_REMEDY + 1, "a name a kind");

bool
tg_term_kind_find(enum tg_term_kind *out, struct tg_sv name)
{
	for (size_t i = 0; i < TG_COUNT(kinds); i++)
		if (tg_sv_is(name, kinds[i])) {
			*out = (enum tg_term_kind)i;
			return true;
		}
	return false;
}

const char *
tg_term_kind_name(enum tg_term_kind kind)
{
	return kinds[kind];
}

static const struct term *
find(enum tg_term_kind kind, const char *code)
{
	for (size_t i = 0; code != NULL && i < TG_COUNT(terms); i++)
		if (terms[i].kind == kind && strcmp(terms[i].code, code) == 0)
			return &terms[i];
	return NULL;
}

const char *
tg_term(enum tg_lang lang, enum tg_term_kind kind, const char *code)
{
	const struct term *t = find(kind, code);

	if (t != NULL)
		return t->words[lang];
	return code == NULL ? "" : code;
}

bool
tg_term_known(enum tg_term_kind kind, const char *code)
{
	return find(kind, code) != NULL;
}

bool
tg_term_at(size_t i, enum tg_term_kind *kind, const char **code,
    const char *words[TG_LANGS])
{
	if (i >= TG_COUNT(terms))
		return false;
	*kind = terms[i].kind;
	*code = terms[i].code;
	for (size_t l = 0; l < TG_LANGS; l++)
		words[l] = terms[i].words[l];
	return true;
}
