/* What another policy would have decided, from a log that is made up. */
#include "pipeline/replay.h"

#include "base/digest.h"
#include "pipeline/facts.h"
#include "policies/decided.h"
#include "tests/unit/pipeline/uk_policy.h"

#include "base/banned.h"

Suite *replay_suite(void);

#define TEXT_MAX (1u << 16)
#define NOON (1795478400 + 43200) /* of 2026-11-24 */
#define KEY "0100000000000000000000000000000000000000000000000000000000000000"

struct rig {
	struct scratch s;
	struct tg_err err;
	struct tg_policy *was, *is;
	struct tg_json *decided, *model;
	struct tg_replay_in in;
	char scratch[256];
	bool real;
	uint64_t rate_ppb, asked_ppb;
};

static void
rig_init(struct rig *r, const char *was, const char *is)
{
	*r = (struct rig){.rate_ppb = 1000000000, .asked_ppb = 1000000000};
	scratch_init(&r->s);
	r->was = uk_policy(&r->s, was);
	r->is = uk_policy(&r->s, is);
	ck_assert_int_eq(
	    tg_policy_decided(&r->decided, r->was, "debug", &r->err), 0);
	ck_assert_int_eq(
	    tg_fs_mkdirs(scratch_path(&r->s, TG_FACTS_DIR), 0700, &r->err), 0);
	(void)snprintf(r->scratch, sizeof(r->scratch), "%s",
	    scratch_path(&r->s, "classes"));
	r->in = (struct tg_replay_in){.run = "EXP-1",
	    .run_dir = r->s.dir,
	    .decided = r->decided,
	    .policy = r->is,
	    .rules_sha256 = "r",
	    .names_sha256 = "n",
	    .attributes_sha256 = "a",
	    .origin = "GB",
	    .retention_class = "debug",
	    .as_of = NOON,
	    .scratch = r->scratch};
}

static void
rig_deinit(struct rig *r)
{
	tg_json_free(r->model);
	tg_json_free(r->decided);
	tg_policy_free(r->was);
	tg_policy_free(r->is);
	scratch_deinit(&r->s);
}

static void
put(struct rig *r, const char *name, const struct tg_buf *b)
{
	ck_assert_int_eq(tg_fs_write(scratch_path(&r->s, name), tg_buf_sv(b),
			     0600, TG_FS_OVERWRITE, &r->err),
	    0);
}

/* The log of units that end @unit, NULL-terminated, and @list of the draw. */
static void
stored(struct rig *r, const char *const *unit, const char *list)
{
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	struct tg_buf b;
	int bad = 0, n = 0;

	tg_buf_init(&b, TEXT_MAX);
	bad |= tg_buf_addf(&b, NULL,
	    "{\"line\":\"facts\",\"schema\":\"" TG_FACTS_SCHEMA
	    "\",\"run\":\"EXP-1\",\"unit\":\"trace\",\"inputs\":[{\"file\":"
	    "\"a.jsonl\",\"real\":%s}],\"rate_ppb\":%llu,\"asked_ppb\":%llu,"
	    "\"all_synthetic\":%s,\"max_tokens\":1000,\"max_bytes\":4194304,"
	    "\"oldest\":%d,\"rules_sha256\":\"r\",\"names_sha256\":\"n\","
	    "\"attributes_sha256\":\"a\"}\n",
	    r->real ? "true" : "false", (unsigned long long)r->rate_ppb,
	    (unsigned long long)r->asked_ppb, r->real ? "false" : "true",
	    NOON - 30 * 86400);
	for (; unit[n] != NULL; n++)
		bad |= tg_buf_addf(&b, NULL,
		    "{\"line\":\"unit\",\"input\":0,\"record\":%d,\"unit\":1,"
		    "\"draw\":\"00000000000000%02x\",\"bytes\":100,%s}\n",
		    n + 1, (unsigned)n, unit[n]);
	ck_assert_int_eq(tg_sha256_bytes(digest, b.p, b.n, &r->err), 0);
	tg_sha256_hex(hex, digest);
	bad |= tg_buf_addf(&b, NULL,
	    "{\"inputs\":[{\"quarantined\":0,\"records\":%d}],\"line\":\"end\","
	    "\"sha256\":\"%s\",\"units\":%d,\"unwritten\":0}\n",
	    n, hex, n);
	put(r, TG_FACTS_FILE, &b);
	tg_buf_reset(&b);
	bad |= tg_buf_adds(&b, "tracegate-sample/1 " KEY "\n", NULL);
	for (int i = 0; list == NULL && i < n; i++)
		bad |= tg_buf_addf(
		    &b, NULL, "00000000000000%02x 1 1\n", (unsigned)i);
	bad |= tg_buf_adds(&b, list == NULL ? "" : list, NULL);
	put(r, "sample.txt", &b);
	tg_buf_deinit(&b);
	ck_assert_int_eq(bad, 0);
}

