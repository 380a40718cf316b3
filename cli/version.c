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

struct tg_json *
tg_version_json(void)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "name", "tracegate");
	bad |= tg_json_set_str(o, "version", TG_VERSION);
	bad |= tg_json_set_str(o, "libsodium", tg_version_sodium());
	bad |= tg_json_set_str(o, "libzstd", tg_version_zstd());
	bad |= tg_json_set_str(o, "pcre2", tg_version_pcre2());
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}
