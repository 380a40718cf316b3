/*
 * tensors_test.c - tensor files through the stages: what their tokens spell is
 * scanned, and the rows from a finding on do not leave.
 */
#include "pipeline/sources/npy.h"
#include "tests/unit/pipeline/tensor_way.h"

#include "base/banned.h"

Suite *tensors_suite(void);

START_TEST(rows_from_the_first_finding_on_do_not_leave)
{
	const uint8_t *const rows[] = {email};
	const uint64_t shape[] = {POSITIONS, 2, 2};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	ids(&f, "token_ids", rows, 1, false);
	(void)tensor(&f, "hidden_states", TG_DTYPE_BF16, 3, shape);
	go(&f, "req");
	/* "<bos>Hi to" stays; " a" begins the address. */
	shape_is(&f, "token_ids", 1, 3, 0, 0);
	shape_is(&f, "hidden_states", 3, 3, 2, 2);
	ck_assert_int_eq(
	    memcmp(bytes(&f, "hidden_states"), f.data[1].p, 3 * 8), 0);
	ck_assert_int_eq(memcmp(bytes(&f, "token_ids"), f.data[0].p, 3 * 4), 0);
	ck_assert_ptr_null(got(&f, "redaction_mask"));
	ck_assert_uint_eq(f.w.counts->rows, POSITIONS);
	ck_assert_uint_eq(f.w.counts->rows_kept, 3);
	ck_assert_uint_eq(f.w.counts->contexts_cut, 1);
	end(&f);
}
END_TEST

START_TEST(without_a_finding_the_file_leaves_as_it_came)
{
	const uint8_t *const rows[] = {clean};
	const uint64_t shape[] = {POSITIONS, 2, 2};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	ids(&f, "token_ids", rows, 1, false);
	(void)tensor(&f, "hidden_states", TG_DTYPE_BF16, 3, shape);
	go(&f, "req");
	ck_assert_uint_eq(f.out.n, f.in.n);
	ck_assert_int_eq(memcmp(f.out.p, f.in.p, f.in.n), 0);
	ck_assert_uint_eq(f.w.counts->quarantined, 0);
	end(&f);
}
END_TEST

START_TEST(in_a_batch_each_context_keeps_its_own_rows)
{
	const uint8_t *const rows[] = {secret, clean, email};
	const uint64_t shape[] = {3, POSITIONS, 4};
	const uint64_t two[] = {3, 2, POSITIONS, POSITIONS};
	static const char zeros[64];
	struct file f;
	const char *p;

	begin(&f, TG_MODE_REDACT);
	f.w.set.kind[TG_KIND_attention_patterns] = true;
	ids(&f, "tokens", rows, 3, true);
	(void)tensor(&f, "blocks.3.hook_resid_post", TG_DTYPE_F32, 3, shape);
	(void)tensor(&f, "blocks.3.attn.hook_pattern", TG_DTYPE_U8, 4, two);
	go(&f, "cache");
	/* The context with the secret is gone, the other two are 0 and 1. */
	shape_is(&f, "tokens", 2, 2, POSITIONS, 0);
	shape_is(&f, "blocks.3.hook_resid_post", 3, 2, POSITIONS, 4);
	p = bytes(&f, "blocks.3.hook_resid_post");
	ck_assert_int_eq(memcmp(p, f.data[1].p + 9 * 16, 9 * 16), 0);
	ck_assert_int_eq(memcmp(p + 9 * 16, f.data[1].p + 18 * 16, 3 * 16), 0);
	ck_assert_int_eq(memcmp(p + 12 * 16, zeros, 64), 0);
	ck_assert_int_eq(memcmp(p + 16 * 16, zeros, 32), 0);
	p = bytes(&f, "tokens") + POSITIONS * 4; /* <pad> from there on */
	for (size_t k = 0; k < POSITIONS; k++)
		ck_assert_int_eq(p[4 * k], k < 3 ? (char)email[k] : 0);
	p = bytes(&f, "redaction_mask");
	for (size_t k = 0; k < 2 * POSITIONS; k++)
		ck_assert_int_eq(p[k], k >= POSITIONS + 3);
	/* Both token axes of a pattern are cut. */
	p = bytes(&f, "blocks.3.attn.hook_pattern") + 2 * 81; /* context 1 */
	for (size_t h = 0; h < 2; h++)
		for (size_t q = 0; q < POSITIONS; q++)
			for (size_t k = 0; k < POSITIONS; k++) {
				const size_t i = h * 81 + q * 9 + k;
				const char want = q < 3 && k < 3
				    ? f.data[2].p[4 * 81 + i]
				    : 0;

				if (p[i] != want)
					ck_abort_msg("%zu %zu %zu", h, q, k);
			}
	end(&f);
}
END_TEST

