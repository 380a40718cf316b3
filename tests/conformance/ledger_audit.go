// ledger_audit.go - an auditor of a ledger folder that shares no code with the
// product: golang.org/x/mod/sumdb/{note,tlog} as Debian packages them.
//
//	ledger_audit LEDGERDIR VKEYFILE [PROOF ENTRYJSON]
//
// It opens the checkpoint with the verifier key, reads every entry bundle,
// rebuilds the root from the entries alone, proves and checks the inclusion of
// every leaf and the consistency with every older size, holds each hash tile
// against the tree, and checks a tlog-proof of one entry.  Exit 0 or 1.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	width     = 256
	proofHead = "c2sp.org/tlog-proof@v1\n"
	maxChecks = 600 // older sizes and leaves proven one by one
)

// tilePath is tile/<level>/<N>[.p/<W>] of c2sp.org/tlog-tiles.
func tilePath(level string, n int64, w int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	if w < width {
		s += fmt.Sprintf(".p/%d", w)
	}
	return filepath.Join("tile", level, s)
}

func readTile(dir, level string, n, w int64) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(dir, tilePath(level, n, w)))
	if errors.Is(err, os.ErrNotExist) && w < width {
		return os.ReadFile(filepath.Join(dir, tilePath(level, n, width)))
	}
	return b, err
}

// store holds the hashes of a tree in the order of package tlog.
type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", x)
		}
		out[i] = s[x]
	}
	return out, nil
}

// entries reads the n-th bundle: w entries, nothing after them unless the full
// bundle stood in for a partial one.
func entries(dir string, n, w int64) ([][]byte, error) {
	b, err := readTile(dir, "entries", n, w)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for len(b) > 0 && int64(len(out)) < w {
		if len(b) < 2 {
			return nil, errors.New("bundle cut short")
		}
		size := int(binary.BigEndian.Uint16(b))
		if len(b)-2 < size {
			return nil, errors.New("bundle cut short")
		}
		out = append(out, b[2:2+size])
		b = b[2+size:]
	}
	if int64(len(out)) != w {
		return nil, errors.New("bundle has too few entries")
	}
	return out, nil
}

func openCheckpoint(text []byte, verifier note.Verifier) (tlog.Tree, error) {
	n, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, errors.New("not a checkpoint of this origin")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

// rebuild reads every entry and gives the hashes of the whole tree.
func rebuild(dir string, size int64) (store, [][]byte, error) {
	var s store
	var all [][]byte
	for n := int64(0); n*width < size; n++ {
		w := size - n*width
		if w > width {
			w = width
		}
		list, err := entries(dir, n, w)
		if err != nil {
			return nil, nil, fmt.Errorf("bundle %d: %w", n, err)
		}
		for _, e := range list {
			hashes, err := tlog.StoredHashes(int64(len(all)), e, s)
			if err != nil {
				return nil, nil, err
			}
			s = append(s, hashes...)
			all = append(all, e)
		}
	}
	return s, all, nil
}

// checkTiles holds every hash tile the size asks for against the tree.
func checkTiles(dir string, s store, size int64) (int, error) {
	tiles := 0
	for level := 0; size>>(8*uint(level)) > 0; level++ {
		have := size >> (8 * uint(level))
		for n := int64(0); n*width < have; n++ {
			w := have - n*width
			if w > width {
				w = width
			}
			b, err := readTile(dir, strconv.Itoa(level), n, w)
			if err != nil {
				return tiles, err
			}
			for i := int64(0); i < w; i++ {
				h, err := s.ReadHashes([]int64{
					tlog.StoredHashIndex(8*level, n*width+i)})
				if err != nil {
					return tiles, err
				}
				if len(b) < int(i+1)*tlog.HashSize || !bytes.Equal(h[0][:],
					b[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
					return tiles, fmt.Errorf("%s differs",
						tilePath(strconv.Itoa(level), n, w))
				}
			}
			tiles++
		}
	}
	return tiles, nil
}

func checkLeaves(s store, all [][]byte, tree tlog.Tree) error {
	step := tree.N/maxChecks + 1
	for i := int64(0); i < tree.N; i += step {
		p, err := tlog.ProveRecord(tree.N, i, s)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(p, tree.N, tree.Hash, i,
			tlog.RecordHash(all[i])); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	for old := int64(1); old <= tree.N; old += step {
		h, err := tlog.TreeHash(old, s)
		if err != nil {
			return err
		}
		p, err := tlog.ProveTree(tree.N, old, s)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(p, tree.N, tree.Hash, old, h); err != nil {
			return fmt.Errorf("size %d: %w", old, err)
		}
	}
	return nil
}

// checkProof reads a c2sp.org/tlog-proof@v1 by hand.
func checkProof(text, entry []byte, verifier note.Verifier) (int64, error) {
	i := bytes.Index(text, []byte("\n\n"))
	if i < 0 || !bytes.HasPrefix(text, []byte(proofHead)) {
		return 0, errors.New("not a tlog-proof")
	}
	lines := strings.Split(string(text[len(proofHead):i]), "\n")
	index, err := strconv.ParseInt(
		strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return 0, err
	}
	var p tlog.RecordProof
	for _, l := range lines[1:] {
		b, err := base64.StdEncoding.DecodeString(l)
		if err != nil || len(b) != tlog.HashSize {
			return 0, errors.New("not a hash in the proof")
		}
		var h tlog.Hash
		copy(h[:], b)
		p = append(p, h)
	}
	tree, err := openCheckpoint(text[i+2:], verifier)
	if err != nil {
		return 0, err
	}
	return index, tlog.CheckRecord(
		p, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func audit(args []string) error {
	vkey, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(strings.TrimSuffix(string(vkey), "\n"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(args[0], "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(text, verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if tree.N == 0 {
		return errors.New("no entries: nothing was examined")
	}
	s, all, err := rebuild(args[0], tree.N)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, s)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the entries do not give the root that is signed")
	}
	tiles, err := checkTiles(args[0], s, tree.N)
	if err != nil {
		return err
	}
	if err := checkLeaves(s, all, tree); err != nil {
		return err
	}
	fmt.Printf("%s: %d entries, %d hash tiles, root %v: OK\n",
		verifier.Name(), tree.N, tiles, root)
	if len(args) == 2 {
		return nil
	}
	proof, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(args[3])
	if err != nil {
		return err
	}
	index, err := checkProof(proof, entry, verifier)
	if err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	if index >= tree.N || !bytes.Equal(all[index], entry) {
		return fmt.Errorf("proof: entry %d of the ledger is another", index)
	}
	fmt.Printf("proof of entry %d: OK\n", index)
	return nil
}

func main() {
	if len(os.Args) != 3 && len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr,
			"usage: ledger_audit LEDGERDIR VKEYFILE [PROOF ENTRYJSON]")
		os.Exit(2)
	}
	if err := audit(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ledger_audit:", err)
		os.Exit(1)
	}
}
