#include "pipeline/sources/tensor.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/banned.h"

#define ARENA_MAX (256u << 20) /* bytes for a header's names */

struct dtype {
	const char *name;
	unsigned bits;
};

#define TG_DTYPE(name, bits) {#name, bits},
static const struct dtype dtypes[] = {
#include "pipeline/sources/tensor_dtypes.def"
};
#undef TG_DTYPE

const char *
tg_dtype_name(enum tg_dtype t)
{
	return dtypes[t].name;
}

unsigned
tg_dtype_bits(enum tg_dtype t)
{
	return dtypes[t].bits;
}

bool
tg_dtype_find(enum tg_dtype *out, struct tg_sv name)
{
	for (unsigned i = 0; i < TG_DTYPE_COUNT; i++)
		if (tg_sv_is(name, dtypes[i].name)) {
			*out = (enum tg_dtype)i;
			return true;
		}
	return false;
}

bool
tg_dtype_is_index(enum tg_dtype t)
{
	return t == TG_DTYPE_I16 || t == TG_DTYPE_U16 || t == TG_DTYPE_I32 ||
	    t == TG_DTYPE_U32 || t == TG_DTYPE_I64 || t == TG_DTYPE_U64;
}

void
tg_tensor_file_init(struct tg_tensor_file *f)
{
	*f = (struct tg_tensor_file){.n = 0};
	tg_arena_init(&f->arena, ARENA_MAX);
}

void
tg_tensor_file_deinit(struct tg_tensor_file *f)
{
	tg_arena_deinit(&f->arena);
	*f = (struct tg_tensor_file){.n = 0};
}

const struct tg_tensor *
tg_tensor_find(const struct tg_tensor_file *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (tg_sv_is((struct tg_sv){f->tensor[i].name.bytes,
				 f->tensor[i].name.n},
			name))
			return &f->tensor[i];
	return NULL;
}

bool
tg_tensor_product(uint64_t *out, const uint64_t *shape, unsigned n)
{
	uint64_t v = 1;

	for (unsigned i = 0; i < n; i++)
		if (__builtin_mul_overflow(v, shape[i], &v))
			return false;
	*out = v;
	return true;
}

bool
tg_tensor_bytes(
    uint64_t *out, enum tg_dtype dtype, const uint64_t *shape, unsigned rank)
{
	uint64_t v;

	if (!tg_tensor_product(&v, shape, rank) ||
	    __builtin_mul_overflow(v, (uint64_t)dtypes[dtype].bits, &v) ||
	    v % 8 != 0)
		return false;
	*out = v / 8;
	return true;
}

int
tg_window_init(struct tg_window *w, int fd, struct tg_err *err)
{
	*w = (struct tg_window){.fd = fd, .buf = malloc(TG_TENSOR_WINDOW)};
	return w->buf == NULL ? tg_fail_memory(err) : 0;
}

void
tg_window_deinit(struct tg_window *w)
{
	free(w->buf);
	*w = (struct tg_window){.fd = -1};
}

int
tg_window_get(struct tg_window *w, uint64_t at, size_t n, const uint8_t **out,
    struct tg_err *err)
{
	if (n > TG_TENSOR_WINDOW || at > INT64_MAX - TG_TENSOR_WINDOW)
		return tg_fail(err, TG_E_BUG, "window: too large");
	if (at >= w->at && at - w->at <= w->n && w->n - (at - w->at) >= n) {
		*out = w->buf + (at - w->at);
		return 0;
	}
	w->at = at;
	w->n = 0;
	while (w->n < n) {
		const ssize_t got = pread(w->fd, w->buf + w->n,
		    TG_TENSOR_WINDOW - w->n, (off_t)(at + w->n));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tg_fail_errno(err, errno, "read");
		if (got == 0)
			return tg_fail(err, TG_E_INPUT,
			    "byte %llu: the file ends here",
			    (unsigned long long)(at + w->n));
		w->n += (size_t)got;
	}
	*out = w->buf;
	return 0;
}

uint64_t
tg_tensor_index(enum tg_dtype dtype, const uint8_t *p)
{
	const unsigned n = dtypes[dtype].bits / 8;
	uint64_t v = 0;

	for (unsigned k = 0; k < n; k++)
		v |= (uint64_t)p[k] << (8 * k);
	if (dtype == TG_DTYPE_I16 && v > INT16_MAX)
		v |= ~(uint64_t)UINT16_MAX;
	if (dtype == TG_DTYPE_I32 && v > INT32_MAX)
		v |= ~(uint64_t)UINT32_MAX;
	return v;
}
