/*
 * prefilter_derive.c - reads a pattern and finds what every match begins with.
 *
 * A small recursive reader of the part of PCRE2's syntax that rules may use.
 * What it does not know it refuses, so that a pattern never means more to
 * PCRE2 than it does here.
 */
#include <limits.h>

#include "base/num.h"
#include "redactors/prefilter_cols.h"
#include "redactors/prefilter_seqs.h"

#include "base/banned.h"

struct reader {
	const char *p;
	size_t n, i;
	bool icase;
	int depth;
	struct tg_pf_head *top; /* while the outermost concatenation is read */
	bool flat;		/* a run at the front is no anchor */
	bool told;		/* the pattern says what it begins with: */
	struct tg_seqs *begin;
	struct tg_err *err;
};

struct atom {
	bool zero;	     /* matches no byte */
	bool ahead;	     /* says what follows */
	bool single;	     /* one byte of @set */
	struct tg_bytes set; /* when single */
	struct tg_seqs seqs;
	struct tg_cols cols;
	struct tg_digits digits;
};

static int read_alt(struct reader *r, struct atom *a);

static int
bad(struct reader *r, const char *what)
{
	return tg_fail(r->err, TG_E_CONFIG, "pattern: %s", what);
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
class_escape(struct tg_bytes *s, char c)
{
	struct tg_bytes t = {{0}};
	const bool negate = c == 'D' || c == 'W' || c == 'S' || c == 'H';

	switch (c | 0x20) {
	case 'd':
		tg_bytes_range(&t, '0', '9');
		break;
	case 'w':
		tg_bytes_range(&t, '0', '9');
		tg_bytes_range(&t, 'A', 'Z');
		tg_bytes_range(&t, 'a', 'z');
		tg_bytes_add(&t, '_');
		break;
	case 's':
		tg_bytes_range(&t, 9, 13);
		tg_bytes_add(&t, ' ');
		break;
	case 'h':
		tg_bytes_add(&t, '\t');
		tg_bytes_add(&t, ' ');
		tg_bytes_add(&t, 0xa0);
		break;
	default:
		return false;
	}
	if (negate)
		tg_bytes_not(&t);
	tg_bytes_union(s, &t);
	return true;
}

/* After a backslash: one byte in *c (1), a class added to @s (2). */
static int
read_escape(struct reader *r, struct tg_bytes *s, unsigned *c)
{
	static const char plain[] = "tnrfe", value[] = "\t\n\r\f\x1b";
	const char *at;
	char e;

	if (r->i >= r->n)
		return bad(r, "ends in a backslash");
	e = r->p[r->i++];
	if (class_escape(s, e))
		return 2;
	if (e == 'x') {
		int hi = -1, lo = -1;

		if (r->i + 2 <= r->n) {
			hi = hex_value(r->p[r->i]);
			lo = hex_value(r->p[r->i + 1]);
		}
		if (hi < 0 || lo < 0)
			return bad(r, "\\x needs two hex digits");
		r->i += 2;
		*c = (unsigned)(hi * 16 + lo);
		return 1;
	}
	at = strchr(plain, e);
	if (at != NULL && e != '\0') {
		*c = (unsigned char)value[at - plain];
		return 1;
	}
	if ((e >= '0' && e <= '9') || (e >= 'A' && e <= 'Z') ||
	    (e >= 'a' && e <= 'z'))
		return bad(r, "this escape is not allowed in a rule");
	*c = (unsigned char)e;
	return 1;
}

static int
read_class_item(struct reader *r, struct tg_bytes *s, unsigned *c)
{
	if (r->p[r->i] == '[' && r->i + 1 < r->n && r->p[r->i + 1] == ':')
		return bad(r, "write the class out instead of [:name:]");
	if (r->p[r->i] == '\\') {
		r->i++;
		return read_escape(r, s, c);
	}
	*c = (unsigned char)r->p[r->i++];
	return 1;
}

/* One byte, a class or a range of a bracket. */
static int
read_class_part(struct reader *r, struct tg_bytes *s)
{
	unsigned a = 0, b = 0;
	int kind = read_class_item(r, s, &a);

	if (kind < 0)
		return -1;
	if (kind == 2)
		return 0;
	b = a;
	if (r->i + 1 < r->n && r->p[r->i] == '-' && r->p[r->i + 1] != ']') {
		r->i++;
		kind = read_class_item(r, s, &b);
		if (kind < 0)
			return -1;
		if (kind == 2 || b < a)
			return bad(r, "bad range in a class");
	}
	tg_bytes_range(s, a, b);
	return 0;
}

static int
read_class(struct reader *r, struct tg_bytes *s)
{
	bool negate = false, first = true;

	if (r->i < r->n && r->p[r->i] == '^') {
		negate = true;
		r->i++;
	}
	for (; r->i < r->n && (first || r->p[r->i] != ']'); first = false)
		if (read_class_part(r, s) < 0)
			return -1;
	if (r->i >= r->n)
		return bad(r, "class without ]");
	r->i++;
	if (r->icase)
		tg_bytes_fold(s);
	if (negate)
		tg_bytes_not(s);
	return 0;
}

static bool
starts(const struct reader *r, const char *head)
{
	const size_t n = strlen(head);

	return r->n - r->i >= n && memcmp(r->p + r->i, head, n) == 0;
}

static bool
skip(struct reader *r, const char *head)
{
	if (!starts(r, head))
		return false;
	r->i += strlen(head);
	return true;
}

static int
read_group_body(struct reader *r, struct atom *a)
{
	struct tg_pf_head *const top = r->top;
	const bool icase = r->icase;

	r->top = NULL;
	if (++r->depth > TG_PF_DEPTH)
		return bad(r, "nests too deep");
	if (read_alt(r, a) < 0)
		return -1;
	if (r->i >= r->n || r->p[r->i] != ')')
		return bad(r, "group without )");
	r->i++;
	r->depth--;
	r->icase = icase;
	r->top = top;
	return 0;
}

static int
read_around(struct reader *r, struct atom *a, bool ahead)
{
	if (read_group_body(r, a) < 0)
		return -1;
	a->zero = true;
	a->ahead = ahead;
	return 0;
}

/* After "(". */
static int
read_group(struct reader *r, struct atom *a)
{
	bool icase = r->icase;
	int rc;

	if (starts(r, "*"))
		return bad(r, "verbs are not allowed in a rule");
	if (!skip(r, "?"))
		return read_group_body(r, a);
	if (skip(r, "i)")) {
		r->icase = true;
		a->zero = true;
		tg_seqs_empty(&a->seqs);
		return 0;
	}
	if (skip(r, "="))
		return read_around(r, a, true);
	if (skip(r, "!") || skip(r, "<=") || skip(r, "<!"))
		return read_around(r, a, false);
	if (skip(r, "i:")) {
		r->icase = true;
		rc = read_group_body(r, a);
		r->icase = icase;
		return rc;
	}
	if (skip(r, "-i:")) {
		r->icase = false;
		rc = read_group_body(r, a);
		r->icase = icase;
		return rc;
	}
	if (skip(r, ":") || skip(r, ">") || skip(r, "<value>"))
		return read_group_body(r, a);
	return bad(r, "this kind of group is not allowed in a rule");
}

static void
atom_single(struct reader *r, struct atom *a)
{
	if (r->icase)
		tg_bytes_fold(&a->set);
	a->single = true;
	a->seqs.n = 1;
	a->seqs.s[0].n = 1;
	a->seqs.s[0].cut = false;
	a->seqs.s[0].at[0] = a->set;
	tg_cols_single(&a->cols, &a->set);
	tg_digits_single(&a->digits, &a->set);
}

static int
read_atom_escape(struct reader *r, struct atom *a)
{
	unsigned c = 0;
	int kind;

	if (r->i < r->n && r->p[r->i] != '\0' &&
	    strchr("bBAzZ", r->p[r->i]) != NULL) {
		r->i++;
		a->zero = true;
		tg_seqs_empty(&a->seqs);
		return 0;
	}
	kind = read_escape(r, &a->set, &c);
	if (kind < 0)
		return -1;
	if (kind == 1)
		tg_bytes_add(&a->set, c);
	atom_single(r, a);
	return 0;
}

static int
read_atom(struct reader *r, struct atom *a)
{
	const char c = r->p[r->i++];

	a->zero = a->single = a->ahead = false;
	a->set = (struct tg_bytes){{0}};
	switch (c) {
	case '(':
		return read_group(r, a);
	case '[':
		if (read_class(r, &a->set) < 0)
			return -1;
		atom_single(r, a);
		return 0;
	case '\\':
		return read_atom_escape(r, a);
	case '^':
	case '$':
		a->zero = true;
		tg_seqs_empty(&a->seqs);
		return 0;
	case '.':
		tg_bytes_add(&a->set, '\n');
		tg_bytes_not(&a->set);
		atom_single(r, a);
		return 0;
	case '*':
	case '+':
	case '?':
	case '{':
		return bad(r, "nothing to repeat (write \\{ for a brace)");
	default:
		tg_bytes_add(&a->set, (unsigned char)c);
		atom_single(r, a);
		return 0;
	}
}

static int
read_braces(struct reader *r, uint32_t *min, uint32_t *max)
{
	const char *const end = memchr(r->p + r->i, '}', r->n - r->i);
	const char *comma;
	struct tg_sv lo, hi;
	uint64_t a = 0, b = 0;

	if (end == NULL)
		return bad(r, "repeat without }");
	lo = (struct tg_sv){r->p + r->i, (size_t)(end - (r->p + r->i))};
	hi = lo;
	comma = memchr(lo.p, ',', lo.n);
	if (comma != NULL) {
		hi.p = comma + 1;
		hi.n = (size_t)(end - hi.p);
		lo.n = (size_t)(comma - lo.p);
		if (hi.n == 0)
			return bad(r, "unbounded repeat; write {1,N}");
	}
	if (!tg_parse_u64(&a, lo, 0, 65535) ||
	    !tg_parse_u64(&b, hi, 0, 65535) || b < a)
		return bad(r, "bad repeat");
	r->i = (size_t)(end - r->p) + 1;
	*min = (uint32_t)a;
	*max = (uint32_t)b;
	return 0;
}

static int
read_repeat(struct reader *r, uint32_t *min, uint32_t *max)
{
	*min = *max = 1;
	if (r->i >= r->n)
		return 0;
	switch (r->p[r->i]) {
	case '*':
	case '+':
		return bad(r, "unbounded repeat; write {1,N}");
	case '?':
		r->i++;
		*min = 0;
		break;
	case '{':
		r->i++;
		if (read_braces(r, min, max) < 0)
			return -1;
		break;
	default:
		return 0;
	}
	if (r->i < r->n && (r->p[r->i] == '?' || r->p[r->i] == '+'))
		r->i++; /* lazy, possessive: the head is the same */
	return 0;
}

/* A long run of one big class at the very front: anchor behind it. */
static bool
take_run(struct reader *r, const struct atom *a, uint32_t min, uint32_t max)
{
	const bool fixed = min == max && min > TG_PF_LEN && min < TG_PF_WIDE;

	if (r->top == NULL || r->flat || !a->single ||
	    (max - min < TG_PF_LEN && !fixed) || min == 0 ||
	    tg_bytes_count(&a->set) < 20)
		return false;
	r->top->back = true;
	r->top->run = a->set;
	r->top->run_min = min;
	r->top->run_max = max;
	return true;
}

/* A run so long that few starts of a text have it (TG_MARK_BASE64). */
static bool
is_wide(const struct reader *r, const struct atom *a, uint32_t min)
{
	struct tg_bytes wide = {{0}};

	if (r->top == NULL || !a->single || min < TG_PF_WIDE)
		return false;
	tg_bytes_range(&wide, '0', '9');
	tg_bytes_range(&wide, 'A', 'Z');
	tg_bytes_range(&wide, 'a', 'z');
	tg_bytes_add(&wide, '+');
	tg_bytes_add(&wide, '/');
	tg_bytes_add(&wide, '-');
	tg_bytes_add(&wide, '_');
	for (int i = 0; i < 4; i++)
		if ((a->set.w[i] & ~wide.w[i]) != 0)
			return false;
	return true;
}

/* Whether @a matches no byte.  "(?=...)" at the very front says in few words
 * what the rest begins with. */
static bool
no_bytes(struct reader *r, const struct atom *a, bool front, uint32_t min)
{
	if (r->top == NULL || !a->ahead || r->told || !front || min == 0)
		return a->zero;
	r->told = true;
	r->begin->n = a->seqs.n;
	memcpy(r->begin->s, a->seqs.s, a->seqs.n * sizeof(a->seqs.s[0]));
	return true;
}

static int
read_concat(struct reader *r, struct atom *out)
{
	bool open = true, front = true;
	uint32_t min = 1, max = 1;
	struct atom a TG_UNSET;

	tg_seqs_empty(&out->seqs);
	tg_cols_empty(&out->cols);
	tg_digits_empty(&out->digits);
	while (r->i < r->n && r->p[r->i] != '|' && r->p[r->i] != ')') {
		if (read_atom(r, &a) < 0 || read_repeat(r, &min, &max) < 0)
			return -1;
		if (no_bytes(r, &a, front, min))
			continue;
		tg_digits_concat(&out->digits, &a.digits, min, max);
		if (front && take_run(r, &a, min, max)) {
			front = false;
			continue;
		}
		if (front && is_wide(r, &a, min))
			r->top->wide = true;
		front = false;
		tg_cols_concat(&out->cols, &a.cols, min, max);
		if (!open)
			continue;
		if (min != 1 || max != 1) {
			struct tg_seqs rep TG_UNSET;

			tg_seqs_repeat(&rep, &a.seqs, min, max);
			open = tg_seqs_concat(&out->seqs, &rep);
		} else {
			open = tg_seqs_concat(&out->seqs, &a.seqs);
		}
	}
	return 0;
}

static int
read_alt(struct reader *r, struct atom *out)
{
	struct atom one TG_UNSET;

	if (read_concat(r, out) < 0)
		return -1;
	while (r->i < r->n && r->p[r->i] == '|') {
		r->i++;
		/* A run before a bar: only one branch begins with it. */
		if (r->top != NULL && r->top->back)
			r->top->slow = true;
		if (r->top != NULL) {
			r->top->wide = false;
			r->told = false; /* of one branch only */
		}
		r->top = NULL;
		if (read_concat(r, &one) < 0)
			return -1;
		tg_cols_union(&out->cols, &one.cols);
		tg_digits_union(&out->digits, &one.digits);
		tg_seqs_union(&out->seqs, &one.seqs);
	}
	return 0;
}

/* The run of one match ends before that of the next begins: a byte of the
 * sequence is in no run. */
static bool
ends_run(const struct tg_pf_seq *s, const struct tg_bytes *run)
{
	for (uint8_t i = 0; i < s->n; i++) {
		uint64_t both = 0;

		for (int k = 0; k < 4; k++)
			both |= s->at[i].w[k] & run->w[k];
		if (both == 0)
			return true;
	}
	return false;
}

static bool
usable(const struct tg_pf_head *h)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct tg_pf_seq *s = &h->seq[i];

		if (s->n == 0 || (s->n == 1 && tg_bytes_count(&s->at[0]) > 200))
			return false;
		if (h->back && !ends_run(s, &h->run))
			return false;
	}
	return true;
}

