/* Which texts are told to be in another language than English and French. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "redactors/language.h"

#include "base/banned.h"

static const struct {
	const char *text;
	bool other;
} rows[] = {
    {"My name is Mira and I live in Leeds, where it rains.", false},
    {"Je m'appelle Mira et j'habite à Lyon depuis trois ans.", false},
    {"", false},
    {"Berlin", false},
    {"for i in range(10): a = i; print(a, i, z, na, se)", false},
    {"SELECT a, b FROM t WHERE x IN (1, 2) AND y = 3", false},
    {"Los Angeles, Las Vegas, El Paso, San Diego", false},
    {"Van Der Berg, Von Trapp, De La Cruz, Dos Santos", false},
    {"The cat sat on the mat and read \"El gato se sienta\".", false},
    {"Translate this to Chinese, please: 你好", false},
    {"the angles α β γ δ ε ζ η θ of the figure", false},
    {"Ich heiße Mira und wohne in Berlin.", true},
    {"ICH", false},
    {"Hola, me llamo Mira y vivo en Madrid", true},
    {"Ciao, mi chiamo Mira e vivo a Roma con mia moglie", true},
    {"Olá, eu sou Mira e moro em Lisboa", true},
    {"Ik heet Mira en ik woon in Amsterdam", true},
    {"Nazywam się Mira i mieszkam w Warszawie", true},
    {"Jag heter Mira och jag bor i Stockholm", true},
    {"Benim adım Mira ve Ankara'da yaşıyorum", true},
    {"Tên tôi là Mira và tôi sống ở Hà Nội", true},
    {"Nama saya Mira dan saya tinggal di Jakarta", true},
    {"Меня зовут Мира, я живу в Москве", true},
    {"Με λένε Μίρα και μένω στην Αθήνα", true},
    {"我叫米拉，我住在北京", true},
    {"こんにちは、私の名前はミラです", true},
    {"제 이름은 미라이고 서울에 살고 있습니다", true},
    {"أنا ميرا وأعيش في القاهرة", true},
    {"मेरा नाम मीरा है और मैं दिल्ली में रहती हूँ", true},
};

static struct tg_languages known;

static void
setup(void)
{
	tg_languages_init(&known);
}

static bool
is_other(const char *text)
{
	return tg_languages_other(
	    &known, (struct tg_trace_text){text, strlen(text)});
}

START_TEST(a_sentence_is_told)
{
	ck_assert_msg(
	    is_other(rows[_i].text) == rows[_i].other, "%s", rows[_i].text);
}
END_TEST

/* A passage in a long text is seen when it covers what is looked at. */
START_TEST(a_passage_of_a_kilobyte_is_seen_wherever_it_stands)
{
	static const char ours[] = "It was said that the house stood there. ";
	static const char theirs[] = "Ich bin nicht mit dem Zug gefahren, ";
	static char text[8192];
	bool all = true;

	for (size_t at = 0; at + 1300 < sizeof(text); at += 97) {
		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = i >= at && i < at + 1300
			    ? theirs[(i - at) % (sizeof(theirs) - 1)]
			    : ours[i % (sizeof(ours) - 1)];
		all = all &&
		    tg_languages_other(
			&known, (struct tg_trace_text){text, sizeof(text)});
	}
	ck_assert(all);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = ours[i % (sizeof(ours) - 1)];
	ck_assert(!tg_languages_other(
	    &known, (struct tg_trace_text){text, sizeof(text)}));
}
END_TEST

/* Cut anywhere, also inside a code point: no byte behind the end is read. */
START_TEST(any_cut_is_read)
{
	char text[256];

	for (size_t i = 0; i < TG_COUNT(rows); i++)
		for (size_t n = 0; n <= strlen(rows[i].text); n++) {
			memcpy(text, rows[i].text, n);
			memset(text + n, 'x', sizeof(text) - n);
			(void)tg_languages_other(
			    &known, (struct tg_trace_text){text, n});
		}
	ck_assert(!is_other("x"));
}
END_TEST

Suite *language_suite(void);

Suite *
language_suite(void)
{
	Suite *s = suite_create("language");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, a_sentence_is_told, 0, TG_COUNT(rows));
	tcase_add_test(tc, a_passage_of_a_kilobyte_is_seen_wherever_it_stands);
	tcase_add_test(tc, any_cut_is_read);
	suite_add_tcase(s, tc);
	return s;
}