START_TEST(what_is_always_dropped_is_dropped)
{
	const uint8_t *const rows[] = {clean};
	const uint64_t shape[] = {1, POSITIONS, 4};
	const uint64_t two[] = {1, 2, POSITIONS, POSITIONS};
	const uint64_t heads[] = {1, POSITIONS, 2, 4};
	static const char *const names[] = {"hook_embed",
	    "blocks.0.hook_resid_pre", "unembed.hook_out", "hidden_states.0"};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	ids(&f, "tokens", rows, 1, true);
	for (size_t i = 0; i < TG_COUNT(names); i++)
		(void)tensor(&f, names[i], TG_DTYPE_F16, 3, shape);
	(void)tensor(&f, "blocks.0.attn.hook_pattern", TG_DTYPE_F16, 4, two);
	(void)tensor(&f, "blocks.0.attn.hook_k", TG_DTYPE_F16, 4, heads);
	(void)tensor(&f, "blocks.0.hook_resid_post", TG_DTYPE_F16, 3, shape);
	go(&f, "cache");
	ck_assert_uint_eq(f.got.n, 2);
	ck_assert_ptr_nonnull(got(&f, "tokens"));
	ck_assert_ptr_nonnull(got(&f, "blocks.0.hook_resid_post"));
	ck_assert_uint_eq(f.w.counts->n_pattern, 8);
	ck_assert_str_eq(
	    f.w.counts->pattern[3].pattern, "blocks.#.hook_resid_*");
	ck_assert_uint_eq(f.w.counts->pattern[3].kept, 1);
	ck_assert_uint_eq(f.w.counts->pattern[1].dropped, 1);
	ck_assert(f.w.counts->layer[0]);
	end(&f);
}
END_TEST

START_TEST(entries_that_point_at_what_is_gone_are_left_out)
{
	const uint8_t *const rows[] = {secret, email, clean};
	/* context, position, latent */
	static const uint16_t at[][3] = {{0, 1, 5}, {1, 0, 6}, {1, 2, 7},
	    {1, 3, 8}, {2, 8, 9}, {3, 0, 10}, {2, 9, 11}};
	static const uint16_t want[][3] = {{0, 0, 6}, {0, 2, 7}, {1, 8, 9}};
	const uint64_t shape[] = {TG_COUNT(at), 3};
	struct tg_buf *b;
	struct file f;
	const char *p;

	begin(&f, TG_MODE_REDACT);
	ids(&f, "tokens", rows, 3, true);
	b = tensor(&f, "locations", TG_DTYPE_U16, 2, shape);
	for (size_t i = 0; i < TG_COUNT(at); i++)
		for (size_t k = 0; k < 3; k++)
			put(b, i * 3 + k, 2, at[i][k]);
	b = tensor(&f, "activations", TG_DTYPE_F16, 1, shape);
	for (size_t i = 0; i < TG_COUNT(at); i++)
		put(b, i, 2, 1000u + at[i][2]);
	go(&f, "0_127");
	shape_is(&f, "locations", 2, TG_COUNT(want), 3, 0);
	shape_is(&f, "activations", 1, TG_COUNT(want), 0, 0);
	for (size_t i = 0; i < TG_COUNT(want); i++) {
		uint64_t v;

		for (size_t k = 0; k < 3; k++) {
			p = bytes(&f, "locations") + (i * 3 + k) * 2;
			v = tg_tensor_index(TG_DTYPE_U16, (const uint8_t *)p);
			ck_assert_uint_eq(v, want[i][k]);
		}
		p = bytes(&f, "activations") + i * 2;
		v = tg_tensor_index(TG_DTYPE_U16, (const uint8_t *)p);
		ck_assert_uint_eq(v, 1000u + want[i][2]);
	}
	end(&f);
}
END_TEST