static void
go(struct rig *r)
{
	ck_assert_msg(
	    tg_replay(&r->model, &r->in, &r->err) == 0, "%s", r->err.text);
}

static int64_t
figure(const struct rig *r, const char *part, const char *key)
{
	return tg_json_get_int(tg_json_get(r->model, part), key, -1);
}

/* "code", or "? why", of record @no; "as before" where it is not listed. */
static const char *
of(const struct rig *r, int64_t no)
{
	static char text[64];
	const struct tg_json *list = tg_json_get(r->model, "list");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *o = tg_json_at(list, i);
		const struct tg_json *is = tg_json_get(o, "is");
		const char *why = tg_json_get_str(is, "why", "");

		if (tg_json_get_int(o, "record", 0) != no)
			continue;
		(void)snprintf(text, sizeof(text), "%s%s%s",
		    why[0] == '\0' ? "" : "? ", why,
		    tg_json_get_str(is, "code", ""));
		return text;
	}
	return "as before";
}

/* ---- one record -------------------------------------------------------- */

#define FOUND(type, score, action, more)                     \
	"\"found\":[{\"type\":\"" type "\",\"score\":" score \
	",\"action\":\"" action "\",\"field\":\"text\"" more "}]"
#define DROPPED(stage, code) "\"stage\":\"" stage "\",\"code\":\"" code "\","
#define EMAIL(leaf) "redaction: {detectors: {EMAIL: {" leaf "}}}\n"
#define PHONE(leaf) "redaction: {detectors: {PHONE: {" leaf "}}}\n"
#define TOKENS(n) "limits: {max_tokens_per_trace: " n "}\n"
#define AS_BEFORE "as before"

