#include "pipeline/bundle/sums.h"

#include <stdlib.h>

#include "base/enc.h"
#include "pipeline/bundle/name.h"

#include "base/banned.h"

#define HEX_LEN (TG_SHA256_HEX - 1)
#define LINE_MIN (HEX_LEN + 2 + 1) /* digest, two spaces, a name */

bool
tg_sums_name_ok(struct tg_sv name)
{
	if (!tg_name_ok(name) || tg_sv_is(name, TG_SUMS_FILE))
		return false;
	return memchr(name.p, '/', name.n) == NULL ||
	    tg_sv_starts(name, TG_SV("evidence/"));
}

static int
by_name(const void *a, const void *b)
{
	const struct tg_sum *const *const x = a, *const *const y = b;

	return tg_sv_cmp((*x)->name, (*y)->name);
}

static int
add_sorted(struct tg_buf *out, const struct tg_sum *const *sum, size_t n,
    struct tg_err *err)
{
	char hex[TG_SHA256_HEX];

	for (size_t i = 0; i < n; i++) {
		if (!tg_sums_name_ok(sum[i]->name) ||
		    (i > 0 && tg_sv_eq(sum[i - 1]->name, sum[i]->name)))
			return tg_fail(err, TG_E_INPUT,
			    TG_SUMS_FILE ": name %zu is not one, or twice",
			    i + 1);
		tg_sha256_hex(hex, sum[i]->sha256);
		if (tg_buf_addf(out, err, "%s  %.*s\n", hex,
			TG_SV_FMT(sum[i]->name)) < 0)
			return -1;
	}
	return 0;
}

int
tg_sums_add(
    struct tg_buf *out, const struct tg_sum *sum, size_t n, struct tg_err *err)
{
	const struct tg_sum **sorted;
	int rc;

	if (n == 0 || n > TG_SUMS_MAX)
		return tg_fail(err, TG_E_LIMIT,
		    TG_SUMS_FILE ": %zu names, not 1 to %d", n, TG_SUMS_MAX);
	sorted = calloc(n, sizeof *sorted);
	if (sorted == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < n; i++)
		sorted[i] = &sum[i];
	qsort(sorted, n, sizeof *sorted, by_name);
	rc = add_sorted(out, sorted, n, err);
	free(sorted);
	return rc;
}

static int
bad(size_t line, const char *what, struct tg_err *err)
{
	return tg_fail(
	    err, TG_E_INTEGRITY, TG_SUMS_FILE ":%zu: %s", line, what);
}

static bool
lower_hex(struct tg_sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'F')
			return false;
	return true;
}

static int
read_line(struct tg_sum *s, struct tg_sv line, size_t no, struct tg_err *err)
{
	const struct tg_sv hex = {line.p, HEX_LEN};

	if (line.n < LINE_MIN || !lower_hex(hex) ||
	    !tg_hex_decode(s->sha256, sizeof s->sha256, hex) ||
	    memcmp(line.p + HEX_LEN, "  ", 2) != 0)
		return bad(no, "not a digest, two spaces and a name", err);
	s->name = (struct tg_sv){line.p + HEX_LEN + 2, line.n - HEX_LEN - 2};
	if (!tg_sums_name_ok(s->name))
		return bad(no, "not the name of a file of a bundle", err);
	return 0;
}

static size_t
count_lines(struct tg_sv text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

int
tg_sums_read(struct tg_sums *out, struct tg_sv text, struct tg_arena *arena,
    struct tg_err *err)
{
	const size_t n = count_lines(text);
	struct tg_sum *sum;

	if (n == 0 || text.p[text.n - 1] != '\n')
		return bad(n + 1, "no line end", err);
	if (n > TG_SUMS_MAX)
		return bad(n, "too many lines", err);
	sum = tg_arena_calloc(arena, n, sizeof *sum);
	if (sum == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < n; i++) {
		const char *const lf = memchr(text.p, '\n', text.n);
		const struct tg_sv line = {text.p, (size_t)(lf - text.p)};

		if (read_line(&sum[i], line, i + 1, err) < 0)
			return -1;
		if (i > 0 && tg_sv_cmp(sum[i - 1].name, sum[i].name) >= 0)
			return bad(i + 1, "twice or out of order", err);
		text.n -= line.n + 1;
		text.p = lf + 1;
	}
	*out = (struct tg_sums){sum, n};
	return 0;
}
