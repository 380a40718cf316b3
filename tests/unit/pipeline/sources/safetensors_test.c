/* safetensors_test.c - every rule of the format, by the bytes; the 36 vectors
 * of the samples; what is written is what the official library writes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "pipeline/sources/safetensors.h"
#include "tests/unit/pipeline/sources/suites.h"

#include "base/banned.h"

/* A file of @header and @n bytes. */
static void
file_of(struct tg_buf *b, const char *header, size_t n)
{
	const size_t len = strlen(header);
	uint8_t le[8];

	for (unsigned k = 0; k < 8; k++)
		le[k] = (uint8_t)((uint64_t)len >> (8 * k));
	tg_buf_reset(b);
	ck_assert_int_eq(tg_buf_add(b, le, 8, NULL), 0);
	ck_assert_int_eq(tg_buf_adds(b, header, NULL), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(tg_buf_addc(b, (char)('A' + i % 26), NULL), 0);
}

static int
parse(struct tg_tensor_file *f, struct tg_sv bytes, struct tg_err *err)
{
	tg_tensor_file_init(f);
	return tg_safetensors_parse(f, bytes, bytes.n, err);
}

#define T(dtype, shape, from, to)                    \
	"{\"dtype\":\"" dtype "\",\"shape\":[" shape \
	"],\"data_offsets\":[" from "," to "]}"

static const struct {
	const char *header;
	size_t n;	  /* bytes behind it */
	const char *says; /* NULL: accepted */
} rows[] = {
    {"{}", 0, NULL},
    {" \t\r\n{} \n", 0, NULL},
    {"{\"a\":" T("U8", "", "0", "1") "}", 1, NULL},
    {"{\"a\":" T("F32", "2,0", "0", "0") "}", 0, NULL},
    {"{\"b\":" T("U8", "2", "2", "4") ",\"a\":" T("U8", "2", "0", "2") "}", 4,
	NULL},
    {"{\"a\":" T("F4", "2", "0", "1") "}", 1, NULL},
    {"{\"a\":" T("F6_E2M3", "4", "0", "3") "}", 3, NULL},
    {"{\"../../etc/passwd\":" T("U8", "1", "0", "1") "}", 1, NULL},
    {"{\"__metadata__\":{\"format\":\"pt\"}}", 0, NULL},
    {"[]", 0, "byte 8: the header is not a JSON object"},
    {"{", 0, "byte 9: "},
    {"{}x", 0, "byte 10: "},
    {"{\"a\":1}", 0, "byte 13: the entry of a tensor is not an object"},
    {"{\"a\":" T("U8", "1", "0", "1") "}", 2,
	"byte 62: bytes behind the last tensor"},
    {"{\"a\":" T("U8", "1", "0", "1") "}", 0,
	"byte 54: data_offsets end behind the file"},
    {"{\"a\":" T("U8", "1", "1", "2") "}", 2,
	"byte 61: a hole between two tensors"},
    {"{\"a\":" T("U8", "1", "0", "1") ",\"b\":" T("U8", "1", "2", "3") "}", 3,
	"byte 114: a hole between two tensors"},
    {"{\"a\":" T("U8", "2", "0", "2") ",\"b\":" T("U8", "2", "1", "3") "}", 3,
	"byte 115: an overlap between two tensors"},
    {"{\"a\":" T("U8", "1", "0", "1") ",\"a\":" T("U8", "1", "1", "2") "}", 2,
	"key used twice"},
    {"{\"a\":" T("U8", "1", "0", "1") ",\"\\u0061\":" T(
	 "U8", "1", "1", "2") "}",
	2, "key used twice"},
    {"{\"a\":" T("U8", "1", "1", "0") "}", 1,
	"byte 54: data_offsets go backwards"},
    {"{\"a\":" T("U8", "-1", "0", "1") "}", 1, "not a whole number"},
    {"{\"a\":" T("U8", "1.0", "0", "1") "}", 1, "not a whole number"},
    {"{\"a\":" T("U8", "1e0", "0", "1") "}", 1, "not a whole number"},
    {"{\"a\":" T("U8", "18446744073709551616", "0", "1") "}", 1,
	"not a whole number"},
    {"{\"a\":" T("F32", "4294967296,4294967296", "0", "1") "}", 1, "too large"},
    {"{\"a\":" T("F32", "4611686018427387904", "0", "0") "}", 0, "too large"},
    {"{\"a\":" T("F4", "3", "0", "1") "}", 1, "not of whole bytes"},
    {"{\"a\":" T("F32", "1", "0", "3") "}", 3, "do not fit shape and dtype"},
    {"{\"a\":" T("f32", "1", "0", "4") "}", 4, "a dtype that the format"},
    {"{\"a\":" T("U8", "1,1,1,1,1,1,1,1,1", "0", "1") "}", 1, "more axes"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "not all there"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1],"
     "\"x\":1}}",
	1, "a key that the format does not know"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}}", 1,
	"the shape is not an array"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0]}}", 1,
	"not two numbers"},
    {"{\"a\\u0000\":" T("U8", "", "0", "1") "}", 1, "a NUL in a name"},
    {"{\"a\\ud800\":" T("U8", "", "0", "1") "}", 1, "a lone surrogate"},
    {"{\"__metadata__\":[]}", 0, "__metadata__ is not an object"},
    {"{\"__metadata__\":{\"a\":1}}", 0,
	"a value of __metadata__ is not a string"},
    {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "key used twice"},
};