START_TEST(values_keep_the_bits_that_the_policy_allows)
{
	const uint8_t *const rows[] = {clean};
	const uint64_t shape[] = {2, 3};
	struct file f;
	const char *p;

	begin(&f, TG_MODE_REDACT);
	f.w.set.value_bits = 8;
	ids(&f, "tokens", rows, 1, true);
	memset(tensor(&f, "locations", TG_DTYPE_U16, 2, shape)->p, 0, 12);
	put(tensor(&f, "activations", TG_DTYPE_F16, 1, shape), 0, 2, 0x3c7f);
	put(&f.data[2], 1, 2, 0xbcff);
	go(&f, "0_127");
	p = bytes(&f, "activations");
	ck_assert_uint_eq(
	    tg_tensor_index(TG_DTYPE_U16, (const uint8_t *)p), 0x3c00);
	ck_assert_uint_eq(
	    tg_tensor_index(TG_DTYPE_U16, (const uint8_t *)p + 2), 0xbc00);
	end(&f);
}
END_TEST

START_TEST(examples_that_point_at_what_is_gone_are_blotted)
{
	const uint8_t *const rows[] = {secret, email, clean};
	static const int8_t seq[] = {0, 1, 1, 2}, pos[] = {0, 2, 3, 8};
	static const int8_t want_seq[] = {-1, 0, -1, 1};
	static const int8_t want_pos[] = {-1, 2, -1, 8};
	const uint64_t shape[] = {2, 2}, latents[] = {2};
	struct tg_buf *s, *q, *a;
	struct file f;
	size_t odd = 0;

	begin(&f, TG_MODE_REDACT);
	ids(&f, "tokens", rows, 3, true);
	s = tensor(&f, "seq_ids", TG_DTYPE_I64, 2, shape);
	q = tensor(&f, "positions", TG_DTYPE_I64, 2, shape);
	a = tensor(&f, "activations", TG_DTYPE_F32, 2, shape);
	for (size_t i = 0; i < 4; i++) {
		put(s, i, 8, (uint64_t)seq[i]);
		put(q, i, 8, (uint64_t)pos[i]);
		put(a, i, 4, 0x40000000u + (unsigned)i);
	}
	(void)tensor(&f, "feature_frequencies", TG_DTYPE_F32, 1, latents);
	go(&f, "examples");
	for (size_t i = 0; i < 4; i++) {
		const uint8_t *p = (const uint8_t *)bytes(&f, "seq_ids");
		const uint8_t *r = (const uint8_t *)bytes(&f, "positions");
		const uint8_t *v = (const uint8_t *)bytes(&f, "activations");

		odd += tg_tensor_index(TG_DTYPE_I64, p + 8 * i) !=
		    (uint64_t)want_seq[i];
		odd += tg_tensor_index(TG_DTYPE_I64, r + 8 * i) !=
		    (uint64_t)want_pos[i];
		odd += tg_tensor_index(TG_DTYPE_U32, v + 4 * i) !=
		    (want_seq[i] < 0 ? 0 : 0x40000000u + i);
	}
	ck_assert_uint_eq(odd, 0);
	/* A frequency over three contexts says something of one. */
	ck_assert_ptr_null(got(&f, "feature_frequencies"));
	end(&f);
}
END_TEST

