#include "policies/honour.h"

#include <string.h>

#include "base/banned.h"

#define HONOUR(pattern, by, file, en, fr) \
	{pattern, TG_HONOUR_##by, file, en, fr},
static const struct tg_honour honours[] = {
#include "policies/honours.def"
};
#undef HONOUR

static const struct {
	const char *word, *en, *fr;
} says[] = {
    [TG_HONOUR_COMPILE] = {"compile", "a policy that contradicts it is refused",
	"une politique qui la contredit est refusée"},
    [TG_HONOUR_GATE] = {"gate", "a job is refused before it begins",
	"un travail est refusé avant de commencer"},
    [TG_HONOUR_RUN] = {"run", "a run acts on it, or stops",
	"un traitement l’applique, ou s’arrête"},
    [TG_HONOUR_APPROVE] = {"approve", "decisions are held against it",
	"les décisions y sont confrontées"},
    [TG_HONOUR_UPLOAD] = {"upload", "nothing is sent against it",
	"rien n’est envoyé contre elle"},
    [TG_HONOUR_EVIDENCE] = {"evidence",
	"the evidence shows it; it stops nothing",
	"le dossier la montre ; elle n’arrête rien"},
    [TG_HONOUR_LABEL] = {"label", "a name; nothing hangs on it",
	"un nom ; rien n’en dépend"},
    [TG_HONOUR_ALWAYS] = {"always", "so in every run, whatever the line says",
	"toujours ainsi, quoi que dise la ligne"},
    [TG_HONOUR_NOBODY] = {"nobody", "not enforced by this version",
	"pas appliquée par cette version"}};

const struct tg_honour *
tg_honour_at(size_t i)
{
	return i < TG_COUNT(honours) ? &honours[i] : NULL;
}

const struct tg_honour *
tg_honour_find(const char *pattern)
{
	for (size_t i = 0; i < TG_COUNT(honours); i++)
		if (strcmp(honours[i].pattern, pattern) == 0)
			return &honours[i];
	return NULL;
}

const char *
tg_honour_word(enum tg_honour_by by)
{
	return says[by].word;
}

int
tg_honour_say(struct tg_buf *out, const struct tg_honour *h, bool french,
    struct tg_err *err)
{
	const char *note = french ? h->note_fr : h->note_en;

	return tg_buf_addf(out, err, "%s%s%s",
	    french ? says[h->by].fr : says[h->by].en,
	    note[0] == '\0' ? "" : (french ? " : " : ": "), note);
}
