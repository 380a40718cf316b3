/*
 * source_fuzz.c - any bytes as an input file: OTLP, graphs, JSON lines, rows of
 * features, maps of attributes, Langfuse, tensors; plain, gzip, zstd; framed as
 * lines or a document.  The corpus has a seed of each.
 *
 * What holds for each:
 *  - the file is read to its end, or what is damaged is left out; nothing else
 *    goes wrong;
 *  - what came out is read again, all of it, and it is of the same format;
 *  - a second pass finds nothing and changes nothing;
 *  - the recheck of a bundle knows every key of it.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "pipeline/input.h"
#include "pipeline/settings.h"
#include "pipeline/sources/source.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define INPUT_BYTES (64u << 10)
#define OUTPUT_MAX (64u << 20)

static struct tg_rules *rules;
static struct tg_attributes *attrs;

/* What one way through a file came to. */
struct went {
	struct tg_buf out;
	uint64_t records, left_out, spans, unknown;
	char format[32];
};

int
LLVMFuzzerInitialize(int *argc TG_UNUSED, char ***argv TG_UNUSED)
{
	const char *root = getenv("TG_ROOT");
	char path[512];

	hold(tg_crypt_init(NULL) == 0, "libsodium");
	rules = built_in_rules();
	(void)snprintf(path, sizeof(path), "%s/policies/otel-attributes.yaml",
	    root == NULL ? "." : root);
	hold(tg_attributes_load(&attrs, path, NULL) == 0, "attributes");
	return 0;
}

static int
take(void *ctx, struct tg_sv record, struct tg_sv eol, struct tg_err *err)
{
	if (tg_buf_addsv(ctx, record, err) < 0)
		return -1;
	return tg_buf_addsv(ctx, eol, err);
}

static int
memfd_of(struct tg_sv s)
{
	const int fd = memfd_create("in", MFD_CLOEXEC);

	hold(fd >= 0 && tg_fs_write_all(fd, s.p, s.n, NULL) == 0 &&
		lseek(fd, 0, SEEK_SET) == 0,
	    "the test has a file");
	return fd;
}

static void
go(struct went *w, enum tg_mode mode, struct tg_sv file, const char *format)
{
	struct tg_counts *counts = calloc(1, sizeof(*counts));
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_input in = {.path = "-"};
	struct tg_settings set;
	struct tg_intake t;
	struct tg_pass p;

	*w = (struct went){.records = 0};
	tg_buf_init(&w->out, OUTPUT_MAX);
	tg_settings_plain(&set, mode);
	hold(counts != NULL, "memory");
	hold(tg_pass_init(&p, &set, rules, attrs, counts, &err) == 0, "a pass");
	p.expected = tg_source_find(format);
	tg_intake_init(&t, &p);
	if (mode == TG_MODE_REDACT)
		t.write = take;
	t.write_ctx = &w->out;
	if (tg_input_run(&t, &in, memfd_of(file), &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		hold(false, "a damaged file is left out and no error");
	}
	w->records = in.records;
	w->left_out = in.quarantined;
	w->unknown = counts->unknown;
	(void)snprintf(w->format, sizeof(w->format), "%s", in.format);
	for (size_t i = 0; i < TG_COUNT_TYPES; i++)
		w->spans += counts->type[i].spans;
	tg_intake_deinit(&t);
	tg_pass_deinit(&p);
	free(counts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct went once, twice, look;
	char *copy;

	if (n > INPUT_BYTES)
		return 0;
	copy = exact(p, n);
	go(&once, TG_MODE_REDACT, (struct tg_sv){copy, n}, "");
	if (once.out.n > 0) {
		const struct tg_sv out = tg_buf_sv(&once.out);

		go(&twice, TG_MODE_REDACT, out, once.format);
		hold(twice.left_out == 0, "all that came out is read again");
		hold(strcmp(once.format, twice.format) == 0, "the same format");
		hold(twice.spans == 0, "a second pass finds nothing");
		hold(tg_sv_eq(out, tg_buf_sv(&twice.out)),
		    "and changes nothing");
		go(&look, TG_MODE_RECHECK, out, once.format);
		hold(look.left_out == 0 && look.unknown == 0,
		    "the recheck knows every key");
		tg_buf_deinit(&look.out);
		tg_buf_deinit(&twice.out);
	}
	tg_buf_deinit(&once.out);
	free(copy);
	return 0;
}
