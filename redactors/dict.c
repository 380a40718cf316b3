#include "redactors/dict.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/digest.h"
#include "base/enc.h"
#include "base/num.h"
#include "base/fs.h"
#include "redactors/dict_file.h"
#include "redactors/fold.h"

#include "base/banned.h"

#define TAG_SHIFT 32
#define SLOTS_LEAST 4096
#define ROOM_STEP 4 /* times the room before */
#define HUGE_PAGE ((size_t)2 * 1024 * 1024)

struct added {
	uint32_t low, high; /* of the fingerprint */
	uint16_t flags;
};

struct slot {
	uint32_t tag;	/* the upper half of the fingerprint */
	uint32_t flags; /* 0: free */
};

struct tg_dict {
	struct tg_dict_lead lead;
	struct tg_heads title;
	struct added *added; /* until tg_dict_ready */
	size_t n_added, room;
	size_t n;
	size_t
	    slots; /* a power of two, an eighth more than the words at least */
	struct slot *slot;
};

static const struct {
	const char *name;
	uint16_t flags;
} files[] = {{"common.txt", TG_DICT_COMMON}, {"given.txt", TG_DICT_GIVEN},
    {"surnames.txt", TG_DICT_SURNAME}, {"towns.txt", TG_DICT_TOWN}};

int
tg_dict_new(struct tg_dict **out, struct tg_err *err)
{
	struct tg_dict *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return tg_fail_memory(err);
	*out = d;
	return 0;
}

void
tg_dict_free(struct tg_dict *d)
{
	if (d == NULL)
		return;
	free(d->added);
	free(d->slot);
	free(d);
}

const struct tg_dict_lead *
tg_dict_leads(const struct tg_dict *d)
{
	return &d->lead;
}

/* @n of @size bytes, all zero.  Asks for huge pages where that pays: a small
 * page costs more to fault in than to fill.  free(). */
static void *
large_calloc(size_t n, size_t size)
{
	size_t bytes, room;
	void *p;

	if (!tg_size_mul(&bytes, n, size) ||
	    !tg_size_add(&room, bytes, HUGE_PAGE - 1))
		return NULL;
	if (bytes < HUGE_PAGE)
		return calloc(n, size);
	p = aligned_alloc(HUGE_PAGE, room / HUGE_PAGE * HUGE_PAGE);
	if (p == NULL)
		return NULL;
	(void)madvise(p, bytes, MADV_HUGEPAGE); /* without: slower */
	memset(p, 0, bytes);
	return p;
}

static int
reserve(struct tg_dict *d, size_t more, struct tg_err *err)
{
	struct added *next;
	size_t room = d->room == 0 ? SLOTS_LEAST : d->room;

	if (d->n_added + more > TG_DICT_MAX)
		return tg_fail(err, TG_E_CONFIG, "over %u words", TG_DICT_MAX);
	while (room < d->n_added + more)
		room *= ROOM_STEP;
	if (room == d->room)
		return 0;
	next = large_calloc(room, sizeof(*next));
	if (next == NULL)
		return tg_fail_memory(err);
	if (d->n_added > 0)
		memcpy(next, d->added, d->n_added * sizeof(*next));
	free(d->added);
	d->added = next;
	d->room = room;
	return 0;
}

int
tg_dict_put(
    struct tg_dict *d, uint64_t print, uint16_t flags, struct tg_err *err)
{
	if (d->n_added == d->room && reserve(d, 1, err) < 0)
		return -1;
	d->added[d->n_added++] = (struct added){
	    (uint32_t)print, (uint32_t)(print >> TAG_SHIFT), flags};
	return 0;
}

/* The first word of the town added last; in a sorted list the same word often
 * begins the one before too. */
static int
put_head(struct tg_dict *d, uint64_t print, struct tg_err *err)
{
	const struct added *a =
	    d->n_added < 2 ? NULL : &d->added[d->n_added - 2];

	if (a != NULL && a->flags == TG_DICT_TOWN_HEAD &&
	    a->low == (uint32_t)print &&
	    a->high == (uint32_t)(print >> TAG_SHIFT)) {
		/* The town takes its place, the head is the last again. */
		const struct added head = *a;

		d->added[d->n_added - 2] = d->added[d->n_added - 1];
		d->added[d->n_added - 1] = head;
		return 0;
	}
	return tg_dict_put(d, print, TG_DICT_TOWN_HEAD, err);
}