static const struct {
	const char *was, *is; /* lines of a project */
	const char *unit;
	const char *want;
	int text; /* leaves with another one */
} rows[] = {
    {"", "", FOUND("EMAIL", "90", "label", ""), AS_BEFORE, 0},
    {"", EMAIL("action: drop_record"), FOUND("EMAIL", "90", "label", ""),
	"RED-DROP-RECORD", 0},
    {"", EMAIL("action: drop_record"), FOUND("PHONE", "90", "label", ""),
	AS_BEFORE, 0},
    {EMAIL("action: drop_record"), "",
	DROPPED("redact", "RED-DROP-RECORD")
	    FOUND("EMAIL", "90", "drop_record", ""),
	"", 1},
    {"", EMAIL("action: redact"), FOUND("EMAIL", "90", "label", ""), AS_BEFORE,
	1},
    /* What score is enough.  A lower minimum is stricter. */
    {EMAIL("min_score: 0.30"), "", FOUND("EMAIL", "40", "label", ""), AS_BEFORE,
	1},
    {EMAIL("min_score: 0.30, action: drop_record"),
	EMAIL("action: drop_record"),
	DROPPED("redact", "RED-DROP-RECORD")
	    FOUND("EMAIL", "40", "drop_record", ""),
	"", 1},
    {EMAIL("min_score: 0.30, action: drop_record"),
	EMAIL("action: drop_record"),
	DROPPED("redact", "RED-DROP-RECORD")
	    FOUND("EMAIL", "40", "drop_record", ",\"higher\":true"),
	"? score", 0},
    {"", EMAIL("min_score: 0.30"), "\"found\":[],\"nearly\":true", "? score",
	0},
    {"", EMAIL("min_score: 0.30"), "\"found\":[]", AS_BEFORE, 0},
    /* Where the log does not say all. */
    {"", PHONE("action: drop_record"),
	FOUND("EMAIL", "90", "label", ",\"mixed\":true"), "? mixed", 0},
    {"", EMAIL("action: drop_record"),
	FOUND("EMAIL", "90", "label", ",\"mixed\":true"), "RED-DROP-RECORD", 0},
    {"", PHONE("action: drop_record"),
	FOUND("EMAIL", "90", "label", "") ",\"more\":3,\"lost\":1", "? more",
	0},
    {"", PHONE("action: drop_record"),
	FOUND("EMAIL", "90", "label",
	    "") ",\"more\":3,\"rest\":[{\"type\":\"PHONE\",\"score\":80,"
		"\"action\":\"label\",\"n\":3}]",
	"RED-DROP-RECORD", 0},
    {"", PHONE("action: redact"),
	FOUND("EMAIL", "90", "label", "") ",\"more\":3,\"lost\":3", AS_BEFORE,
	0},
    {"", PHONE("action: redact"),
	DROPPED("redact", "RED-DROP-RECORD") "\"found\":["
					     "{\"type\":\"PHONE\",\"score\":90,"
					     "\"action\":\"label\"},"
					     "{\"type\":\"SECRET\",\"score\":"
					     "95,\"action\":\"drop_record\","
					     "\"again\":true}]",
	"? text", 0},
    {EMAIL("action: drop_record"), "",
	DROPPED("redact", "RED-DROP-RECORD") "\"foreign\":true," FOUND(
	    "EMAIL", "90", "drop_record", ""),
	"RED-LANGUAGE", 0},
    {"", "anonymisation: {free_text: none}\n",
	FOUND("EMAIL", "90", "label", ""), "? text", 0},
    {"", "redaction: {number_becomes: \"null\"}\n",
	FOUND("EMAIL", "90", "label", ""), AS_BEFORE, 1},
    /* Activations. */
    {"", "activations: {on_span: drop_record}\n",
	"\"activations\":true,\"format\":\"neuronpedia-export\",\"found\":[]",
	"? activations", 0},
    {"", "activations: {on_span: drop_record}\n",
	"\"format\":\"jsonl\",\"found\":[]", AS_BEFORE, 0},
    {"", "activations: {kinds_allow: [sae_topk]}\n",
	"\"activations\":true,\"format\":\"attribution-graph\",\"found\":[]",
	"ACT-KIND", 0},
    {"", EMAIL("action: redact"),
	"\"activations\":true,\"format\":\"tensors\"," FOUND(
	    "EMAIL", "90", "label", ""),
	AS_BEFORE, 1},
    {"", EMAIL("action: drop_field"),
	"\"activations\":true,\"format\":\"tensors\"," FOUND(
	    "EMAIL", "90", "label", ""),
	"? activations", 0},
    {"activations: {form: aggregate_only}\n"
     "limits: {max_bytes_per_trace: 99}\n",
	"activations: {form: aggregate_only}\n",
	DROPPED("limit", "LIM-BYTES") "\"activations\":true,\"found\":[]",
	"? activations", 0},
    /* Limits. */
    {"", TOKENS("500"), "\"tokens\":600,\"found\":[]", AS_BEFORE, 1},
    {"", TOKENS("500"), "\"tokens\":500,\"found\":[]", AS_BEFORE, 0},
    {"", "limits: {on_exceed: drop_record}\n", "\"tokens\":1001,\"found\":[]",
	"LIM-TOKENS", 0},
    {"", "limits: {on_exceed: drop_record}\n", "\"tokens\":1000,\"found\":[]",
	AS_BEFORE, 0},
    {"", TOKENS("500"), "\"tokens\":600,\"own_tokens\":600,\"found\":[]",
	"LIM-TOKENS", 0},
    {"", "limits: {max_bytes_per_trace: 99}\n", "\"found\":[]", "LIM-BYTES", 0},
    {"limits: {max_bytes_per_trace: 99}\n", "",
	DROPPED("limit", "LIM-BYTES") "\"tokens\":5,\"found\":[]", "", 0},
    /* 15 days before noon of the day of the run. */
    {"", "retention: {data: {debug: {max_days: 15}}}\n",
	"\"day\":20765,\"found\":[]", "RET-EXPIRED", 0},
    {"", "retention: {data: {debug: {max_days: 15}}}\n",
	"\"day\":20766,\"found\":[]", "? day", 0},
    {"", "retention: {data: {debug: {max_days: 15}}}\n",
	"\"day\":20767,\"found\":[]", AS_BEFORE, 0},
    /* What was not sampled, or not understood. */
    {"sampling: {caps: {max_records_per_subject: 1}}\n", "",
	DROPPED("sample", "SMP-CAP-SUBJECT") "\"who\":\"aa\",\"found\":[]",
	"? undrawn", 0},
    {"", EMAIL("action: drop_record"),
	DROPPED("decode", "DEC-EMPTY") "\"found\":[]", AS_BEFORE, 0},
};

