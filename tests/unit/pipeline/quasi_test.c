/* quasi_test.c - from records to classes: which values tell a unit apart, whose
 * it is, what its text is when it leaves; and what goes in the second reading.
 */
#include "pipeline/quasi.h"

#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

#define RECORDS 6

static const uint8_t key[TG_KEY_LEN] = {7};

static struct way w;
static struct tg_quasi q;
static struct tg_class_result got;

static void
setup(void)
{
	way_init(&w, TG_MODE_EXPORT);
	w.set.granularity = TG_TIME_DAY;
}

static void
teardown(void)
{
	way_deinit(&w);
}

#define A(key, value) \
	"{\"key\":\"" key "\",\"value\":{\"stringValue\":\"" value "\"}}"
#define COUNTRY(cc) A("client.geo.country_iso_code", cc)
#define USER(id) A("user.id", id)
#define DAY1 "1793491200000000000"
#define NOON1 "1793534400000000000"
#define DAY2 "1793577600000000000"
#define SPAN(trace, times, attrs)                                           \
	"{\"traceId\":\"" trace "\",\"spanId\":\"00000000000000aa\"," times \
	"\"name\":\"chat\",\"attributes\":[" attrs "]}"
#define START(t) "\"startTimeUnixNano\":\"" t "\","
#define END(t) "\"endTimeUnixNano\":\"" t "\","
#define RESOURCE(attrs, spans)                  \
	"{\"resource\":{\"attributes\":[" attrs \
	"]},\"scopeSpans\":[{\"spans\":[" spans "]}]}"
/* The attributes stand behind the spans. */
#define BEHIND(attrs, spans)                  \
	"{\"scopeSpans\":[{\"spans\":[" spans \
	"]}],\"resource\":{\"attributes\":[" attrs "]}}"
#define OTLP(resources) "{\"resourceSpans\":[" resources "]}"
#define T1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01"
#define T1_UPPER "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA01"
#define T2 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa02"

/* The records, read once; with @second, again by their verdicts: what leaves of
 * the last is in w.out. */
static void
classes(const char *const *record, const struct tg_class_limits *limits,
    bool second)
{
	struct tg_classes *c = NULL;

	ck_assert_int_eq(
	    tg_classes_new(&c, scratch_path(&w.s, "classes"), 4096, NULL), 0);
	tg_quasi_init(&q, c, key);
	q.field[TG_FIELD_country] = q.field[TG_FIELD_timestamp] = true;
	q.field[TG_FIELD_locale] = true;
	w.pass.quasi = &q;
	for (size_t i = 0; record[i] != NULL; i++)
		ck_assert_ptr_nonnull(way_go(&w, record[i]));
	ck_assert_int_eq(tg_classes_finish(c, limits, &got, NULL), 0);
	q.second = true;
	for (size_t i = 0; second && record[i] != NULL; i++)
		ck_assert_ptr_nonnull(way_go(&w, record[i]));
	if (second)
		ck_assert_int_eq(tg_classes_same(c, NULL), 0);
	w.pass.quasi = NULL;
	tg_quasi_deinit(&q);
	tg_classes_free(c);
}

struct row {
	const char *name;
	const char *record[RECORDS];
	uint64_t rows, classes, subjects, smallest, by_person;
};