START_TEST(an_unknown_tensor_keeps_the_file_until_the_policy_says_its_axes)
{
	const uint8_t *const rows[] = {email};
	const uint64_t shape[] = {1, POSITIONS, 4};
	const char *const map[] = {"my.*=bp.:residual_stream"};
	struct file f;

	for (unsigned known = 0; known < 2; known++) {
		begin(&f, TG_MODE_REDACT);
		if (known)
			f.w.set.tensor_map = (struct tg_tensor_map){map, 1};
		ids(&f, "tokens", rows, 1, true);
		(void)tensor(&f, "my.hook", TG_DTYPE_F16, 3, shape);
		go(&f, "cache");
		ck_assert_uint_eq(f.w.counts->quarantined, !known);
		if (known)
			shape_is(&f, "my.hook", 3, 1, 3, 4);
		else
			ck_assert_uint_eq(f.out.n, 0);
		end(&f);
	}
}
END_TEST

/* A mean over a context that was cut has seen what was cut off. */
START_TEST(a_vector_of_a_context_leaves_only_when_the_context_is_whole)
{
	const uint8_t *const rows[] = {clean, email};
	const uint64_t shape[] = {2, 4};
	const char *const map[] = {"mean=b.:residual_stream"};
	static const char zeros[8];
	struct file f;
	const char *p;

	begin(&f, TG_MODE_REDACT);
	f.w.set.tensor_map = (struct tg_tensor_map){map, 1};
	ids(&f, "tokens", rows, 2, true);
	(void)tensor(&f, "mean", TG_DTYPE_F16, 2, shape);
	go(&f, "cache");
	p = bytes(&f, "mean");
	ck_assert_int_eq(memcmp(p, f.data[1].p, 8), 0);
	ck_assert_int_eq(memcmp(p + 8, zeros, 8), 0);
	end(&f);
}
END_TEST

/* Ids of one context say nothing of the others in a batch. */
START_TEST(ids_without_the_axis_of_the_batch_keep_the_file)
{
	const uint8_t *const rows[] = {clean};
	const uint64_t shape[] = {2, POSITIONS, 4};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	ids(&f, "tokens", rows, 1, false);
	(void)tensor(&f, "blocks.1.hook_resid_post", TG_DTYPE_F16, 3, shape);
	go(&f, "cache");
	ck_assert_uint_eq(f.out.n, 0);
	ck_assert_uint_eq(f.w.counts->quarantined, 1);
	end(&f);
}
END_TEST

START_TEST(without_a_tokenizer_nothing_made_of_tokens_leaves)
{
	const uint8_t *const rows[] = {clean};
	const uint64_t shape[] = {2, 2};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	f.w.pass.vocab = NULL;
	ids(&f, "tokens", rows, 1, true);
	(void)tensor(&f, "seq_ids", TG_DTYPE_I64, 2, shape);
	(void)tensor(&f, "positions", TG_DTYPE_I64, 2, shape);
	(void)tensor(&f, "activations", TG_DTYPE_F32, 2, shape);
	(void)tensor(&f, "top_logits", TG_DTYPE_F32, 2, shape);
	go(&f, "examples");
	ck_assert_uint_eq(f.got.n, 1);
	ck_assert_ptr_nonnull(got(&f, "top_logits"));
	ck_assert_uint_eq(f.w.counts->quarantined, 1);
	end(&f);
}
END_TEST

START_TEST(ids_that_nobody_can_spell_end_what_leaves)
{
	const uint8_t *const rows[] = {padded};
	const uint64_t shape[] = {POSITIONS, 1, 2};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	ids(&f, "token_ids", rows, 1, false);
	(void)tensor(&f, "hidden_states", TG_DTYPE_F16, 3, shape);
	go(&f, "req");
	shape_is(&f, "token_ids", 1, 4, 0, 0);
	shape_is(&f, "hidden_states", 3, 4, 1, 2);
	ck_assert_uint_eq(f.w.counts->quarantined, 1); /* and it is said */
	end(&f);
}
END_TEST

