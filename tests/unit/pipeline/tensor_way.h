/*
 * tensor_way.h - a tensor file made in a test and taken through a pass, with a
 * vocabulary of twelve pieces.
 */
#ifndef TG_TESTS_UNIT_PIPELINE_TENSOR_WAY_H
#define TG_TESTS_UNIT_PIPELINE_TENSOR_WAY_H

#include "pipeline/input.h"
#include "pipeline/sources/safetensors.h"
#include "tests/unit/pipeline/way.h"

/* 0 <pad> 1 <bos> 2 Hi 3 _to 4 _a 5 .b 6 @ 7 example 8 .org 9 _now 10 sk-
 * 11 123456789012 */
static const char tokenizer[] =
    "{\"added_tokens\":[{\"id\":0,\"content\":\"<pad>\",\"special\":true},"
    "{\"id\":1,\"content\":\"<bos>\",\"special\":true}],\"decoder\":{\"type\":"
    "\"Metaspace\",\"replacement\":\"_\"},\"model\":{\"type\":\"BPE\","
    "\"vocab\":{\"Hi\":2,\"_to\":3,\"_a\":4,\".b\":5,\"@\":6,\"example\":7,"
    "\".org\":8,\"_now\":9,\"sk-\":10,\"123456789012\":11}}}";

#define POSITIONS 9
static const uint8_t TG_UNUSED clean[POSITIONS] = {1, 2, 3, 9, 9, 3, 2, 9, 9};
static const uint8_t TG_UNUSED email[POSITIONS] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static const uint8_t TG_UNUSED secret[POSITIONS] = {
    1, 2, 3, 10, 11, 3, 2, 9, 9};
static const uint8_t TG_UNUSED padded[POSITIONS] = {
    1, 2, 3, 9, 99, 99, 99, 99, 99};

struct file {
	struct way w;
	struct tg_intake intake;
	struct tg_vocab *vocab;
	struct tg_tensor t[16];
	struct tg_buf data[16];
	size_t n;
	struct tg_tensor_meta meta[4];
	size_t n_meta;
	struct tg_buf in, out; /* files */
	struct tg_tensor_file got;
	struct tg_input input;
};

static inline int
take(void *ctx, struct tg_sv piece, struct tg_sv eol, struct tg_err *err)
{
	ck_assert_uint_eq(eol.n, 0);
	return tg_buf_addsv(ctx, piece, err);
}

static inline void
begin(struct file *f, enum tg_mode mode)
{
	*f = (struct file){.n = 0};
	way_init(&f->w, mode);
	tg_intake_init(&f->intake, &f->w.pass);
	tg_buf_init(&f->in, 1u << 22);
	tg_buf_init(&f->out, 1u << 22);
	ck_assert_int_eq(
	    tg_vocab_parse(&f->vocab, tg_sv_of(tokenizer), "t", &f->w.err), 0);
	f->w.pass.vocab = f->vocab;
	f->w.pass.causal = f->w.pass.whole = true;
	if (mode <= TG_MODE_REDACT) {
		f->intake.write = take;
		f->intake.write_ctx = &f->out;
	}
	tg_tensor_file_init(&f->got);
}

static inline void
end(struct file *f)
{
	for (size_t i = 0; i < f->n; i++)
		tg_buf_deinit(&f->data[i]);
	tg_buf_deinit(&f->in);
	tg_buf_deinit(&f->out);
	tg_tensor_file_deinit(&f->got);
	tg_intake_deinit(&f->intake);
	tg_vocab_free(f->vocab);
	way_deinit(&f->w);
}

