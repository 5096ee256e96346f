package vsphere

import "strings"

// kinds are the tasks that move data, by what a vCenter calls them (TaskInfo.descriptionId, such as
// "VirtualMachine.clone") in lower case, without what stands before the last dot. The first that is found in it counts.
// The names are those of the API's methods; a vCenter also has "clone" where the simulator has "cloneVm".
func kinds() []struct{ part, kind string } {
	return []struct{ part, kind string }{
		{"clone", "clone"},
		{"relocate", "relocate"},
		{"migrate", "migrate"},
		{"snapshot", "snapshot"}, // createSnapshot, removeSnapshot, removeAllSnapshots, revertToSnapshot
		{"consolidate", "consolidate"},
		{"promotedisks", "promote"},
		{"export", "export"},
		{"ovf", "export"},
		{"import", "import"},
		{"copy", "copy"}, // copyVirtualDisk, copyDatastoreFile
		{"movevirtualdisk", "copy"},
		{"movedatastorefile", "copy"},
		{"inflate", "copy"},
		{"eagerzero", "copy"},
		{"extendvirtualdisk", "copy"},
	}
}

// kindOf is the kind of a task that moves data; empty for any other.
func kindOf(description string) string {
	name := strings.ToLower(description[strings.LastIndexByte(description, '.')+1:])
	for _, k := range kinds() {
		if strings.Contains(name, k.part) {
			return k.kind
		}
	}
	return ""
}

// nameOf is what a task is called for people: its kind, or else the vCenter's own word for it.
func nameOf(description string) string {
	if k := kindOf(description); k != "" {
		return k
	}
	return description[strings.LastIndexByte(description, '.')+1:]
}

// copies tells that a task of that kind makes files elsewhere, which can be seen to grow.
func copies(kind string) bool { return kind == "clone" || kind == "relocate" || kind == "migrate" }
