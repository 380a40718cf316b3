/* Names: what leads to one, and what does not. */
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

/* The name stands between '<' and '>', which are taken out. */
static const char *const found[] = {
    "Yesterday Dr <L. Adeyemi> called back.",
    "chez Mme <Dupont>, puis chez M. <Siegfried>",
    "le <colonel Bougon> est l\xc3\xa0",
    "I met <Thomas Martin> there",
    "avec <Jean-Pierre Lefebvre> hier",
    "sign\xc3\xa9 <DUPONT Jean>",
    "<Martin, Thomas>",
    "by <J. R. Martin> and others",
    "<William T. Sherman> said",
    "My name is <Rubija>.",
    "je m'appelle <Ysaline> et",
    "to <Jeanne d'Arc> in time",
    "with <Conor O'Brien> today",
    "<Ludwig van Beethoven> wrote it",
    "the <Lt. Gen. Jubal Thornquist> attack",
    "<Glenn A. Profitt II> came",
    "par <Nathalie Guillou> ce matin",
    "my colleague <Isabelle> agreed",
    "Mrs <Okonkwo-Reilly> paid",
    "gestern hat Frau <Brandt> angerufen",
    "mit Herr <Quandtmeier> gesprochen",
    "<Anna Kowalczewski> sings",
    "MM. <Quillerac>, <Rubija> et <Renard> sont l\xc3\xa0",
    "chez Mme <L.> et M. <Marchand>",
    "<Quillerac (Jean-Pierre)>, soldat",
    "le notaire <Obrecq> signe",
    "rapport de M. <d' Obrecq> sur la paix",
    "la famille <Quillerac> et M. <Paris>",
    "par <J.-P. Morvan> et <Jean-Baptiste de la Quillerac>",
    "as <Quillerac> said before",
    "with <Ysaline Thompson> today",
    "so <Thomas Martin>, <Anna Bernard> and <Quillerac> came",
    "Anna, Thomas, <Quillerac>, Bernard",
    "my name is <tracy thompson> and i pay",
    "my name is <tobias quillerac>, and i pay",
    "my name is <tobias> and i pay",
    "mr <thompson> called about the bill",
    "CALL <THOMAS MARTINEZ> NOW",
    "Mr. <King> and Mrs <Bishop> went home",
    "chez M. <Le Du>, hier",
    "par NI. <Quillerac>, hier",
    "\xc3\xa0 M' <Quillerac> et \xc3\xa0 M \" <Ysaline> hier",
    "puis <Quillerac>, notaire",
    "le chef d'escadron <Quillerac> et le capitaine",
    "vu <Quillerac> , ex-soldat",
    "et <Quillerac>, 34 ans",
    "par <Ch. Quillerac> hier",
    "Anna , Thomas , <Quillerac> , Bernard",
    "with <Anna Martin>, <Thomas Bernard>, <Anna Thompson>",
};

static const char *const absent[] = {
    "The New York Times reported on Monday",
    "Paris and London in May",
    "Will the Prime Minister of France answer?",
    "The United States Army and the Royal Navy",
    "He won the Stanley Cup and the Nobel Prize",
    "Rue de la Paix, Place de la Concorde",
    "Bonjour Madame, Cher Monsieur",
    "dear sir or madam",
    "U. S. Army",
    "Le Conseil d'\xc3\x89tat et la Cour de cassation",
    "Thomas",
    "Thomas\n",
    "the client IP and the patient DOB",
    "near Isabelle, New Jersey, in May",
    "Mr President spoke",
    "Docker, Python, 34",
    "\"token\": \" Conway\"",
    "Appendix A. The rules",
    "in the rue Lavoisier, near San Francisco Bay",
    "the BEL20 and the TraX of Saint-Marc",
    "path home/adam/silvana.txt of adam.silvana@mail",
    "the good martin flew over the market",
    "Lake Jackson and Fort Harrison",
    "Dear [PERSON_k3y5n2aa], Mrs [PERSON]",
};

START_TEST(a_name_that_is_led_is_found)
{
	const char *row = found[_i];
	char text[200];
	size_t n = 0, start = 0;
	int names = 0;

	for (; *row != '\0'; row++)
		if (*row != '<' && *row != '>')
			text[n++] = *row;
	text[n] = '\0';
	n = 0;
	for (row = found[_i]; *row != '\0'; row++) {
		if (*row == '<') {
			start = n;
		} else if (*row == '>') {
			names++;
			ck_assert_msg(fixture_covered(fixture_scan(text, ""),
					  "PERSON", start, n),
			    "%s", found[_i]);
		} else {
			n++;
		}
	}
	ck_assert_int_gt(names, 0);
}
END_TEST

START_TEST(words_and_places_alone_are_no_names)
{
	ck_assert_msg(!fixture_has(fixture_scan(absent[_i], ""), "PERSON"),
	    "%s", absent[_i]);
}
END_TEST

static const struct {
	const char *text;
	const char *town; /* NULL: none is found */
} towns[] = {{"she lives in Sheffield now", "Sheffield"},
    {"il habite \xc3\xa0 Saint-\xc3\x89tienne", "Saint-"},
    {"n\xc3\xa9 \xc3\xa0 Le Havre", "Le Havre"},
    {"moved to Milton Keynes", "Milton Keynes"},
    {"found in Sheffield S1 2HE", "Sheffield"}, {"Austin, TX 78701", "Austin"},
    {"38000 Grenoble", "Grenoble"}, {"the Sheffield steel works", NULL},
    {"a talk in Sheffield", NULL}, {"Grenoble et Sheffield", NULL},
    {"138000 Grenoble", NULL}};

START_TEST(a_town_counts_where_somebody_lives)
{
	const char *const text = towns[_i].text;
	const struct tg_findings f = fixture_scan(text, "");
	size_t at;

	if (towns[_i].town == NULL) {
		ck_assert_msg(!fixture_has(f, "LOCATION"), "%s", text);
		return;
	}
	at = (size_t)(strstr(text, towns[_i].town) - text);
	ck_assert_msg(
	    fixture_covered(f, "LOCATION", at, at + strlen(towns[_i].town)),
	    "%s", text);
}
END_TEST

START_TEST(a_name_found_once_is_found_again)
{
	static const char text[] =
	    "Mme Quillerac entre. Plus tard Quillerac sort.";
	const char *again = strstr(text + 10, "Quillerac");

	ck_assert(fixture_covered(fixture_scan(text, ""), "PERSON",
	    (size_t)(again - text), (size_t)(again - text) + 9));
	ck_assert(!fixture_has(
	    fixture_scan("Plus tard Quilleraq sort.", ""), "PERSON"));
}
END_TEST

START_TEST(a_key_that_names_a_person_is_enough)
{
	ck_assert(
	    fixture_has(fixture_scan("Ysoria Blanquet", "fullName"), "PERSON"));
	ck_assert(!fixture_has(
	    fixture_scan("ysoria-blanquet-7b", "model_name"), "PERSON"));
}
END_TEST

Suite *person_suite(void);
Suite *
person_suite(void)
{
	Suite *s = suite_create("person");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);

	tcase_add_loop_test(
	    t, a_name_that_is_led_is_found, 0, (int)TG_COUNT(found));
	tcase_add_loop_test(
	    t, words_and_places_alone_are_no_names, 0, (int)TG_COUNT(absent));
	tcase_add_loop_test(
	    t, a_town_counts_where_somebody_lives, 0, (int)TG_COUNT(towns));
	tcase_add_test(t, a_name_found_once_is_found_again);
	tcase_add_test(t, a_key_that_names_a_person_is_enough);
	suite_add_tcase(s, t);
	return s;
}
