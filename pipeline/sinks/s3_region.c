#include "pipeline/sinks/s3_region.h"

#include <string.h>

#include "base/banned.h"

#define DEFAULT_REGION "us-east-1"

static const struct {
	const char *name, *country;
} regions[] = {
#define REGION(name, country) {name, country},
#include "pipeline/sinks/s3_regions.def"
#undef REGION
};

/* The text of the element; an empty one, and "<LocationConstraint/>", is "". */
static bool
constraint(struct tg_sv *out, struct tg_sv xml)
{
	static const char head[] = "<LocationConstraint";
	static const char tail[] = "</LocationConstraint>";
	const char *const end = xml.p + xml.n;
	const char *at = memmem(xml.p, xml.n, head, sizeof(head) - 1);
	const char *close;

	if (at == NULL)
		return false;
	at += sizeof(head) - 1;
	close = memchr(at, '>', (size_t)(end - at));
	if (close == NULL || (*at != '>' && *at != ' ' && *at != '/'))
		return false;
	*out = (struct tg_sv){close + 1, 0};
	if (close[-1] == '/')
		return true;
	close = memmem(out->p, (size_t)(end - out->p), tail, sizeof(tail) - 1);
	if (close == NULL)
		return false;
	out->n = (size_t)(close - out->p);
	return true;
}

bool
tg_s3_location(char out[TG_URI_REGION_MAX + 1], struct tg_sv xml)
{
	struct tg_sv text;

	if (!constraint(&text, xml))
		return false;
	if (text.n == 0)
		text = TG_SV(DEFAULT_REGION);
	else if (tg_sv_is(text, "EU"))
		text = TG_SV("eu-west-1");
	if (!tg_uri_region(text))
		return false;
	memcpy(out, text.p, text.n);
	out[text.n] = '\0';
	return true;
}

const char *
tg_s3_country(const char *region, bool amazon)
{
	if (!amazon)
		return "";
	for (size_t i = 0; i < TG_COUNT(regions); i++)
		if (strcmp(regions[i].name, region) == 0)
			return regions[i].country;
	return "";
}
