#include "report/words.h"

#include <string.h>

#include "base/banned.h"

/* "type.CH_AHV": a kind of term, a code that the tables lack. */
static bool
brings_term(const char *key)
{
	const char *dot = strchr(key, '.');
	enum tg_term_kind kind;

	return dot != NULL &&
	    tg_term_kind_find(
		&kind, (struct tg_sv){key, (size_t)(dot - key)}) &&
	    !tg_term_known(kind, dot + 1);
}

static bool
brings(const char *key)
{
	return strncmp(key, TG_WORDS_SOURCE, sizeof(TG_WORDS_SOURCE) - 1) ==
	    0 ||
	    strncmp(key, TG_WORDS_CLAUSE, sizeof(TG_WORDS_CLAUSE) - 1) == 0 ||
	    brings_term(key);
}

struct tg_json *
tg_words_json(const struct tg_wording *w)
{
	struct tg_json *o = tg_json_object();
	const struct tg_ynode *e = w == NULL ? NULL : w->sentences->child;
	int bad = 0;

	for (; e != NULL; e = e->next) {
		const char *key = e->key->text.p;
		struct tg_json *both;

		if (!brings(key))
			continue;
		both = tg_json_object();
		for (int l = TG_EN; l < TG_LANGS; l++) {
			const char *tag = tg_lang_tag((enum tg_lang)l);

			bad |= tg_json_set_str(
			    both, tag, tg_wording_find(w, key, tag));
		}
		bad |= tg_json_set(o, key, both);
	}
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

const char *
tg_words_find(const struct tg_json *words, enum tg_lang lang, const char *key)
{
	return tg_json_get_str(
	    tg_json_get(words, key), tg_lang_tag(lang), NULL);
}