static int
derive(struct tg_pf_head *out, struct reader *r)
{
	struct atom all TG_UNSET;
	struct tg_seqs begin TG_UNSET;
	const struct tg_seqs *use = &all.seqs;

	*out = (struct tg_pf_head){.slow = false};
	r->top = out;
	r->begin = &begin;
	if (read_alt(r, &all) < 0)
		return -1;
	if (r->i < r->n)
		return bad(r, "unmatched )");
	if (r->told) {
		out->slow = out->back = out->wide = false;
		use = &begin;
	}
	out->n = use->n;
	memcpy(out->seq, use->s, use->n * sizeof(use->s[0]));
	tg_cols_sharpen(out, &all.cols);
	out->most = all.digits.most < TG_DIGITS_FAR ? all.digits.most : 0;
	out->digits = all.digits;
	tg_digits_ready(&out->digits);
	out->slow = out->slow || !usable(out);
	return 0;
}

int
tg_pf_derive(struct tg_pf_head *out, struct tg_sv pattern, size_t *where,
    struct tg_err *err)
{
	struct reader r = {.p = pattern.p, .n = pattern.n, .err = err};
	int rc = derive(out, &r);

	*where = 0;
	/* What follows a run of one length is no anchor: begin with the run. */
	if (rc == 0 && out->slow && out->back && out->run_min == out->run_max) {
		r = (struct reader){
		    .p = pattern.p, .n = pattern.n, .flat = true, .err = err};
		rc = derive(out, &r);
	}
	if (rc < 0)
		*where = r.i;
	return rc;
}
