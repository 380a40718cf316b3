#include "pipeline/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define ROWS 4
#define CELLS ((uint32_t)1 << 20)

struct tg_tally {
	uint32_t cell[ROWS][CELLS];
};

struct tg_tally *
tg_tally_new(void)
{
	struct tg_tally *t = malloc(sizeof(*t));

	/* All of it is there from the start: memory does not grow with the
	 * records. */
	if (t != NULL)
		tg_crypt_wipe(t, sizeof(*t));
	return t;
}

void
tg_tally_free(struct tg_tally *t)
{
	free(t);
}

bool
tg_tally_below(struct tg_tally *t, const uint8_t key[TG_KEY_LEN],
    struct tg_trace_text name, uint64_t max)
{
	uint8_t digest[ROWS * sizeof(uint32_t)];
	uint32_t at[ROWS], least = UINT32_MAX;

	tg_crypt_blake2b(digest, sizeof(digest), name.bytes, name.n, key);
	memcpy(at, digest, sizeof(at));
	for (unsigned i = 0; i < ROWS; i++) {
		at[i] &= CELLS - 1;
		if (t->cell[i][at[i]] < least)
			least = t->cell[i][at[i]];
	}
	if (least >= max || least == UINT32_MAX)
		return false;
	for (unsigned i = 0; i < ROWS; i++)
		if (t->cell[i][at[i]] == least)
			t->cell[i][at[i]]++;
	return true;
}
