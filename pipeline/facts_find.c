#include "pipeline/facts_find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/num.h"
#include "pipeline/facts.h"
#include "pipeline/sampled.h"
#include "base/banned.h"

#define INPUTS_MAX INT32_MAX

struct search {
	const char *id;
	struct tg_sv file; /* of FILE:RECORD; n 0: an id */
	uint64_t record;
	bool by_number; /* the number of the id is known */
	char number[17];
	size_t input; /* of FILE */
	bool placed;  /* FILE is an input */
	struct tg_json *head, *units, *quarantined, *place, *draw;
	uint64_t more;
	bool incomplete;
};

/* "a/b.jsonl:12"; what ends otherwise is an id. */
static void
split(struct search *s)
{
	const char *colon = strrchr(s->id, ':');

	if (colon == NULL || colon == s->id ||
	    !tg_parse_u64(&s->record, tg_sv_of(colon + 1), 1, INT64_MAX))
		return;
	s->file = (struct tg_sv){s->id, (size_t)(colon - s->id)};
}

static bool
ends_so(const char *path, struct tg_sv file)
{
	const size_t n = strlen(path);

	return n >= file.n && memcmp(path + n - file.n, file.p, file.n) == 0 &&
	    (n == file.n || path[n - file.n - 1] == '/');
}

/* Which input FILE is.  One that is none may be part of an id. */
static int
find_input(struct search *s, struct tg_err *err)
{
	const struct tg_json *list = tg_json_get(s->head, "inputs");
	size_t found = 0;

	for (size_t i = 0; s->file.n > 0 && i < tg_json_len(list); i++) {
		const char *path =
		    tg_json_get_str(tg_json_at(list, i), "file", "");

		if (!ends_so(path, s->file))
			continue;
		found++;
		s->input = i;
		if (strlen(path) == s->file.n) {
			found = 1;
			break;
		}
	}
	s->placed = found == 1;
	if (found > 1)
		return tg_fail(err, TG_E_USAGE,
		    "more than one input ends in that name: name its folder, "
		    "too");
	return 0;
}

static bool
mine(const struct search *s, const struct tg_json *unit)
{
	if (s->placed)
		return tg_json_get_int(unit, "input", -1) ==
		    (int64_t)s->input &&
		    tg_json_get_int(unit, "record", 0) == (int64_t)s->record;
	return s->by_number &&
	    (strcmp(tg_json_get_str(unit, "id", ""), s->number) == 0 ||
		strcmp(tg_json_get_str(unit, "draw", ""), s->number) == 0);
}

static int
take(struct search *s, struct tg_json *unit, struct tg_err *err)
{
	const struct tg_json *in = tg_json_at(tg_json_get(s->head, "inputs"),
	    (size_t)tg_json_get_int(unit, "input", INPUTS_MAX));
	int bad = 0;

	if (tg_json_len(s->units) == TG_FACTS_UNITS) {
		s->more++;
		return 0;
	}
	bad |= tg_json_set_str(unit, "file", tg_json_get_str(in, "file", ""));
	bad |=
	    tg_json_set_bool(unit, "real", tg_json_get_bool(in, "real", true));
	bad |= tg_json_push(s->units, tg_json_ref(unit));
	return bad == 0 ? 0 : tg_fail_memory(err);
}

/* The classes of the units that were taken. */
static int
sizes(struct search *s, const struct tg_json *line, struct tg_err *err)
{
	const struct tg_json *k = tg_json_get(line, "k");
	const struct tg_json *l = tg_json_get(line, "l");
	const int64_t from = tg_json_get_int(line, "row", 0);
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(s->units); i++) {
		struct tg_json *u = tg_json_at(s->units, i);
		const int64_t row = tg_json_get_int(u, "row", -1);

		if (row < from || (uint64_t)(row - from) >= tg_json_len(k))
			continue;
		bad |= tg_json_set_int(u, "k",
		    tg_json_number(tg_json_at(k, (size_t)(row - from))));
		bad |= tg_json_set_int(u, "l",
		    tg_json_number(tg_json_at(l, (size_t)(row - from))));
	}
	return bad == 0 ? 0 : tg_fail_memory(err);
}

/* How many records the input of FILE has. */
static int
last(struct search *s, const struct tg_json *line, struct tg_err *err)
{
	const struct tg_json *in =
	    tg_json_at(tg_json_get(line, "inputs"), s->input);
	const int64_t records = tg_json_get_int(in, "records", 0);
	int bad = 0;

	s->incomplete = tg_json_get_int(line, "unwritten", 0) > 0;
	if (!s->placed)
		return 0;
	s->place = tg_json_object();
	bad |= tg_json_set_str(s->place, "file",
	    tg_json_get_str(
		tg_json_at(tg_json_get(s->head, "inputs"), s->input), "file",
		""));
	bad |= tg_json_set_int(s->place, "record", (int64_t)s->record);
	bad |= tg_json_set_int(s->place, "records", records);
	if (bad != 0)
		return tg_fail_memory(err);
	if (s->record > (uint64_t)records)
		return tg_fail(err, TG_E_USAGE,
		    "no record %llu: that input has %lld",
		    (unsigned long long)s->record, (long long)records);
	return 0;
}

static int
line(void *ctx, const char *kind, struct tg_json *o, struct tg_err *err)
{
	struct search *s = ctx;

	if (strcmp(kind, TG_FACTS_HEAD) == 0) {
		s->head = tg_json_ref(o);
		return find_input(s, err);
	}
	if (strcmp(kind, TG_FACTS_UNIT) == 0)
		return mine(s, o) ? take(s, o, err) : 0;
	if (strcmp(kind, TG_FACTS_CLASSES) == 0)
		return sizes(s, o, err);
	return strcmp(kind, TG_FACTS_END) == 0 ? last(s, o, err) : 0;
}

