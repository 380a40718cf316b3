#include "report/explain_why.h"

#include <string.h>

#include "base/banned.h"

static int
both(struct tg_json *o, const char *key, enum tg_term_kind of, const char *code)
{
	struct tg_json *words = tg_json_object();
	int bad = 0;

	for (int l = TG_EN; l < TG_LANGS; l++)
		bad |= tg_json_set_str(words, tg_lang_tag((enum tg_lang)l),
		    tg_term_known(of, code) ? tg_term((enum tg_lang)l, of, code)
					    : "");
	return bad | tg_json_set(o, key, words);
}

/* The reason of @code, of findings of @type where it has one. */
static const struct tg_json *
reason_of(const struct tg_json *decided, const char *code, const char *type)
{
	const struct tg_json *list = tg_json_get(decided, "reasons");
	const struct tg_json *any = NULL;

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *r = tg_json_at(list, i);
		const char *of = tg_json_get_str(r, "type", "");

		if (strcmp(tg_json_get_str(r, "code", ""), code) != 0)
			continue;
		if (type[0] != '\0' && strcmp(of, type) == 0)
			return r;
		if (of[0] == '\0')
			any = r;
	}
	return any;
}

struct tg_json *
tg_explain_rule(const struct tg_json *decided, const char *path)
{
	const struct tg_json *leaf =
	    tg_json_get(tg_json_get(decided, "leaves"), path);
	const struct tg_json *said = tg_json_get(leaf, "said_by");
	struct tg_json *o = tg_json_object();
	struct tg_json *value = tg_json_get(leaf, "value");
	int bad = 0;

	bad |= tg_json_set_str(o, "path", path);
	bad |= tg_json_set(
	    o, "value", value == NULL ? tg_json_null() : tg_json_ref(value));
	bad |= tg_json_set_str(o, "file", tg_json_get_str(leaf, "file", ""));
	bad |= tg_json_set_int(o, "line", tg_json_get_int(leaf, "line", 0));
	bad |= tg_json_set(o, "base", tg_json_null());
	bad |= tg_json_set_str(o, "layer", "");
	bad |= tg_json_set_str(o, "version", "");
	for (size_t i = 0; i < tg_json_len(said); i++) {
		const struct tg_json *s = tg_json_at(said, i);
		const char *layer = tg_json_get_str(s, "layer", "");

		if (strcmp(layer, "base") == 0)
			bad |= tg_json_set(
			    o, "base", tg_json_ref(tg_json_get(s, "value")));
		if (!tg_json_get_bool(s, "holds", false))
			continue;
		bad |= tg_json_set_str(o, "layer", layer);
		bad |= tg_json_set_str(
		    o, "version", tg_json_get_str(s, "version", ""));
	}
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static struct tg_json *
controls(const struct tg_json *decided, const struct tg_json *ids)
{
	const struct tg_json *all = tg_json_get(decided, "controls");
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(ids); i++) {
		const char *id = tg_json_text(tg_json_at(ids, i));
		const struct tg_json *c = tg_json_get(all, id);
		const char *en = tg_json_get_str(c, "duty_en", "");
		const char *fr = tg_json_get_str(c, "duty_fr", "");
		struct tg_json *o = tg_json_object(), *duty = tg_json_object();

		bad |= tg_json_set_str(duty, "en", en);
		bad |= tg_json_set_str(duty, "fr", fr[0] == '\0' ? en : fr);
		bad |= tg_json_set_str(o, "id", id);
		bad |= tg_json_set_str(
		    o, "source", tg_json_get_str(c, "source", ""));
		bad |= tg_json_set(o, "duty", duty);
		bad |= tg_json_push(list, o);
	}
	if (bad == 0)
		return list;
	tg_json_free(list);
	return NULL;
}

int
tg_explain_why(struct tg_json *o, const struct tg_json *decided,
    const char *code, const char *type)
{
	const struct tg_json *r = reason_of(decided, code, type);
	int bad = 0;

	bad |= tg_json_set_str(o, "code", code);
	bad |= both(o, "words", TG_T_REASON, code);
	bad |= both(o, "remedy", TG_T_REMEDY, code);
	bad |= tg_json_set(o, "rule",
	    tg_explain_rule(decided, tg_json_get_str(r, "path", "")));
	return bad |
	    tg_json_set(
		o, "controls", controls(decided, tg_json_get(r, "controls")));
}
