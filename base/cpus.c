#include "base/cpus.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/num.h"

#include "base/banned.h"

#define SMALL 4096 /* bytes of a file of the kernel's, of a path */

unsigned
tg_cpus_quota(struct tg_sv text)
{
	const char *blank = text.n == 0 ? NULL : memchr(text.p, ' ', text.n);
	struct tg_sv quota = text, period;
	uint64_t q, p;

	if (blank == NULL)
		return UINT_MAX;
	quota.n = (size_t)(blank - text.p);
	period = (struct tg_sv){blank + 1, text.n - quota.n - 1};
	if (period.n > 0 && period.p[period.n - 1] == '\n')
		period.n--;
	if (!tg_parse_u64(&q, quota, 1, INT32_MAX) ||
	    !tg_parse_u64(&p, period, 1, INT32_MAX))
		return UINT_MAX;
	return (unsigned)((q + p - 1) / p);
}

unsigned
tg_cpus_under(unsigned n, const char *root, const char *group)
{
	char dir[SMALL], file[SMALL + sizeof("/cpu.max")];
	struct tg_buf text;

	tg_buf_init(&text, SMALL);
	(void)snprintf(dir, sizeof(dir), "%s%s", root, group);
	while (strlen(dir) > strlen(root)) {
		unsigned here = UINT_MAX;

		(void)snprintf(file, sizeof(file), "%s/cpu.max", dir);
		tg_buf_reset(&text);
		if (tg_fs_slurp(&text, file, NULL, NULL) == 0)
			here = tg_cpus_quota(tg_buf_sv(&text));
		n = here < n ? here : n;
		*strrchr(dir, '/') = '\0';
	}
	tg_buf_deinit(&text);
	return n;
}

unsigned
tg_cpus(void)
{
	struct tg_buf text;
	cpu_set_t set;
	unsigned n = 1;
	char *group;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		n = (unsigned)CPU_COUNT(&set);
	tg_buf_init(&text, SMALL);
	/* "0::/user.slice/…": version 2. */
	if (tg_fs_slurp(&text, "/proc/self/cgroup", NULL, NULL) == 0 &&
	    (group = strstr(text.p, "0::/")) != NULL) {
		group[strcspn(group, "\n")] = '\0';
		n = tg_cpus_under(n, "/sys/fs/cgroup", group + strlen("0::"));
	}
	tg_buf_deinit(&text);
	return n;
}
