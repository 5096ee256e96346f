package extract

import (
	"fmt"
	"testing"

	"ronda/internal/observe"
)

// TestOpenSteps says after each line which step is open; a line that begins with | has not ended.
func TestOpenSteps(t *testing.T) {
	for name, lines := range map[string][][2]string{
		"closed by a line of its own": {
			{"Sun Nov 22 01:00:05 2026 Stopping zimbra services...", "Stopping zimbra services..."},
			{"Sun Nov 22 01:00:05 2026 *** Running as zimbra user: /opt/zimbra/bin/zmcontrol stop", "Stopping zimbra services..."},
			{"	Stopping zmconfigd...Done.", "Stopping zimbra services..."},
			{"	Stopping mailbox...Done.", "Stopping zimbra services..."},
			{"Sun Nov 22 01:01:12 2026 done.", ""},
			{"Sun Nov 22 01:01:12 2026 This appears to be 8.7.11_GA", ""},
			{"Sun Nov 22 01:01:12 2026 Starting mysql...", "Starting mysql..."},
			{"Starting mysqld...done.", "Starting mysql..."},
			{"Sun Nov 22 01:01:34 2026 not running.", ""},
		},
		"closed in the line": {
			{"|  Applying app.0001_initial...", "Applying app.0001_initial..."},
			{"  Applying app.0001_initial... OK", ""},
			{"|  Applying app.0002_big...", "Applying app.0002_big..."},
			{"  Applying app.0002_big...Traceback (most recent call last):", ""},
		},
		"dots that grow": {
			{"|Starting MySQL", "Starting MySQL"},
			{"|Starting MySQL.", "Starting MySQL"},
			{"|Starting MySQL...", "Starting MySQL"},
			{"Starting MySQL....... SUCCESS!", ""},
		},
		"without dots": {
			{"|Starting postfix: ", "Starting postfix:"},
			{"Starting postfix:                                         [  OK  ]", ""},
			{"|Copying user relation files          ", "Copying user relation files"},
			{"Copying user relation files                                 ok", ""},
		},
		"the next one": {
			{"-- Retrieving table structure for table mi2...", "Retrieving table structure for table mi2..."},
			{"-- Sending SELECT query...", "Sending SELECT query..."},
			{"-- Retrieving rows...", "Retrieving rows..."},
		},
		"no end is ever told": {
			{"Reading package lists...", "Reading package lists..."},
			{"Reading state information...", "Reading state information..."},
			{"The following NEW packages will be installed:", "Reading state information..."},
			{"  cowsay hello", "Reading state information..."},
			{"0 upgraded, 4 newly installed, 0 to remove and 131 not upgraded.", ""},
			{"Processing triggers for initramfs-tools (0.142) ...", "Processing triggers for initramfs-tools (0.142) ..."},
			{"update-initramfs: Generating /boot/initrd.img-6.1.0-28-amd64", "Processing triggers for initramfs-tools (0.142) ..."},
		},
		"side by side": {
			{"aws_subnet.a: Creating...", "aws_subnet.a: Creating..."},
			{"aws_db_instance.db: Creating...", "aws_subnet.a: Creating..."},
			{"aws_subnet.a: Still creating... [10s elapsed]", "aws_subnet.a: Creating..."},
			{"aws_db_instance.db: Still creating... [10s elapsed]", "aws_subnet.a: Creating..."},
			{"aws_subnet.a: Creation complete after 12s [id=subnet-046716681a7636420]", "aws_db_instance.db: Creating..."},
			{"aws_db_instance.db: Still creating... [20s elapsed]", "aws_db_instance.db: Creating..."},
			{"aws_db_instance.db: Still creating... [30s elapsed]", "aws_db_instance.db: Creating..."},
			{"aws_db_instance.db: Still creating... [40s elapsed]", "aws_db_instance.db: Creating..."},
			{"aws_db_instance.db: Still creating... [50s elapsed]", "aws_db_instance.db: Creating..."},
			{"aws_db_instance.db: Creation complete after 5m51s [id=db-1]", ""},
		},
		"Rails": {
			{"== 20170101 AddThing: migrating =====", ""},
			{"-- add_index(:users, :email)", "add_index(:users, :email)"},
			{"   -> 2400.0443s", ""},
		},
		"learned from what follows": {
			{"Copying ./imp2/a.ibd to /srv/mb/imp2/a.ibd", ""},
			{"        ...done", ""},
			{"Copying ./imp2/b.ibd to /srv/mb/imp2/b.ibd", ""},
			{"        ...done", ""},
			{"Copying ./imp2/c.ibd to /srv/mb/imp2/c.ibd", "Copying ./imp2/c.ibd to /srv/mb/imp2/c.ibd"},
			{">> log scanned up to (33958515)", "Copying ./imp2/c.ibd to /srv/mb/imp2/c.ibd"},
			{"        ...done", ""},
		},
		"the talk behind it": {
			{"Migrating mboxgroup7.  This can take a substantial amount of time...", "Migrating mboxgroup7"},
		},
		"a question is no step": {
			{"|Do you want to continue? [Y/n] ", ""},
			{"|Password: ", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, observe.Patterns{})
			for _, s := range lines {
				partial := s[0][0] == '|'
				text := s[0]
				if partial {
					text = text[1:]
				}
				l.Read(text, partial)
				if got := l.Open().Name; got != s[1] {
					t.Errorf("after %q the step %q is open, want %q", s[0], got, s[1])
				}
			}
		})
	}
}

// The same announcement again is the same step; another one, or the same after its end, is not.
func TestStepsAreToldApart(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	id := func(text string) int {
		l.Read(text, false)
		return l.Open().ID
	}
	first := id("Starting mysql...")
	if again := id("Starting mysql..."); first == 0 || again != first {
		t.Errorf("the same step is number %d, then %d", first, again)
	}
	id("done.")
	if later := id("Starting mysql..."); later == first {
		t.Errorf("the step that was begun anew has the old number %d", later)
	}
}

func TestStepsAreBounded(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	for i := range 1000 {
		l.Read(fmt.Sprintf("host%c%c: Creating...", 'a'+i%26, 'a'+i/26%26), false)
	}
	if n := len(l.steps.open); n > maxSteps {
		t.Errorf("%d steps are open", n)
	}
}
