#include "cli/threads.h"

#include "base/cpus.h"
#include "base/num.h"
#include "base/banned.h"

int
tg_cli_threads(struct tg_cli *cli, unsigned *out)
{
	const char *text = tg_args_value(&cli->args, "threads");
	uint64_t n = 1;

	if (text != NULL &&
	    !tg_parse_u64(&n, tg_sv_of(text), 0, TG_THREADS_MAX))
		return tg_fail(&cli->err, TG_E_USAGE,
		    "-j: a number up to %d, not %s", TG_THREADS_MAX, text);
	if (n == 0)
		n = tg_cpus();
	*out = n > TG_THREADS_MAX ? TG_THREADS_MAX : (unsigned)n;
	return 0;
}
