/* person_shape.c - words in no dictionary that are surnames by their form. */
#include "redactors/person_words.h"

#include "base/banned.h"

bool
tg_name_shaped(const char *p, size_t n)
{
	/* By the last letter, from a to z. */
	static const char *const ends[26][8] = {{"ska", "ova", "eva"}, {NULL},
	    {"vic", "ellec", "ennec", "adec", "idec", "uec"}, {"aud", "ard"},
	    {NULL}, {NULL}, {NULL}, {"vich", "zadeh"}, {"ski", "shvili"},
	    {NULL}, {NULL}, {NULL}, {"strom"},
	    {"sson", "ssen", "mann", "stein", "yan", "guen"}, {"enko"}, {NULL},
	    {NULL}, {"dottir"}, {"opoulos", "idis", "akis"}, {"quist", "ault"},
	    {"oglu", "escu", "eau", "ieu", "igou"},
	    {"nov", "rov", "kov", "lov", "yev"}, {NULL}, {"eaux", "oux"},
	    {"sky", "ovsky"}, {"wicz", "iez"}};
	const unsigned last = (unsigned char)p[n - 1] - (unsigned)'a';

	for (size_t i = 0; n >= 6 && last < 26 && ends[last][i] != NULL; i++) {
		const size_t len = strlen(ends[last][i]);

		if (n >= len + 2 &&
		    memcmp(p + n - len, ends[last][i], len) == 0)
			return true;
	}
	return n >= 5 && (memcmp(p, "Mc", 2) == 0 || memcmp(p, "O'", 2) == 0) &&
	    p[2] >= 'A' && p[2] <= 'Z';
}
