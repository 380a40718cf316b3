/* terminal.h - text of a trace on a person's terminal. */
#ifndef TG_CLI_TERMINAL_H
#define TG_CLI_TERMINAL_H

#include <stdio.h>

#include "base/sv.h"

/*
 * tg_terminal_text - the bytes of a record so that they can be read and do
 * nothing: \n, \t and \uXXXX of JSON as what they stand for, where that is a
 * visible character; control characters (C0, C1), marks that turn the direction
 * of writing or are not seen, and what is no UTF-8 as <U+XXXX> or <0xXX>.
 */
void tg_terminal_text(FILE *out, struct tg_sv text);

#endif
