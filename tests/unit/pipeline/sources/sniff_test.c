/* sniff_test.c - formats that are never read, by their first bytes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pipeline/sources/sniff.h"
#include "tests/unit/pipeline/sources/suites.h"

#include "base/banned.h"

#define NONE (-1)

static const struct {
	struct tg_sv head;
	int kind;
} rows[] = {
    {{"", 0}, NONE},
    {{"{", 1}, NONE},
    {{"{\"a\":1}\n", 8}, NONE},
    {{"plain text", 10}, NONE},
    {{"\x80", 1}, NONE},
    {{"\x80\x01", 2}, NONE},
    {{"\x80\x02", 2}, TG_SNIFF_PICKLE},
    {{"\x80\x04\x95", 3}, TG_SNIFF_PICKLE},
    {{"\x80\x05", 2}, TG_SNIFF_PICKLE},
    {{"\x80\x06", 2}, NONE},
    {{"PK\x03\x04", 4}, TG_SNIFF_ZIP},
    {{"PK\x05\x06", 4}, TG_SNIFF_ZIP},
    {{"PK\x03", 3}, NONE},
    {{"\x93NUMPY\x01\x00", 8}, TG_SNIFF_NPY},
    {{"ARROW1\0\0", 8}, TG_SNIFF_ARROW},
    {{"\xff\xff\xff\xff\x10\0\0\0", 8}, TG_SNIFF_ARROW_STREAM},
    {{"PAR1", 4}, TG_SNIFF_PARQUET},
    {{"\x89HDF\r\n\x1a\n", 8}, TG_SNIFF_HDF5},
    {{"\xff\xfe{\0", 4}, TG_SNIFF_UTF16},
    {{"\xfe\xff\0{", 4}, TG_SNIFF_UTF16},
    {{"\xfd"
      "7zXZ\0",
	 6},
	TG_SNIFF_XZ},
    {{"BZh9", 4}, TG_SNIFF_BZIP2},
    {{"\x04\x22\x4d\x18", 4}, TG_SNIFF_LZ4},
    {{"\x02\0\0\0\0\0\0\0{}", 10}, TG_SNIFF_SAFETENSORS},
    {{"\x08\0\0\0\0\0\0\0 \n{}    ", 16}, TG_SNIFF_SAFETENSORS},
    {{"\x08\0\0\0\0\0\0\0\t\r{}    ", 16}, TG_SNIFF_SAFETENSORS},
    {{"\x02\0\0\0\0\0\0\0[]", 10}, NONE},
    {{"\0\0\0\0\0\0\0\0{}", 10}, NONE},
    {{"\x01\xe1\xf5\x05\0\0\0\0{}", 10}, NONE}, /* 100,000,001 */
    {{"\0\xe1\xf5\x05\0\0\0\0{}", 10}, TG_SNIFF_SAFETENSORS},
    {{"\0\0\x01\x20\x0a\x9d\x02", 7}, TG_SNIFF_OTLP_PROTO},
    {{"\0\0\0\0\x0a\x9d", 6}, NONE},
    {{"\n\x92\x01\n\x1e\n\x1c", 7}, TG_SNIFF_OTLP_PROTO},
    {{"\n\x20\n\x1e\n", 5}, TG_SNIFF_OTLP_PROTO},
    {{"\n\n\n\n{}", 6}, NONE},
    {{"\n \n{\"a\":1}", 10}, NONE},
    {{"\n\xc3\xa9", 3}, NONE},
    {{"\0\0\x01\x20\x12\x9d", 6}, NONE},
};

START_TEST(formats_are_told_by_their_first_bytes)
{
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct tg_sniff *s = tg_sniff(rows[i].head);

		if (rows[i].kind == NONE) {
			ck_assert_msg(s == NULL, "row %zu", i);
			continue;
		}
		ck_assert_msg(s != NULL, "row %zu", i);
		ck_assert_int_eq((int)s->kind, rows[i].kind);
		ck_assert_uint_gt(strlen(s->format), 1);
		ck_assert_uint_gt(strlen(s->why), 10);
		/* Whole in struct tg_err's hint. */
		ck_assert_uint_gt(strlen(s->recipe), 10);
		ck_assert_uint_lt(strlen(s->recipe), TG_ERR_TEXT / 2);
	}
}
END_TEST

START_TEST(a_tar_is_told_by_its_257th_byte)
{
	char head[512] = "trace.json";

	ck_assert_ptr_null(tg_sniff((struct tg_sv){head, sizeof(head)}));
	memcpy(head + 257, "ustar", 5);
	ck_assert_int_eq(
	    (int)tg_sniff((struct tg_sv){head, 512})->kind, TG_SNIFF_TAR);
	ck_assert_ptr_null(tg_sniff((struct tg_sv){head, 261}));
}
END_TEST

/* Files that the tools in the field wrote, when they are at hand. */
START_TEST(files_of_other_tools_are_told)
{
	static const struct {
		const char *path;
		int kind;
	} file[] = {
	    {"made/gemma-scope-2/resid_post/layer_17_width_16k_l0_medium/"
	     "examples.safetensors",
		TG_SNIFF_SAFETENSORS},
	    {"made/delphi/layers.5.mlp/0_127.safetensors",
		TG_SNIFF_SAFETENSORS},
	    {"made/langfuse/observations_v2.jsonl", NONE},
	    {"made/neuronpedia-api/activation-all.json", NONE},
	};
	const char *root = getenv("TG_ROOT");

	for (size_t i = 0; i < TG_COUNT(file); i++) {
		char path[512], head[1024];
		const struct tg_sniff *s;
		ssize_t n;
		int fd;

		(void)snprintf(path, sizeof(path),
		    "%s/../shared/samples/traces/%s", root == NULL ? "." : root,
		    file[i].path);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			(void)printf("skipped: no %s\n", file[i].path);
			continue;
		}
		n = read(fd, head, sizeof(head));
		(void)close(fd);
		ck_assert_int_gt(n, 0);
		s = tg_sniff((struct tg_sv){head, (size_t)n});
		ck_assert_int_eq(s == NULL ? NONE : (int)s->kind, file[i].kind);
	}
}
END_TEST

Suite *
sniff_suite(void)
{
	Suite *s = suite_create("sniff");
	TCase *t = tcase_create("sniff");

	tcase_add_test(t, formats_are_told_by_their_first_bytes);
	tcase_add_test(t, a_tar_is_told_by_its_257th_byte);
	tcase_add_test(t, files_of_other_tools_are_told);
	suite_add_tcase(s, t);
	return s;
}