static const struct row table[] = {
    {"the country of a resource is that of its spans alone",
	{OTLP(RESOURCE(COUNTRY("FR"),
	    SPAN(T1, START(DAY1), "") "," SPAN(T2, START(DAY1),
		"")) "," RESOURCE(COUNTRY("BE"), SPAN(T1, START(DAY1), "")))},
	3, 2, 2, 1, 0},
    {"also when its attributes stand behind the spans",
	{OTLP(BEHIND(COUNTRY("FR"),
	    SPAN(T1, START(DAY1), "") "," SPAN(T2, START(DAY1),
		"")) "," BEHIND(COUNTRY("FR"), SPAN(T1, START(DAY1), "")))},
	3, 1, 2, 2, 0},
    {"times that leave as the same day are one value",
	{OTLP(RESOURCE("", SPAN(T1, START(DAY1) END(NOON1), ""))),
	    OTLP(RESOURCE("", SPAN(T2, START(NOON1), "")))},
	2, 1, 2, 2, 0},
    {"another day is another class",
	{OTLP(RESOURCE("", SPAN(T1, START(DAY1), ""))),
	    OTLP(RESOURCE("", SPAN(T2, START(DAY1) END(DAY2), "")))},
	2, 2, 2, 1, 0},
    {"a trace is one subject, however it is written",
	{OTLP(RESOURCE("", SPAN(T1, START(DAY1), ""))),
	    OTLP(RESOURCE("", SPAN(T1_UPPER, START(DAY1), "")))},
	2, 1, 1, 1, 0},
    {"a person is one subject in all traces, however written",
	{OTLP(RESOURCE("", SPAN(T1, START(DAY1), USER("u-1")))),
	    OTLP(RESOURCE("", SPAN(T2, START(DAY1), USER("u\\u002d1"))))},
	2, 1, 1, 1, 2},
    {"the other spans of a trace are of its person",
	{OTLP(RESOURCE("", SPAN(T1, START(DAY1), ""))),
	    OTLP(RESOURCE("", SPAN(T1, START(DAY1), USER("u-1"))))},
	2, 1, 1, 1, 2},
    {"the person of the span comes before that of the resource",
	{OTLP(RESOURCE(USER("u-1"),
	    SPAN(T1, START(DAY1), USER("u-2")) "," SPAN(T2, START(DAY1), "")))},
	2, 1, 2, 2, 2},
    {"a person's id does not make classes, whatever becomes of it",
	{OTLP(RESOURCE("", SPAN(T1, START(DAY1), USER("u-1")))),
	    OTLP(RESOURCE("", SPAN(T2, START(DAY1), USER("u-2"))))},
	2, 1, 2, 2, 2},
    {"lines: a session is a subject, and the language leaves coarser",
	{"{\"session_id\":\"s-1\",\"trace_id\":\"a\",\"lang\":\"fr-FR\"}",
	    "{\"session_id\":\"s-1\",\"trace_id\":\"b\",\"lang\":\"fr-CA\"}",
	    "{\"session_id\":\"s-2\",\"trace_id\":\"c\",\"lang\":\"fr\"}"},
	3, 1, 2, 2, 0},
};

START_TEST(records_become_the_classes_of_the_table)
{
	const struct tg_class_limits k1 = {.k = 1};
	const struct row *r = &table[_i];

	w.set.op[TG_FIELD_locale] = TG_OP_GENERALISE;
	classes(r->record, &k1, false);
	ck_assert_msg(got.before.rows == r->rows &&
		got.before.classes == r->classes &&
		got.before.subjects == r->subjects &&
		got.before.min == r->smallest &&
		got.by[TG_SUBJECT_PERSON] == r->by_person,
	    "%s: rows %u, classes %u, subjects %u, smallest %u, persons %u",
	    r->name, (unsigned)got.before.rows, (unsigned)got.before.classes,
	    (unsigned)got.before.subjects, (unsigned)got.before.min,
	    (unsigned)got.by[TG_SUBJECT_PERSON]);
}
END_TEST

START_TEST(texts_are_compared_as_they_leave)
{
	static const char *const record[] = {
	    "{\"user_id\":\"u-1\",\"text\":\"to a@example.org\"}",
	    "{\"user_id\":\"u-2\",\"text\":\"to b@example.org\"}",
	    "{\"user_id\":\"u-3\",\"country\":\"FR\",\"text\":\"x\"}",
	    "{\"user_id\":\"u-4\",\"country\":\"FR\",\"text\":\"y\"}", NULL};
	const struct tg_class_limits l2 = {.k = 2, .l = 2};

	classes(record, &l2, true);
	ck_assert_uint_eq(got.before.classes, 2);
	ck_assert_uint_eq(got.before.one_value, 1);
	ck_assert_uint_eq(got.one_value, 2);
	ck_assert_uint_eq(got.after.l_min, 2);
	ck_assert_str_ne(w.out.p, "");
}
END_TEST

