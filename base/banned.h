/*
 * banned.h - names that do not compile in this tree.  Included last by every
 * .c file.  Unbounded copies, hidden state, the locale, the clock and the
 * environment: what the program depends on is handed in (base/env.h).
 */
#ifndef TG_BASE_BANNED_H
#define TG_BASE_BANNED_H

#undef alloca
#undef atof
#undef atoi
#undef atol
#undef ctime
#undef gmtime
#undef localtime
#undef mktemp
#undef rand
#undef random
#undef sprintf
#undef strcat
#undef strcpy
#undef strncat
#undef strncpy
#undef strtok
#undef system
#undef tmpnam
#undef vsprintf
#pragma GCC poison alloca atof atoi atol ctime gmtime localtime mktemp rand
#pragma GCC poison sprintf strcat strcpy strncat strncpy strtok system tmpnam
#pragma GCC poison vsprintf

#endif
