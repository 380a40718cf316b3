/*
 * ustar_fuzz.c - the strict tar reader on any bytes.
 *
 * The first byte of an input is the length of the pieces in which the rest is
 * pushed.  What holds for each:
 *  - refused only with TG_E_INTEGRITY, and the same whole as in pieces;
 *  - what is accepted, written again, is the same bytes: there is one tar for
 *    a set of files.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... or with replay.c
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "pipeline/bundle/ustar.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define TAR_MAX (16U << 20)

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "ustar_fuzz: broken: %s\n", rule);
	abort();
}

static int
take(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	return tg_buf_add(ctx, p, n, err);
}

static int
on_member(void *ctx, struct tg_sv name, uint64_t size, struct tg_err *err)
{
	hold(tg_name_ok(name), "a name that was read is a good name");
	return tg_ustar_member(ctx, name, size, err);
}

static int
on_data(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	return tg_ustar_data(ctx, p, n, err);
}

static int
on_done(void *ctx, struct tg_err *err)
{
	const struct tg_ustar_writer *const w = ctx;

	(void)err;
	hold(w->left == 0, "a member that is done is whole");
	return 0;
}

/* Reads @tar in pieces and writes what was read to @out. */
static bool
copy(struct tg_buf *out, struct tg_sv tar, size_t piece, struct tg_err *err)
{
	struct tg_ustar_writer w;
	const struct tg_ustar_events on = {on_member, on_data, on_done, &w};
	struct tg_ustar_reader r;

	tg_buf_init(out, TAR_MAX);
	tg_ustar_begin(&w, take, out);
	tg_ustar_reader_init(&r, &on);
	for (size_t at = 0; at < tar.n; at += piece)
		if (tg_ustar_push(&r, tar.p + at,
			tar.n - at < piece ? tar.n - at : piece, err) < 0)
			return false;
	return tg_ustar_finish(&r, err) == 0 && tg_ustar_end(&w, err) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const size_t piece = n == 0 ? 1 : (size_t)p[0] + 1;
	const struct tg_sv tar = {(const char *)p + (n > 0), n - (n > 0)};
	struct tg_err a = {0}, b = {0};
	struct tg_buf whole, pieces;
	bool ok;

	ok = copy(&whole, tar, TAR_MAX, &a);
	hold(ok == copy(&pieces, tar, piece, &b), "pieces do not matter");
	if (ok) {
		hold(tg_sv_eq(tg_buf_sv(&whole), tar) &&
			tg_sv_eq(tg_buf_sv(&pieces), tar),
		    "written again it is the same");
	} else {
		hold(a.cls == TG_E_INTEGRITY && b.cls == TG_E_INTEGRITY,
		    "refused as not intact");
		hold(strcmp(a.text, b.text) == 0, "for the same reason");
	}
	tg_buf_deinit(&whole);
	tg_buf_deinit(&pieces);
	return 0;
}
