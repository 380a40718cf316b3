/*
 * safetensors_fuzz.c - a header of any bytes.  The last four bytes of an input
 * choose the rows that stay, the rest is the file.
 *
 * What is accepted covers its bytes without a hole, and is the same when it is
 * written and read again.  With any rows taken out of the tensors that a
 * profile knows, what leaves is accepted, and is not longer by more than the
 * mask.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pipeline/sources/safetensors.h"
#include "pipeline/sources/tensor_filter.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define FILE_MAX (1u << 20)

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "safetensors_fuzz: broken: %s\n", rule);
	abort();
}

static void
again(const struct tg_tensor_file *f)
{
	struct tg_tensor *t = calloc(f->n + 1, sizeof(*t));
	size_t *order = calloc(f->n + 1, sizeof(*order));
	struct tg_tensor_file g;
	struct tg_buf b;
	uint64_t bytes = 0;

	tg_buf_init(&b, FILE_MAX * 8);
	tg_tensor_file_init(&g);
	hold(t != NULL && order != NULL, "memory");
	for (size_t i = 0; i < f->n; i++) {
		t[i] = f->tensor[i];
		bytes += t[i].end - t[i].begin;
	}
	hold(f->data + bytes == f->size, "every byte is a tensor's");
	hold(tg_safetensors_header(&b, t, f->n, f->meta, f->n_meta, f->has_meta,
		 order, NULL) == 0,
	    "what is accepted can be written");
	hold(tg_safetensors_parse(&g, tg_buf_sv(&b), b.n + bytes, NULL) == 0,
	    "what is written is accepted");
	hold(g.n == f->n && g.n_meta == f->n_meta, "as many");
	for (size_t i = 0; i < g.n; i++)
		hold(g.tensor[i].begin == t[order[i]].begin &&
			g.tensor[i].dtype == t[order[i]].dtype &&
			g.tensor[i].name.n == t[order[i]].name.n,
		    "the same tensors");
	tg_tensor_file_deinit(&g);
	tg_buf_deinit(&b);
	free(order);
	free(t);
}

static int
take(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	return tg_buf_add(ctx, p, n, err);
}

static void
filter(struct tg_tensor_file *f, const uint8_t *p, size_t n, uint32_t draw)
{
	struct tg_tensor_roles roles;
	struct tg_tensor_file g;
	struct tg_tensor_filter x = {.file = f, .roles = &roles};
	struct tg_buf out;
	uint32_t *keep;
	bool *drop;

	if (tg_tensor_roles(&roles, f, NULL, NULL) < 0 || roles.contexts > 4096)
		return;
	keep = calloc((size_t)roles.contexts + 1, sizeof(*keep));
	drop = calloc(f->n + 1, sizeof(*drop));
	hold(keep != NULL && drop != NULL, "memory");
	for (uint64_t c = 0; c < roles.contexts; c++) {
		draw = draw * 1664525u + 1013904223u;
		keep[c] = (uint32_t)((draw >> 8) % (roles.positions + 1));
	}
	tg_buf_init(&out, FILE_MAX * 16);
	tg_tensor_file_init(&g);
	x.fd = memfd_create("in", MFD_CLOEXEC);
	x.drop = drop;
	x.keep = keep;
	x.put = take;
	x.ctx = &out;
	hold(x.fd >= 0 && write(x.fd, p, n) == (ssize_t)n, "memory");
	for (size_t i = 0; i < f->n; i++)
		drop[i] = !tg_tensor_filter_can(&x, i) ||
		    roles.role[i].kind == TG_KIND_redaction_mask;
	hold(tg_tensor_filter_run(&x, NULL) == 0, "rows can be taken out");
	hold(x.bytes == out.n, "counted");
	hold(tg_safetensors_parse(&g, tg_buf_sv(&out), out.n, NULL) == 0,
	    "what leaves is accepted");
	hold(g.data + g.size - g.data == out.n, "whole");
	(void)close(x.fd);
	tg_tensor_file_deinit(&g);
	tg_buf_deinit(&out);
	free(drop);
	free(keep);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tg_tensor_file f;
	uint32_t draw = 0;

	if (n > FILE_MAX || n < 4)
		return 0;
	n -= 4;
	memcpy(&draw, p + n, sizeof(draw));
	tg_tensor_file_init(&f);
	if (tg_safetensors_parse(
		&f, (struct tg_sv){(const char *)p, n}, n, NULL) == 0) {
		again(&f);
		filter(&f, p, n, draw);
	}
	tg_tensor_file_deinit(&f);
	return 0;
}
