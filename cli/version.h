/* version.h - what this program is made of. */
#ifndef TG_CLI_VERSION_H
#define TG_CLI_VERSION_H

#include <stdio.h>

#include "base/attr.h"
#include "base/json.h"

void tg_version_print(FILE *out);
/* NULL: memory. */
struct tg_json *tg_version_json(void) TG_MUST_CHECK;

#endif