/* 300 tokens of 65,535 bytes: told, and the run goes on. */
START_TEST(a_context_of_more_text_than_a_record_is_left_out)
{
	const uint64_t shape[] = {1, 300, 1};
	struct tg_buf json, *b;
	struct file f;

	begin(&f, TG_MODE_REDACT);
	tg_buf_init(&json, 1u << 20);
	ck_assert_int_eq(tg_buf_adds(&json,
			     "{\"decoder\":{\"type\":\"ByteLevel\"},\"model\":"
			     "{\"type\":\"BPE\",\"vocab\":{\"",
			     NULL),
	    0);
	for (size_t i = 0; i < 65535; i++)
		if (tg_buf_addc(&json, 'a', NULL) < 0)
			ck_abort();
	ck_assert_int_eq(tg_buf_adds(&json, "\":1}}}", NULL), 0);
	tg_vocab_free(f.vocab);
	ck_assert_int_eq(
	    tg_vocab_parse(&f.vocab, tg_buf_sv(&json), "t", &f.w.err), 0);
	f.w.pass.vocab = f.vocab;
	b = tensor(&f, "tokens", TG_DTYPE_I32, 2, shape);
	for (size_t i = 0; i < 300; i++)
		put(b, i, 4, 1);
	(void)tensor(&f, "blocks.1.hook_resid_post", TG_DTYPE_F16, 3, shape);
	go(&f, "cache");
	ck_assert_uint_eq(f.out.n, 0);
	ck_assert_uint_eq(f.w.counts->quarantined, 1);
	tg_buf_deinit(&json);
	end(&f);
}
END_TEST

START_TEST(metadata_and_names_are_scanned)
{
	const uint8_t *const rows[] = {email};
	const uint64_t shape[] = {1, POSITIONS, 4};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	meta(&f, "format", "pt");
	meta(&f, "prompt", "Hi to a.b@example.org");
	meta(&f, "nobody_knows", "x");
	ids(&f, "tokens", rows, 1, true);
	(void)tensor(
	    &f, "blocks.1.hook_resid_a.b@example.org", TG_DTYPE_F16, 3, shape);
	(void)tensor(&f, "blocks.1.hook_resid_post", TG_DTYPE_F16, 3, shape);
	go(&f, "cache");
	ck_assert_uint_eq(f.got.n, 2);
	ck_assert_ptr_nonnull(got(&f, "blocks.1.hook_resid_post"));
	ck_assert_uint_eq(f.got.n_meta, 2);
	ck_assert_str_eq(f.got.meta[0].key.bytes, "format");
	ck_assert_str_eq(f.got.meta[1].value.bytes, "Hi to [EMAIL]");
	ck_assert_ptr_null(memmem(f.out.p, f.out.n, "example.org", 11));
	end(&f);
}
END_TEST

START_TEST(a_prompt_that_the_tokens_do_not_have_drops_the_tensors)
{
	const uint8_t *const rows[] = {clean};
	const uint64_t shape[] = {1, POSITIONS, 4};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	meta(&f, "prompt", "Hi to a.b@example.org");
	ids(&f, "tokens", rows, 1, true);
	(void)tensor(&f, "blocks.1.hook_resid_post", TG_DTYPE_F16, 3, shape);
	go(&f, "cache");
	ck_assert_uint_eq(f.out.n, 0);
	ck_assert_uint_eq(f.w.counts->quarantined, 1);
	end(&f);
}
END_TEST

START_TEST(a_model_that_looks_ahead_loses_the_whole_context)
{
	static const char wordpiece[] =
	    "{\"decoder\":{\"type\":\"WordPiece\"},\"model\":{\"type\":"
	    "\"WordPiece\",\"vocab\":{\"a\":1,\"hi\":2,\"to\":3,\"a.b@example."
	    "org\":4,\"##b\":5,\"x\":6,\"y\":7,\"z\":8,\"now\":9}}}";
	const uint8_t *const rows[] = {email};
	const uint64_t shape[] = {1, POSITIONS, 4};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	tg_vocab_free(f.vocab);
	ck_assert_int_eq(
	    tg_vocab_parse(&f.vocab, tg_sv_of(wordpiece), "t", &f.w.err), 0);
	f.w.pass.vocab = f.vocab;
	ids(&f, "tokens", rows, 1, true);
	(void)tensor(&f, "blocks.1.hook_resid_post", TG_DTYPE_F16, 3, shape);
	go(&f, "cache");
	ck_assert_uint_eq(f.out.n, 0);
	ck_assert_uint_eq(f.w.counts->contexts_cut, 1);
	end(&f);
}
END_TEST

