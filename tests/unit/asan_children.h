/*
 * asan_children.h - for one file of a program of unit tests that has many
 * children: they do not search for leaks.  `make memory` does; here each child
 * would search the whole heap at its end, which takes longer than the tests.
 */
#ifndef TG_TESTS_UNIT_ASAN_CHILDREN_H
#define TG_TESTS_UNIT_ASAN_CHILDREN_H

#ifdef __SANITIZE_ADDRESS__
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

#endif
