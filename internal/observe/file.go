package observe

import "time"

// FileInfo is what a host says of one file. It is shared by those who ask and those who answer; it is not
// recorded.
type FileInfo struct {
	Path string
	// Ident is device and inode, "dev:ino": the file's identity while it lives. An inode may be used again
	// after the file is gone.
	Ident string
	Size  int64 // bytes
	// Allocated is how many bytes it takes on its disk: less than Size where it has holes. 0: none, or the host does
	// not tell: a remote one tells only who looks at files by path.
	Allocated int64
	Modified  time.Time // with whatever resolution the host gives
}

// FileRead is the answer to one look at an open file: what it is now, what stands under its path now, and
// the bytes asked for.
type FileRead struct {
	File FileInfo  // the file that is held open, wherever it was moved to
	Path *FileInfo // what stands at the path now; nil when nothing does
	Data []byte    // bytes from the offset asked for; short at the end of the file
}
