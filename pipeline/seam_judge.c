#include "pipeline/seam_judge.h"

#include <string.h>

#include "base/attr.h"
#include "base/banned.h"

/* Domains that most addresses end in (iana.org/domains/root/db). */
static const char *const domains[] = {"com", "org", "net", "edu", "gov", "mil",
    "int", "info", "biz", "io", "ai", "co", "me", "eu", "uk", "fr", "us", "de",
    "es", "it", "nl", "be", "ch", "ie", "ca", "au", "nz", "jp", "cn", "in",
    "br", "pt", "se", "no", "dk", "fi", "pl", "at", "cz", "dev", "app", "re",
    "hu", "gr", "ru", "ro", "ua", "tr", "za", "mx", "ar", "kr", "sg", "hk",
    "il", "lu", "sk", "si", "hr", "bg", "lt", "lv", "ee", "is", "tv", "cc",
    "pro", "name", "site", "online", "shop", "store", "xyz", "tech", "cloud",
    "club", "top", "live", "news", "blog", "example", "test", "invalid",
    "localhost"};

/* What stands before an address, in English and French. */
static const char *const before[] = {"a", "about", "account", "address",
    "adresse", "adresses", "ai", "also", "am", "and", "are", "at", "au", "aux",
    "avec", "by", "cc", "ce", "compte", "contact", "contacter", "contacts",
    "copie", "courriel", "dans", "de", "des", "du", "e-mail", "e-mails",
    "ecrire", "email", "emails", "est", "et", "find", "following", "for",
    "from", "hello", "her", "here", "hi", "him", "his", "ici", "identifiant",
    "id", "in", "is", "it", "joindre", "la", "le", "les", "ligne", "login",
    "mail", "mails", "me", "mel", "merci", "message", "mon", "my", "name",
    "near", "new", "no", "nom", "non", "of", "ok", "old", "on", "or", "ou",
    "oui", "our", "par", "pour", "re", "reach", "reply", "sa", "see", "send",
    "sent", "ses", "some", "son", "suivant", "suivante", "sur", "text",
    "thanks", "that", "the", "their", "them", "this", "to", "un", "une", "us",
    "use", "user", "username", "using", "via", "votre", "vos", "with", "write",
    "yes", "you", "your"};

static bool
one_of(const char *const *list, size_t n, struct tg_sv word)
{
	for (size_t i = 0; i < n; i++)
		if (tg_sv_is(word, list[i]))
			return true;
	return false;
}

static bool
small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
letter(char c)
{
	return small(c) || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool
joint(char c)
{
	return c != '\0' && strchr("0123456789._+-%", c) != NULL;
}

bool
tg_seam_word(struct tg_sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!letter(s.p[i]))
			return false;
	return true;
}

bool
tg_seam_local(struct tg_sv left, struct tg_sv right)
{
	if (one_of(before, TG_COUNT(before), left))
		return false;
	if (right.n > 0 && joint(right.p[0]))
		return true;
	for (size_t i = 0; i < left.n; i++)
		if (joint(left.p[i]))
			return true;
	return left.n > 0 && small(left.p[0]);
}

bool
tg_seam_domain(struct tg_sv left, struct tg_sv right)
{
	char word[16];
	size_t from = left.n, n = 0;

	if (right.n > 1 && right.p[0] == '.' && small(right.p[1]))
		return true;
	if (left.n > 0 && left.p[left.n - 1] == '.')
		return false;
	while (from > 0 && letter(left.p[from - 1]))
		from--;
	if (!one_of(domains, TG_COUNT(domains),
		(struct tg_sv){left.p + from, left.n - from}))
		return right.n == 0 || left.n == 0 ||
		    !small(left.p[left.n - 1]) || small(right.p[0]) ||
		    !letter(right.p[0]);
	/* "co" and "m" are one. */
	for (size_t i = from; i < left.n && n < sizeof(word); i++)
		word[n++] = left.p[i];
	for (size_t i = 0;
	     i < right.n && n < sizeof(word) && letter(right.p[i]); i++)
		word[n++] = right.p[i];
	return n < sizeof(word) && n > left.n - from &&
	    one_of(domains, TG_COUNT(domains), (struct tg_sv){word, n});
}
