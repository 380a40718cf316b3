#include "cli/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/enc.h"
#include "base/json.h"
#include "base/banned.h"

#define SCHEMA "tracegate.baseline/1"
#define KEY_TEXT 80 /* bytes of a key file */
#define KEY_ID 17   /* 16 hex digits and NUL */
#define PRINT_BYTES 16
#define HASH_MAX (1u << 24) /* bytes of a place and its text */
#define ENTRIES_MAX (1u << 20)
#define COUNT_MAX (INT64_C(1) << 40)

struct entry {
	char print[TG_FINGERPRINT];
	char *file, *path; /* as they are shown; of written entries */
	const char *type;
	uint64_t n;
};

struct set {
	struct entry *e; /* open addressing; n 0: free */
	size_t n, cap;
};

struct tg_baseline {
	uint8_t key[TG_KEY_LEN]; /* of fingerprints */
	char key_id[KEY_ID];
	struct set known, seen;
	const char *write; /* path, or NULL */
	bool given;
	struct tg_buf bytes;
};

/* The place of @print: its own or a free one. */
static struct entry *
slot(const struct set *s, const char *print)
{
	size_t h = 0;

	for (size_t i = 0; i < 12; i++)
		h = h * 31 + (unsigned char)print[i];
	while (s->e[h % s->cap].n != 0 &&
	    strcmp(s->e[h % s->cap].print, print) != 0)
		h++;
	return &s->e[h % s->cap];
}

static int
grow(struct set *s, struct tg_err *err)
{
	struct set more = {.n = s->n, .cap = s->cap == 0 ? 1024 : s->cap * 2};

	if (s->n * 2 < s->cap)
		return 0;
	if (s->n >= ENTRIES_MAX)
		return tg_fail(err, TG_E_LIMIT,
		    "baseline: over %u different findings", ENTRIES_MAX);
	more.e = calloc(more.cap, sizeof(*more.e));
	if (more.e == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < s->cap; i++)
		if (s->e[i].n != 0)
			*slot(&more, s->e[i].print) = s->e[i];
	free(s->e);
	*s = more;
	return 0;
}

static int
add(struct set *s, const char *print, uint64_t n, struct entry **out,
    struct tg_err *err)
{
	struct entry *e;

	if (grow(s, err) < 0)
		return -1;
	e = slot(s, print);
	if (e->n == 0) {
		memcpy(e->print, print, TG_FINGERPRINT);
		s->n++;
	}
	e->n += n;
	*out = e;
	return 0;
}

static void
set_free(struct set *s)
{
	for (size_t i = 0; i < s->cap; i++) {
		free(s->e[i].file);
		free(s->e[i].path);
	}
	free(s->e);
}

void
tg_baseline_free(struct tg_baseline *b)
{
	if (b == NULL)
		return;
	set_free(&b->known);
	set_free(&b->seen);
	tg_buf_wipe_deinit(&b->bytes);
	tg_crypt_wipe(b->key, sizeof(b->key));
	free(b);
}

/* A new key: 64 hex digits and a line end, 0600. */
static int
make_key(struct tg_cli *cli, const char *path)
{
	uint8_t key[TG_KEY_LEN];
	char text[TG_KEY_LEN * 2 + 2];
	int rc;

	cli->env.random(cli->env.ctx, key, sizeof(key));
	tg_hex(text, key, sizeof(key));
	text[TG_KEY_LEN * 2] = '\n';
	text[TG_KEY_LEN * 2 + 1] = '\0';
	rc = tg_fs_write(path, tg_sv_of(text), 0600, TG_FS_NEW, &cli->err);
	tg_crypt_wipe(key, sizeof(key));
	tg_crypt_wipe(text, sizeof(text));
	if (rc == 0)
		tg_cli_note(cli,
		    "wrote %s: keep it out of the repository that holds the "
		    "baseline",
		    path);
	return rc;
}