/* What leaves is looked at again, by a scan of its own: nothing. */
START_TEST(a_second_look_at_what_left_finds_nothing)
{
	const uint8_t *const rows[] = {secret, clean, email};
	const uint64_t shape[] = {3, POSITIONS, 4};
	struct file f, g;
	struct tg_input in;
	const char *path;
	uint64_t found = 0;

	begin(&f, TG_MODE_REDACT);
	ids(&f, "tokens", rows, 3, true);
	(void)tensor(&f, "blocks.3.hook_resid_post", TG_DTYPE_F32, 3, shape);
	go(&f, "cache");
	ck_assert_uint_gt(f.out.n, 0);
	begin(&g, TG_MODE_RECHECK);
	path = scratch_path(&g.w.s, "again");
	scratch_put(path, tg_buf_sv(&f.out));
	in = (struct tg_input){.path = path};
	ck_assert_int_eq(tg_input_run(&g.intake, &in, -1, &g.w.err), 0);
	for (size_t i = 0; i < TG_COUNT_TYPES; i++)
		found += g.w.counts->type[i].spans;
	ck_assert_uint_eq(found, 0);
	ck_assert_uint_eq(g.w.counts->quarantined, 0);
	ck_assert_uint_ge(g.w.counts->texts, 2);
	/* And the raw file has them: the look can find. */
	path = scratch_path(&g.w.s, "raw");
	scratch_put(path, tg_buf_sv(&f.in));
	in = (struct tg_input){.path = path};
	ck_assert_int_eq(tg_input_run(&g.intake, &in, -1, &g.w.err), 0);
	for (size_t i = 0; i < TG_COUNT_TYPES; i++)
		found += g.w.counts->type[i].spans;
	ck_assert_uint_eq(found, 2);
	end(&g);
	end(&f);
}
END_TEST

/* token_ids.npy beside an array says what the array was made of. */
START_TEST(a_numpy_array_goes_with_the_ids_beside_it)
{
	struct tg_tensor t = {
	    .dtype = TG_DTYPE_F16, .rank = 3, .shape = {1, POSITIONS, 2}};
	struct tg_buf b;
	struct file f;
	const char *path;

	begin(&f, TG_MODE_REDACT);
	tg_buf_init(&b, 1u << 16);
	ck_assert_int_eq(tg_npy_header(&b, &t, &f.w.err), 0);
	for (size_t i = 0; i < 36; i++)
		ck_assert_int_eq(tg_buf_addc(&b, (char)i, NULL), 0);
	path = scratch_path(&f.w.s, "resid.npy");
	scratch_put(path, tg_buf_sv(&b));
	f.input = (struct tg_input){.path = path};
	ck_assert_int_eq(tg_input_run(&f.intake, &f.input, -1, &f.w.err), 0);
	ck_assert_uint_eq(f.out.n, 0); /* made of nobody knows what */
	ck_assert_uint_eq(f.w.counts->quarantined, 1);
	tg_buf_reset(&b);
	t.dtype = TG_DTYPE_I64;
	t.rank = 2;
	ck_assert_int_eq(tg_npy_header(&b, &t, &f.w.err), 0);
	for (size_t k = 0; k < POSITIONS; k++) {
		const char id[8] = {(char)email[k]};

		ck_assert_int_eq(tg_buf_add(&b, id, 8, NULL), 0);
	}
	scratch_put(scratch_path(&f.w.s, "token_ids.npy"), tg_buf_sv(&b));
	ck_assert_int_eq(tg_input_run(&f.intake, &f.input, -1, &f.w.err), 0);
	ck_assert_int_eq(
	    tg_npy_parse(&f.got, tg_buf_sv(&f.out), f.out.n, &f.w.err), 0);
	ck_assert_uint_eq(f.got.tensor[0].shape[1], 3);
	ck_assert_uint_eq(f.out.n - f.got.data, 12);
	ck_assert_int_eq(f.out.p[f.got.data + 11], 11);
	tg_buf_deinit(&b);
	end(&f);
}
END_TEST

