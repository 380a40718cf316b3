/*
 * npy_fuzz.c - a NumPy header of any bytes: what is accepted is one array that
 * fills its file, and is the same when it is written and read again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pipeline/sources/npy.h"
#include "pipeline/sources/tensor_roles.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "npy_fuzz: broken: %s\n", rule);
	abort();
}

static void
again(struct tg_tensor_file *f)
{
	const struct tg_tensor *t = &f->tensor[0];
	const uint64_t bytes = t->end - t->begin;
	struct tg_tensor_roles roles;
	struct tg_tensor_file g;
	struct tg_buf b;

	tg_buf_init(&b, 1u << 16);
	tg_tensor_file_init(&g);
	hold(f->n == 1 && f->data + bytes == f->size, "one, and all of it");
	hold(tg_npy_header(&b, t, NULL) == 0, "can be written");
	hold(b.n % 64 == 0, "the array is aligned");
	hold(tg_npy_parse(&g, tg_buf_sv(&b), b.n + bytes, NULL) == 0,
	    "what is written is accepted");
	hold(g.tensor[0].dtype == t->dtype && g.tensor[0].rank == t->rank &&
		memcmp(g.tensor[0].shape, t->shape, sizeof(t->shape)) == 0,
	    "the same array");
	(void)!tg_tensor_roles(&roles, f, NULL, NULL);
	tg_tensor_file_deinit(&g);
	tg_buf_deinit(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tg_tensor_file f;

	tg_tensor_file_init(&f);
	if (n <= TG_NPY_HEADER &&
	    tg_npy_parse(&f, (struct tg_sv){(const char *)p, n}, n, NULL) == 0)
		again(&f);
	tg_tensor_file_deinit(&f);
	return 0;
}
