//go:build !unix

package journal

import "os"

// lock does nothing here: the system has no advisory lock that goes with the process.
func lock(*os.File) error { return nil }

func unsyncable(error) bool { return false }
