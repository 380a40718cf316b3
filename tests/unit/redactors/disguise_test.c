/* What is written in disguise is found, and the finding covers all of it. */
#include "tests/unit/redactors/fixture.h"

#include "base/enc.h"

#include "base/banned.h"

#define TEXT_MAX 2048

static const struct {
	const char *type, *value;
} values[] = {{"EMAIL", "jean.dupont@exemple.example"},
    {"IBAN", "GB82 WEST 1234 5698 7654 32"},
    {"CREDIT_CARD", "4111 1111 1111 1111"}, {"PHONE", "+44 20 7946 0958"},
    {"PHONE", "06 39 98 01 23"}, {"PHONE", "(202) 555-0132"},
    {"FR_NIR", "1 85 05 78 006 084 91"}, {"FR_SIRET", "732 829 320 00074"},
    {"UK_NINO", "AB 12 34 56 C"}, {"UK_NHS_NUMBER", "943 476 5919"},
    {"US_SSN", "536-90-4399"},
    {"SECRET", "ghp_000000000000000000000000000000demo22"}};

struct text {
	char p[TEXT_MAX];
	size_t n;
	size_t start, end; /* of the value */
};

static void
add(struct text *t, const char *p, size_t n)
{
	ck_assert_uint_lt(t->n + n, TEXT_MAX);
	memcpy(t->p + t->n, p, n);
	t->n += n;
	t->p[t->n] = '\0';
}

static void
adds(struct text *t, const char *s)
{
	add(t, s, strlen(s));
}

static void
plain(struct text *t, const char *v)
{
	adds(t, v);
}

static void
between(struct text *t, const char *v, const char *what)
{
	const size_t n = strlen(v);

	for (size_t i = 0; i < n; i++) {
		add(t, v + i, 1);
		if (i + 1 < n)
			adds(t, what);
	}
}

static void
zero_width(struct text *t, const char *v)
{
	between(t, v, "\xe2\x80\x8b");
}

static void
soft_hyphen(struct text *t, const char *v)
{
	between(t, v, "\xc2\xad");
}

static void
combining(struct text *t, const char *v)
{
	between(t, v, "\xcd\x8f");
}

static void
bidi(struct text *t, const char *v)
{
	adds(t, "\xe2\x80\xae");
	t->start = t->n;
	adds(t, v);
	adds(t, "\xe2\x80\xac");
}

static void
full_width(struct text *t, const char *v)
{
	for (; *v != '\0'; v++) {
		const unsigned cp = 0xff01u + (unsigned char)*v - '!';
		const char u[3] = {(char)(0xe0 | cp >> 12),
		    (char)(0x80 | ((cp >> 6) & 0x3f)),
		    (char)(0x80 | (cp & 0x3f))};

		if (*v == ' ')
			adds(t, "\xe3\x80\x80");
		else
			add(t, u, 3);
	}
}

static void
spaces(struct text *t, const char *v, const char *what)
{
	for (; *v != '\0'; v++)
		if (*v == ' ')
			adds(t, what);
		else
			add(t, v, 1);
}

static void
nbsp(struct text *t, const char *v)
{
	spaces(t, v, "\xc2\xa0");
}

static void
narrow(struct text *t, const char *v)
{
	spaces(t, v, "\xe2\x80\xaf");
}

static void
thin(struct text *t, const char *v)
{
	spaces(t, v, "\xe2\x80\x89");
}

static void
dashes(struct text *t, const char *v)
{
	for (; *v != '\0'; v++)
		if (*v == '-')
			adds(t, "\xe2\x80\x91");
		else
			add(t, v, 1);
}

static void
hexed(struct text *t, const char *v, const char *before)
{
	char h[3];

	for (; *v != '\0'; v++) {
		adds(t, before);
		tg_hex(h, v, 1);
		adds(t, h);
	}
}

static void
percent(struct text *t, const char *v)
{
	hexed(t, v, "%");
}

static void
percent_some(struct text *t, const char *v)
{
	for (; *v != '\0'; v++)
		if (strchr(" @+()", *v) != NULL)
			hexed(t, (const char[]){*v, '\0'}, "%");
		else
			add(t, v, 1);
}

static void
escaped(struct text *t, const char *v)
{
	hexed(t, v, "\\u00");
}

static void
escaped_twice(struct text *t, const char *v)
{
	hexed(t, v, "\\\\u00");
}

static void
braced(struct text *t, const char *v)
{
	char h[3];

	for (; *v != '\0'; v++) {
		adds(t, "\\u{");
		tg_hex(h, v, 1);
		adds(t, h);
		adds(t, "}");
	}
}

static void
octal(struct text *t, const char *v)
{
	for (; *v != '\0'; v++) {
		const char o[4] = {'\\', (char)('0' + (*v >> 6)),
		    (char)('0' + (*v >> 3 & 7)), (char)('0' + (*v & 7))};

		add(t, o, 4);
	}
}