/* ---- the draw, the quarantine ------------------------------------------ */

static int
draw(struct search *s, const char *dir, struct tg_err *err)
{
	struct tg_sampled_row r = {.number = 0};
	char *path = tg_fs_join(dir, "sample.txt");
	bool gone = false;
	int rc, bad = 0;

	if (path == NULL)
		return tg_fail_memory(err);
	rc = tg_sampled_find(
	    &r, path, (struct tg_trace_text){s->id, strlen(s->id)}, &gone, err);
	free(path);
	if (rc < 0 && !gone)
		return -1;
	s->by_number = !gone;
	(void)snprintf(s->number, sizeof(s->number), "%016llx",
	    (unsigned long long)r.number);
	if (rc != 1)
		return 0;
	s->draw = tg_json_object();
	bad |= tg_json_set_str(s->draw, "number", s->number);
	bad |= tg_json_set_int(s->draw, "read", (int64_t)r.read);
	bad |= tg_json_set_int(s->draw, "kept", (int64_t)r.kept);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

static int
add_quarantined(struct search *s, const struct tg_json *o, struct tg_err *err)
{
	struct tg_json *q = tg_json_object();
	static const char *const texts[] = {"file", "code"};
	static const char *const numbers[] = {"record", "offset", "bytes"};
	int bad = 0;

	for (size_t i = 0; i < TG_COUNT(texts); i++)
		bad |= tg_json_set_str(
		    q, texts[i], tg_json_get_str(o, texts[i], ""));
	for (size_t i = 0; i < TG_COUNT(numbers); i++)
		bad |= tg_json_set_int(
		    q, numbers[i], tg_json_get_int(o, numbers[i], 0));
	bad |= tg_json_push(s->quarantined, q);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

/* Lines of quarantine/index.jsonl; record 0 is the whole file. */
static int
read_index(struct search *s, FILE *f, const char *path, struct tg_err *err)
{
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = getline(&text, &cap, f)) > 0) {
		struct tg_json *o = NULL;

		if (tg_json_parse(
			&o, (struct tg_sv){text, (size_t)n}, path, NULL) < 0)
			rc = tg_fail(err, TG_E_INTEGRITY,
			    "%s: not the index of a quarantine", path);
		else if (tg_json_get_int(o, "source", -1) ==
			(int64_t)s->input &&
		    (tg_json_get_int(o, "record", 0) == 0 ||
			tg_json_get_int(o, "record", 0) == (int64_t)s->record))
			rc = add_quarantined(s, o, err);
		tg_json_free(o);
	}
	free(text);
	return rc;
}

static int
quarantine(struct search *s, const char *dir, struct tg_err *err)
{
	char *path = tg_fs_join(dir, "quarantine/index.jsonl");
	FILE *f;
	int rc = 0;

	if (path == NULL)
		return tg_fail_memory(err);
	f = fopen(path, "re");
	if (f != NULL) {
		rc = read_index(s, f, path, err);
		(void)fclose(f);
	} else if (errno != ENOENT) {
		rc = tg_fail_errno(err, errno, "%s", path);
	}
	free(path);
	return rc;
}

static int
answer(struct tg_json **out, struct search *s, struct tg_err *err)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "id", s->id);
	bad |= tg_json_set(
	    o, "head", s->head == NULL ? tg_json_null() : tg_json_ref(s->head));
	bad |= tg_json_set(o, "units", tg_json_ref(s->units));
	bad |= tg_json_set_int(o, "more", (int64_t)s->more);
	bad |= tg_json_set_bool(o, "incomplete", s->incomplete);
	bad |= tg_json_set(o, "place",
	    s->place == NULL ? tg_json_null() : tg_json_ref(s->place));
	bad |= tg_json_set_bool(o, "listed", s->by_number && s->file.n == 0);
	bad |= tg_json_set(o, "quarantined", tg_json_ref(s->quarantined));
	bad |= tg_json_set(
	    o, "draw", s->draw == NULL ? tg_json_null() : tg_json_ref(s->draw));
	if (bad == 0) {
		*out = o;
		return 0;
	}
	tg_json_free(o);
	return tg_fail_memory(err);
}

static int
find(struct search *s, const char *dir, const char *sha256, struct tg_err *err)
{
	char *path = tg_fs_join(dir, TG_FACTS_FILE);
	bool gone = false;
	int rc;

	if (path == NULL)
		return tg_fail_memory(err);
	rc = draw(s, dir, err);
	if (rc == 0)
		rc = tg_facts_each(path, sha256, line, s, &gone, err);
	free(path);
	if (rc < 0 && !gone)
		return -1;
	tg_err_clear(err);
	return s->placed ? quarantine(s, dir, err) : 0;
}

int
tg_facts_find(struct tg_json **out, const char *run_dir, const char *id,
    const char *sha256, struct tg_err *err)
{
	struct search s = {
	    .id = id, .units = tg_json_array(), .quarantined = tg_json_array()};
	int rc = -1;

	split(&s);
	if (s.units == NULL || s.quarantined == NULL)
		(void)tg_fail_memory(err);
	else if (find(&s, run_dir, sha256, err) == 0)
		rc = answer(out, &s, err);
	tg_json_free(s.head);
	tg_json_free(s.units);
	tg_json_free(s.quarantined);
	tg_json_free(s.place);
	tg_json_free(s.draw);
	return rc;
}