/* One more tensor; every byte tells where it is. */
static inline struct tg_buf *
tensor(struct file *f, const char *name, enum tg_dtype dtype, unsigned rank,
    const uint64_t *shape)
{
	struct tg_tensor *t = &f->t[f->n];
	struct tg_buf *b = &f->data[f->n++];
	uint64_t n;

	*t = (struct tg_tensor){
	    .name = {name, strlen(name)}, .dtype = dtype, .rank = rank};
	for (unsigned k = 0; k < rank; k++)
		t->shape[k] = shape[k];
	ck_assert(tg_tensor_bytes(&n, dtype, shape, rank));
	tg_buf_init(b, 1u << 20);
	ck_assert_int_eq(tg_buf_adds(b, "", NULL), 0);
	for (uint64_t i = 0; i < n; i++)
		ck_assert_int_eq(
		    tg_buf_addc(b, (char)(1 + (i * 7 + f->n) % 250), NULL), 0);
	return b;
}

static inline void
put(struct tg_buf *b, size_t i, unsigned width, uint64_t v)
{
	for (unsigned k = 0; k < width; k++)
		b->p[i * width + k] = (char)(uint8_t)(v >> (8 * k));
}

static inline void
ids(struct file *f, const char *name, const uint8_t *const *rows, size_t n,
    bool batch)
{
	const uint64_t shape[2] = {n, POSITIONS};
	struct tg_buf *b = tensor(
	    f, name, TG_DTYPE_I32, batch ? 2 : 1, batch ? shape : shape + 1);

	for (size_t c = 0; c < n; c++)
		for (size_t k = 0; k < POSITIONS; k++)
			put(b, c * POSITIONS + k, 4, rows[c][k]);
}

static inline void
meta(struct file *f, const char *key, const char *value)
{
	f->meta[f->n_meta++] =
	    (struct tg_tensor_meta){{key, strlen(key)}, {value, strlen(value)}};
}

/* Writes the file as @name and takes it through; what leaves is in f->out. */
static inline void
go(struct file *f, const char *name)
{
	struct tg_tensor copy[16];
	size_t order[16];
	const char *path = scratch_path(&f->w.s, name);

	memcpy(copy, f->t, sizeof(copy));
	ck_assert_int_eq(tg_safetensors_header(&f->in, copy, f->n, f->meta,
			     f->n_meta, f->n_meta > 0, order, &f->w.err),
	    0);
	for (size_t i = 0; i < f->n; i++)
		ck_assert_int_eq(
		    tg_buf_addsv(&f->in, tg_buf_sv(&f->data[order[i]]), NULL),
		    0);
	scratch_put(path, tg_buf_sv(&f->in));
	f->input = (struct tg_input){.path = path};
	ck_assert_msg(tg_input_run(&f->intake, &f->input, -1, &f->w.err) == 0,
	    "%s", f->w.err.text);
	if (f->out.n == 0)
		return;
	ck_assert_msg(tg_safetensors_parse(&f->got, tg_buf_sv(&f->out),
			  f->out.n, &f->w.err) == 0,
	    "%s", f->w.err.text);
}

static inline const struct tg_tensor *
got(const struct file *f, const char *name)
{
	for (size_t i = 0; i < f->got.n; i++)
		if (tg_sv_is((struct tg_sv){f->got.tensor[i].name.bytes,
				 f->got.tensor[i].name.n},
			name))
			return &f->got.tensor[i];
	return NULL;
}

static inline const char *
bytes(const struct file *f, const char *name)
{
	const struct tg_tensor *t = got(f, name);

	ck_assert_msg(t != NULL, "no %s", name);
	return f->out.p + t->begin;
}

static inline void
shape_is(const struct file *f, const char *name, unsigned rank, uint64_t a,
    uint64_t b, uint64_t c)
{
	const struct tg_tensor *t = got(f, name);
	const uint64_t want[3] = {a, b, c};

	ck_assert_msg(t != NULL, "no %s", name);
	ck_assert_uint_eq(t->rank, rank);
	for (unsigned k = 0; k < rank && k < 3; k++)
		ck_assert_msg(t->shape[k] == want[k], "%s: axis %u is %llu",
		    name, k, (unsigned long long)t->shape[k]);
}

#endif
