#include "report/strings.h"

#include <assert.h>

#include "base/banned.h"

/* Complete at compile time: both languages there, neither empty. */
#define STR(id, en, fr) \
	_Static_assert(sizeof(en) > 1 && sizeof(fr) > 1, #id " empty");
#define PLURAL(id, en1, en2, fr1, fr2)                       \
	_Static_assert(sizeof(en1) > 1 && sizeof(en2) > 1 && \
		sizeof(fr1) > 1 && sizeof(fr2) > 1,          \
	    #id " empty");
#include "report/strings.def"
#undef STR
#undef PLURAL

static const char *const text[TG_S_COUNT][TG_LANGS] = {
#define STR(id, en, fr) {en, fr},
#define PLURAL(id, en1, en2, fr1, fr2)
#include "report/strings.def"
#undef STR
#undef PLURAL
};

static const char *const plural[TG_P_COUNT][TG_LANGS][2] = {
#define STR(id, en, fr)
#define PLURAL(id, en1, en2, fr1, fr2) {{en1, en2}, {fr1, fr2}},
#include "report/strings.def"
#undef STR
#undef PLURAL
};

const char *
tg_str(enum tg_lang lang, enum tg_str_id id)
{
	assert(id < TG_S_COUNT);
	return text[id][lang];
}

const char *
tg_plural(enum tg_lang lang, enum tg_plural_id id, int64_t n)
{
	const int many = lang == TG_FR ? n > 1 || n < -1 : n != 1;

	assert(id < TG_P_COUNT);
	return plural[id][lang][many];
}

const char *
tg_lang_tag(enum tg_lang lang)
{
	return lang == TG_FR ? "fr" : "en";
}