static int
load_key(struct tg_baseline *b, struct tg_cli *cli, const char *path)
{
	uint8_t key[TG_KEY_LEN], id[TG_KEY_LEN];
	struct tg_buf text;
	int rc = -1;

	if (b->write != NULL && !tg_fs_exists(path) && make_key(cli, path) < 0)
		return -1;
	tg_buf_init(&text, KEY_TEXT);
	if (!tg_fs_exists(path)) {
		(void)tg_fail(&cli->err, TG_E_KEY,
		    "%s: no such key of the baseline", path);
		(void)tg_fail_hint(&cli->err, "--baseline-key FILE names it");
		goto out;
	}
	if (tg_fs_slurp_private(&text, path, &cli->err) < 0)
		goto out;
	if (text.n < sizeof(key) * 2 || text.n > sizeof(key) * 2 + 2 ||
	    !tg_hex_decode(
		key, sizeof(key), (struct tg_sv){text.p, sizeof(key) * 2})) {
		(void)tg_fail(
		    &cli->err, TG_E_KEY, "%s: not 64 hex digits", path);
		goto out;
	}
	tg_crypt_derive(b->key, key, "cli/baseline", TG_SV(""));
	tg_crypt_derive(id, key, "cli/baseline-id", TG_SV(""));
	tg_hex(b->key_id, id, KEY_ID / 2);
	tg_crypt_wipe(key, sizeof(key));
	rc = 0;
out:
	tg_buf_wipe_deinit(&text);
	return rc;
}

static int
load_entry(struct tg_baseline *b, const struct tg_json *o, const char *path,
    struct tg_err *err)
{
	const char *print = tg_json_get_str(o, "fingerprint", "");
	const int64_t n = tg_json_get_int(o, "count", 0);
	uint8_t bytes[PRINT_BYTES];
	struct entry *e;

	if (strlen(print) != PRINT_BYTES * 2 || n < 1 || n > COUNT_MAX ||
	    !tg_hex_decode(bytes, sizeof(bytes), tg_sv_of(print)))
		return tg_fail(err, TG_E_CONFIG,
		    "%s: an entry without a fingerprint and a count", path);
	return add(&b->known, print, (uint64_t)n, &e, err);
}

static int
load(struct tg_baseline *b, const char *path, struct tg_err *err)
{
	struct tg_json *doc = NULL, *list;
	int rc = -1;

	if (tg_json_load(&doc, path, err) < 0)
		return -1;
	list = tg_json_get(doc, "findings");
	if (strcmp(tg_json_get_str(doc, "schema", ""), SCHEMA) != 0 ||
	    list == NULL || tg_json_kind(list) != TG_JSON_ARRAY) {
		(void)tg_fail(
		    err, TG_E_CONFIG, "%s: no baseline (%s)", path, SCHEMA);
		goto out;
	}
	if (strcmp(tg_json_get_str(doc, "key", ""), b->key_id) != 0) {
		(void)tg_fail(
		    err, TG_E_KEY, "%s: was made with another key", path);
		goto out;
	}
	for (size_t i = 0; i < tg_json_len(list); i++)
		if (load_entry(b, tg_json_at(list, i), path, err) < 0)
			goto out;
	rc = 0;
out:
	tg_json_free(doc);
	return rc;
}

/* The key of --baseline-key, else FILE.key beside the baseline. */
static int
open_key(struct tg_baseline *b, struct tg_cli *cli, const char *beside)
{
	const char *given = tg_args_value(&cli->args, "baseline-key");
	struct tg_buf path;
	int rc = -1;

	if (given != NULL)
		return load_key(b, cli, given);
	tg_buf_init(&path, 1u << 16);
	if (tg_buf_addf(&path, &cli->err, "%s.key", beside) == 0)
		rc = load_key(b, cli, path.p);
	tg_buf_deinit(&path);
	return rc;
}

int
tg_baseline_open(struct tg_baseline **out, struct tg_cli *cli)
{
	const char *read = tg_args_value(&cli->args, "baseline");
	const char *write = tg_args_value(&cli->args, "write-baseline");
	struct tg_baseline *b;

	*out = NULL;
	if (read == NULL && write == NULL) {
		if (!tg_args_given(&cli->args, "baseline-key"))
			return 0;
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--baseline-key goes with --baseline or --write-baseline");
	}
	if (write != NULL && tg_report_may_write(cli, write) < 0)
		return -1;
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return tg_fail_memory(&cli->err);
	tg_buf_init(&b->bytes, HASH_MAX);
	b->write = write;
	b->given = read != NULL;
	if (open_key(b, cli, read != NULL ? read : write) < 0 ||
	    (read != NULL && load(b, read, &cli->err) < 0) ||
	    grow(&b->known, &cli->err) < 0) {
		tg_baseline_free(b);
		return -1;
	}
	*out = b;
	return 0;
}

bool
tg_baseline_given(const struct tg_baseline *b)
{
	return b != NULL && b->given;
}

/* Lengths first: no two places give the same bytes. */
static int
part(struct tg_buf *b, const void *p, size_t n, struct tg_err *err)
{
	if (tg_buf_addf(b, err, "%zu:", n) < 0)
		return -1;
	return tg_buf_add(b, p, n, err);
}

