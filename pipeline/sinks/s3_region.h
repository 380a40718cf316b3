/*
 * s3_region.h - where a bucket is: the answer of GetBucketLocation, and the
 * country of Amazon's regions.
 */
#ifndef TG_PIPELINE_SINKS_S3_REGION_H
#define TG_PIPELINE_SINKS_S3_REGION_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/sv.h"
#include "pipeline/sinks/uri.h"

/*
 * tg_s3_location - the region in the answer @xml.  An empty constraint is
 * us-east-1, "EU" is eu-west-1 (S3 API reference, GetBucketLocation).  False:
 * there is no such element, it is not closed, or holds no region's name.
 */
bool
tg_s3_location(char out[TG_URI_REGION_MAX + 1], struct tg_sv xml) TG_MUST_CHECK;

/*
 * tg_s3_country - "GB", or "" when it is not known.  @amazon: the endpoint is
 * Amazon's; a name says nothing of another's (s3_regions.def).
 */
const char *tg_s3_country(const char *region, bool amazon);

#endif
