/* seal_kit.h - a volume of invented members, sealed to the kit's recipient. */
#ifndef TG_TESTS_UNIT_PIPELINE_BUNDLE_SEAL_KIT_H
#define TG_TESTS_UNIT_PIPELINE_BUNDLE_SEAL_KIT_H

#include "pipeline/bundle/open.h"
#include "pipeline/bundle/seal.h"
#include "tests/unit/pipeline/bundle/age_kit.h"

#define KIT_MEMBERS 4

struct kit_volume {
	struct tg_seal_member member[KIT_MEMBERS];
	char path[KIT_MEMBERS][512];
	uint8_t pk[2][TG_AGE_KEY_LEN];
	uint8_t sk[1][TG_AGE_KEY_LEN];
	struct tg_age_keys keys;
	struct tg_seal_spec spec;
	char out[512];
};

/* Writes the members below @dir and fills the rest; @file is the volume's name
 * there. */
void kit_volume(struct kit_volume *k, const char *dir, const char *file);

#endif