/* Most words are plain letters; the tables of fold.c are for the others. */
static const char plain[256] = {
    [' '] = ' ',
    ['-'] = '-',
    ['\''] = '\'',
#define BOTH(upper, lower) [upper] = lower, [lower] = lower
    BOTH('A', 'a'),
    BOTH('B', 'b'),
    BOTH('C', 'c'),
    BOTH('D', 'd'),
    BOTH('E', 'e'),
    BOTH('F', 'f'),
    BOTH('G', 'g'),
    BOTH('H', 'h'),
    BOTH('I', 'i'),
    BOTH('J', 'j'),
    BOTH('K', 'k'),
    BOTH('L', 'l'),
    BOTH('M', 'm'),
    BOTH('N', 'n'),
    BOTH('O', 'o'),
    BOTH('P', 'p'),
    BOTH('Q', 'q'),
    BOTH('R', 'r'),
    BOTH('S', 's'),
    BOTH('T', 't'),
    BOTH('U', 'u'),
    BOTH('V', 'v'),
    BOTH('W', 'w'),
    BOTH('X', 'x'),
    BOTH('Y', 'y'),
    BOTH('Z', 'z'),
#undef BOTH
};

bool
tg_dict_fold(char *out, struct tg_sv word)
{
	const size_t n = word.n < TG_DICT_WORD ? word.n : TG_DICT_WORD - 1;
	size_t i = 0;

	for (; i < n; i++) {
		const char c = plain[(unsigned char)word.p[i]];

		if (c == '\0')
			break;
		out[i] = c;
	}
	if (i < word.n)
		return tg_fold_word(out, TG_DICT_WORD, word.p, word.n);
	out[i] = '\0';
	return true;
}

static void
put_title(struct tg_heads *h, const char *four)
{
	h->at[tg_heads_place(tg_heads_four(four))] |= TG_HEADS_TITLE;
}

/* A title of three letters ends there: what follows is no letter. */
static void
add_title(struct tg_heads *h, const char *folded, size_t n)
{
	char four[] = "   ";

	if (n >= sizeof(four)) {
		put_title(h, folded);
		return;
	}
	if (n < sizeof(four) - 1)
		return;
	memcpy(four, folded, n);
	for (int c = 1; c < 0x80; c++) {
		four[n] = (char)c;
		if (plain[c] == '\0' || c == ' ' || c == '-' || c == '\'')
			put_title(h, four);
	}
}

int
tg_dict_add(
    struct tg_dict *d, struct tg_sv word, uint16_t flags, struct tg_err *err)
{
	char folded[TG_DICT_WORD];

	if (!tg_dict_fold(folded, word))
		return tg_fail(
		    err, TG_E_CONFIG, "a word over %d bytes", TG_DICT_WORD - 1);
	if ((flags & (TG_DICT_TITLE | TG_DICT_PARTICLE)) != 0) {
		const size_t n = strlen(folded);
		const size_t k = tg_dict_lead_at(tg_dict_head(folded, n, n));

		d->lead.bit[k >> 6] |= UINT64_C(1) << (k & 63);
		if ((flags & TG_DICT_TITLE) != 0)
			add_title(&d->title, folded, n);
	}
	if (tg_dict_put(d, tg_dict_print(folded), flags, err) < 0)
		return -1;
	if ((flags & TG_DICT_TOWN) != 0) {
		char *const blank = strchr(folded, ' ');

		if (blank == NULL)
			return 0;
		*blank = '\0';
		return put_head(d, tg_dict_print(folded), err);
	}
	return 0;
}

static struct slot *
slot_of(const struct tg_dict *d, uint32_t low, uint32_t tag)
{
	size_t k = low & (d->slots - 1);

	while (d->slot[k].flags != 0 && d->slot[k].tag != tag)
		k = (k + 1) & (d->slots - 1);
	return &d->slot[k];
}

