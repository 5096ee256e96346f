package fold

import (
	"testing"

	"ronda/internal/observe"
)

// A dialog box is quoted by its command line: what its terminal shows is paint.
func TestDialog(t *testing.T) {
	for command, want := range map[string]string{
		"whiptail --yesno Restart services during upgrades? 10 60":                       "Restart services during upgrades?",
		"whiptail --title Setup --output-fd 11 --menu Which of the 3 disks? 20 70 3 a b": "Which of the 3 disks?",
		"dialog --msgbox -- Version 15 is installed 5 10":                                "Version 15 is installed",
		"whiptail --passwordbox Password for the new":                                    "Password for the new…",
		"whiptail --gauge Copying 6 50 0":                                                "",
	} {
		name := "whiptail"
		if command[0] == 'd' {
			name = "dialog"
		}
		if got := dialog(observe.Proc{Name: name, Command: command}); got != want {
			t.Errorf("%s: %q", command, got)
		}
	}
	if got := dialog(observe.Proc{Name: "bash", Command: "bash -c whiptail --yesno x 1 1"}); got != "" {
		t.Errorf("bash shows %q", got)
	}
}

func TestLegible(t *testing.T) {
	for text, want := range map[string]bool{"Continue? [Y/n]": true, ":": false, "\x0f     ": false, "? ": false, "ü1": true, "": false} {
		if legible(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
