#include "redactors/fold.h"

#include "base/attr.h"

#include "base/banned.h"

/* Two columns a code point, '?' where there is no Latin reading.  Unicode
 * 15.0 decompositions (UnicodeData.txt) without the marks; AE, OE, ss, th, l
 * and o with stroke as usually transliterated. */
static const char latin[] = /* U+00C0 to U+024F */
    "A A A A A A AEC E E E E I I I I "
    "D N O O O O O x O U U U U Y Thss"
    "a a a a a a aec e e e e i i i i "
    "d n o o o o o / o u u u u y thy "
    "A a A a A a C c C c C c C c D d "
    "D d E e E e E e E e E e G g G g "
    "G g G g H h H h I i I i I i I i "
    "I i IJijJ j K k k L l L l L l L "
    "l L l N n N n N n n N n O o O o "
    "O o OEoeR r R r R r S s S s S s "
    "S s T t T t T t U u U u U u U u "
    "U u U u W w Y y Y Z z Z z Z z s "
    "b B B b ? ? ? C c D D D d ? E E "
    "E F f G ? ? ? I K k l ? ? N n O "
    "O o ? ? P p ? ? ? ? ? t T t T U "
    "u ? V Y y Z z ? ? ? ? ? ? ? ? ? "
    "? ? ? ? DZDzdzLJLjljNJNjnjA a I "
    "i O o U u U u U u U u U u e A a "
    "A a ? ? ? ? G g K k O o O o ? ? "
    "j DZDzdzG g ? ? N n A a ? ? ? ? "
    "A a A a E e E e I i I i O o O o "
    "R r R r U u U u S s T t ? ? H h "
    "? d ? ? ? ? A a E e O o O o O o "
    "O o Y y l n t j ? ? A C c L T s "
    "z ? ? B ? ? E e J j ? ? R r Y y ";
static const char latin_more[] = /* U+1E00 to U+1EFF */
    "A a B b B b B b C c D d D d D d "
    "D d D d E e E e E e E e E e F f "
    "G g H h H h H h H h H h I i I i "
    "K k K k K k L l L l L l L l M m "
    "M m M m N n N n N n N n O o O o "
    "O o O o P p P p R r R r R r R r "
    "S s S s S s S s S s T t T t T t "
    "T t U u U u U u U u U u V v V v "
    "W w W w W w W w W w X x X x Y y "
    "Z z Z z Z z h t w y a s ? ? SS? "
    "A a A a A a A a A a A a A a A a "
    "A a A a A a A a E e E e E e E e "
    "E e E e E e E e I i I i O o O o "
    "O o O o O o O o O o O o O o O o "
    "O o O o U u U u U u U u U u U u "
    "U u Y y Y y Y y Y y ? ? ? ? ? ? ";

/* Code points of digit zero (category Nd), Unicode 15.0. */
static const uint32_t zeros[] = {0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66,
    0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50,
    0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950,
    0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0};

struct range {
	uint32_t lo, hi;
};

static const struct range invisible[] = {{0x00ad, 0x00ad}, {0x061c, 0x061c},
    {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},
    {0x202a, 0x202e}, {0x2060, 0x206f}, {0x2800, 0x2800}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xfffb},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe001f}, {0xe007f, 0xe0fff}};

static const struct range marks[] = {{0x0300, 0x036f}, {0x0483, 0x0489},
    {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f}, {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f}};

/* Runs that map one to one onto an ASCII run. */
static const struct {
	uint32_t lo, hi;
	char to;
} runs[] = {{0x2000, 0x200a, 0}, {0x2460, 0x2468, '1'}, {0x24b6, 0x24cf, 'A'},
    {0x24d0, 0x24e9, 'a'}, {0xff01, 0xff5e, '!'}, {0x1f130, 0x1f149, 'A'},
    {0x1f150, 0x1f169, 'A'}, {0x1f170, 0x1f189, 'A'},
    {0xe0020, 0xe007e, ' '}}; /* tags are seen by no person */

