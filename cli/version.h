/* version.h - what this program is made of. */
#ifndef TG_CLI_VERSION_H
#define TG_CLI_VERSION_H

#include <stdio.h>

void tg_version_print(FILE *out);

#endif
