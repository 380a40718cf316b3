#include "pipeline/bundle/name.h"

#include "base/banned.h"

static bool
part_ok(struct tg_sv part)
{
	if (part.n == 0 || part.p[0] == '-')
		return false;
	return !tg_sv_is(part, ".") && !tg_sv_is(part, "..");
}

static bool
letter_ok(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool
tg_name_ok(struct tg_sv name)
{
	size_t start = 0;

	if (name.n == 0 || name.n > TG_NAME_MAX)
		return false;
	for (size_t i = 0; i <= name.n; i++) {
		if (i == name.n || name.p[i] == '/') {
			if (!part_ok((struct tg_sv){name.p + start, i - start}))
				return false;
			start = i + 1;
		} else if (!letter_ok(name.p[i])) {
			return false;
		}
	}
	return true;
}
