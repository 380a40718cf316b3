/*
 * sniff.c - formats that are never read.
 *
 * Magics: pickle protocol 2 to 5 (PEP 307, PEP 574), zip local header (APPNOTE
 * 4.3.7), NPY (NEP 1), safetensors (u64 little-endian length of a JSON header
 * of at most 100 MB, its first byte '{'), Arrow file and IPC stream, Parquet,
 * HDF5, xz, bzip2, lz4 and ustar by their specifications.  The file exporter of
 * the OpenTelemetry Collector frames protobuf messages by a u32 big-endian
 * length; their first field is number 1, length-delimited: 0x0a.  OTLP/HTTP
 * sends the message alone.
 */
#include "pipeline/sources/sniff.h"

#include <stdint.h>

#include "base/attr.h"

#include "base/banned.h"

#define SAFETENSORS_HEADER 100000000u /* bytes, the format's own limit */

static const char not_read[] = "not read by this version: refused";
static const char runs_code[] = "loading one runs the code inside it: refused";
static const char unpack[] = "only gzip and zstd are undone: refused";

static const struct tg_sniff pickle = {TG_SNIFF_PICKLE, "Python pickle",
    runs_code,
    "where it was made: python3 -c 'import torch; from safetensors.torch "
    "import save_file; save_file(torch.load(\"IN\", weights_only=True), "
    "\"OUT.safetensors\")'"};
static const struct tg_sniff zip = {TG_SNIFF_ZIP, "zip container (.npz, .pt)",
    "it can hold pickles: refused",
    ".pt: python3 -c 'import torch; from safetensors.torch import save_file; "
    "save_file(torch.load(\"IN\", weights_only=True), \"OUT\")'; .npz: "
    "numpy.load with allow_pickle=False, then save_file"};
/* Read from a file that can be gone through more than once, input_tensors.c. */
static const char one_file[] =
    "read from a plain file only, not compressed, not through a pipe";
static const struct tg_sniff npy = {TG_SNIFF_NPY, "NumPy array (.npy)",
    one_file, "gzip -d IN.gz, and name the file"};
static const struct tg_sniff safetensors = {TG_SNIFF_SAFETENSORS, "safetensors",
    one_file, "gzip -d IN.gz, and name the file"};
static const struct tg_sniff arrow = {TG_SNIFF_ARROW, "Arrow file", not_read,
    "python3 -c 'import pyarrow.feather as f; f.read_table(\"IN\")"
    ".to_pandas().to_json(\"OUT.jsonl\", orient=\"records\", lines=True)'"};
static const struct tg_sniff arrow_stream = {TG_SNIFF_ARROW_STREAM,
    "Arrow stream (datasets .arrow)", not_read,
    "python3 -c 'from datasets import load_from_disk; from "
    "safetensors.numpy import save_file; import numpy as np; "
    "d=load_from_disk(\"DIR\").with_format(\"numpy\"); save_file({c: "
    "np.stack(d[c]) for c in d.column_names}, \"OUT.safetensors\")'"};
static const struct tg_sniff parquet = {TG_SNIFF_PARQUET, "Parquet", not_read,
    "python3 -c 'import pandas as p; p.read_parquet(\"IN\")"
    ".to_json(\"OUT.jsonl\", orient=\"records\", lines=True)'"};
static const struct tg_sniff hdf5 = {
    TG_SNIFF_HDF5, "HDF5", not_read, "export the records as JSON lines"};
static const struct tg_sniff proto = {TG_SNIFF_OTLP_PROTO, "OTLP in protobuf",
    not_read, "set \"format: json\" in the file exporter of the collector"};
static const struct tg_sniff utf16 = {TG_SNIFF_UTF16, "UTF-16 text",
    "JSON is UTF-8 (RFC 8259 section 8.1): refused",
    "iconv -f UTF-16 -t UTF-8 IN > OUT"};
static const struct tg_sniff xz = {
    TG_SNIFF_XZ, "xz", unpack, "xz -dc IN | zstd > OUT.zst"};
