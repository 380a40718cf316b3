#include "cli/version.h"

#include "pipeline/manifest.h"
#include "base/banned.h"

void
tg_version_print(FILE *out, bool json)
{
	if (json) {
		(void)fprintf(out,
		    "{\"name\":\"tracegate\",\"version\":\"%s\","
		    "\"libsodium\":\"%s\",\"libzstd\":\"%s\","
		    "\"pcre2\":\"%s\"}\n",
		    TG_VERSION, tg_version_sodium(), tg_version_zstd(),
		    tg_version_pcre2());
		return;
	}
	(void)fprintf(out, "tracegate %s\n", TG_VERSION);
	(void)fprintf(out, "libsodium %s, libzstd %s, pcre2 %s\n",
	    tg_version_sodium(), tg_version_zstd(), tg_version_pcre2());
}
