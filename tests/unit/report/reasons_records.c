/* reasons_records.c - what becomes of a record, of the packed output. */
#include "pipeline/s70_recheck.h"
#include "tests/unit/pipeline/tensor_way.h"
#include "tests/unit/report/reasons.h"

#include "pipeline/anonymity.h"
#include "pipeline/bucket.h"
#include "pipeline/budget.h"
#include "pipeline/canary.h"
#include "pipeline/dsp.h"
#include "tests/unit/pipeline/ledger/book.h"
#include "pipeline/residency.h"
#include "pipeline/sinks/sink_impl.h"
#include "base/banned.h"

static void
saw_counts(const struct tg_counts *c)
{
	for (size_t i = 0; i < c->n_stage; i++)
		for (size_t k = 0; k < c->stage[i].n_drop; k++)
			saw(c->stage[i].drop[k].code);
}

/* ---- a file through the intake ----------------------------------------- */

struct bytes {
	const char *head, *again, *tail; /* head, @n times again, tail */
	size_t n;
	void (*set)(struct tg_settings *s);
};

static int
nowhere(void *ctx TG_UNUSED, struct tg_sv record TG_UNUSED,
    struct tg_sv eol TG_UNUSED, struct tg_err *err TG_UNUSED)
{
	return 0;
}

static void
file(const struct reason_case *c)
{
	const struct bytes *b = c->arg;
	struct tg_input in = {.index = 0};
	struct tg_intake intake;
	struct tg_buf text;
	struct way w;
	int bad = 0;

	way_init(&w, TG_MODE_EXPORT);
	if (b->set != NULL)
		b->set(&w.set);
	tg_intake_init(&intake, &w.pass);
	intake.write = nowhere;
	tg_buf_init(&text, 256u << 20);
	bad |= tg_buf_adds(&text, b->head, &w.err);
	for (size_t i = 0; i < b->n; i++)
		bad |= tg_buf_adds(&text, b->again, &w.err);
	bad |= tg_buf_adds(&text, b->tail, &w.err);
	ck_assert_int_eq(bad, 0);
	in.path = scratch_path(&w.s, "in.jsonl");
	scratch_put(in.path, tg_buf_sv(&text));
	ck_assert_msg(
	    tg_input_run(&intake, &in, -1, &w.err) == 0, "%s", w.err.text);
	saw_counts(w.counts);
	tg_buf_deinit(&text);
	tg_intake_deinit(&intake);
	way_deinit(&w);
}

#define TEXT(name, text) \
	static const struct bytes name = {text, "", "", 0, NULL};