START_TEST(a_small_class_leaves_its_record_and_the_rest_stays)
{
	static const char *const record[] = {
	    OTLP(RESOURCE(COUNTRY("FR"), SPAN(T1, START(DAY1), USER("u-1")))),
	    OTLP(RESOURCE(COUNTRY("FR"),
		SPAN(T1, START(DAY1), USER("u-2"))) "," RESOURCE(COUNTRY("BE"),
		SPAN(T2, START(DAY1), USER("u-3")))),
	    NULL};
	const struct tg_class_limits k2 = {.k = 2};

	classes(record, &k2, true);
	ck_assert_uint_eq(got.small, 1);
	ck_assert_ptr_nonnull(strstr(w.out.p, "\"FR\""));
	ck_assert_ptr_null(strstr(w.out.p, "\"BE\""));
	ck_assert_uint_eq(w.rec.unit[1].dropped, true);
	ck_assert_str_eq(w.rec.unit[1].code, "ANO-K");
	ck_assert_str_eq(w.rec.unit[1].stage, "anonymise");
}
END_TEST

/* Two people in a class are enough, but of a class with a number of patients
 * three are asked; whatever is done about the number. */
START_TEST(a_finding_on_health_asks_for_more_people)
{
	static const char *const record[] = {
	    "{\"user_id\":\"u-1\",\"country\":\"FR\",\"text\":\"a\"}",
	    "{\"user_id\":\"u-2\",\"country\":\"FR\",\"text\":\"b\"}",
	    "{\"user_id\":\"u-3\",\"text\":\"no AB123456C\"}",
	    "{\"user_id\":\"u-4\",\"text\":\"b\"}", NULL};
	const struct tg_class_limits k2 = {.k = 2, .k_health = 3};
	const int type = tg_rules_type_find(w.rules, "NINOX");

	w.pass.health[type] = true;
	if (_i > 0)
		tg_scanner_set(w.pass.scanner, (uint16_t)type, 50, TG_ACT_KEEP);
	classes(record, &k2, true);
	ck_assert_uint_eq(got.before.classes, 2);
	ck_assert_uint_eq(got.before.health_classes, 1);
	ck_assert_uint_eq(got.before.health_rows, 1);
	ck_assert_uint_eq(got.before.health_min, 2);
	ck_assert_uint_eq(got.small, 2);
	ck_assert_uint_eq(got.small_health, 2);
	ck_assert_uint_eq(got.after.rows, 2);
	ck_assert_uint_eq(got.after.health_classes, 0);
	ck_assert_uint_eq(w.rec.unit[0].dropped, true);
	ck_assert_str_eq(w.rec.unit[0].code, "ANO-K");
}
END_TEST

/* In a resource, which is of all its spans; and in tokens. */
START_TEST(a_finding_on_health_is_of_the_units_it_speaks_of)
{
	static const char *const shared[] = {
	    OTLP(RESOURCE(COUNTRY("FR") "," A("service.name", "AB123456C"),
		SPAN(T1, START(DAY1), "") "," SPAN(T2, START(DAY1), ""))),
	    NULL};
	static const char *const own[] = {
	    "{\"user_id\":\"u-1\",\"tokens\":[\"no AB1\",\"23456C\"]}",
	    "{\"user_id\":\"u-2\",\"text\":\"b\"}", NULL};
	const struct tg_class_limits k1 = {.k = 1};
	const int type = tg_rules_type_find(w.rules, "NINOX");

	w.pass.health[type] = true;
	classes(shared, &k1, false);
	ck_assert_uint_eq(got.before.health_rows, 2);
	classes(own, &k1, false);
	ck_assert_uint_eq(got.before.health_rows, 1);
}
END_TEST

/* ---- for linkage.h ----------------------------------------------------- */

#define FAR "there was nothing to be seen of the sea that winter but "

