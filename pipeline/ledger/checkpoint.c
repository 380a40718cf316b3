#include "pipeline/ledger/checkpoint.h"

#include <inttypes.h>

#include "base/enc.h"
#include "base/num.h"

#include "base/banned.h"

int
tg_checkpoint_text(
    struct tg_buf *out, const struct tg_checkpoint *c, struct tg_err *err)
{
	if (tg_buf_addf(out, err, "%s\n%" PRIu64 "\n", c->origin, c->size) <
		0 ||
	    tg_b64_add(out, c->root, sizeof(c->root), TG_B64_PADDED, err) < 0)
		return -1;
	return tg_buf_addc(out, '\n', err);
}

/* The next line of *@s without its LF; false at the end. */
static bool
next_line(struct tg_sv *line, struct tg_sv *s)
{
	const char *lf = s->n == 0 ? NULL : memchr(s->p, '\n', s->n);

	if (lf == NULL)
		return false;
	*line = (struct tg_sv){s->p, (size_t)(lf - s->p)};
	s->p = lf + 1;
	s->n -= line->n + 1;
	return true;
}

int
tg_checkpoint_parse(
    struct tg_checkpoint *out, struct tg_sv text, struct tg_err *err)
{
	struct tg_sv origin, size, root;
	struct tg_checkpoint c;
	size_t n;

	if (!next_line(&origin, &text) || !next_line(&size, &text) ||
	    !next_line(&root, &text) || text.n != 0 ||
	    !tg_note_name_ok(origin) ||
	    !tg_parse_u64(&c.size, size, 0, TG_TREE_MAX) ||
	    (size.n > 1 && size.p[0] == '0') ||
	    !tg_b64_decode(c.root, sizeof(c.root), &n, root, TG_B64_PADDED) ||
	    n != sizeof(c.root))
		return tg_fail(
		    err, TG_E_INTEGRITY, "not the three lines of a checkpoint");
	memcpy(c.origin, origin.p, origin.n);
	c.origin[origin.n] = '\0';
	*out = c;
	return 0;
}

int
tg_checkpoint_open(struct tg_checkpoint *out, const struct tg_note_pub *pub,
    const char *origin, struct tg_sv note, struct tg_err *err)
{
	struct tg_checkpoint c;
	struct tg_sv text;

	if (tg_note_open(&text, pub, note, err) < 0 ||
	    tg_checkpoint_parse(&c, text, err) < 0)
		return -1;
	if (strcmp(c.origin, origin == NULL ? pub->name : origin) != 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "checkpoint of another origin: %s", c.origin);
	*out = c;
	return 0;
}