#define TEXT_UNDER(name, text, change)                \
	static void set_##name(struct tg_settings *s) \
	{                                             \
		change;                               \
	}                                             \
	static const struct bytes name = {text, "", "", 0, set_##name};
#define SPAN(id) "{\"traceId\":\"" id "\"}"

TEXT(no_json, "{\"text\" \"x\"}\n")
TEXT(no_utf8, "{\"text\":\"\xff\"}\n")
TEXT(no_format, "[1]\n")
TEXT(nothing, "")
TEXT(cut_off, "{\"text\":\"x\"\n{\"text\":\"y\"}\n")
TEXT(piece, "{\"delta\":{\"content\":\"x\"}}\n")
TEXT(twice, "{\"text\":\"a\",\"text\":\"b\"}\n")
static const struct bytes
    deep = {"{\"text\":", "[", "\n", 5000, NULL},
    digits = {"{\"text\":1", "0", "}\n", 70000, NULL},
    large = {"{\"text\":\"", "0123456789abcdef", "\"}\n", 5u << 20, NULL},
    parts = {"{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" SPAN("ab"),
	"," SPAN("ab"), "]}]}]}\n", TG_UNITS_MAX, NULL};
TEXT_UNDER(out, "{\"id\":\"a\",\"text\":\"x\"}\n", s->rate_ppb = 0)
TEXT_UNDER(person, "{\"user_id\":\"u\"}\n{\"user_id\":\"u\"}\n",
    s->max_per_subject = 1)
TEXT_UNDER(total, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n", s->max_records = 1)
TEXT(drop, "{\"text\":\"key sk-123456789012\"}\n")
TEXT_UNDER(german,
    "{\"text\":\"Ich hei\xc3\x9f"
    "e Mira und wohne in Berlin\"}\n",
    s->foreign = TG_FOREIGN_DROPS)
TEXT(no_token, "{\"tokens\":[1,2]}\n")
TEXT_UNDER(tokens, "{\"text\":\"one two three\"}\n", s->max_tokens = 2;
	   s->exceed_drops = true)
TEXT_UNDER(size, "{\"text\":\"one two three\"}\n", s->max_bytes = 8)
TEXT_UNDER(old,
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"ab\","
    "\"startTimeUnixNano\":\"1765900000000000000\"}]}]}]}\n",
    s->oldest = 1765900001)

static const struct tg_held held_then = {1765900000, 1765900001};
TEXT_UNDER(
    held,
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"ab\","
    "\"startTimeUnixNano\":\"1765900000000000000\"}]}]}]}\n",
    s->oldest = 1765900001;
    s->held = &held_then; s->n_held = 1)

#define GRAPH                                                      \
	"{\"nodes\":[],\"links\":[],\"metadata\":{\"slug\":\"s\"," \
	"\"prompt\":\"to a@example.org\",\"prompt_tokens\":[]}}"
TEXT_UNDER(graph, GRAPH, s->graphs_recapture = false)
TEXT_UNDER(again, GRAPH, s->graphs_recapture = true)
TEXT_UNDER(no_numbers, "[{\"str_tokens\":[\"a@example.org\"],\"acts\":[1]}]\n",
    s->on_span = TG_SPAN_BARE)
TEXT_UNDER(
    sums, "[{\"str_tokens\":[\"a\"],\"acts\":[1]}]\n", s->aggregate = true)
TEXT_UNDER(no_graph, GRAPH, s->graphs_allowed = false)

/* The number of French social security has a code of its own. */
static void
nir(const struct reason_case *c TG_UNUSED)
{
	static const char rules[] =
	    "version: 1\npack: nir\nrules:\n"
	    "  - id: t.nir\n    type: FR_NIR\n"
	    "    category: direct_identifier\n    pattern: 'NIR[0-9]{3}'\n"
	    "    boundary: none\n    score: {base: 90}\n"
	    "    examples: {match: ['[[NIR123]]', 'a [[NIR999]]'], "
	    "no_match: ['NIR', 'x']}\n";
	struct way w;
	struct tg_rules *own = NULL;
	struct tg_pass pass;
	const char *code = NULL;

	way_init(&w, TG_MODE_EXPORT);
	const char *pack = scratch_path(&w.s, "nir.yaml");
	const struct tg_rules_src src = {&pack, 1, NULL, 0};

	scratch_put(pack, TG_SV(rules));
	ck_assert_msg(tg_rules_load(&own, &src, &w.err) == 0, "%s", w.err.text);
	ck_assert_int_eq(
	    tg_pass_init(&pass, &w.set, own, w.attrs, w.counts, &w.err), 0);
	tg_scanner_set(pass.scanner,
	    (uint16_t)tg_rules_type_find(own, "FR_NIR"), 50,
	    TG_ACT_DROP_RECORD);
	w.rec.raw = TG_SV("{\"text\":\"it is NIR123\"}");
	ck_assert_int_eq(tg_pass_record(&pass, &w.rec, &code, &w.err), 0);
	saw_counts(w.counts);
	tg_pass_deinit(&pass);
	tg_rules_free(own);
	way_deinit(&w);
}

/* ---- tensor files ------------------------------------------------------ */

struct tensors {
	const char *tensor; /* beside the ids: rows of three numbers */
	const uint8_t *ids;
	enum tg_span_rule rule;
	bool text_drops, no_vocab, first, window;
};

static void
tensor_file(const struct reason_case *c)
{
	static const uint8_t at_once[POSITIONS] = {4, 5, 6, 7, 8, 9, 9, 9, 9};
	static const uint64_t shape[3] = {POSITIONS, 2, 4};
	const struct tensors *x = c->arg;
	const uint8_t *rows = x->first ? at_once : x->ids;
	struct file f;

	begin(&f, TG_MODE_EXPORT);
	f.w.set.on_span = x->rule;
	f.w.set.text_drops = x->text_drops;
	f.w.pass.whole = !x->window;
	if (x->no_vocab)
		f.w.pass.vocab = NULL;
	ids(&f, "token_ids", &rows, 1, false);
	(void)tensor(&f, x->tensor, TG_DTYPE_BF16, 3, shape);
	go(&f, "x.safetensors");
	saw_counts(f.w.counts);
	end(&f);
}

static const struct tensors context = {.tensor = "hidden_states",
				.ids = email,
				.rule = TG_SPAN_RECORD},
			    position = {.tensor = "hidden_states",
				.ids = email,
				.rule = TG_SPAN_FROM,
				.first = true},
			    unscanned = {.tensor = "hidden_states",
				.ids = clean,
				.rule = TG_SPAN_FROM,
				.no_vocab = true},
			    source = {.tensor = "hidden_states",
				.ids = clean,
				.rule = TG_SPAN_FROM,
				.text_drops = true},
			    start = {.tensor = "hidden_states",
				.ids = clean,
				.rule = TG_SPAN_FROM,
				.window = true},
			    stranger = {.tensor = "nobody_knows_this",
				.ids = clean,
				.rule = TG_SPAN_FROM};

/* Four features a token, and three at most. */
static void
too_many_features(const struct reason_case *c TG_UNUSED)
{
	const uint8_t *const text[] = {clean};
	const char *const map[] = {"acts=bp.:sae_topk"};
	const uint64_t shape[] = {1, POSITIONS, 4};
	struct file f;

	begin(&f, TG_MODE_EXPORT);
	f.w.set.tensor_map = (struct tg_tensor_map){map, 1};
	f.w.set.topk = 3;
	ids(&f, "tokens", text, 1, true);
	(void)tensor(&f, "acts", TG_DTYPE_F16, 3, shape);
	go(&f, "acts");
	saw_counts(f.w.counts);
	end(&f);
}

/* ---- groups ------------------------------------------------------------ */

static void
one_text_for_all(const struct reason_case *c TG_UNUSED)
{
	static const char *const record[] = {
	    "{\"id\":\"a\",\"text\":\"x\"}", "{\"id\":\"b\",\"text\":\"x\"}"};
	static const struct tg_class_limits limits = {.k = 1, .l = 2};
	static const uint8_t key[TG_KEY_LEN] = {7};
	struct tg_class_result got;
	struct tg_classes *classes = NULL;
	struct tg_quasi q;
	struct way w;

	way_init(&w, TG_MODE_EXPORT);
	ck_assert_int_eq(
	    tg_classes_new(&classes, scratch_path(&w.s, "classes"), 4096, NULL),
	    0);
	tg_quasi_init(&q, classes, key);
	w.pass.quasi = &q;
	for (unsigned pass = 0; pass < 2; pass++) {
		q.second = pass == 1;
		for (size_t i = 0; i < TG_COUNT(record); i++)
			ck_assert_ptr_nonnull(way_go(&w, record[i]));
		if (pass == 0)
			ck_assert_int_eq(
			    tg_classes_finish(classes, &limits, &got, NULL), 0);
	}
	saw_counts(w.counts);
	w.pass.quasi = NULL;
	tg_quasi_deinit(&q);
	tg_classes_free(classes);
	way_deinit(&w);
}

static void
too_many_would_go(const struct reason_case *c TG_UNUSED)
{
	const struct tg_anonymity a = {.measured = true,
	    .enforced = true,
	    .limits = {.k = 5},
	    .max_suppressed_ppb = 50000000,
	    .result = {.before = {.rows = 10}, .small = 1}};
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_int_eq(tg_anonymity_judge(&a, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_NO);
	saw_in(err.text);
}

static void
planted_and_missed(const struct reason_case *c TG_UNUSED)
{
	const struct tg_canaries planted = {.per_type = 20,
	    .min_ppb = {1000000000, 950000000},
	    .n = 1,
	    .type = {{.type = "EMAIL", .planted = 20, .found = 19}}};
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_int_eq(tg_canaries_judge(&planted, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_NO);
	saw_in(err.text);
}

static void
stored_elsewhere(const struct reason_case *c TG_UNUSED)
{
	const struct tg_sink_place paris = {
	    .asked = true, .region = "eu-west-3", .country = "FR"};
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_int_eq(tg_residency_judge(&paris, "GB", &err), -1);
	ck_assert_int_eq(err.cls, TG_E_NO);
	saw_in(err.text);
}

/* A server that does not answer. */
static int
no_answer(struct tg_sink *s TG_UNUSED, enum tg_sink_versions *v TG_UNUSED,
    struct tg_err *err)
{
	return tg_fail(err, TG_E_IO, "no answer");
}

static void
versions_unknown(const struct reason_case *c TG_UNUSED)
{
	static const struct tg_sink_ops ops = {.versions = no_answer};
	struct tg_sink mute = {.ops = &ops, .url = NULL};
	struct tg_json *m = NULL;
	enum tg_sink_versions v;
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_int_eq(
	    tg_json_parse(&m, TG_SV("{\"bucket\":{\"ask_versions\":true}}"),
		"manifest", &err),
	    0);
	mute.url = strdup("s3://b");
	ck_assert_int_eq(tg_bucket_check(&v, m, &mute, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	saw_in(err.text);
	free(mute.url);
	tg_json_free(m);
}

/* 10 of 10 bytes are gone and one more would go, or the one is over 9. */
static void
month(const struct reason_case *c)
{
	const bool over = strcmp(c->code, "BUD-CAP") == 0;
	struct tg_json *m = NULL;
	struct tg_budget b;
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_int_eq(
	    tg_json_parse(&m,
		TG_SV("{\"budget\":{\"cap_bytes\":10,\"warn_bytes\":9}}"),
		"manifest", &err),
	    0);
	ck_assert_int_eq(
	    tg_budget_judge(&b, m, over ? 10 : 9, 1, &err), over ? -1 : 0);
	ck_assert(over || b.warn);
	saw_in(over ? err.text : b.say);
	tg_json_free(m);
}

/* The recipient has got nothing yet: half of the threshold, in one export. */
static void
persons(const struct reason_case *c TG_UNUSED)
{
	static const char text[] =
	    "{\"us_dsp\":{\"window_days\":365,\"block_ppb\":1000000000,"
	    "\"warn_ppb\":500000000,\"counts\":[{\"category\":\"health\","
	    "\"persons\":50,\"threshold\":100}]}}";
	struct tg_ledger *l = NULL;
	struct tg_json *m = NULL;
	struct book b;
	struct tg_err err = {.cls = TG_E_NONE};
	char say[TG_DSP_SAY];

	book_init(&b);
	book_create(&b);
	l = book_open(&b);
	ck_assert_int_eq(tg_json_parse(&m, TG_SV(text), "manifest", &err), 0);
	ck_assert_int_eq(tg_dsp_check(say, m, l, b.s.clock.now, &err), 0);
	saw_in(say);
	tg_json_free(m);
	tg_ledger_free(l);
	book_deinit(&b);
}

/* ---- the recheck ------------------------------------------------------- */

static void
recheck(const struct reason_case *c)
{
	const char *left = c->arg;
	char policies[512], regions[512];
	const char *const region[] = {"uk"};
	const struct tg_policy_src src = {.policy_dir = policies,
	    .region_dir = regions,
	    .region = region,
	    .n_region = 1};
	const char *root = getenv("TG_ROOT");
	struct tg_policy *p = NULL;
	struct tg_members m;
	struct tg_recheck r;
	struct way w;
	static const uint8_t seed[TG_KEY_LEN];

	root = root == NULL ? "." : root;
	(void)snprintf(policies, sizeof(policies), "%s/policies", root);
	(void)snprintf(regions, sizeof(regions), "%s/regions", root);
	way_init(&w, TG_MODE_EXPORT);
	ck_assert_int_eq(tg_policy_compile(&p, &src, &w.err), 0);
	ck_assert_int_eq(
	    tg_members_init(&m, scratch_path(&w.s, "spool"), seed, &w.err), 0);
	ck_assert_int_eq(tg_members_open(&m, "data/jsonl/a.jsonl", &w.err), 0);
	ck_assert_int_eq(
	    tg_members_add(&m, tg_sv_of(left), TG_SV("\n"), &w.err), 0);
	ck_assert_int_eq(tg_members_close(&m, &w.err), 0);
	ck_assert_msg(
	    tg_s70_recheck(&r, &m, w.rules, w.attrs, p, 1, &w.err) == 0, "%s",
	    w.err.text);
	ck_assert_int_eq(tg_recheck_clean(&r, &w.err), -1);
	ck_assert_int_eq(w.err.cls, TG_E_NO);
	saw_in(w.err.text);
	tg_members_deinit(&m);
	tg_policy_free(p);
	way_deinit(&w);
}

const struct reason_case reasons_of_records[] = {
    {"DEC-JSON", file, &no_json},
    {"DEC-UTF8", file, &no_utf8},
    {"DEC-FORMAT", file, &no_format},
    {"DEC-EMPTY", file, &nothing},
    {"DEC-TRUNCATED", file, &cut_off},
    {"DEC-KEY", file, &twice},
    {"DEC-STREAM", file, &piece},
    {"DEC-DEPTH", file, &deep},
    {"DEC-NUMBER", file, &digits},
    {"DEC-SIZE", file, &large},
    {"LIM-PARTS", file, &parts},
    {"SMP-OUT", file, &out},
    {"SMP-CAP-SUBJECT", file, &person},
    {"SMP-CAP-TOTAL", file, &total},
    {"RED-DROP-RECORD", file, &drop},
    {"RED-NIR", nir, NULL},
    {"RED-ENGINE-ERROR", file, &no_token},
    {"RED-LANGUAGE", file, &german},
    {"LIM-TOKENS", file, &tokens},
    {"LIM-BYTES", file, &size},
    {"RET-EXPIRED", file, &old},
    {"RET-HELD", file, &held},
    {"ANO-AGGREGATE", file, &sums},
    {"ACT-PROMPT", file, &graph},
    {"ACT-RECAPTURE", file, &again},
    {"ACT-KIND", file, &no_graph},
    {"ACT-BARE", file, &no_numbers},
    {"ACT-CONTEXT", tensor_file, &context},
    {"ACT-POS", tensor_file, &position},
    {"ACT-UNSCANNED", tensor_file, &unscanned},
    {"ACT-SOURCE", tensor_file, &source},
    {"ACT-TENSOR", tensor_file, &stranger},
    {"ACT-START", tensor_file, &start},
    {"ACT-TOPK", too_many_features, NULL},
    {"ANO-L", one_text_for_all, NULL},
    {"ANO-SUPPRESSED", too_many_would_go, NULL},
    {"GATE-CANARY", planted_and_missed, NULL},
    {"TGT-VERSIONING", versions_unknown, NULL},
    {"BUD-WARN", month, NULL},
    {"BUD-CAP", month, NULL},
    {"DSP-WARN", persons, NULL},
    {"TGT-RESIDENCY-MISMATCH", stored_elsewhere, NULL},
    {"REC-RESIDUE", recheck, "{\"text\":\"to a@example.org\"}"},
    {"GATE-NOT-RUN", recheck, "{}"},
};
const size_t n_reasons_of_records = TG_COUNT(reasons_of_records);
