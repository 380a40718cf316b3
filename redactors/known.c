#include "redactors/known.h"

#include <stdlib.h>

#include "base/crypt.h"

#include "base/banned.h"

#define PLACES 256 /* a power of two */

struct entry {
	uint8_t n_text, n_key; /* n_text 0: free */
	char text[TG_KNOWN_TEXT];
	char key[TG_KNOWN_KEY];
};

struct tg_known {
	bool used;
	struct entry at[PLACES];
};

int
tg_known_new(struct tg_known **out, struct tg_err *err)
{
	struct tg_known *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return tg_fail_memory(err);
	*out = k;
	return 0;
}

void
tg_known_forget(struct tg_known *k)
{
	if (k->used)
		tg_crypt_wipe(k, sizeof(*k));
}

void
tg_known_free(struct tg_known *k)
{
	if (k != NULL)
		tg_known_forget(k);
	free(k);
}

static bool
fits(struct tg_trace_text text, struct tg_trace_text key)
{
	return text.n > 0 && text.n <= TG_KNOWN_TEXT && key.n <= TG_KNOWN_KEY;
}

static size_t
place(struct tg_trace_text text, struct tg_trace_text key)
{
	uint64_t h = text.n * 64 + key.n;

	for (size_t i = 0; i < text.n; i++)
		h = (h ^ (unsigned char)text.bytes[i]) *
		    UINT64_C(0x100000001b3);
	return (size_t)(h ^ h >> 32) & (PLACES - 1);
}

bool
tg_known_has(const struct tg_known *k, struct tg_trace_text text,
    struct tg_trace_text key)
{
	const struct entry *e;

	if (!fits(text, key))
		return false;
	e = &k->at[place(text, key)];
	return e->n_text == text.n && e->n_key == key.n &&
	    memcmp(e->text, text.bytes, text.n) == 0 &&
	    (key.n == 0 || memcmp(e->key, key.bytes, key.n) == 0);
}

void
tg_known_put(
    struct tg_known *k, struct tg_trace_text text, struct tg_trace_text key)
{
	struct entry *e;

	if (!fits(text, key))
		return;
	k->used = true;
	e = &k->at[place(text, key)];
	e->n_text = (uint8_t)text.n;
	e->n_key = (uint8_t)key.n;
	memcpy(e->text, text.bytes, text.n);
	if (key.n > 0)
		memcpy(e->key, key.bytes, key.n);
}
