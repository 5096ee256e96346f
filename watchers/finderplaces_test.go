package watchers

import (
	"context"
	"testing"

	"ronda/internal/observe"
)

// placesHost shows a mount table.
type placesHost struct {
	Procs
	mounts string
}

func (h placesHost) ReadFiles(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"/proc/self/mountinfo": h.mounts}, nil
}

func (h placesHost) ReadLinks(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"/proc/self/ns/mnt": "mnt:[1]"}, nil
}

func TestWhatMayBeAskedWithoutHanging(t *testing.T) {
	const disks = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 8:2 / /srv rw - xfs /dev/sdb rw\n"
	const far = disks + "24 23 0:40 / /srv/nas rw - nfs4 nas:/x rw\n25 22 0:41 / /mnt/s rw - fuse.sshfs a: rw\n"
	open := []observe.OpenFile{{Path: "/srv/mail/1/box"}}
	for _, c := range []struct {
		mounts, path string
		may, below   bool
	}{
		{disks, "/srv/a.img", true, false},
		{disks, "relative", false, false},
		{disks, "backup:/x", false, false},
		{far, "/srv/a.img", false, false}, // a link in it may lead to the NAS
		{far, "/srv/mail/1/other", true, false},
		{far, "/srv/mail/1/box", true, false},
		{far, "/srv/mail", true, false},
		{far, "/srv/mail2", false, false},
		{far, "/srv", true, true},
		{far, "/srv/nas/x", false, false},
		{far, "/mnt/s", false, false},
	} {
		var p places
		if err := p.refresh(t.Context(), placesHost{mounts: c.mounts}, true); err != nil {
			t.Fatal(err)
		}
		if may, below := p.mayAsk(c.path, open), p.farBelow(c.path); may != c.may || below != c.below {
			t.Errorf("%s: may %v, far below %v", c.path, may, below)
		}
	}
}

func TestDisksAreTold(t *testing.T) {
	for target, want := range map[string]bool{
		"/dev/sda": true, "/dev/dm-0": true, "/dev/null": false, "/dev/pts/3": false, "/dev/shm/x": false, "/srv/x": false, "/dev/urandom": false, "/dev/tty": false,
	} {
		if mayBeDisk(target) != want {
			t.Errorf("%s: %v", target, !want)
		}
	}
}
