/*
 * country.h - ISO 3166-1 alpha-2 codes (officially assigned, 249).
 */
#ifndef TG_POLICIES_COUNTRY_H
#define TG_POLICIES_COUNTRY_H

#include <stdbool.h>

#include "base/sv.h"

bool tg_country_known(struct tg_sv code);

#endif