START_TEST(a_record_is_decided_by_what_the_log_tells)
{
	const char *const unit[] = {rows[_i].unit, NULL};
	struct rig r;

	rig_init(&r, rows[_i].was, rows[_i].is);
	stored(&r, unit,
	    strstr(rows[_i].unit, "\"sample\"") != NULL ||
		    strstr(rows[_i].unit, "\"decode\"") != NULL
		? "0000000000000000 1 0\n"
		: NULL);
	go(&r);
	ck_assert_msg(strcmp(of(&r, 1), rows[_i].want) == 0,
	    "%d: %s: %s, not %s", _i, rows[_i].unit, of(&r, 1), rows[_i].want);
	ck_assert_msg(figure(&r, "records", "other_text") == rows[_i].text,
	    "%d: other text", _i);
	ck_assert_int_eq(figure(&r, "records", "same") +
		figure(&r, "records", "moved") +
		figure(&r, "records", "unknown"),
	    figure(&r, "records", "read"));
	rig_deinit(&r);
}
END_TEST

/* What leaves, or may, and did not. */
START_TEST(a_record_that_may_leave_is_looser)
{
	size_t loose = 0;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const char *const unit[] = {rows[i].unit, NULL};
		const bool was_out = strstr(rows[i].unit, "\"code\"") != NULL;
		const bool may =
		    rows[i].want[0] == '\0' || rows[i].want[0] == '?';
		struct rig r;

		rig_init(&r, rows[i].was, rows[i].is);
		stored(&r, unit, NULL);
		go(&r);
		ck_assert_msg(tg_json_get_bool(r.model, "looser", false) ==
			(was_out && may),
		    "%zu", i);
		loose += was_out && may;
		rig_deinit(&r);
	}
	ck_assert_uint_gt(loose, 3);
}
END_TEST

START_TEST(other_rules_leave_nothing_to_tell_but_the_draw)
{
	static const char *const unit[] = {"\"found\":[]",
	    DROPPED("redact", "RED-DROP-RECORD")
		FOUND("SECRET", "95", "drop_record", ""),
	    NULL};
	struct rig r;

	rig_init(&r, "", "");
	stored(&r, unit, NULL);
	r.in.names_sha256 = "others";
	go(&r);
	ck_assert_str_eq(of(&r, 1), "? rules");
	ck_assert_str_eq(of(&r, 2), "? rules");
	ck_assert(tg_json_get_bool(r.model, "looser", false));
	rig_deinit(&r);
}
END_TEST

/* ---- the draw ---------------------------------------------------------- */

static const char caps[] =
    "sampling: {caps: {max_records: %d, max_records_per_subject: %d}}\n";

START_TEST(caps_take_the_same_as_in_a_run)
{
	static const char *const unit[] = {"\"who\":\"aa\",\"found\":[]",
	    "\"who\":\"aa\",\"found\":[]", "\"who\":\"bb\",\"found\":[]",
	    "\"who\":\"aa\",\"found\":[]", "\"found\":[]", "\"found\":[]",
	    NULL};
	char lines[128];
	struct rig r;

	(void)snprintf(lines, sizeof(lines), caps, 4, 2);
	rig_init(&r, "", lines);
	stored(&r, unit, NULL);
	go(&r);
	ck_assert_str_eq(of(&r, 3), AS_BEFORE);
	ck_assert_str_eq(of(&r, 4), "SMP-CAP-SUBJECT");
	ck_assert_str_eq(of(&r, 5), AS_BEFORE);
	ck_assert_str_eq(of(&r, 6), "SMP-CAP-TOTAL");
	rig_deinit(&r);
}
END_TEST

/* One was drawn, and nothing of it is in the log: whether it is before the cap
 * or behind cannot be told. */
START_TEST(a_cap_that_others_could_fill_cannot_be_told)
{
	static const char *const unit[] = {"\"who\":\"aa\",\"found\":[]",
	    "\"who\":\"aa\",\"found\":[]", "\"who\":\"bb\",\"found\":[]", NULL};
	char lines[128];
	struct rig r;

	(void)snprintf(lines, sizeof(lines), caps, 100, 2);
	rig_init(&r, "", lines);
	stored(&r, unit,
	    "0000000000000000 1 1\n0000000000000001 1 1\n"
	    "0000000000000002 1 1\n0000000000000003 1 1\n");
	go(&r);
	ck_assert_str_eq(of(&r, 1), AS_BEFORE);
	ck_assert_str_eq(of(&r, 2), "? caps");
	ck_assert_str_eq(of(&r, 3), AS_BEFORE);
	rig_deinit(&r);
}
END_TEST

