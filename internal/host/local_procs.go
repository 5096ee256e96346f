package host

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"

	"ronda/internal/observe"
)

// maxSmall is how much of a small file ReadFiles returns, in bytes.
const maxSmall = 256 << 10

// ReadFiles returns the text of small files, by path: at most 256 KiB of each, without the end of the last
// line, with spaces for NUL bytes. A pattern with * or [ ] is expanded. What is missing, may not be read or is
// not a file is absent.
func (l *Local) ReadFiles(ctx context.Context, patterns ...string) (map[string]string, error) {
	files := make(map[string]string, len(patterns))
	var buf []byte
	for _, p := range patterns {
		paths := []string{p}
		if strings.ContainsAny(p, "*[") {
			// The shell writes [!x] what Go writes [^x]. A pattern that is none matches nothing.
			paths, _ = filepath.Glob(strings.ReplaceAll(p, "[!", "[^"))
		}
		for _, path := range paths {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var ok bool
			if buf, ok = readSmall(path, buf); ok {
				text := bytes.TrimSuffix(buf, []byte{'\n'})
				for i := bytes.IndexByte(text, 0); i >= 0; i = bytes.IndexByte(text, 0) {
					text[i] = ' '
				}
				files[path] = string(text)
			}
		}
	}
	return files, nil
}

// ReadLinks returns where the symbolic links in directories point, by the link's path, and follows none.
func (l *Local) ReadLinks(ctx context.Context, dirs ...string) (map[string]string, error) {
	links := make(map[string]string)
	for _, d := range dirs {
		paths := []string{d}
		if strings.ContainsAny(d, "*[") {
			paths, _ = filepath.Glob(strings.ReplaceAll(d, "[!", "[^"))
		}
		for _, dir := range paths {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for _, name := range names(dir) {
				p := filepath.Join(dir, name)
				if target, err := os.Readlink(p); err == nil {
					links[p] = target
				}
			}
		}
	}
	return links, nil
}

// names lists a directory without looking at what is in it; nothing when it may not be read.
func names(dir string) []string {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // it was only read
	list, _ := f.Readdirnames(-1)    // what was read before an error is what there is
	return list
}

// The capabilities that watchers and probes need.
var _ interface {
	OpenFile(ctx context.Context, path string) (int, observe.FileInfo, error)
	ReadFile(ctx context.Context, handle int, off int64, limit int) (observe.FileRead, error)
	CloseFile(handle int)
	Siblings(ctx context.Context, path string) ([]observe.FileInfo, error)
	ReadFiles(ctx context.Context, patterns ...string) (map[string]string, error)
	ReadLinks(ctx context.Context, dirs ...string) (map[string]string, error)
	Holders(ctx context.Context, path string) ([]int, error)
	StatFiles(ctx context.Context, paths ...string) (map[string]observe.FileInfo, error)
	Run(ctx context.Context, command string) ([]byte, []byte, int, error)
} = (*Local)(nil)