static const struct tg_sniff bzip2 = {
    TG_SNIFF_BZIP2, "bzip2", unpack, "bzip2 -dc IN | zstd > OUT.zst"};
static const struct tg_sniff lz4 = {
    TG_SNIFF_LZ4, "lz4", unpack, "lz4 -dc IN | zstd > OUT.zst"};
static const struct tg_sniff tar = {TG_SNIFF_TAR, "tar archive",
    "an archive is no trace: refused", "unpack it and name the files"};

static const struct {
	size_t at;
	struct tg_sv bytes;
	const struct tg_sniff *row;
} magics[] = {
    {0, {"\x80\x02", 2}, &pickle},
    {0, {"\x80\x03", 2}, &pickle},
    {0, {"\x80\x04", 2}, &pickle},
    {0, {"\x80\x05", 2}, &pickle},
    {0, {"PK\x03\x04", 4}, &zip},
    {0, {"PK\x05\x06", 4}, &zip},
    {0, {"\x93NUMPY", 6}, &npy},
    {0, {"ARROW1", 6}, &arrow},
    {0, {"\xff\xff\xff\xff", 4}, &arrow_stream},
    {0, {"PAR1", 4}, &parquet},
    {0, {"\x89HDF\r\n\x1a\n", 8}, &hdf5},
    {0, {"\xff\xfe", 2}, &utf16},
    {0, {"\xfe\xff", 2}, &utf16},
    {0,
	{"\xfd"
	 "7zXZ\0",
	    6},
	&xz},
    {0, {"BZh", 3}, &bzip2},
    {0, {"\x04\x22\x4d\x18", 4}, &lz4},
    {257, {"ustar", 5}, &tar},
};

static bool
is_safetensors(struct tg_sv head)
{
	uint64_t n = 0;
	size_t i = 8;

	if (head.n < 9)
		return false;
	for (unsigned k = 0; k < 8; k++)
		n |= (uint64_t)(uint8_t)head.p[k] << (8 * k);
	if (n < 2 || n > SAFETENSORS_HEADER)
		return false;
	while (i < head.n && strchr(" \t\r\n", head.p[i]) != NULL &&
	    head.p[i] != '\0')
		i++;
	return i < head.n && head.p[i] == '{';
}

static bool
is_proto(struct tg_sv head)
{
	/* Below 16 MiB; no text begins with a NUL byte. */
	return head.n >= 6 && head.p[0] == '\0' && head.p[4] == 0x0a &&
	    (head.p[1] != 0 || head.p[2] != 0 || head.p[3] != 0);
}

/* A control character or a byte beyond ASCII. */
static bool
no_text(char c)
{
	return (unsigned char)c >= 0x80 ||
	    ((unsigned char)c < ' ' && c != '\t' && c != '\n' && c != '\r');
}

/*
 * A message by itself, as OTLP/HTTP sends it: field 1 (length-delimited), in
 * it field 1 again.  Text can begin with two line ends too: one
 * of the lengths must be no text.
 */
static bool
is_bare_proto(struct tg_sv head)
{
	size_t i = 1;
	bool odd;

	if (head.n < 4 || head.p[0] != 0x0a)
		return false;
	odd = no_text(head.p[i]);
	while (i < 4 && i + 2 < head.n && ((unsigned char)head.p[i] & 0x80)) {
		i++;
		odd = odd || no_text(head.p[i]);
	}
	return i + 2 < head.n && head.p[i + 1] == 0x0a &&
	    (odd || no_text(head.p[i + 2]));
}

const struct tg_sniff *
tg_sniff(struct tg_sv head)
{
	for (size_t i = 0; i < TG_COUNT(magics); i++) {
		const struct tg_sv m = magics[i].bytes;

		if (head.n >= magics[i].at + m.n &&
		    memcmp(head.p + magics[i].at, m.p, m.n) == 0)
			return magics[i].row;
	}
	if (is_safetensors(head))
		return &safetensors;
	return is_proto(head) || is_bare_proto(head) ? &proto : NULL;
}
