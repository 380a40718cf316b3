#include "pipeline/seam_block.h"

#include <string.h>

#include "base/banned.h"

#define MARK "-----" /* RFC 7468 section 2 */
#define MARK_LEN 5
#define MARK_NEAR 40 /* bytes from a seam inside the line to its mark */
#define EDGE 128     /* the last line, and the words that mark an end */
#define INDENT 16    /* blanks between two lines, at most */

static bool
space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

size_t
tg_seam_block_start(struct tg_sv s, size_t at)
{
	const size_t low = at > TG_SEAM_BLOCK ? at - TG_SEAM_BLOCK : 0;
	size_t from = at;
	bool block = false;

	for (bool cut = true; from > low; cut = false) {
		size_t end = from, word;

		while (end > low && from - end < INDENT && space(s.p[end - 1]))
			end--;
		word = end;
		while (word > low && !space(s.p[word - 1]))
			word--;
		/* The first may be what a line has before the seam. */
		if (word == end || (end - word < TG_SEAM_BLOCK_WORD && !cut))
			break;
		block = block || end - word >= TG_SEAM_BLOCK_WORD;
		from = word;
	}
	if (!block)
		return at;
	return from > low + EDGE ? from - EDGE : low;
}

/* Where the long words end that go on from @at; @at: there are none. */
static size_t
words_end(struct tg_sv s, size_t at, size_t high)
{
	size_t to = at;
	bool block = false;

	for (bool cut = true; to < high; cut = false) {
		size_t start = to, word;

		while (start < high && start - to < INDENT && space(s.p[start]))
			start++;
		word = start;
		while (word < high && !space(s.p[word]))
			word++;
		if (word == start ||
		    (word - start < TG_SEAM_BLOCK_WORD && !cut))
			break;
		block = block || word - start >= TG_SEAM_BLOCK_WORD;
		to = word;
	}
	return block ? to : at;
}

size_t
tg_seam_block_end(struct tg_sv s, size_t at)
{
	const size_t high = s.n - at > TG_SEAM_BLOCK ? at + TG_SEAM_BLOCK : s.n;
	const size_t near = high - at > MARK_NEAR ? MARK_NEAR : high - at;
	size_t to = words_end(s, at, high);

	if (to == at) { /* the seam may be in the line that begins it */
		const char *mark = memmem(s.p + at, near, MARK, MARK_LEN);

		if (mark == NULL)
			return at;
		to = words_end(s, (size_t)(mark - s.p) + MARK_LEN, high);
	}
	return high - to > EDGE ? to + EDGE : high;
}

bool
tg_seam_block_mark(struct tg_sv s, size_t at)
{
	const size_t from = at > MARK_NEAR ? at - MARK_NEAR : 0;
	const size_t to = s.n - at > MARK_NEAR ? at + MARK_NEAR : s.n;

	/* One of any MARK_LEN that follow each other is looked at. */
	for (size_t i = from; i < to; i += MARK_LEN)
		if (s.p[i] == *MARK &&
		    memmem(s.p + from, to - from, MARK, MARK_LEN) != NULL)
			return true;
	return false;
}
