#include "pipeline/sources/source.h"

#include <string.h>
#include "base/banned.h"

#define TG_SOURCE(id) &tg_source_##id,
static const struct tg_source *const sources[] = {
#include "pipeline/sources/sources.def"
};
#undef TG_SOURCE

const struct tg_source *
tg_source_for(const struct tg_jdoc *d)
{
	const struct tg_source *best = NULL;
	unsigned most = 0;

	for (size_t i = 0; i < TG_COUNT(sources); i++) {
		const unsigned bid =
		    sources[i]->bid == NULL ? 0 : sources[i]->bid(d);

		if (bid > most) {
			most = bid;
			best = sources[i];
		}
	}
	return best;
}

const struct tg_source *
tg_source_find(const char *name)
{
	for (size_t i = 0; i < TG_COUNT(sources); i++)
		if (strcmp(sources[i]->name, name) == 0)
			return sources[i];
	return NULL;
}

size_t
tg_source_count(void)
{
	return TG_COUNT(sources);
}

const struct tg_source *
tg_source_at(size_t i)
{
	return i < TG_COUNT(sources) ? sources[i] : NULL;
}