static const struct {
	uint16_t cp;
	char to[TG_FOLD_MAX + 1];
} singles[] = {{0x0085, "\n"}, {0x00a0, " "}, {0x00aa, "a"}, {0x00ab, "\""},
    {0x00b4, "'"}, {0x00ba, "o"}, {0x00bb, "\""}, {0x0251, "a"}, {0x0261, "g"},
    {0x026a, "I"}, {0x02bc, "'"}, {0x0391, "A"}, {0x0392, "B"}, {0x0395, "E"},
    {0x0396, "Z"}, {0x0397, "H"}, {0x0399, "I"}, {0x039a, "K"}, {0x039c, "M"},
    {0x039d, "N"}, {0x039f, "O"}, {0x03a1, "P"}, {0x03a4, "T"}, {0x03a5, "Y"},
    {0x03a7, "X"}, {0x03b1, "a"}, {0x03b9, "i"}, {0x03ba, "k"}, {0x03bd, "v"},
    {0x03bf, "o"}, {0x03c1, "p"}, {0x03c5, "u"}, {0x03c7, "x"}, {0x03f2, "c"},
    {0x03f3, "j"}, {0x0405, "S"}, {0x0406, "I"}, {0x0408, "J"}, {0x0410, "A"},
    {0x0412, "B"}, {0x0415, "E"}, {0x041a, "K"}, {0x041c, "M"}, {0x041d, "H"},
    {0x041e, "O"}, {0x0420, "P"}, {0x0421, "C"}, {0x0422, "T"}, {0x0423, "Y"},
    {0x0425, "X"}, {0x0430, "a"}, {0x0435, "e"}, {0x043a, "k"}, {0x043e, "o"},
    {0x0440, "p"}, {0x0441, "c"}, {0x0443, "y"}, {0x0445, "x"}, {0x0455, "s"},
    {0x0456, "i"}, {0x0458, "j"}, {0x04bb, "h"}, {0x0501, "d"}, {0x051b, "q"},
    {0x051d, "w"}, {0x1680, " "}, {0x2010, "-"}, {0x2011, "-"}, {0x2012, "-"},
    {0x2013, "-"}, {0x2014, "-"}, {0x2015, "-"}, {0x2018, "'"}, {0x2019, "'"},
    {0x201a, "'"}, {0x201b, "'"}, {0x201c, "\""}, {0x201d, "\""},
    {0x201e, "\""}, {0x201f, "\""}, {0x2024, "."}, {0x2026, "..."},
    {0x2028, "\n"}, {0x2029, "\n"}, {0x202f, " "}, {0x2032, "'"},
    {0x2033, "\""}, {0x2039, "'"}, {0x203a, "'"}, {0x2043, "-"}, {0x2044, "/"},
    {0x205f, " "}, {0x2113, "l"}, {0x2116, "No"}, {0x212a, "K"}, {0x212b, "A"},
    {0x2212, "-"}, {0x2215, "/"}, {0x2236, ":"}, {0x24ea, "0"}, {0x3000, " "},
    {0x3002, "."}, {0xa789, ":"}, {0xfb00, "ff"}, {0xfb01, "fi"},
    {0xfb02, "fl"}, {0xfb03, "ffi"}, {0xfb04, "ffl"}, {0xfb05, "st"},
    {0xfb06, "st"}, {0xfe52, "."}, {0xfe55, ":"}, {0xfe58, "-"}, {0xfe63, "-"},
    {0xfe6b, "@"}, {0xff61, "."}};

static bool
in(const struct range *r, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n; i++)
		if (cp >= r[i].lo && cp <= r[i].hi)
			return true;
	return false;
}

static int
one(char out[TG_FOLD_MAX], uint32_t c)
{
	out[0] = (char)c;
	return 1;
}

static int
columns(char out[TG_FOLD_MAX], const char *at)
{
	if (at[0] == '?')
		return TG_FOLD_KEEP;
	out[0] = at[0];
	out[1] = at[1];
	return at[1] == ' ' ? 1 : 2;
}

