/*
 * policy_fuzz.c - any bytes as the policy file of a project or of a region.
 *
 * What holds for each input:
 *  - it is refused with TG_E_CONFIG (or a limit) in words that begin with the
 *    file's place, or it is loaded;
 *  - loaded, a merge over the shipped policies is refused in the same way or
 *    is leaf by leaf nowhere looser than they are;
 *  - such a merge meets what it came from, either way round, as itself, bytes
 *    and digest.
 */
#include <unistd.h>

#include "base/fs.h"
#include "policies/compiled.h"
#include "policies/conflict.h"
#include "policies/effective.h"
#include "policies/merge.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define FILE_MAX (1u << 15)
#define MEMORY (32u << 20)

static struct tg_policy *laws; /* uk, fr and us */
static char path[512];

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const region[] = {"uk", "fr", "us"};
	static char policies[512], regions[512];
	const struct tg_policy_src src = {.policy_dir = policies,
	    .region_dir = regions,
	    .region = region,
	    .n_region = TG_COUNT(region)};
	const char *root = getenv("TG_ROOT");
	struct tg_err err = {.cls = TG_E_NONE};

	(void)argc;
	(void)argv;
	(void)snprintf(policies, sizeof(policies), "%s/policies",
	    root == NULL ? "." : root);
	(void)snprintf(
	    regions, sizeof(regions), "%s/regions", root == NULL ? "." : root);
	if (tg_policy_compile(&laws, &src, &err) < 0)
		(void)fprintf(stderr, "%s\n", err.text);
	hold(laws != NULL, "the shipped policies compile");
	return 0;
}

static void
hold_refused(const struct tg_err *err)
{
	if (err->cls != TG_E_CONFIG && err->cls != TG_E_LIMIT)
		hold(false, err->text);
	hold(err->text[0] != '\0', "refused with words");
}

/* "FILE:LINE:COL: " */
static void
hold_place(const struct tg_err *err)
{
	const size_t n = strlen(path);
	char *end = NULL;

	hold_refused(err);
	if (err->cls == TG_E_LIMIT)
		return;
	hold(strncmp(err->text, path, n) == 0 && err->text[n] == ':' &&
		strtoul(err->text + n + 1, &end, 10) > 0 && *end == ':' &&
		strtoul(end + 1, &end, 10) > 0 && *end == ':',
	    err->text);
}

static void
hold_same(
    const struct tg_leaves *a, const struct tg_leaves *b, struct tg_arena *mem)
{
	struct tg_policy pa = {.leaves = *a}, pb = {.leaves = *b};
	struct tg_leaves met = {0};
	struct tg_err err = {.cls = TG_E_NONE};

	tg_arena_init(&pa.mem, MEMORY);
	tg_arena_init(&pb.mem, MEMORY);
	hold(tg_merge_meet(&met, a, b, mem, &err) == 0, "the meet is there");
	pb.leaves = met;
	hold(tg_effective_seal(&pa, &err) == 0 &&
		tg_effective_seal(&pb, &err) == 0,
	    "both have a digest");
	hold(pa.canonical.n == pb.canonical.n &&
		memcmp(pa.canonical.p, pb.canonical.p, pa.canonical.n) == 0 &&
		strcmp(pa.sha256, pb.sha256) == 0,
	    "what is stricter meets the looser as itself");
	tg_arena_deinit(&pa.mem);
	tg_arena_deinit(&pb.mem);
}

static void
hold_tighter(const struct tg_leaves *out)
{
	for (size_t i = 0; i < laws->leaves.n; i++) {
		const struct tg_pval *was = &laws->leaves.v[i];
		const struct tg_pval *is =
		    tg_leaves_find(out, tg_sv_of(was->path));
		enum tg_pcmp c;

		hold(is != NULL, "no leaf is lost");
		c = tg_pval_cmp(is, was);
		hold(c == TG_PC_EQUAL || c == TG_PC_TIGHTER,
		    "no leaf is loosened");
	}
}

static void
merge(const struct tg_layer *l, struct tg_arena *mem)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_leaves out = {0}, back = {0};

	if (tg_merge_extend(&out, &laws->leaves, l, mem, &err) < 0) {
		hold_place(&err);
		return;
	}
	hold_tighter(&out);
	hold_same(&out, &laws->leaves, mem);
	hold(tg_merge_meet(&back, &laws->leaves, &out, mem, &err) == 0,
	    "the meet is there the other way round");
	hold_same(&back, &out, mem);
	if (tg_conflict_check(&out, &err) < 0)
		hold_refused(&err);
}

static void
load(enum tg_layer_kind kind, const uint8_t *p, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};
	const char *tmp = getenv("TMPDIR");
	struct tg_layer layer;
	struct tg_arena mem;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/tracegate-fuzz-XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	fd = mkstemp(path);
	hold(fd >= 0 && tg_fs_write_all(fd, p, n, NULL) == 0, "a file");
	tg_arena_init(&mem, MEMORY);
	if (tg_layer_open(
		&layer, kind, path, "fuzz.yaml", &laws->ref, &mem, &err) < 0) {
		hold_place(&err);
	} else {
		merge(&layer, &mem);
		tg_layer_close(&layer);
	}
	tg_arena_deinit(&mem);
	(void)close(fd);
	(void)unlink(path);
}

/* Without a head the input is the leaves of a project. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char head[] = "schema: tracegate.policy/1\nid: p\n"
				   "version: 1\nlayer: project\n";
	static uint8_t text[FILE_MAX + sizeof(head)];

	if (n > FILE_MAX)
		return 0;
	load(TG_LAYER_REGION, p, n);
	memcpy(text, head, sizeof(head) - 1);
	if (n > 0)
		memcpy(text + sizeof(head) - 1, p, n);
	load(TG_LAYER_PROJECT, text, sizeof(head) - 1 + n);
	return 0;
}
