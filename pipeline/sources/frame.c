/* frame.c - lines or one document. */
#include "pipeline/sources/frame.h"

#include "base/jscan.h"

#include "base/banned.h"

static bool
is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

enum shape {
	WRONG, /* no JSON */
	CUT,   /* the beginning of a JSON text */
	OTHER, /* JSON, no object */
	OBJECT
};

static int
look(enum shape *out, struct tg_jdoc *d, struct tg_sv text, struct tg_err *err)
{
	struct tg_err e = {.cls = TG_E_NONE};
	size_t at;

	if (tg_jscan(d, text, &at, &e) == 0) {
		*out = d->nodes[0].kind == TG_J_OBJECT ? OBJECT : OTHER;
		return 0;
	}
	if (e.cls == TG_E_MEMORY)
		return tg_fail_memory(err);
	/* The scanner fails at the length of a text that is cut. */
	*out = at == text.n ? CUT : WRONG;
	return 0;
}

/* The line that begins at @i, without its end; *@next is where the next one
 * begins. */
static struct tg_sv
line_at(struct tg_sv head, size_t i, size_t *next)
{
	const char *nl = memchr(head.p + i, '\n', head.n - i);
	const size_t end = nl == NULL ? head.n : (size_t)(nl - head.p);

	*next = nl == NULL ? head.n : end + 1;
	return (struct tg_sv){head.p + i, end - i};
}

static struct tg_sv
without_comma(struct tg_sv s)
{
	while (s.n > 0 && is_white(s.p[s.n - 1]))
		s.n--;
	if (s.n > 0 && s.p[s.n - 1] == ',')
		s.n--;
	return s;
}

/* A malformed first line: do the others say what it is? */
static int
by_other_lines(enum tg_frame *out, struct tg_jdoc *d, struct tg_sv head,
    bool whole, struct tg_err *err)
{
	enum shape shape;
	size_t next;

	for (size_t i = 0; i < head.n; i = next) {
		const struct tg_sv line = line_at(head, i, &next);
		const bool ended = next > i + line.n || whole;

		if (line.n == 0 || line.p[0] != '{' || !ended)
			continue;
		if (look(&shape, d, line, err) < 0)
			return -1;
		if (shape == OBJECT) {
			*out = TG_FRAME_LINES;
			return 0;
		}
		if (look(&shape, d, without_comma(line), err) < 0)
			return -1;
		if (shape == OBJECT)
			break;
	}
	*out = TG_FRAME_DOCUMENT;
	return 0;
}

static int
choose(enum tg_frame *out, struct tg_jdoc *d, struct tg_sv head, size_t first,
    bool whole, struct tg_err *err)
{
	enum shape shape;
	size_t next;
	const struct tg_sv line = line_at(head, first, &next);

	if (next == first + line.n && !whole) {
		*out = TG_FRAME_AUTO;
		return 0;
	}
	if (look(&shape, d, line, err) < 0)
		return -1;
	if (shape == OBJECT) {
		*out = TG_FRAME_LINES;
		return 0;
	}
	if (look(&shape, d, (struct tg_sv){head.p + first, head.n - first},
		err) < 0)
		return -1;
	if (shape != WRONG) {
		*out = TG_FRAME_DOCUMENT;
		return 0;
	}
	return by_other_lines(out, d, head, whole, err);
}

int
tg_frame_choose(
    enum tg_frame *out, struct tg_sv head, bool whole, struct tg_err *err)
{
	struct tg_jdoc d;
	size_t first = 0;
	int rc;

	while (first < head.n && is_white(head.p[first]))
		first++;
	if (first == head.n) {
		*out = whole ? TG_FRAME_EMPTY : TG_FRAME_DOCUMENT;
		return 0;
	}
	/* A NUL byte ahead of any object: a binary format, no bad first line.
	 */
	if (head.p[first] == '[' ||
	    (head.p[first] != '{' && memchr(head.p, '\0', head.n) != NULL)) {
		*out = TG_FRAME_DOCUMENT;
		return 0;
	}
	tg_jdoc_init(&d);
	rc = choose(out, &d, head, first, whole, err);
	tg_jdoc_deinit(&d);
	return rc;
}

const char *
tg_frame_name(enum tg_frame frame)
{
	static const char *const name[] = {
	    "not chosen", "empty", "lines", "document"};

	return name[frame];
}