static int
fold_single(uint32_t cp, char out[TG_FOLD_MAX])
{
	size_t lo = 0, hi = TG_COUNT(singles);

	while (lo < hi) {
		const size_t mid = (lo + hi) / 2;

		if (singles[mid].cp < cp)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == TG_COUNT(singles) || singles[lo].cp != cp)
		return 0;
	for (hi = 0; singles[lo].to[hi] != '\0'; hi++)
		out[hi] = singles[lo].to[hi];
	return (int)hi;
}

static int
fold_run(uint32_t cp, char out[TG_FOLD_MAX])
{
	for (size_t i = 0; i < TG_COUNT(runs); i++)
		if (cp >= runs[i].lo && cp <= runs[i].hi)
			return one(out,
			    runs[i].to == 0
				? (uint32_t)' '
				: (uint32_t)runs[i].to + cp - runs[i].lo);
	/* Mathematical alphabets: 13 of A-Z a-z, then digits. */
	if (cp >= 0x1d400 && cp <= 0x1d6a3) {
		const uint32_t k = (cp - 0x1d400) % 52;

		return one(out, k < 26 ? 'A' + k : 'a' + k - 26);
	}
	if (cp >= 0x1d7ce && cp <= 0x1d7ff)
		return one(out, '0' + (cp - 0x1d7ce) % 10);
	for (size_t i = 0; i < TG_COUNT(zeros); i++)
		if (cp >= zeros[i] && cp <= zeros[i] + 9)
			return one(out, '0' + cp - zeros[i]);
	return 0;
}

/* Scripts written with spaces between words: their letters glue. */
static bool
is_letter(uint32_t cp)
{
	return (cp >= 0x0250 && cp < 0x2000 && cp != 0x037e) ||
	    (cp >= 0x2c00 && cp <= 0x2dff) || (cp >= 0xa640 && cp <= 0xa7ff);
}

int
tg_fold(uint32_t cp, char out[TG_FOLD_MAX])
{
	int n;

	if (cp < 0x80)
		return one(out, cp);
	if (cp >= 0xc0 && cp <= 0x24f)
		return columns(out, &latin[(cp - 0xc0) * 2]);
	if (cp >= 0x1e00 && cp <= 0x1eff)
		return columns(out, &latin_more[(cp - 0x1e00) * 2]);
	if (in(marks, TG_COUNT(marks), cp))
		return TG_FOLD_MARK;
	if (in(invisible, TG_COUNT(invisible), cp))
		return 0;
	n = fold_single(cp, out);
	if (n == 0)
		n = fold_run(cp, out);
	if (n != 0)
		return n;
	return is_letter(cp) ? TG_FOLD_KEEP : one(out, TG_FOLD_OTHER);
}

uint32_t
tg_fold_decode(const unsigned char *p, size_t n, size_t *len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const size_t want = p[0] < 0x80 ? 1
	    : p[0] < 0xc2		? 0
	    : p[0] < 0xe0		? 2
	    : p[0] < 0xf0		? 3
	    : p[0] < 0xf5		? 4
					: 0;
	uint32_t cp;

	*len = 1;
	if (want == 1)
		return p[0];
	if (want == 0 || want > n)
		return 0xfffd;
	cp = p[0] & (0x7fu >> want);
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0xfffd;
		cp = cp << 6 | (p[i] & 0x3fu);
	}
	if (cp < least[want] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0xfffd;
	*len = want;
	return cp;
}

bool
tg_fold_word(char *out, size_t cap, const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t m = 0, len = 1;
	char to[TG_FOLD_MAX];

	for (size_t i = 0; i < n; i += len) {
		const int k = tg_fold(tg_fold_decode(p + i, n - i, &len), to);

		if (m + len + TG_FOLD_MAX >= cap)
			return false;
		for (size_t j = 0; k == TG_FOLD_KEEP && j < len; j++)
			out[m++] = (char)p[i + j];
		for (int j = 0; j < k; j++)
			out[m++] = (char)(to[j] >= 'A' && to[j] <= 'Z'
				? to[j] + ('a' - 'A')
				: to[j]);
	}
	out[m] = '\0';
	return true;
}