START_TEST(a_lower_rate_keeps_a_part_and_a_higher_one_finds_others)
{
	static const char *const unit[] = {"\"found\":[]", NULL};
	/* 2^64 * 0.01 is 028f5c28f5c28f5c. */
	static const char list[] = "0000000000000000 1 1\n"
				   "0100000000000000 3 0\n"
				   "0300000000000000 2 0\n";
	struct rig r;

	rig_init(&r, "", "");
	r.asked_ppb = 0; /* the policy's 1 % */
	r.rate_ppb = 1;
	r.real = true;
	stored(&r, unit, list);
	go(&r);
	ck_assert_int_eq(figure(&r, "draw", "is_ppb"), 10000000);
	ck_assert_int_eq(figure(&r, "draw", "new"), 3);
	ck_assert_int_eq(figure(&r, "records", "unknown"), 4);
	ck_assert_str_eq(of(&r, 1), "? groups"); /* three more may be in it */
	ck_assert(tg_json_get_bool(r.model, "looser", false));
	rig_deinit(&r);
}
END_TEST

START_TEST(a_rate_that_is_not_allowed_stops_before_the_first_record)
{
	static const char *const unit[] = {"\"found\":[]", NULL};
	const struct tg_json *is;
	struct rig r;

	rig_init(&r, "", "sampling: {rate_max_synthetic: 0.5}\n");
	stored(&r, unit, NULL);
	go(&r);
	is = tg_json_get(tg_json_get(r.model, "stops"), "is");
	ck_assert_str_eq(
	    tg_json_get_str(tg_json_at(is, 0), "code", ""), "SMP-RATE");
	ck_assert_uint_eq(tg_json_len(tg_json_get(r.model, "list")), 0);
	rig_deinit(&r);
}
END_TEST

/* ---- groups ------------------------------------------------------------ */

#define ROW(n, class, said)                                              \
	"\"found\":[],\"row\":" n ",\"trace\":\"00000000000000a" n       \
	"\",\"by\":2,\"subject\":\"00000000000000b" n                    \
	"\",\"class\":\"00000000000000c" class "\",\"said\":\"000000000" \
					       "00000d" said "\""
#define SIX                                                         \
	ROW("1", "1", "1"), ROW("2", "1", "2"), ROW("3", "1", "1"), \
	    ROW("4", "1", "2"), ROW("5", "1", "1"), ROW("6", "1", "2")
#define THREE ROW("7", "2", "1"), ROW("8", "2", "1"), ROW("9", "2", "1")

static void
groups(struct rig *r, const char *is, const char *const *unit)
{
	rig_init(r, "", is);
	r->real = true;
	r->asked_ppb = r->rate_ppb = 50000000;
	stored(r, unit, NULL);
	go(r);
}

START_TEST(groups_are_counted_again)
{
	static const char *const unit[] = {SIX, THREE, NULL};
	const struct tg_json *is;
	struct rig r;

	groups(&r, "anonymisation: {k_min: 6}\n", unit);
	ck_assert_str_eq(of(&r, 6), AS_BEFORE);
	ck_assert_str_eq(of(&r, 7), "ANO-K");
	is = tg_json_get(tg_json_get(r.model, "stops"), "is");
	ck_assert_str_eq(
	    tg_json_get_str(tg_json_at(is, 0), "code", ""), "ANO-SUPPRESSED");
	rig_deinit(&r);
	groups(&r, "anonymisation: {k_min: 7}\n", unit);
	ck_assert_str_eq(of(&r, 1), "ANO-K");
	rig_deinit(&r);
	groups(&r,
	    "anonymisation: {l_min: 2}\nprovenance: "
	    "{\"/anonymisation/l_min\": choice}\n",
	    unit);
	ck_assert_str_eq(of(&r, 1), AS_BEFORE);
	rig_deinit(&r);
}
END_TEST

/* A record that goes takes its group down; one that is unknown can only make it
 * larger. */
START_TEST(who_goes_before_does_not_count)
{
	static const char *const goes[] = {ROW("1", "1", "1"),
	    ROW("2", "1", "1"), ROW("3", "1", "1"), ROW("4", "1", "1"),
	    ROW("5", "1", "1") ",\"own_tokens\":2000", NULL};
	static const char *const open[] = {
	    SIX, THREE, "\"found\":[],\"nearly\":true", NULL};
	struct rig r;

	groups(&r, "anonymisation: {k_min: 5}\n", goes);
	ck_assert_str_eq(of(&r, 1), "ANO-K");
	ck_assert_str_eq(of(&r, 5), "LIM-TOKENS");
	rig_deinit(&r);
	groups(&r, EMAIL("min_score: 0.30"), open);
	ck_assert_str_eq(of(&r, 1), AS_BEFORE);
	ck_assert_str_eq(of(&r, 7), "? groups");
	ck_assert_str_eq(of(&r, 10), "? score");
	rig_deinit(&r);
}
END_TEST