static const struct link {
	const char *name;
	const char *record[RECORDS];
	uint64_t records, values, linked, unique, texts, here;
} links[] = {
    {"the person of a resource links its spans alone",
	{OTLP(RESOURCE(USER("u-1"),
	    SPAN(T1, START(DAY1), "") "," SPAN(T2, START(DAY1),
		"")) "," RESOURCE("", SPAN(T2, START(DAY1), "")))},
	3, 1, 2, 0, 0, 0},
    {"two people are two, and one is one however it is written",
	{OTLP(RESOURCE("", SPAN(T1, START(DAY1), USER("u-1")))),
	    OTLP(RESOURCE("", SPAN(T2, START(DAY1), USER("u-2")))),
	    OTLP(RESOURCE("", SPAN(T2, START(DAY1), USER("u\\u002d1"))))},
	3, 2, 2, 0, 0, 0},
    {"a combination of one person is unique, whatever its records",
	{OTLP(RESOURCE(COUNTRY("FR"),
	    SPAN(T1, START(DAY1), USER("u-1")) "," SPAN(
		T2, START(DAY1), USER("u-1"))) "," RESOURCE(COUNTRY("BE"),
	    SPAN(T1, START(DAY1), USER("u-2")) "," SPAN(
		T2, START(DAY1), USER("u-3"))))},
	4, 3, 2, 1, 0, 0},
    {"texts are compared as they leave, of two traces",
	{"{\"trace_id\":\"a\",\"text\":\"" FAR "a@example.org\"}",
	    "{\"trace_id\":\"b\",\"text\":\"" FAR "b@example.org\"}",
	    "{\"trace_id\":\"c\",\"text\":\"no word of all that\"}",
	    "{\"trace_id\":\"d\"}"},
	4, 0, 0, 0, 3, 2},
    {"not of one trace",
	{"{\"trace_id\":\"a\",\"text\":\"" FAR "a@example.org\"}",
	    "{\"trace_id\":\"a\",\"text\":\"" FAR "b@example.org\"}"},
	2, 0, 0, 0, 2, 0},
};

START_TEST(records_are_linked_as_the_table_says)
{
	const struct link *row = &links[_i];
	struct tg_linkage_result r;
	struct tg_linkage *l = NULL;

	ck_assert_int_eq(
	    tg_linkage_new(&l, scratch_path(&w.s, "links"), key, 4096, NULL),
	    0);
	tg_quasi_init(&q, NULL, key);
	q.linkage = l;
	q.field[TG_FIELD_country] = q.link[TG_FIELD_user_id] = true;
	w.set.op[TG_FIELD_user_id] = TG_OP_PSEUDONYMISE;
	w.pass.quasi = &q;
	for (size_t i = 0; row->record[i] != NULL; i++)
		ck_assert_ptr_nonnull(way_go(&w, row->record[i]));
	ck_assert_int_eq(tg_linkage_finish(l, scratch_path(&w.s, "kept"), "lab",
			     NULL, 0, &r, NULL),
	    0);
	w.pass.quasi = NULL;
	tg_quasi_deinit(&q);
	tg_linkage_free(l);
	ck_assert_msg(r.records == row->records && r.values == row->values &&
		r.linked == row->linked && r.unique == row->unique &&
		r.texts == row->texts && r.texts_here == row->here,
	    "%s: records %u, values %u, linked %u, unique %u, texts %u, here "
	    "%u",
	    row->name, (unsigned)r.records, (unsigned)r.values,
	    (unsigned)r.linked, (unsigned)r.unique, (unsigned)r.texts,
	    (unsigned)r.texts_here);
}
END_TEST

Suite *quasi_suite(void);

Suite *
quasi_suite(void)
{
	Suite *suite = suite_create("quasi");
	TCase *t = tcase_create("quasi");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_finding_on_health_asks_for_more_people, 0, 2);
	tcase_add_test(t, a_finding_on_health_is_of_the_units_it_speaks_of);
	tcase_add_loop_test(t, records_become_the_classes_of_the_table, 0,
	    (int)TG_COUNT(table));
	tcase_add_test(t, texts_are_compared_as_they_leave);
	tcase_add_test(t, a_small_class_leaves_its_record_and_the_rest_stays);
	tcase_add_loop_test(
	    t, records_are_linked_as_the_table_says, 0, TG_COUNT(links));
	suite_add_tcase(suite, t);
	return suite;
}
