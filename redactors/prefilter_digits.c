#include "redactors/prefilter_digits.h"

#include "redactors/prefilter_seqs.h"

#include "base/banned.h"

static uint32_t
capped(uint64_t n)
{
	return n < TG_DIGITS_FAR ? (uint32_t)n : TG_DIGITS_FAR;
}

void
tg_digits_empty(struct tg_digits *d)
{
	*d = (struct tg_digits){.least = 0};
}

void
tg_digits_single(struct tg_digits *d, const struct tg_bytes *set)
{
	struct tg_bytes digits = {{0}}, both = *set;

	tg_bytes_range(&digits, '0', '9');
	tg_bytes_union(&both, &digits);
	*d = (struct tg_digits){.most = 1, .all = *set};
	d->least = memcmp(&both, &digits, sizeof(both)) == 0;
}

void
tg_digits_concat(
    struct tg_digits *d, const struct tg_digits *x, uint32_t min, uint32_t max)
{
	if (max == 0)
		return;
	d->least = capped(d->least + (uint64_t)x->least * min);
	d->most = capped(d->most + (uint64_t)x->most * max);
	tg_bytes_union(&d->all, &x->all);
}

void
tg_digits_union(struct tg_digits *d, const struct tg_digits *x)
{
	if (x->least < d->least)
		d->least = x->least;
	if (x->most > d->most)
		d->most = x->most;
	tg_bytes_union(&d->all, &x->all);
}

/* What may part digits. */
static bool
parts(unsigned char c)
{
	return c == ' ' || (c >= '(' && c <= '/' && c != '*' && c != ',');
}

static bool
digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

void
tg_digits_ready(struct tg_digits *d)
{
	if (d->least < TG_DIGITS_MANY || d->most == TG_DIGITS_FAR) {
		tg_digits_empty(d);
		return;
	}
	d->number = true;
	for (unsigned c = 0; c < 256; c++)
		d->number = d->number &&
		    (!tg_bytes_has(&d->all, (unsigned char)c) ||
			digit((unsigned char)c) || parts((unsigned char)c));
}

void
tg_digits_count(struct tg_digits_run *run, const unsigned char *p, size_t n)
{
	uint32_t digits = 0;

	if (n > TG_DIGITS_FAR)
		n = TG_DIGITS_FAR;
	for (size_t i = 0; i < n; i++) {
		if (digit(p[i]))
			digits++;
		else if (!parts(p[i]))
			break;
	}
	run->digits = digits;
}

bool
tg_digits_among(const struct tg_digits *d, const unsigned char *p, size_t n)
{
	uint32_t left = d->least;

	if (n > d->most)
		n = d->most;
	for (size_t i = 0; i < n && tg_bytes_has(&d->all, p[i]); i++)
		if (digit(p[i]) && --left == 0)
			return true;
	return false;
}
