// Package vsphere follows the tasks of a vCenter or ESXi host: clones, relocations, snapshots, exports. It is the
// only room that speaks to one, and only ever reads: it logs in, asks for tasks, machines, events and datastores, and
// logs out. The role Read-only is enough; with the privilege Datastore.Browse it also sees files grow.
//
// One Watch is one session, shared by all that is watched there. What cannot be seen it reports as a source's state.
package vsphere

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"time"

	"ronda/internal/observe"
)

// Config says what is followed where.
type Config struct {
	// URL is https://host[:port], or http:// of this machine, without a user.
	URL  string
	User string
	// Password gives the password, anew at each login; nil: it is asked for once, and kept in memory.
	Password func(ctx context.Context) (string, error)
	// Fingerprint is the SHA-256 of the only certificate that is right, as 64 lower-case hexadecimal digits. Empty:
	// one that this machine's authorities vouch for, or that a person has confirmed.
	Fingerprint string
	// Known is the file that holds the certificates a person has confirmed. Empty: they are not remembered.
	Known string
	Ask   Asker // nil: nobody is there
	// Dial opens connections as seen from the host that the plan names; nil: from this machine.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	Tasks   []Wanted
	Finders []Wanted
	Taken   []string // names of the plan's tasks, which nothing that is found may get
	// Qualify names the vCenter with each datastore and each task that is found: there is more than one, and both may
	// have one of the same name.
	Qualify bool

	Every time.Duration // from question to question; 0: 5 s
	Limit time.Duration // for each answer; 0: 20 s
}

// Wanted is a task of the plan or a finder, and which of the vCenter's tasks it means.
type Wanted struct {
	Name string
	observe.VSphereRef
	Match string // regular expression over the entity, of a finder; empty: all
	// Following is the key of the task that it followed earlier in this session: it is followed to its end, also when
	// it ended meanwhile.
	Following string
	// Names are those that a finder gave earlier in this session, by the task's key.
	Names map[string]string
}

// Asker asks a person. Its methods wait for the answer until ctx ends; an error means that the person will not
// answer.
type Asker interface {
	// Secret asks for a password, which is never echoed.
	Secret(ctx context.Context, prompt string) (string, error)
	// ConfirmCertificate shows an unknown certificate and returns whether the person takes it for the right one.
	ConfirmCertificate(ctx context.Context, question CertificateQuestion) (bool, error)
}

// Watch follows tasks of one vCenter or ESXi host.
type Watch struct {
	cfg   Config
	host  string // as people call it: the URL's host, with a port that is not the usual one
	match []*regexp.Regexp
	roots *x509.CertPool // nil: the authorities that this machine trusts

	center  *center // nil: no session
	secret  string  // the password that was asked for
	reached bool    // there was a session
	// turnedAway: a question was not answered, or with no. It is not put again.
	turnedAway bool
	confirmed  []string // certificates that a person took in this session
	remark     string   // what went wrong beside the work, for its owner
	refused    int      // logins that were refused, one after the other

	tasks  followed
	stores stores
}

// errConfig is what is wrong with a Config.
var errConfig = errors.New("vsphere")

// New returns a watch. It connects to nothing before Run. An address or pattern that cannot be used is an error.
func New(cfg Config) (*Watch, error) {
	u, err := url.Parse(cfg.URL) // the error holds the URL
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("%w: the address must be https://host[:port] without a user", errConfig)
	}
	w := &Watch{cfg: cfg, host: u.Host}
	if u.Port() == "443" {
		w.host = u.Hostname()
	}
	for _, f := range cfg.Finders {
		re, err := regexp.Compile(f.Match)
		if err != nil {
			return nil, fmt.Errorf("%w: finder %q: match: %w", errConfig, f.Name, err)
		}
		w.match = append(w.match, re)
	}
	if w.cfg.Every <= 0 {
		w.cfg.Every = 5 * time.Second
	}
	if w.cfg.Limit <= 0 {
		w.cfg.Limit = 20 * time.Second
	}
	w.tasks = newFollowed(cfg)
	if cfg.Qualify {
		w.tasks.names.at = " at " + w.host
	}
	return w, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
