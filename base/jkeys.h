/*
 * jkeys.h - duplicate keys of one object, compared as decoded.
 *
 * Two readers of {"a":1,"a":2} see two records, so such a text is refused
 * (RFC 8259 section 4: "the behavior of software that receives such an object
 * is unpredictable").
 */
#ifndef TG_BASE_JKEYS_H
#define TG_BASE_JKEYS_H

#include "base/jscan.h"

/* tg_jkeys_eq - whether the keys of nodes @a and @b are equal, decoded. */
bool tg_jkeys_eq(const struct tg_jdoc *d, uint32_t a, uint32_t b);

/*
 * tg_jkeys_check - looks at the children of object @i, whose subtree is whole
 * and the last thing in @d.  1: all keys differ; 0: they do not, *@twice is a
 * node whose key was there before; -1: out of memory.  The free end of the node
 * array is used as scratch, and grown for it.
 */
int tg_jkeys_check(struct tg_jdoc *d, uint32_t i, uint32_t *twice);

/* tg_jscan_room - (base/jscan.c) the node array holds @more after the n in
 * use; false when out of memory. */
bool tg_jscan_room(struct tg_jdoc *d, uint32_t more);

#endif