int
tg_dict_ready(struct tg_dict *d, struct tg_err *err)
{
	size_t slots = SLOTS_LEAST;

	while (slots < d->n_added + d->n_added / 8)
		slots *= 2;
	free(d->slot);
	d->slots = slots;
	d->n = 0;
	d->slot = large_calloc(slots, sizeof(*d->slot));
	if (d->slot == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < d->n_added; i++) {
		const struct added *a = &d->added[i];
		struct slot *s = slot_of(d, a->low, a->high);

		d->n += s->flags == 0;
		s->tag = a->high;
		s->flags |= a->flags;
	}
	free(d->added);
	d->added = NULL;
	d->n_added = d->room = 0;
	return 0;
}

static int
add_lines(struct tg_dict *d, struct tg_sv text, uint16_t flags,
    const char *path, struct tg_err *err)
{
	const bool valid = tg_utf8_valid(text) == text.n;
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
		if (!valid && tg_utf8_valid(word) != word.n)
			return tg_fail(err, TG_E_CONFIG, "%s:%zu:1: not UTF-8",
			    path, line);
		if (tg_dict_add(d, word, flags, err) < 0)
			return tg_fail_in(err, "%s:%zu:1", path, line);
	}
	return 0;
}

/* One file through @text; its form is told by its name. */
static int
load_file(struct tg_dict *d, struct tg_buf *text, const char *path,
    const char *name, uint16_t flags, struct tg_buf *digests,
    struct tg_err *err)
{
	uint8_t sha[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	tg_buf_reset(text);
	if (tg_fs_slurp(text, path, NULL, err) < 0)
		return -1;
	if (flags != 0 && add_lines(d, tg_buf_sv(text), flags, path, err) < 0)
		return -1;
	if (flags == 0 && tg_dict_file_add(d, tg_buf_sv(text), err) < 0)
		return tg_fail_in(err, "%s", path);
	if (tg_sha256_bytes(sha, text->p, text->n, err) < 0)
		return -1;
	tg_sha256_hex(hex, sha);
	return tg_buf_addf(digests, err, "%s  %s\n", hex, name);
}

/* What kind of words @name holds: 0 a binary dictionary, -1 none of ours. */
static int
flags_of(const char *name)
{
	const size_t n = strlen(name), k = strlen(".tgd");

	for (size_t i = 0; i < TG_COUNT(files); i++)
		if (strcmp(files[i].name, name) == 0)
			return files[i].flags;
	return n > k && strcmp(name + n - k, ".tgd") == 0 ? 0 : -1;
}

int
tg_dict_load(struct tg_dict *d, const char *folder, struct tg_buf *digests,
    struct tg_err *err)
{
	struct tg_fs_names names;
	struct tg_buf text;
	size_t found = 0;
	int rc = 0;

	if (tg_fs_list(&names, folder, false, err) < 0)
		return -1;
	tg_buf_init(&text, TG_DICT_FILE);
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		const int flags = flags_of(names.name[i]);
		char *path;

		if (flags < 0)
			continue;
		path = tg_fs_join(folder, names.name[i]);
		rc = path == NULL ? tg_fail_memory(err)
				  : load_file(d, &text, path, names.name[i],
					(uint16_t)flags, digests, err);
		free(path);
		found++;
	}
	tg_buf_deinit(&text);
	tg_fs_names_free(&names);
	if (rc == 0 && found == 0)
		return tg_fail(err, TG_E_CONFIG,
		    "%s: no given.txt, surnames.txt, common.txt, towns.txt or "
		    "*.tgd in the folder",
		    folder);
	return rc;
}

uint16_t
tg_dict_flags(const struct tg_dict *d, uint64_t print)
{
	return (uint16_t)slot_of(
	    d, (uint32_t)print, (uint32_t)(print >> TAG_SHIFT))
	    ->flags;
}

const struct tg_heads *
tg_dict_titles(const struct tg_dict *d)
{
	return &d->title;
}

size_t
tg_dict_count(const struct tg_dict *d)
{
	return d->n;
}
