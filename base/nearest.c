/* nearest.c - tg_nearest of base/yaml.h, for "did you mean". */
#include <stdlib.h>

#include "base/yaml.h"

#include "base/banned.h"

#define NEAREST_MAX 64 /* bytes of a word; longer ones are not compared */
#define NEAREST_FAR 2  /* changes that are near for any word */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Changes from @a to @b: a byte put in, left out, exchanged, or two
 * neighbours swapped (optimal string alignment).  Both at most NEAREST_MAX.
 */
static size_t
distance(struct tg_sv a, struct tg_sv b)
{
	size_t row[3][NEAREST_MAX + 1];

	for (size_t j = 0; j <= b.n; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *const now = row[i % 3];
		const size_t *const up = row[(i + 2) % 3];
		const size_t *const up2 = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			const bool same = a.p[i - 1] == b.p[j - 1];

			now[j] = least(up[j], now[j - 1]) + 1;
			now[j] = least(now[j], up[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				now[j] = least(now[j], up2[j - 2] + 1);
		}
	}
	return row[a.n % 3][b.n];
}

/* Near: at most 2 changes or a third of the word, and not the whole of the
 * shorter one.  The first of the nearest is taken. */
const char *
tg_nearest(struct tg_sv s, const char *const *words)
{
	const size_t near = s.n / 3 > NEAREST_FAR ? s.n / 3 : NEAREST_FAR;
	const char *found = NULL;
	size_t best = near + 1;

	if (s.n > NEAREST_MAX)
		return NULL;
	for (; *words != NULL; words++) {
		const struct tg_sv w = tg_sv_of(*words);
		size_t d;

		if (w.n > NEAREST_MAX)
			continue;
		d = distance(s, w);
		if (d < best && d < least(s.n, w.n)) {
			best = d;
			found = *words;
		}
	}
	return found;
}
