#include "redactors/recent.h"

#include <stdlib.h>

#include "base/crypt.h"

#include "base/banned.h"

#define PLACES 64 /* a power of two */

struct entry {
	struct tg_buf text;
	struct tg_finding found[TG_RECENT_FINDINGS];
	size_t n, below, suppressed;
};

struct tg_recent {
	bool used;
	struct entry at[PLACES];
};

int
tg_recent_new(struct tg_recent **out, struct tg_err *err)
{
	struct tg_recent *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < PLACES; i++)
		tg_buf_init(&s->at[i].text, TG_RECENT_MAX);
	*out = s;
	return 0;
}

void
tg_recent_forget(struct tg_recent *s)
{
	if (!s->used)
		return; /* a new scanner is set up type by type */
	for (size_t i = 0; i < PLACES; i++)
		tg_buf_wipe_deinit(&s->at[i].text);
	tg_crypt_wipe(s, sizeof(*s));
	for (size_t i = 0; i < PLACES; i++)
		tg_buf_init(&s->at[i].text, TG_RECENT_MAX);
}

void
tg_recent_free(struct tg_recent *s)
{
	if (s != NULL)
		tg_recent_forget(s);
	free(s);
}

static uint64_t
eight(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

static bool
fits(struct tg_trace_text text)
{
	return text.n >= TG_RECENT_MIN && text.n <= TG_RECENT_MAX;
}

/* Some bytes of the text will do: what is there is compared whole. */
static size_t
place(struct tg_trace_text text)
{
	uint64_t h = text.n;

	for (size_t i = 0; i < 8; i++)
		h = (h ^ eight(text.bytes + (text.n - 8) / 7 * i)) *
		    UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 32) & (PLACES - 1);
}

bool
tg_recent_has(const struct tg_recent *s, struct tg_trace_text text,
    struct tg_findings *out)
{
	const struct entry *e;

	if (!fits(text))
		return false;
	e = &s->at[place(text)];
	if (e->text.n != text.n || memcmp(e->text.p, text.bytes, text.n) != 0)
		return false;
	*out = (struct tg_findings){.f = e->found,
	    .n = e->n,
	    .below = e->below,
	    .suppressed = e->suppressed};
	return true;
}

void
tg_recent_put(struct tg_recent *s, struct tg_trace_text text,
    const struct tg_findings *found)
{
	struct entry *e;

	if (!fits(text) || found->n > TG_RECENT_FINDINGS)
		return;
	s->used = true;
	e = &s->at[place(text)];
	tg_buf_reset(&e->text);
	if (tg_buf_add(&e->text, text.bytes, text.n, NULL) < 0) {
		tg_buf_reset(&e->text);
		return;
	}
	if (found->n > 0)
		memcpy(e->found, found->f, found->n * sizeof(e->found[0]));
	e->n = found->n;
	e->below = found->below;
	e->suppressed = found->suppressed;
}
