/*
 * otlp_gen.c - writes OTLP/JSON lines to standard output, as many bytes as
 * asked for: records of several sizes, one in eight with an identifier from a
 * range that is kept free for fiction.  Always the same bytes.
 *
 *   otlp_gen BYTES
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const words[] = {"the", "harbour", "was", "quiet", "and",
    "boats", "lay", "still", "near", "sheds", "painted", "grey", "since",
    "spring", "please", "explain", "how", "a", "kettle", "boils", "water",
    "over", "tide", "report"};

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t
text(char *out, size_t size, unsigned n)
{
	size_t k = 0;

	for (unsigned i = 0; i < n && k + 16 < size; i++)
		k += (size_t)snprintf(out + k, size - k, "%s%s",
		    i == 0 ? "" : " ", words[next() % 24]);
	return k;
}

static int
record(uint64_t i)
{
	static char body[1 << 16];
	const char *planted = i % 8 == 3 ? " Mail anna.b@example.org today."
	    : i % 8 == 5		 ? " Ring 020 7946 0123 today."
					 : "";
	/* Mostly a hundred words, now and then thousands. */
	const unsigned n = i % 1000 == 7 ? 6000 : 20 + next() % 160;

	(void)text(body, sizeof(body), n);
	return printf("{\"resourceSpans\":[{\"resource\":{\"attributes\":[{"
		      "\"key\":\"service.name\",\"value\":{\"stringValue\":"
		      "\"memory-test\"}}]},\"scopeSpans\":[{\"spans\":[{"
		      "\"traceId\":\"%016" PRIx64 "%016" PRIx64
		      "\",\"spanId\":\"%016" PRIx64
		      "\",\"name\":\"chat\",\"kind\":3,"
		      "\"startTimeUnixNano\":\"1795500%06" PRIu64
		      "000000\",\"endTimeUnixNano\":\"1795500%06" PRIu64
		      "999999\",\"attributes\":[{\"key\":\"gen_ai.prompt\","
		      "\"value\":{\"stringValue\":\"%s.%s\"}}]}]}]}]}\n",
	    next(), i, next(), i % 1000000, i % 1000000, body, planted);
}

int
main(int argc, char **argv)
{
	const uint64_t want = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
	uint64_t done = 0;

	if (want == 0) {
		(void)fprintf(stderr, "usage: otlp_gen BYTES\n");
		return 2;
	}
	for (uint64_t i = 1; done < want; i++) {
		const int n = record(i);

		if (n < 0)
			return 1;
		done += (uint64_t)n;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
