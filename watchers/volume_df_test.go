package watchers

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

const dfHead = "Filesystem     1024-blocks      Used Available Capacity Mounted on\n"

// TestParseDF reads the answers of the df there are: those of GNU, busybox 1.36 and the kernel's file systems as they
// came from Debian 12, those of BSD and macOS as their manuals show them.
func TestParseDF(t *testing.T) {
	const inodeHead = "Filesystem      Inodes   IUsed   IFree IUse% Mounted on\n"
	tests := []struct {
		name, blocks, inodes string
		want                 observe.Volume
	}{
		{
			"GNU", dfHead + "/dev/vda1         10218772   4417224   5259416      46% /\n", inodeHead + "/dev/vda1       655360  131072  524288   20% /\n",
			observe.Volume{Mount: "/", Device: "/dev/vda1", Size: 10218772 << 10, Used: 4417224 << 10, Avail: 5259416 << 10, Inodes: 655360, InodesFree: 524288},
		},
		{
			"a long name on a line of its own", dfHead + "/dev/mapper/vg_of_the_long_name-lv_of_the_long_name\n                      100        40        60      40% /srv\n", "",
			observe.Volume{Mount: "/srv", Device: "/dev/mapper/vg_of_the_long_name-lv_of_the_long_name", Size: 100 << 10, Used: 40 << 10, Avail: 60 << 10},
		},
		{
			"blanks and numbers in names", dfHead + "//nas/our share 1 2    100        40        60      40% /mnt/the share 100 4%\n", "",
			observe.Volume{Mount: "/mnt/the share 100 4%", Device: "//nas/our share 1 2", Size: 100 << 10, Used: 40 << 10, Avail: 60 << 10},
		},
		{
			"btrfs has no inodes", dfHead + "/dev/sdb 100 40 60 40% /b\n", inodeHead + "/dev/sdb             0       0       0     - /b\n",
			observe.Volume{Mount: "/b", Device: "/dev/sdb", Size: 100 << 10, Used: 40 << 10, Avail: 60 << 10},
		},
		{
			"inodes are not known", dfHead + "nas:/x 100 40 60 40% /b\n", inodeHead + "nas:/x   -  -  - - /b\n",
			observe.Volume{Mount: "/b", Device: "nas:/x", Size: 100 << 10, Used: 40 << 10, Avail: 60 << 10},
		},
		{
			"no df -i there", dfHead + "none 100 40 60 40% /b\n", "df: invalid option -- 'i'\nBusyBox v1.36.1\n",
			observe.Volume{Mount: "/b", Device: "none", Size: 100 << 10, Used: 40 << 10, Avail: 60 << 10},
		},
		{
			"a subvolume that is not mounted itself", dfHead + "- 100 40 60 40% /b/sub\n", "",
			observe.Volume{Mount: "/b/sub", Device: "-", Size: 100 << 10, Used: 40 << 10, Avail: 60 << 10},
		},
		{
			"less than nothing is left (BSD)", "Filesystem 1024-blocks Used Avail Capacity Mounted on\n/dev/da0p2 100 97 -5 105% /\n", "",
			observe.Volume{Mount: "/", Device: "/dev/da0p2", Size: 100 << 10, Used: 97 << 10},
		},
		{
			"macOS", "Filesystem     1024-blocks      Used Available Capacity  Mounted on\n/dev/disk3s5     971350180 520118232 430512020    55%    /System/Volumes/Data\n",
			"Filesystem    512-blocks       Used Available Capacity iused      ifree %iused  Mounted on\n/dev/disk3s5  1942700360 1040236464 861024040    55% 2000000 4305120200    0%   /System/Volumes/Data\n",
			observe.Volume{
				Mount: "/System/Volumes/Data", Device: "/dev/disk3s5", Size: 971350180 << 10, Used: 520118232 << 10, Avail: 430512020 << 10,
				Inodes: 4307120200, InodesFree: 4305120200,
			},
		},
		{
			"warnings before it", "df: /run/user/1000/doc: Operation not permitted\n" + dfHead + "tmpfs 100 40 60 40% /run\n", "",
			observe.Volume{Mount: "/run", Device: "tmpfs", Size: 100 << 10, Used: 40 << 10, Avail: 60 << 10},
		},
		{
			"numbers beyond all reason", dfHead + "x 99999999999999999999 18446744073709551615 9007199254740993 1% /\n", "",
			observe.Volume{Mount: "/", Device: "x", Avail: 1 << 62},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parseDF(tt.blocks, tt.inodes)
			if diff := cmp.Diff(tt.want, got); !ok || diff != "" {
				t.Errorf("ok %v (-want +got):\n%s", ok, diff)
			}
		})
	}
	for _, text := range []string{"", dfHead, "df: /x: No such file or directory\n", "sh: df: not found\n", dfHead + "proc - - - - /proc\n", dfHead + "x 1 2 3 4% y\n"} {
		if got, ok := parseDF(text, ""); ok {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

// FuzzParseDF: no answer makes it panic, or gives less than nothing.
func FuzzParseDF(f *testing.F) {
	f.Add(dfHead+"/dev/vda1 10218772 4417224 5259416 46% /\n", "x 1 2 3 4% /\n")
	f.Add("a\n b\n c 1 1 1 1% /\n", "- - - - - /\n")
	f.Fuzz(func(t *testing.T, blocks, inodes string) {
		v, ok := parseDF(blocks, inodes)
		if ok && (v.Mount == "" || v.Size < 0 || v.Used < 0 || v.Avail < 0 || v.Inodes < 0 || v.InodesFree < 0 || v.InodesFree > v.Inodes) {
			t.Fatalf("%q: %+v", blocks, v)
		}
	})
}
