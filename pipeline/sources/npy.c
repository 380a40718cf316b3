#include "pipeline/sources/npy.h"

#include <sys/stat.h>

#include "base/num.h"
#include "base/banned.h"

#define MAGIC "\x93NUMPY"
#define MAGIC_LEN 6
#define ALIGN 64 /* numpy/lib/format.py, ARRAY_ALIGN */

static const struct {
	const char *descr;
	enum tg_dtype dtype;
} types[] = {
    {"|b1", TG_DTYPE_BOOL},
    {"|u1", TG_DTYPE_U8},
    {"|i1", TG_DTYPE_I8},
    {"<i2", TG_DTYPE_I16},
    {"<u2", TG_DTYPE_U16},
    {"<f2", TG_DTYPE_F16},
    {"<i4", TG_DTYPE_I32},
    {"<u4", TG_DTYPE_U32},
    {"<f4", TG_DTYPE_F32},
    {"<c8", TG_DTYPE_C64},
    {"<f8", TG_DTYPE_F64},
    {"<i8", TG_DTYPE_I64},
    {"<u8", TG_DTYPE_U64},
};

/* A dictionary of Python literals, and where in the file it stands. */
struct text {
	const char *p;
	size_t n, i, base;
	struct tg_err *err;
};

static int
bad(const struct text *t, const char *what)
{
	return tg_fail(t->err, TG_E_INPUT, "byte %llu: %s",
	    (unsigned long long)(t->base + t->i), what);
}

static void
blank(struct text *t)
{
	while (t->i < t->n && t->p[t->i] == ' ')
		t->i++;
}

static bool
take(struct text *t, const char *s)
{
	const size_t n = strlen(s);

	blank(t);
	if (t->n - t->i < n || memcmp(t->p + t->i, s, n) != 0)
		return false;
	t->i += n;
	return true;
}

/* 'abc' or "abc", nothing escaped. */
static int
string(struct text *t, struct tg_sv *out)
{
	char quote;
	size_t from;

	blank(t);
	if (t->i >= t->n || (t->p[t->i] != '\'' && t->p[t->i] != '"'))
		return bad(t, "a quoted name expected");
	quote = t->p[t->i++];
	from = t->i;
	while (t->i < t->n && t->p[t->i] != quote && t->p[t->i] != '\\')
		t->i++;
	if (t->i >= t->n || t->p[t->i] != quote)
		return bad(t, "a name without an end");
	*out = (struct tg_sv){t->p + from, t->i - from};
	t->i++;
	return 0;
}

static int
shape(struct text *t, struct tg_tensor *x)
{
	if (!take(t, "("))
		return bad(t, "the shape is not a tuple");
	while (!take(t, ")")) {
		size_t from;

		blank(t);
		from = t->i;
		while (t->i < t->n && t->p[t->i] >= '0' && t->p[t->i] <= '9')
			t->i++;
		if (x->rank == TG_TENSOR_RANK)
			return bad(t, "more axes than are read (8)");
		if (!tg_parse_u64(&x->shape[x->rank++],
			(struct tg_sv){t->p + from, t->i - from}, 0,
			UINT64_MAX))
			return bad(t, "not a whole number of 64 bits");
		/* (5) is a number in Python, (5,) is a tuple. */
		if (!take(t, ",") &&
		    (x->rank == 1 || t->i >= t->n || t->p[t->i] != ')'))
			return bad(t, "a comma expected");
	}
	return 0;
}

static int
descr(struct text *t, struct tg_tensor *x)
{
	struct tg_sv name;

	blank(t);
	if (t->i < t->n && t->p[t->i] == '[')
		return bad(t, "a structured type is not read");
	if (string(t, &name) < 0)
		return -1;
	for (size_t k = 0; k < TG_COUNT(types); k++)
		if (tg_sv_is(name, types[k].descr)) {
			x->dtype = types[k].dtype;
			return 0;
		}
	if (name.n > 1 && name.p[1] == 'O')
		return bad(t, "an array of objects holds code to run: refused");
	return bad(t,
	    name.n > 0 && name.p[0] == '>' ? "big-endian numbers are not read"
					   : "a type that is not read");
}

static int
value(struct text *t, struct tg_sv key, struct tg_tensor *x, unsigned *seen)
{
	unsigned bit;
	int rc;

	if (tg_sv_is(key, "descr")) {
		bit = 1;
		rc = descr(t, x);
	} else if (tg_sv_is(key, "fortran_order")) {
		bit = 2;
		rc = take(t, "False")
		    ? 0
		    : bad(t, "Fortran order is not read: save it in C order");
	} else if (tg_sv_is(key, "shape")) {
		bit = 4;
		rc = shape(t, x);
	} else {
		return bad(t, "a key that the format does not know");
	}
	if (rc == 0 && (*seen & bit) != 0)
		return bad(t, "a key twice");
	*seen |= bit;
	return rc;
}

