/*
 * inversion_test.c - what leaves cannot be turned back into the name.
 *
 * A small causal transformer with seeded random weights (two layers, one head,
 * a vocabulary of 4,096) makes the hidden states of a prompt with a name.  The
 * attacker has the weights, all other tokens and what was released, and tries
 * every token in the name's place.  From what the program releases under
 * drop_from_span_on nothing tells one name from another; from what it releases
 * under drop_span_rows the row behind the name alone tells it.  A test of the
 * tool, not of any model; after reference trace-formats 5.3.
 */
#include "pipeline/inversion.h"
#include "tests/unit/pipeline/tensor_way.h"

#include "base/banned.h"

Suite *inversion_suite(void);

#define VOCAB 4096
#define NAMES 16 /* ids from here on are names */
#define DIM 8
#define LAYERS 2
#define LEN 12
#define NAME_AT 7
#define TRIALS TG_INVERSION_TRIALS

enum { WQ, WK, WV, WO, W1, W2, MATRICES };

struct model {
	float embed[VOCAB][DIM], place[LEN][DIM];
	float w[LAYERS][MATRICES][DIM][DIM];
};

/* Keys and values of the rows so far, and the last layer's rows. */
struct state {
	float k[LAYERS][LEN][DIM], v[LAYERS][LEN][DIM], row[LEN][DIM];
};

static float
draw(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return (float)(int32_t)(*s >> 32) / 2147483648.0f;
}

static void
seed(struct model *m, uint64_t s)
{
	float *p = &m->embed[0][0];
	float *w = &m->w[0][0][0][0];

	for (size_t i = 0; i < (size_t)(VOCAB + LEN) * DIM; i++)
		p[i] = draw(&s);
	for (size_t i = 0; i < (size_t)LAYERS * MATRICES * DIM * DIM; i++)
		w[i] = draw(&s) * 0.6f;
}

static void
apply(float out[DIM], const float w[DIM][DIM], const float x[DIM])
{
	for (size_t i = 0; i < DIM; i++) {
		out[i] = 0;
		for (size_t k = 0; k < DIM; k++)
			out[i] += w[i][k] * x[k];
	}
}

/* e^x for a softmax: (1 + x / 256)^256. */
static float
power(float x)
{
	float y = 1.0f + x / 256.0f;

	for (unsigned i = 0; i < 8; i++)
		y *= y;
	return x < -256.0f ? 0 : y;
}

static void
attend(const struct state *s, size_t layer, size_t at, const float q[DIM],
    float out[DIM])
{
	float weight[LEN], most = -1e30f, sum = 0;

	for (size_t j = 0; j <= at; j++) {
		weight[j] = 0;
		for (size_t i = 0; i < DIM; i++)
			weight[j] += q[i] * s->k[layer][j][i];
		most = weight[j] > most ? weight[j] : most;
	}
	memset(out, 0, DIM * sizeof(*out));
	for (size_t j = 0; j <= at; j++) {
		weight[j] = power(weight[j] - most);
		sum += weight[j];
		for (size_t i = 0; i < DIM; i++)
			out[i] += weight[j] * s->v[layer][j][i];
	}
	for (size_t i = 0; i < DIM; i++)
		out[i] /= sum;
}

/* Rows [from, to) from the tokens; those before are in @s. */
static void
forward(const struct model *m, struct state *s, const uint32_t *token,
    size_t from, size_t to)
{
	for (size_t t = from; t < to; t++) {
		float x[DIM], a[DIM], b[DIM];

		for (size_t i = 0; i < DIM; i++)
			x[i] = m->embed[token[t]][i] + m->place[t][i];
		for (size_t l = 0; l < LAYERS; l++) {
			apply(s->k[l][t], m->w[l][WK], x);
			apply(s->v[l][t], m->w[l][WV], x);
			apply(a, m->w[l][WQ], x);
			attend(s, l, t, a, b);
			apply(a, m->w[l][WO], b);
			for (size_t i = 0; i < DIM; i++)
				x[i] += a[i];
			apply(a, m->w[l][W1], x);
			for (size_t i = 0; i < DIM; i++)
				a[i] = a[i] > 0 ? a[i] : 0;
			apply(b, m->w[l][W2], a);
			for (size_t i = 0; i < DIM; i++)
				x[i] += b[i];
		}
		memcpy(s->row[t], x, sizeof(x));
	}
}

/*
 * The attacker: the token in the name's place whose row @at is nearest to the
 * released one.  *@alike: every candidate is as near as any other.
 */
static uint32_t
recover(const struct model *m, const uint32_t *known, size_t at,
    const float released[DIM], bool *alike)
{
	uint32_t token[LEN], best = NAMES;
	float least = 0;
	struct state s;

	memcpy(token, known, sizeof(token));
	forward(m, &s, token, 0, NAME_AT < at ? NAME_AT : at);
	*alike = true;
	for (uint32_t c = NAMES; c < VOCAB; c++) {
		float d = 0;

		token[NAME_AT] = c;
		forward(m, &s, token, NAME_AT < at ? NAME_AT : at, at + 1);
		for (size_t i = 0; i < DIM; i++) {
			const float e = s.row[at][i] - released[i];

			d += e * e;
		}
		if (c > NAMES && (d < least || d > least))
			*alike = false;
		if (c == NAMES || d < least) {
			least = d;
			best = c;
		}
	}
	return best;
}

