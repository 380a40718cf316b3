/*
 * cpus.h - how many processors this process may use: where it may run
 * (sched_setaffinity, as batch systems set it) and how much of that (the quota
 * of a container or of a unit of systemd).  For cli/ alone, as all that is
 * asked of the machine (env.h).
 */
#ifndef TG_BASE_CPUS_H
#define TG_BASE_CPUS_H

#include "base/attr.h"
#include "base/sv.h"

/* At least 1. */
unsigned tg_cpus(void);

/*
 * tg_cpus_quota - processors that the text of a cgroup's cpu.max allows,
 * rounded up; UINT_MAX: all ("max 100000"), or it cannot be read. Source:
 * Linux, Documentation/admin-guide/cgroup-v2.rst, "cpu.max".
 */
unsigned tg_cpus_quota(struct tg_sv text);

/*
 * tg_cpus_under - the least of @n and the quotas of the cgroup @group
 * ("/a.slice/b.service") and those above it, all below the folder @root.
 */
unsigned tg_cpus_under(unsigned n, const char *root, const char *group);

#endif
