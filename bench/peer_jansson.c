/*
 * peer_jansson.c - what one writes first: jansson reads a line, PCRE2 with JIT
 * replaces each pattern in each string, one after the other, jansson prints.
 * A peer of bench/run.py, with nothing of the program's own in it.
 *
 *	peer_jansson PATTERNS <traces >out
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATTERNS 400
#define ROOM (1u << 20) /* bytes of one string */

static pcre2_code *code[PATTERNS];
static size_t n_code;
static pcre2_match_data *data;
static char text[2][ROOM];

static int
load(const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0, where;
	ssize_t n;
	int bad;

	if (f == NULL)
		return -1;
	while ((n = getline(&line, &cap, f)) > 1 && n_code < PATTERNS) {
		pcre2_code *c = pcre2_compile(
		    (PCRE2_SPTR)line, (size_t)n - 1, 0, &bad, &where, NULL);

		if (c == NULL)
			continue;
		(void)pcre2_jit_compile(c, PCRE2_JIT_COMPLETE);
		code[n_code++] = c;
	}
	free(line);
	data = pcre2_match_data_create(64, NULL);
	return fclose(f) != 0 || n_code == 0 || data == NULL ? -1 : 0;
}

/* The string replaced, or NULL when nothing was found. */
static const char *
replace(const char *s, size_t n)
{
	const char *now = s;
	int use = 0;

	for (size_t i = 0; i < n_code; i++) {
		PCRE2_SIZE out = ROOM;
		const int found = pcre2_substitute(code[i], (PCRE2_SPTR)now, n,
		    0, PCRE2_SUBSTITUTE_GLOBAL, data, NULL, (PCRE2_SPTR) "[X]",
		    3, (PCRE2_UCHAR *)text[use], &out);

		if (found > 0) {
			now = text[use];
			n = out;
			use = 1 - use;
		}
	}
	return now == s ? NULL : now;
}

static void
walk(json_t *j)
{
	const char *key, *by;
	json_t *v;
	size_t i;

	if (json_is_object(j)) {
		json_object_foreach(j, key, v) walk(v);
	} else if (json_is_array(j)) {
		json_array_foreach(j, i, v) walk(v);
	} else if (json_is_string(j)) {
		by = replace(json_string_value(j), json_string_length(j));
		if (by != NULL)
			(void)json_string_set(j, by);
	}
}

int
main(int argc, char **argv)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (argc != 2 || load(argv[1]) < 0)
		return EXIT_FAILURE;
	(void)fprintf(stderr, "%zu patterns\n", n_code);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		json_t *j = json_loadb(line, (size_t)n, 0, NULL);

		if (j == NULL)
			continue;
		walk(j);
		(void)json_dumpf(j, stdout, JSON_COMPACT);
		(void)putchar('\n');
		json_decref(j);
	}
	free(line);
	return ferror(stdin) || fflush(stdout) != 0 ? EXIT_FAILURE
						    : EXIT_SUCCESS;
}