START_TEST(a_header_is_taken_or_refused_with_the_place)
{
	struct tg_tensor_file f;
	struct tg_buf b;
	struct tg_err err = {.cls = TG_E_NONE};
	int rc;

	tg_buf_init(&b, 1u << 20);
	file_of(&b, rows[_i].header, rows[_i].n);
	rc = parse(&f, tg_buf_sv(&b), &err);
	if (rows[_i].says == NULL) {
		ck_assert_msg(rc == 0, "%s: %s", rows[_i].header, err.text);
	} else {
		ck_assert_msg(rc == -1, "%s: accepted", rows[_i].header);
		ck_assert_int_eq(err.cls, TG_E_INPUT);
		ck_assert_msg(strstr(err.text, rows[_i].says) != NULL, "%s: %s",
		    rows[_i].header, err.text);
		ck_assert_msg(
		    strncmp(err.text, "byte ", 5) == 0, "%s", err.text);
	}
	tg_tensor_file_deinit(&f);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(the_length_of_the_header_is_checked_first)
{
	static const struct {
		const char *p;
		size_t n;
		uint64_t size;
		const char *says;
	} heads[] = {
	    {"", 0, 0, "byte 0: too short"},
	    {"\x02\0\0\0\0\0\0", 7, 7, "byte 7: too short"},
	    {"\x01\xe1\xf5\x05\0\0\0\0", 8, 1u << 30, "(100000000 bytes)"},
	    {"\0\0\0\0\0\0\0\x80", 8, 1u << 30, "(100000000 bytes)"},
	    {"\x03\0\0\0\0\0\0\0{}", 10, 10, "longer than the file"},
	    {"\x01\0\0\x01\0\0\0\0", 8, 1u << 30, "more than 16 MiB"},
	};

	for (size_t i = 0; i < TG_COUNT(heads); i++) {
		struct tg_err err = {.cls = TG_E_NONE};
		size_t want;

		ck_assert_int_eq(
		    tg_safetensors_head(&want, (const uint8_t *)heads[i].p,
			heads[i].size, &err),
		    -1);
		ck_assert_msg(strstr(err.text, heads[i].says) != NULL,
		    "row %zu: %s", i, err.text);
	}
}
END_TEST

START_TEST(a_header_cut_anywhere_is_refused)
{
	const char *header =
	    "{\"__metadata__\":{\"a\":\"b\"},\"a\":" T("U8", "2", "0", "2") "}";
	struct tg_buf b;
	size_t taken = 0;

	tg_buf_init(&b, 1u << 20);
	file_of(&b, header, 2);
	for (size_t n = 0; n < b.n; n++) {
		struct tg_tensor_file f;
		const int fd = input_fd(b.p, n);

		tg_tensor_file_init(&f);
		taken += tg_safetensors_read(&f, fd, NULL) == 0;
		tg_tensor_file_deinit(&f);
		(void)close(fd);
	}
	ck_assert_uint_eq(taken, 0);
	tg_buf_deinit(&b);
}
END_TEST

static const char *
samples(char path[512], const char *name)
{
	const char *root = getenv("TG_ROOT");

	(void)snprintf(path, 512, "%s/../shared/samples/traces/%s",
	    root == NULL ? "." : root, name);
	if (tg_fs_exists(path))
		return path;
	(void)printf("skipped: no %s\n", path);
	return NULL;
}

/* Writes what @f holds again; the data is that of @in. */
static void
rewrite(struct tg_buf *out, const struct tg_tensor_file *f, struct tg_sv in)
{
	struct tg_tensor *copy = calloc(f->n + 1, sizeof(*copy));
	size_t *order = calloc(f->n + 1, sizeof(*order));
	struct tg_err err;

	ck_assert_ptr_nonnull(copy);
	ck_assert_ptr_nonnull(order);
	for (size_t i = 0; i < f->n; i++)
		copy[i] = f->tensor[i];
	tg_buf_reset(out);
	ck_assert_msg(tg_safetensors_header(out, copy, f->n, f->meta, f->n_meta,
			  f->has_meta, order, &err) == 0,
	    "%s", err.text);
	for (size_t i = 0; i < f->n; i++) {
		const struct tg_tensor *t = &f->tensor[order[i]];

		ck_assert_uint_eq(copy[order[i]].begin, out->n);
		ck_assert_int_eq(tg_buf_add(out, in.p + t->begin,
				     (size_t)(t->end - t->begin), NULL),
		    0);
		ck_assert_uint_eq(copy[order[i]].end, out->n);
	}
	free(order);
	free(copy);
}

START_TEST(the_vectors_get_their_verdict)
{
	char path[512];
	const char *dir = samples(path, "vectors");
	struct tg_json *all;
	struct tg_err err;
	struct tg_buf b, again;
	void *it;
	unsigned n = 0;

	if (dir == NULL)
		return;
	tg_buf_init(&b, 1u << 20);
	tg_buf_init(&again, 1u << 20);
	(void)snprintf(path + strlen(path), 64, "/manifest.json");
	ck_assert_msg(tg_json_load(&all, path, &err) == 0, "%s", err.text);
	for (const char *k = tg_json_key_first(all, &it); k != NULL;
	     k = tg_json_key_next(all, &it), n++) {
		const bool want =
		    tg_json_get_bool(tg_json_get(all, k), "accept", false);
		struct tg_tensor_file f;
		int rc, fd;

		(void)samples(path, "vectors");
		(void)snprintf(path + strlen(path), 128, "/%s.safetensors", k);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		ck_assert_int_ge(fd, 0);
		tg_tensor_file_init(&f);
		rc = tg_safetensors_read(&f, fd, &err);
		ck_assert_msg((rc == 0) == want, "%s: %s", k,
		    rc == 0 ? "accepted" : err.text);
		ck_assert(rc == 0 || strncmp(err.text, "byte ", 5) == 0);
		if (rc == 0) { /* and what is written is read again */
			struct tg_tensor_file g;

			tg_buf_reset(&b);
			ck_assert_int_eq(tg_fs_slurp(&b, path, NULL, &err), 0);
			rewrite(&again, &f, tg_buf_sv(&b));
			ck_assert_int_eq(parse(&g, tg_buf_sv(&again), &err), 0);
			ck_assert_uint_eq(g.n, f.n);
			tg_tensor_file_deinit(&g);
		}
		(void)close(fd);
		tg_tensor_file_deinit(&f);
	}
	ck_assert_uint_eq(n, 36);
	tg_json_free(all);
	tg_buf_deinit(&b);
	tg_buf_deinit(&again);
}
END_TEST

/* Files of the official order come out as they went in. */
START_TEST(the_official_order_is_written_byte_for_byte)
{
	static const char *const names[] = {
	    "vectors/ok_two_aligned.safetensors",
	    "made/vllm/cmpl-7f3a9c-0.safetensors",
	    "made/delphi/layers.5.mlp/0_127.safetensors",
	    "made/gemma-scope-2/resid_post/layer_17_width_16k_l0_medium/"
	    "examples.safetensors",
	};
	struct tg_tensor_file f;
	struct tg_buf b, again;
	struct tg_err err;
	char path[512];

	if (samples(path, names[_i]) == NULL)
		return;
	tg_buf_init(&b, 1u << 20);
	tg_buf_init(&again, 1u << 20);
	ck_assert_int_eq(tg_fs_slurp(&b, path, NULL, &err), 0);
	ck_assert_msg(parse(&f, tg_buf_sv(&b), &err) == 0, "%s", err.text);
	rewrite(&again, &f, tg_buf_sv(&b));
	ck_assert_uint_eq(again.n, b.n);
	ck_assert_int_eq(memcmp(again.p, b.p, b.n), 0);
	tg_tensor_file_deinit(&f);
	tg_buf_deinit(&b);
	tg_buf_deinit(&again);
}
END_TEST

START_TEST(tensors_are_ordered_by_type_and_name)
{
	static const struct tg_tensor_meta meta[] = {
	    {{"format", 6}, {"pt", 2}},
	    {{"a\"b", 3}, {"\n", 1}},
	};
	struct tg_tensor t[] = {
	    {.name = {"z", 1}, .dtype = TG_DTYPE_U8, .rank = 1, .shape = {3}},
	    {.name = {"b", 1}, .dtype = TG_DTYPE_I64, .rank = 0},
	    {.name = {"a", 1}, .dtype = TG_DTYPE_I64, .rank = 1, .shape = {1}},
	    {.name = {"c", 1}, .dtype = TG_DTYPE_U64, .rank = 1, .shape = {0}},
	    {.name = {"f", 1}, .dtype = TG_DTYPE_F32, .rank = 1, .shape = {1}},
	};
	static const char want[] =
	    "{\"__metadata__\":{\"a\\\"b\":\"\\n\",\"format\":\"pt\"},"
	    "\"c\":{\"dtype\":\"U64\",\"shape\":[0],\"data_offsets\":[0,0]},"
	    "\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
	    "\"b\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]},"
	    "\"f\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]},"
	    "\"z\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[20,23]}}";
	size_t order[TG_COUNT(t)];
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1u << 16);
	ck_assert_int_eq(tg_safetensors_header(
			     &b, t, TG_COUNT(t), meta, 2, true, order, &err),
	    0);
	ck_assert_uint_eq(b.n % 8, 0);
	ck_assert_uint_eq((uint8_t)b.p[0] + 256u * (uint8_t)b.p[1], b.n - 8);
	ck_assert_int_eq(memcmp(b.p + 8, want, sizeof(want) - 1), 0);
	for (size_t i = 8 + sizeof(want) - 1; i < b.n; i++)
		ck_assert_int_eq(b.p[i], ' ');
	ck_assert_uint_eq(order[0], 3);
	ck_assert_uint_eq(order[4], 0);
	ck_assert_uint_eq(t[0].begin, b.n + 20);
	t[1].name = t[2].name; /* two of a name would be two readings */
	ck_assert_int_eq(tg_safetensors_header(
			     &b, t, TG_COUNT(t), meta, 2, true, order, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	tg_buf_deinit(&b);
}
END_TEST

Suite *
safetensors_suite(void)
{
	Suite *s = suite_create("safetensors");
	TCase *t = tcase_create("safetensors");

	tcase_add_loop_test(
	    t, a_header_is_taken_or_refused_with_the_place, 0, TG_COUNT(rows));
	tcase_add_test(t, the_length_of_the_header_is_checked_first);
	tcase_add_test(t, a_header_cut_anywhere_is_refused);
	tcase_add_test(t, the_vectors_get_their_verdict);
	tcase_add_loop_test(
	    t, the_official_order_is_written_byte_for_byte, 0, 4);
	tcase_add_test(t, tensors_are_ordered_by_type_and_name);
	suite_add_tcase(s, t);
	return s;
}