static int
dictionary(struct text *t, struct tg_tensor *x)
{
	unsigned seen = 0;

	if (!take(t, "{"))
		return bad(t, "the header is not a dictionary");
	while (!take(t, "}")) {
		struct tg_sv key;

		if (string(t, &key) < 0)
			return -1;
		if (!take(t, ":"))
			return bad(t, "a colon expected");
		if (value(t, key, x, &seen) < 0)
			return -1;
		blank(t);
		if (!take(t, ",") && (t->i >= t->n || t->p[t->i] != '}'))
			return bad(t, "a comma expected");
	}
	blank(t);
	if (t->i + 1 != t->n || t->p[t->i] != '\n')
		return bad(t, "something behind the dictionary");
	if (seen != 7)
		return bad(
		    t, "descr, fortran_order and shape are not all there");
	return 0;
}

/* Where the dictionary begins and how long it is. */
static int
frame(struct tg_sv head, size_t *at, size_t *n, struct tg_err *err)
{
	const uint8_t *p = (const uint8_t *)head.p;

	if (head.n < MAGIC_LEN + 6 || memcmp(p, MAGIC, MAGIC_LEN) != 0)
		return tg_fail(err, TG_E_INPUT, "byte 0: no NumPy header");
	if (p[6] < 1 || p[6] > 3 || p[7] != 0)
		return tg_fail(err, TG_E_INPUT,
		    "byte 6: a version of NumPy's format that is not known");
	*at = p[6] == 1 ? 10 : 12;
	*n = (size_t)tg_tensor_index(
	    p[6] == 1 ? TG_DTYPE_U16 : TG_DTYPE_U32, p + 8);
	if (*n > head.n - *at)
		return tg_fail(err, TG_E_INPUT,
		    "byte 8: the header is longer than %s",
		    head.n < TG_NPY_HEADER ? "the file" : "64 KiB");
	return 0;
}

int
tg_npy_parse(struct tg_tensor_file *f, struct tg_sv head, uint64_t size,
    struct tg_err *err)
{
	struct tg_tensor *x;
	struct text t = {.err = err};
	uint64_t bytes;

	if (frame(head, &t.base, &t.n, err) < 0)
		return -1;
	t.p = head.p + t.base;
	f->format = TG_TENSOR_NPY;
	f->size = size;
	f->data = t.base + t.n;
	f->n = 0;
	x = f->tensor = tg_arena_calloc(&f->arena, 1, sizeof(*x));
	if (x == NULL)
		return tg_fail_memory(err);
	x->name = (struct tg_trace_text){"", 0};
	if (dictionary(&t, x) < 0)
		return -1;
	if (!tg_tensor_bytes(&bytes, x->dtype, x->shape, x->rank))
		return bad(&t, "the shape is too large");
	if (bytes != size - f->data)
		return tg_fail(err, TG_E_INPUT,
		    "byte %llu: the array has %llu bytes, the file %llu",
		    (unsigned long long)f->data, (unsigned long long)bytes,
		    (unsigned long long)(size - f->data));
	x->begin = f->data;
	x->end = size;
	f->n = 1;
	return 0;
}

int
tg_npy_read(struct tg_tensor_file *f, int fd, struct tg_err *err)
{
	struct tg_window w;
	struct stat st;
	const uint8_t *p;
	size_t n;
	int rc;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return tg_fail(err, TG_E_INPUT, "not a regular file");
	if (tg_window_init(&w, fd, err) < 0)
		return -1;
	n = (uint64_t)st.st_size < TG_NPY_HEADER ? (size_t)st.st_size
						 : TG_NPY_HEADER;
	rc = tg_window_get(&w, 0, n, &p, err);
	if (rc == 0)
		rc = tg_npy_parse(f, (struct tg_sv){(const char *)p, n},
		    (uint64_t)st.st_size, err);
	tg_window_deinit(&w);
	return rc;
}

int
tg_npy_header(struct tg_buf *out, const struct tg_tensor *t, struct tg_err *err)
{
	const size_t from = out->n;
	size_t k = 0, len;

	while (k < TG_COUNT(types) && types[k].dtype != t->dtype)
		k++;
	if (k == TG_COUNT(types))
		return tg_fail(err, TG_E_BUG, "npy: no type for %s",
		    tg_dtype_name(t->dtype));
	if (tg_buf_add(out, MAGIC "\x01\0\0\0", MAGIC_LEN + 4, err) < 0 ||
	    tg_buf_addf(out, err,
		"{'descr': '%s', 'fortran_order': False, 'shape': (",
		types[k].descr) < 0)
		return -1;
	for (unsigned i = 0; i < t->rank; i++)
		if (tg_buf_addf(out, err, "%s%llu", i == 0 ? "" : ", ",
			(unsigned long long)t->shape[i]) < 0)
			return -1;
	if (tg_buf_adds(out, t->rank == 1 ? ",), }" : "), }", err) < 0)
		return -1;
	while ((out->n - from + 1) % ALIGN != 0)
		if (tg_buf_addc(out, ' ', err) < 0)
			return -1;
	if (tg_buf_addc(out, '\n', err) < 0)
		return -1;
	len = out->n - from - (MAGIC_LEN + 4);
	out->p[from + 8] = (char)(uint8_t)(len & 0xff);
	out->p[from + 9] = (char)(uint8_t)(len >> 8);
	return 0;
}
