package watchers

import "strings"

// What the name of a program tells of its part in a job.

// boundary tells whether a program of this name holds jobs without being a part of them. The kernel cuts
// names to 15 bytes.
func boundary(name string) bool {
	for _, prefix := range []string{
		"sshd", "dropbear", "login", "systemd", "init", "cron", "CRON", "anacron", "atd", "tmux", "screen", "SCREEN", "mosh-server",
		"dockerd", "containerd", "runc", "conmon", "docker-init", "tini", "dumb-init", "supervisord", "runsv", "s6-s", "getty", "agetty",
		"xterm", "gnome-terminal", "konsole", "code-server", "jenkins", "kubelet", "kthreadd",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// wrapper tells whether a program starts its work in a session of its own.
func wrapper(name string) bool {
	switch name {
	case "sudo", "su", "doas", "runuser", "pkexec", "script", "setsid", "unbuffer", "expect",
		"apt", "apt-get", "aptitude", "unattended-upgr", "dpkg", "dnf", "yum", "zypper", "timeout", "nohup":
		return true
	default:
		return false
	}
}

// filter tells whether a program passes on what it reads.
func filter(name string) bool {
	switch name {
	case "tee", "cat", "ts", "pv", "sed", "awk", "gawk", "mawk", "grep", "cronolog", "rotatelogs", "multilog", "svlogd", "s6-log", "logger", "dd", "perl-ts", "busybox":
		return true
	default:
		return false
	}
}

// collector tells whether a program writes the logs of others.
func collector(name string) bool {
	switch name {
	case "rsyslogd", "syslogd", "syslog-ng", "systemd-journal", "journald", "vector", "fluentd", "fluent-bit", "filebeat", "auditd":
		return true
	default:
		return false
	}
}