static void
percent_u(struct text *t, const char *v)
{
	hexed(t, v, "%u00");
}

/* As Markdown keeps its own signs from being read as such. */
static void
markdown(struct text *t, const char *v)
{
	for (; *v != '\0'; v++) {
		if (strchr("-._@+()", *v) != NULL)
			adds(t, "\\");
		add(t, v, 1);
	}
}

static void
soft_references(struct text *t, const char *v)
{
	between(t, v, "&shy;");
}

/* U+E0020 to U+E007E */
static void
tags(struct text *t, const char *v)
{
	for (; *v != '\0'; v++) {
		const char u[4] = {(char)0xf3, (char)0xa0,
		    (char)(0x80 | (unsigned char)*v >> 6),
		    (char)(0x80 | (*v & 0x3f))};

		add(t, u, 4);
	}
}

static void
entities(struct text *t, const char *v)
{
	char h[3];

	for (; *v != '\0'; v++) {
		adds(t, "&#x");
		tg_hex(h, v, 1);
		adds(t, h);
		adds(t, ";");
	}
}

static void
base64_of(struct text *t, const char *v, bool twice)
{
	struct tg_buf b, c;
	struct text inner = {.n = 0};

	adds(&inner, "value: ");
	adds(&inner, v);
	tg_buf_init(&b, TEXT_MAX);
	tg_buf_init(&c, TEXT_MAX);
	ck_assert_int_eq(
	    tg_b64_add(&b, inner.p, inner.n, TG_B64_PADDED, NULL), 0);
	if (twice)
		ck_assert_int_eq(
		    tg_b64_add(&c, b.p, b.n, TG_B64_PADDED, NULL), 0);
	add(t, twice ? c.p : b.p, twice ? c.n : b.n);
	tg_buf_deinit(&b);
	tg_buf_deinit(&c);
}

static void
base64(struct text *t, const char *v)
{
	base64_of(t, v, false);
}

static void
base64_twice(struct text *t, const char *v)
{
	base64_of(t, v, true);
}

static void
hex_text(struct text *t, const char *v)
{
	hexed(t, "0123456789: ", "");
	hexed(t, v, "");
}

static void
cut(struct text *t, const char *v, const char *by)
{
	const size_t half = strlen(v) - 6;

	add(t, v, half);
	adds(t, by);
	adds(t, v + half);
}

static void
wrapped(struct text *t, const char *v)
{
	cut(t, v, "\n");
}

/* Quoted-printable (RFC 2045, 6.7), shell. */
static void
wrapped_soft(struct text *t, const char *v)
{
	cut(t, v, "=\r\n");
}

static void
wrapped_backslash(struct text *t, const char *v)
{
	cut(t, v, "\\\n  ");
}

static void
wrapped_escaped(struct text *t, const char *v)
{
	cut(t, v, "\\n");
}

static void
lower(struct text *t, const char *v)
{
	for (; *v != '\0'; v++) {
		const char c = (char)(*v >= 'A' && *v <= 'Z' ? *v + 32 : *v);

		add(t, &c, 1);
	}
}

static void
tight(struct text *t, const char *v)
{
	for (; *v != '\0'; v++)
		if (*v != ' ')
			add(t, v, 1);
}

static const struct {
	const char *name;
	void (*dress)(struct text *t, const char *v);
} disguises[] = {{"plain", plain}, {"zero width", zero_width},
    {"soft hyphen", soft_hyphen}, {"combining joiner", combining},
    {"bidi", bidi}, {"full width", full_width}, {"nbsp", nbsp},
    {"narrow nbsp", narrow}, {"thin space", thin},
    {"non-breaking hyphens", dashes}, {"percent", percent},
    {"percent where needed", percent_some}, {"\\u", escaped},
    {"\\\\u", escaped_twice}, {"character references", entities},
    {"base64", base64}, {"base64 twice", base64_twice}, {"hex", hex_text},
    {"\\u{}", braced}, {"octal", octal}, {"%u", percent_u},
    {"markdown", markdown}, {"soft references", soft_references},
    {"tags", tags}, {"soft wrap", wrapped_soft},
    {"backslash wrap", wrapped_backslash}, {"line wrap", wrapped},
    {"line wrap \\n", wrapped_escaped}, {"lower case", lower},
    {"no spaces", tight}};

