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

#define TG_WORD(word) word,
static const char *const before[] = {
#include "pipeline/seam_words.def"
};
#undef TG_WORD

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

static struct tg_sv
last_word(struct tg_sv s)
{
	size_t from = s.n;

	while (from > 0 && letter(s.p[from - 1]))
		from--;
	return (struct tg_sv){s.p + from, s.n - from};
}

/* @a and the letters that @b begins with are one domain: "co" and "m". */
static bool
one_domain(struct tg_sv a, struct tg_sv b)
{
	char word[16];
	size_t n = a.n;

	if (n >= sizeof(word))
		return false;
	memcpy(word, a.p, n);
	for (size_t i = 0; i < b.n && letter(b.p[i]); i++) {
		if (n == sizeof(word))
			return false;
		word[n++] = b.p[i];
	}
	return n > a.n &&
	    one_of(domains, TG_COUNT(domains), (struct tg_sv){word, n});
}

bool
tg_seam_domain(struct tg_sv left, struct tg_sv right)
{
	const struct tg_sv word = last_word(left);

	if (right.n == 0 || left.n == 0)
		return true;
	if (right.n > 1 && right.p[0] == '.' && small(right.p[1]))
		return true;
	if (left.p[left.n - 1] == '.')
		return false;
	if (one_of(domains, TG_COUNT(domains), word))
		return one_domain(word, right);
	/* A capital after a small letter begins a sentence. */
	return !small(left.p[left.n - 1]) || small(right.p[0]) ||
	    !letter(right.p[0]);
}
