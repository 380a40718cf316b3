#include "cli/version.h"

#include "pipeline/manifest.h"
#include "base/banned.h"

void
tg_version_print(FILE *out)
{
	(void)fprintf(out, "tracegate %s\n", TG_VERSION);
	(void)fprintf(out, "libsodium %s, libzstd %s, pcre2 %s\n",
	    tg_version_sodium(), tg_version_zstd(), tg_version_pcre2());
}