static void
vocabulary(struct file *f)
{
	struct tg_buf b;

	tg_buf_init(&b, 1u << 20);
	ck_assert_int_eq(
	    tg_buf_adds(&b,
		"{\"decoder\":{\"type\":\"Metaspace\",\"replacement\":\"_\"},"
		"\"model\":{\"type\":\"BPE\",\"vocab\":{\"_Ms\":1,\"_Ann\":2,"
		"\"_walk\":3,\"_along\":4,\"_river\":5,\"_now\":6",
		NULL),
	    0);
	for (uint32_t c = NAMES; c < VOCAB; c++)
		if (tg_buf_addf(&b, NULL, ",\"_N%c%c%c\":%u",
			(int)('a' + (c >> 8)), (int)('a' + (c >> 4 & 15)),
			(int)('a' + (c & 15)), c) < 0)
			ck_abort();
	ck_assert_int_eq(tg_buf_adds(&b, "}}}", NULL), 0);
	tg_vocab_free(f->vocab);
	ck_assert_msg(
	    tg_vocab_parse(&f->vocab, tg_buf_sv(&b), "t", &f->w.err) == 0, "%s",
	    f->w.err.text);
	f->w.pass.vocab = f->vocab;
	tg_buf_deinit(&b);
}

/* What the program releases of the rows under @rule; their number. */
static size_t
release(enum tg_span_rule rule, const uint32_t *token, const struct state *s,
    float out[LEN][DIM])
{
	const uint64_t shape[] = {LEN, 1, DIM};
	const struct tg_tensor *left;
	struct tg_buf *b;
	struct file f;
	size_t n;

	begin(&f, TG_MODE_REDACT);
	f.w.set.on_span = rule;
	vocabulary(&f);
	b = tensor(&f, "token_ids", TG_DTYPE_I64, 1, shape);
	for (size_t t = 0; t < LEN; t++)
		put(b, t, 8, token[t]);
	b = tensor(&f, "hidden_states", TG_DTYPE_F32, 3, shape);
	memcpy(b->p, s->row, sizeof(s->row));
	go(&f, "req");
	left = got(&f, "hidden_states");
	if (left == NULL)
		ck_abort_msg("nothing left");
	n = (size_t)left->shape[0];
	memcpy(out, bytes(&f, "hidden_states"), n * DIM * sizeof(float));
	end(&f);
	return n;
}

static bool
is_zero(const float row[DIM])
{
	bool zero = true;

	for (size_t i = 0; i < DIM; i++)
		zero = zero && row[i] <= 0 && row[i] >= 0;
	return zero;
}

START_TEST(a_name_is_not_recovered_from_what_leaves)
{
	static const uint32_t text[LEN] = {
	    3, 4, 5, 6, 3, 1, 2, NAMES, 4, 5, 3, 6};
	struct model *m = malloc(sizeof(*m));
	unsigned ours = 0, rows_only = 0, blind = 0;
	uint64_t chance = 11;

	ck_assert_ptr_nonnull(m);
	seed(m, 7);
	for (unsigned trial = 0; trial < TRIALS; trial++) {
		uint32_t token[LEN], name;
		float left[LEN][DIM];
		struct state s;
		bool alike;
		size_t n;

		(void)draw(&chance);
		name = NAMES + (uint32_t)((chance >> 33) % (VOCAB - NAMES));
		memcpy(token, text, sizeof(token));
		token[NAME_AT] = name;
		forward(m, &s, token, 0, LEN);
		n = release(TG_SPAN_FROM, token, &s, left);
		ck_assert_uint_gt(n, 0);
		ck_assert_uint_le(n, NAME_AT);
		/* The last row that leaves has seen the most. */
		ours += recover(m, text, n - 1, left[n - 1], &alike) == name;
		blind += alike;
		ck_assert_uint_eq(release(TG_SPAN_ROWS, token, &s, left), LEN);
		ck_assert(is_zero(left[NAME_AT]));
		ck_assert(!is_zero(left[NAME_AT + 1]));
		rows_only += recover(m, text, NAME_AT + 1, left[NAME_AT + 1],
				 &alike) == name;
	}
	free(m);
	(void)printf("name recovered: drop_from_span_on %u of %u, "
		     "drop_span_rows %u of %u\n",
	    ours, TRIALS, rows_only, TRIALS);
	ck_assert_uint_eq(ours, TG_INVERSION_FROM_SPAN);
	ck_assert_uint_eq(blind, TRIALS);
	ck_assert_uint_ge(rows_only, TG_INVERSION_SPAN_ROWS);
}
END_TEST

Suite *
inversion_suite(void)
{
	Suite *s = suite_create("inversion");
	TCase *t = tcase_create("inversion");

	tcase_add_test(t, a_name_is_not_recovered_from_what_leaves);
	suite_add_tcase(s, t);
	return s;
}