START_TEST(other_fields_make_other_groups)
{
	static const char *const unit[] = {SIX, NULL};
	struct rig r;

	groups(&r, "anonymisation: {date_granularity: month}\n", unit);
	ck_assert_str_eq(of(&r, 1), "? groups");
	rig_deinit(&r);
}
END_TEST

/* ---- the run ----------------------------------------------------------- */

START_TEST(a_finding_can_block_the_run_and_nothing_can_be_left)
{
	static const char *const unit[] = {
	    FOUND("EMAIL", "90", "label", ""), NULL};
	const struct tg_json *is;
	struct rig r;

	rig_init(&r, "", EMAIL("action: block_run"));
	stored(&r, unit, NULL);
	go(&r);
	is = tg_json_get(tg_json_get(r.model, "stops"), "is");
	ck_assert_uint_eq(tg_json_len(is), 2);
	rig_deinit(&r);
}
END_TEST

START_TEST(who_must_approve_is_told_of_both)
{
	static const char *const unit[] = {"\"found\":[]", NULL};
	const struct tg_json *both;
	struct rig r;

	rig_init(&r, "",
	    "approvals: {per_bundle: {distinct_persons: 3, expires_days: 7}}"
	    "\n");
	stored(&r, unit, NULL);
	go(&r);
	both = tg_json_get(r.model, "approvals");
	ck_assert_int_eq(
	    tg_json_get_int(tg_json_get(both, "was"), "distinct_persons", 0),
	    2);
	ck_assert_int_eq(
	    tg_json_get_int(tg_json_get(both, "is"), "distinct_persons", 0), 3);
	ck_assert_int_eq(
	    tg_json_get_int(tg_json_get(both, "is"), "expires_days", 0), 7);
	rig_deinit(&r);
}
END_TEST

START_TEST(a_log_that_is_gone_or_changed_is_not_replayed)
{
	static const char *const unit[] = {"\"found\":[]", NULL};
	struct rig r;

	rig_init(&r, "", "");
	stored(&r, unit, NULL);
	r.in.facts_sha256 = KEY;
	ck_assert_int_eq(tg_replay(&r.model, &r.in, &r.err), -1);
	ck_assert_int_eq(r.err.cls, TG_E_INTEGRITY);
	r.in.facts_sha256 = NULL;
	ck_assert_int_eq(unlink(scratch_path(&r.s, "sample.txt")), 0);
	ck_assert_int_eq(tg_replay(&r.model, &r.in, &r.err), -1);
	ck_assert_int_eq(r.err.cls, TG_E_NO);
	ck_assert_int_eq(unlink(scratch_path(&r.s, TG_FACTS_FILE)), 0);
	ck_assert_int_eq(tg_replay(&r.model, &r.in, &r.err), -1);
	ck_assert_int_eq(r.err.cls, TG_E_NO);
	rig_deinit(&r);
}
END_TEST

Suite *
replay_suite(void)
{
	Suite *s = suite_create("pipeline/replay");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(
	    t, a_record_is_decided_by_what_the_log_tells, 0, TG_COUNT(rows));
	tcase_add_test(t, a_record_that_may_leave_is_looser);
	tcase_add_test(t, other_rules_leave_nothing_to_tell_but_the_draw);
	tcase_add_test(t, caps_take_the_same_as_in_a_run);
	tcase_add_test(t, a_cap_that_others_could_fill_cannot_be_told);
	tcase_add_test(
	    t, a_lower_rate_keeps_a_part_and_a_higher_one_finds_others);
	tcase_add_test(
	    t, a_rate_that_is_not_allowed_stops_before_the_first_record);
	tcase_add_test(t, groups_are_counted_again);
	tcase_add_test(t, who_goes_before_does_not_count);
	tcase_add_test(t, other_fields_make_other_groups);
	tcase_add_test(t, a_finding_can_block_the_run_and_nothing_can_be_left);
	tcase_add_test(t, who_must_approve_is_told_of_both);
	tcase_add_test(t, a_log_that_is_gone_or_changed_is_not_replayed);
	suite_add_tcase(s, t);
	return s;
}