int
tg_baseline_print(struct tg_baseline *b, char out[TG_FINGERPRINT],
    const char *file, const char *path, const char *type,
    struct tg_trace_text text, struct tg_err *err)
{
	uint8_t digest[PRINT_BYTES];
	struct tg_buf place;
	int rc = -1;

	out[0] = '\0';
	if (b == NULL)
		return 0;
	tg_buf_init(&place, 1u << 16);
	tg_buf_reset(&b->bytes);
	if (tg_seen_place(&place, file, err) == 0 &&
	    part(&b->bytes, place.p, place.n, err) == 0 &&
	    part(&b->bytes, path, strlen(path), err) == 0 &&
	    part(&b->bytes, type, strlen(type), err) == 0 &&
	    part(&b->bytes, text.bytes, text.n, err) == 0) {
		tg_crypt_blake2b(
		    digest, sizeof(digest), b->bytes.p, b->bytes.n, b->key);
		tg_hex(out, digest, sizeof(digest));
		rc = 0;
	}
	tg_buf_deinit(&place);
	return rc;
}

static char *
copy(struct tg_sv s)
{
	char *p = calloc(s.n + 1, 1);

	if (p != NULL && s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

int
tg_baseline_known(struct tg_baseline *b, const char *print,
    const struct tg_seen *s, bool *known, struct tg_err *err)
{
	struct entry *e;

	*known = false;
	if (b == NULL)
		return 0;
	e = slot(&b->known, print);
	if (e->n > 0 && e->n != UINT64_MAX) {
		*known = true;
		/* An entry used up stays in its place. */
		if (--e->n == 0)
			e->n = UINT64_MAX;
	}
	if (b->write == NULL)
		return 0;
	if (add(&b->seen, print, 1, &e, err) < 0)
		return -1;
	if (e->file != NULL)
		return 0;
	tg_buf_reset(&b->bytes);
	if (tg_seen_place(&b->bytes, s->file, err) < 0)
		return -1;
	e->file = copy(tg_buf_sv(&b->bytes));
	e->path = copy(s->path);
	e->type = s->rule->type;
	return e->file == NULL || e->path == NULL ? tg_fail_memory(err) : 0;
}

static int
by_print(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a;
	const struct entry *y = *(const struct entry *const *)b;
	const int by[] = {strcmp(x->file, y->file), strcmp(x->path, y->path),
	    strcmp(x->type, y->type)};

	for (size_t i = 0; i < TG_COUNT(by); i++)
		if (by[i] != 0)
			return by[i];
	return strcmp(x->print, y->print);
}

static int
list(struct tg_json *out, const struct entry *const *e, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		struct tg_json *o = tg_json_object();

		bad |= tg_json_set_str(o, "fingerprint", e[i]->print);
		bad |= tg_json_set_str(o, "file", e[i]->file);
		bad |= tg_json_set_str(o, "path", e[i]->path);
		bad |= tg_json_set_str(o, "type", e[i]->type);
		bad |= tg_json_set_int(o, "count", (int64_t)e[i]->n);
		bad |= tg_json_push(out, o);
	}
	return bad;
}

static struct tg_json *
document(const struct tg_baseline *b)
{
	const struct entry **e = calloc(b->seen.n + 1, sizeof(*e));
	struct tg_json *doc = tg_json_object(), *array = tg_json_array();
	size_t n = 0;
	int bad = e == NULL;

	for (size_t i = 0; !bad && i < b->seen.cap; i++)
		if (b->seen.e[i].n != 0)
			e[n++] = &b->seen.e[i];
	if (!bad && n > 0)
		qsort(e, n, sizeof(e[0]), by_print);
	bad |= tg_json_set_str(doc, "schema", SCHEMA);
	bad |= tg_json_set_str(doc, "key", b->key_id);
	if (!bad)
		bad |= list(array, e, n);
	bad |= tg_json_set(doc, "findings", array);
	free(e);
	if (!bad)
		return doc;
	tg_json_free(doc);
	return NULL;
}

int
tg_baseline_close(struct tg_baseline *b, struct tg_cli *cli)
{
	struct tg_json *doc;
	struct tg_buf out;
	int rc = -1;

	if (b == NULL || b->write == NULL)
		return 0;
	doc = document(b);
	if (doc == NULL)
		return tg_fail_memory(&cli->err);
	tg_buf_init(&out, TG_JSON_MAX);
	if (tg_json_pretty(&out, doc, &cli->err) == 0)
		rc = tg_fs_write(b->write, tg_buf_sv(&out), 0644,
		    TG_FS_OVERWRITE, &cli->err);
	tg_buf_deinit(&out);
	tg_json_free(doc);
	return rc;
}
