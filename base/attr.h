/* attr.h - compiler attributes under names that read. */
#ifndef TG_BASE_ATTR_H
#define TG_BASE_ATTR_H

#include <stddef.h>

#define TG_MUST_CHECK __attribute__((warn_unused_result))
#define TG_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define TG_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TG_UNUSED __attribute__((unused))
/* A big local that is written before it is read: not zeroed at each call
 * (-ftrivial-auto-var-init). */
#define TG_UNSET __attribute__((uninitialized))
/* Kept out of its caller, which stays short. */
#define TG_NOINLINE __attribute__((noinline))

#endif