static const struct {
	const char *glob, *name;
	bool yes;
} globs[] = {
    {"a", "a", true},
    {"a", "ab", false},
    {"blocks.#.x", "blocks.12.x", true},
    {"blocks.#.x", "blocks..x", false},
    {"blocks.#.x", "blocks.1a.x", false},
    {"*", "", true},
    {"*.x", "a.b.x", true},
    {"a*b*c", "aXbYbZc", true},
    {"a*b*c", "aXbYbZ", false},
    {"#", "#", false},
    {"a#*", "a1", true},
};

START_TEST(a_layer_is_a_short_number)
{
	static const char p[] = "blocks.#.hook_resid_*";

	ck_assert_int_eq(tg_tensor_layer(p, TG_SV("blocks.7.hook_resid_a")), 7);
	ck_assert_int_eq(tg_tensor_layer(p, TG_SV("blocks.999.x")), 999);
	ck_assert_int_eq(tg_tensor_layer(p, TG_SV("blocks.2079.x")), -1);
	ck_assert_int_eq(tg_tensor_layer("*#", TG_SV("a7")), -1);
	ck_assert_int_eq(tg_tensor_layer("token_ids", TG_SV("token_ids")), -1);
}
END_TEST

START_TEST(globs_match_whole_names)
{
	for (size_t i = 0; i < TG_COUNT(globs); i++)
		ck_assert_msg(tg_tensor_glob(globs[i].glob,
				  tg_sv_of(globs[i].name)) == globs[i].yes,
		    "%s %s", globs[i].glob, globs[i].name);
	ck_assert_ptr_null(tg_tensor_map_defect("a.#=bp.:residual_stream"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=bpx:residual_stream"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=bpp:residual_stream"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=bq:residual_stream"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=b:token_ids"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=pb:token_ids"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=bp.:token_ids"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=pb.:residual_stream"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=bqp:residual_stream"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=..:residual_stream"));
	ck_assert_ptr_null(tg_tensor_map_defect("a=..:neuron_stats"));
	ck_assert_ptr_nonnull(tg_tensor_map_defect("a=bp:nothing"));
}
END_TEST

Suite *
tensors_suite(void)
{
	Suite *s = suite_create("tensors");
	TCase *t = tcase_create("tensors");

	tcase_add_test(t, globs_match_whole_names);
	tcase_add_test(t, a_layer_is_a_short_number);
	tcase_add_test(t, rows_from_the_first_finding_on_do_not_leave);
	tcase_add_test(t, without_a_finding_the_file_leaves_as_it_came);
	tcase_add_test(t, in_a_batch_each_context_keeps_its_own_rows);
	tcase_add_test(t, what_is_always_dropped_is_dropped);
	tcase_add_test(t, entries_that_point_at_what_is_gone_are_left_out);
	tcase_add_test(t, values_keep_the_bits_that_the_policy_allows);
	tcase_add_test(t, examples_that_point_at_what_is_gone_are_blotted);
	tcase_add_test(
	    t, an_unknown_tensor_keeps_the_file_until_the_policy_says_its_axes);
	tcase_add_test(
	    t, a_vector_of_a_context_leaves_only_when_the_context_is_whole);
	tcase_add_test(t, ids_without_the_axis_of_the_batch_keep_the_file);
	tcase_add_test(t, without_a_tokenizer_nothing_made_of_tokens_leaves);
	tcase_add_test(t, ids_that_nobody_can_spell_end_what_leaves);
	tcase_add_test(t, a_context_of_more_text_than_a_record_is_left_out);
	tcase_add_test(t, metadata_and_names_are_scanned);
	tcase_add_test(
	    t, a_prompt_that_the_tokens_do_not_have_drops_the_tensors);
	tcase_add_test(t, a_model_that_looks_ahead_loses_the_whole_context);
	tcase_add_test(t, a_second_look_at_what_left_finds_nothing);
	tcase_add_test(t, a_numpy_array_goes_with_the_ids_beside_it);
	suite_add_tcase(s, t);
	return s;
}