START_TEST(a_disguise_keeps_the_finding)
{
	for (size_t k = 0; k < TG_COUNT(values); k++) {
		struct text t = {.n = 0};

		/* A name in lower case is another secret; the wrap of an
		 * e-mail's domain leaves another address. */
		adds(&t, "voir ");
		t.start = t.n;
		disguises[_i].dress(&t, values[k].value);
		t.end = t.n;
		adds(&t, " et fin");
		/* These need a word of context when they stand bare. */
		if (disguises[_i].dress == tight &&
		    (strcmp(values[k].type, "UK_NHS_NUMBER") == 0))
			continue;
		ck_assert_msg(fixture_covered(fixture_scan(t.p, "text"),
				  values[k].type, t.start, t.end),
		    "%s %zu as %s", values[k].type, k, disguises[_i].name);
	}
}
END_TEST

START_TEST(a_letter_of_another_alphabet_hides_no_address)
{
	/* U+0430 for a, U+043E for o. */
	static const char text[] =
	    "write je\xd0\xb0n.dup\xd0\xbent@exemple.example now";

	ck_assert(fixture_covered(
	    fixture_scan(text, ""), "EMAIL", 6, sizeof(text) - 1 - 4));
}
END_TEST

START_TEST(what_invisible_characters_keep_apart_stays_apart)
{
	static const char text[] = "06 39 98 01 23\xe2\x80\x8b"
				   "06 39 98 01 24";
	const struct tg_findings f = fixture_scan(text, "");

	ck_assert(fixture_covered(f, "PHONE", 0, 14));
	ck_assert(fixture_covered(f, "PHONE", 17, 31));
}
END_TEST

/* Over a line break only a word in front tells what it is: the value between
 * '<' and '>', which are taken out. */
static const struct {
	const char *type, *text;
} led[] = {
    {"IP_ADDRESS", "client IP <192.0.2\n.17> and"},
    {"IP_ADDRESS", "IP: <2001:db8::8a\n2e:370:7334> and"},
    {"PHONE", "phone <60-56-8\n5-91> and"},
    {"IBAN", "IBAN <BA30 1290 0794\n 0102 84> and"},
    {"IBAN", "IBAN <BE 62 5100 0754 7061 \n  KREDBEBB> and so on"},
    {"IBAN", "to <BE 62 5100 0754 7061  KRED BE BB> and so on"},
    {"IBAN", "to <BE62510007547061 KREDBEBBXXX> and so on"},
};

START_TEST(a_wrapped_value_is_found_behind_its_word)
{
	char text[128];
	size_t n = 0, start = 0, end = 0;

	for (const char *p = led[_i].text; *p != '\0'; p++)
		if (*p == '<')
			start = n;
		else if (*p == '>')
			end = n;
		else
			text[n++] = *p;
	text[n] = '\0';
	ck_assert_msg(
	    fixture_covered(fixture_scan(text, ""), led[_i].type, start, end),
	    "%s", text);
}
END_TEST

START_TEST(numbers_on_two_lines_are_no_address)
{
	ck_assert(!fixture_has(
	    fixture_scan("loss 1.5\n2.53.5 and 0.1\n2.3.4", ""), "IP_ADDRESS"));
	ck_assert(
	    !fixture_has(fixture_scan("page 60-56-8\n5-91 and", ""), "PHONE"));
}
END_TEST

START_TEST(names_composed_and_decomposed_are_the_same)
{
	static const char *const texts[] = {
	    "Mme Zo\xc3\xa9 L\xc3\xa9ger est l\xc3\xa0",
	    "Mme Zoe\xcc\x81 Le\xcc\x81ger est la\xcc\x80"};

	for (size_t i = 0; i < 2; i++) {
		const char *end = strstr(texts[i], "ger") + 3;

		ck_assert_msg(fixture_covered(fixture_scan(texts[i], ""),
				  "PERSON", 4, (size_t)(end - texts[i])),
		    "%zu", i);
	}
}
END_TEST

START_TEST(padding_keeps_the_offsets)
{
	char text[600];

	for (size_t pad = 0; pad < 400; pad += 7) {
		memset(text, 'x', pad);
		text[pad] = ' ';
		memcpy(text + pad + 1, "536-90-4399", 12);
		ck_assert_msg(fixture_covered(fixture_scan(text, ""), "US_SSN",
				  pad + 1, pad + 12),
		    "%zu", pad);
	}
}
END_TEST

Suite *disguise_suite(void);
Suite *
disguise_suite(void)
{
	Suite *s = suite_create("disguise");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);

	tcase_add_loop_test(
	    t, a_disguise_keeps_the_finding, 0, (int)TG_COUNT(disguises));
	tcase_add_test(t, a_letter_of_another_alphabet_hides_no_address);
	tcase_add_test(t, what_invisible_characters_keep_apart_stays_apart);
	tcase_add_loop_test(
	    t, a_wrapped_value_is_found_behind_its_word, 0, TG_COUNT(led));
	tcase_add_test(t, numbers_on_two_lines_are_no_address);
	tcase_add_test(t, names_composed_and_decomposed_are_the_same);
	tcase_add_test(t, padding_keeps_the_offsets);
	suite_add_tcase(s, t);
	return s;
}
