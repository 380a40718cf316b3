#include "redactors/dict.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/enc.h"
#include "base/fs.h"
#include "redactors/fold.h"

#include "base/banned.h"

struct tg_dict {
	struct tg_dict_lead lead, title;
	size_t n;
	size_t slots;	 /* a power of two */
	uint64_t *print; /* 0: free */
	uint8_t *flags;
};

static const struct {
	const char *name;
	uint8_t flags;
} files[] = {{"common.txt", TG_DICT_COMMON}, {"given.txt", TG_DICT_GIVEN},
    {"surnames.txt", TG_DICT_SURNAME}};

static int
grow(struct tg_dict *d, struct tg_err *err)
{
	struct tg_dict next = *d;

	next.slots = d->slots == 0 ? 4096 : d->slots * 2;
	next.print = calloc(next.slots, sizeof(*next.print));
	next.flags = calloc(next.slots, sizeof(*next.flags));
	if (next.print == NULL || next.flags == NULL) {
		free(next.print);
		free(next.flags);
		return tg_fail_memory(err);
	}
	for (size_t i = 0; i < d->slots; i++) {
		size_t k;

		if (d->print[i] == 0)
			continue;
		k = d->print[i] & (next.slots - 1);
		while (next.print[k] != 0)
			k = (k + 1) & (next.slots - 1);
		next.print[k] = d->print[i];
		next.flags[k] = d->flags[i];
	}
	free(d->print);
	free(d->flags);
	*d = next;
	return 0;
}

int
tg_dict_new(struct tg_dict **out, struct tg_err *err)
{
	struct tg_dict *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return tg_fail_memory(err);
	if (grow(d, err) < 0) {
		free(d);
		return -1;
	}
	*out = d;
	return 0;
}

void
tg_dict_free(struct tg_dict *d)
{
	if (d == NULL)
		return;
	free(d->print);
	free(d->flags);
	free(d);
}

const struct tg_dict_lead *
tg_dict_leads(const struct tg_dict *d)
{
	return &d->lead;
}

int
tg_dict_add(
    struct tg_dict *d, struct tg_sv word, uint8_t flags, struct tg_err *err)
{
	char folded[TG_DICT_WORD];
	uint64_t h = TG_DICT_SEED;
	size_t k;

	if (!tg_fold_word(folded, sizeof(folded), word.p, word.n))
		return tg_fail(
		    err, TG_E_CONFIG, "a word over %d bytes", TG_DICT_WORD - 1);
	if (d->n >= TG_DICT_MAX)
		return tg_fail(err, TG_E_CONFIG, "over %d words", TG_DICT_MAX);
	if ((d->n + 1) * 2 > d->slots && grow(d, err) < 0)
		return -1;
	for (const char *c = folded; *c != '\0'; c++)
		h = tg_dict_step(h, *c);
	k = h & (d->slots - 1);
	while (d->print[k] != 0 && d->print[k] != h)
		k = (k + 1) & (d->slots - 1);
	if (d->print[k] == 0)
		d->n++;
	d->print[k] = h;
	d->flags[k] |= flags;
	if ((flags & (TG_DICT_TITLE | TG_DICT_PARTICLE)) != 0) {
		const size_t n = strlen(folded);

		k = tg_dict_lead_at(tg_dict_head(folded, n, n));
		d->lead.bit[k >> 6] |= UINT64_C(1) << (k & 63);
		if ((flags & TG_DICT_TITLE) != 0 && n >= 3) {
			k = tg_dict_lead_at(tg_dict_three(folded));
			d->title.bit[k >> 6] |= UINT64_C(1) << (k & 63);
		}
	}
	return 0;
}

static int
add_lines(struct tg_dict *d, struct tg_sv text, uint8_t flags, const char *path,
    struct tg_err *err)
{
	size_t line = 0;

	while (text.n > 0) {
		const char *const nl = memchr(text.p, '\n', text.n);
		struct tg_sv word = {
		    text.p, nl == NULL ? text.n : (size_t)(nl - text.p)};

		line++;
		text.p += word.n + (nl != NULL);
		text.n -= word.n + (nl != NULL);
		if (word.n == 0 || word.p[0] == '#')
			continue;
		if (tg_utf8_valid(word) != word.n)
			return tg_fail(err, TG_E_CONFIG, "%s:%zu:1: not UTF-8",
			    path, line);
		if (tg_dict_add(d, word, flags, err) < 0)
			return tg_fail_in(err, "%s:%zu:1", path, line);
	}
	return 0;
}

static int
load_file(struct tg_dict *d, const char *path, const char *name, uint8_t flags,
    struct tg_buf *digests, bool *missing, struct tg_err *err)
{
	struct tg_buf text;
	uint8_t sha[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	int rc = -1;

	tg_buf_init(&text, TG_DICT_FILE);
	if (tg_fs_slurp(&text, path, missing, err) < 0)
		goto out;
	if (add_lines(d, tg_buf_sv(&text), flags, path, err) < 0)
		goto out;
	if (tg_sha256_bytes(sha, text.p, text.n, err) < 0)
		goto out;
	tg_sha256_hex(hex, sha);
	rc = tg_buf_addf(digests, err, "%s  %s\n", hex, name);
out:
	tg_buf_deinit(&text);
	return rc;
}

int
tg_dict_load(struct tg_dict *d, const char *folder, struct tg_buf *digests,
    struct tg_err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < TG_COUNT(files); i++) {
		char *path = tg_fs_join(folder, files[i].name);
		bool missing = false;
		int rc;

		if (path == NULL)
			return tg_fail_memory(err);
		rc = load_file(d, path, files[i].name, files[i].flags, digests,
		    &missing, err);
		free(path);
		if (rc < 0 && !missing)
			return -1;
		if (rc == 0)
			found++;
	}
	if (found != 0)
		return 0;
	tg_err_clear(err);
	return tg_fail(err, TG_E_CONFIG,
	    "%s: no given.txt, surnames.txt or common.txt in the folder",
	    folder);
}

uint8_t
tg_dict_flags(const struct tg_dict *d, uint64_t print)
{
	size_t k = print & (d->slots - 1);

	while (d->print[k] != 0) {
		if (d->print[k] == print)
			return d->flags[k];
		k = (k + 1) & (d->slots - 1);
	}
	return 0;
}

const struct tg_dict_lead *
tg_dict_titles(const struct tg_dict *d)
{
	return &d->title;
}

size_t
tg_dict_count(const struct tg_dict *d)
{
	return d->n;
}
