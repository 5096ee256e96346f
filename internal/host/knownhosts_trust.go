package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
)

// trust remembers which host key each server showed in this session, by lookup name. A reconnect is held to
// it where the known_hosts files say nothing.
type trust struct {
	mu   sync.Mutex
	keys map[string]ssh.PublicKey
}

func (t *trust) get(name string) ssh.PublicKey {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keys[name]
}

func (t *trust) set(name string, key ssh.PublicKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keys == nil {
		t.keys = map[string]ssh.PublicKey{}
	}
	t.keys[name] = key
}

func sameKey(a, b ssh.PublicKey) bool {
	return a != nil && b != nil && string(a.Marshal()) == string(b.Marshal())
}

// hostKeyCheck returns the callback for one connection. It is called again at each new key exchange, hours
// later, and does not look or ask a second time then: the key must be the same.
func (a *attempt) hostKeyCheck(ctx context.Context, e *endpoint, known *knownKeys) ssh.HostKeyCallback {
	var taken ssh.PublicKey
	return func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if taken == nil {
			if err := a.checkHostKey(ctx, e, known, key); err != nil {
				return err
			}
			taken = key
		}
		if !sameKey(taken, key) {
			return &HostKeyError{
				Host: a.nameOf(e), Server: e.lookupName(), Problem: HostKeyChanged, Type: key.Type(), Fingerprint: fingerprint(key),
				Known: []KnownKey{{Type: taken.Type(), Fingerprint: fingerprint(taken), File: "at the start of this connection"}},
			}
		}
		return nil
	}
}

func (a *attempt) checkHostKey(ctx context.Context, e *endpoint, known *knownKeys, key ssh.PublicKey) error {
	name := e.lookupName()
	before := a.h.trust.get(name)
	err := known.check(name, key)
	if problem, ok := errors.AsType[*HostKeyError](err); ok {
		problem.Host, problem.Command = a.nameOf(e), e.command()
		if problem.Problem == HostKeyUnknown {
			err = a.unknownHostKey(ctx, e, key, before, problem)
		}
	}
	if err != nil {
		return err
	}
	if before != nil && !sameKey(before, key) {
		a.note("%s shows another host key than at the start; the known_hosts files hold it too", e)
	}
	a.h.trust.set(name, key)
	return nil
}

// unknownHostKey decides about a key that no file knows. A person is asked at the first connection only: at
// three in the morning, "is this key right?" gets the wrong answer.
func (a *attempt) unknownHostKey(ctx context.Context, e *endpoint, key, before ssh.PublicKey, problem *HostKeyError) error {
	switch {
	case sameKey(before, key): // taken earlier in this session, and could not be written down
		return nil
	case before != nil:
		problem.Problem = HostKeyChanged
		problem.Known = []KnownKey{{Type: before.Type(), Fingerprint: fingerprint(before), File: "earlier in this session"}}
		return problem
	case e.strict == strictAcceptNew:
		a.write(e, key)
		return nil
	case e.strict == strictYes:
		problem.Why = "StrictHostKeyChecking is on"
		problem.Command = strings.Replace(problem.Command, "ssh ", "ssh -o StrictHostKeyChecking=ask ", 1)
		return problem
	case a.h.connected():
		problem.Why = "nobody is asked after the first connection"
		return problem
	}
	var ok bool
	err := a.askPerson(ctx, func(ctx context.Context) (err error) {
		ok, err = a.h.cfg.Ask.Confirm(ctx, HostKeyQuestion{
			Host: knownhosts.Normalize(e.lookupName()), KeyType: key.Type(), Fingerprint: fingerprint(key), File: e.newKeysFile(),
		})
		return err
	})
	if err != nil && ctx.Err() != nil { // the server hung up meanwhile, or we are to end
		return fmt.Errorf("ask about the host key of %s: %w", e, err)
	}
	switch {
	case err != nil:
		problem.Why = nobodyThere
		return problem
	case !ok:
		problem.Problem = HostKeyRefused
		return problem
	}
	a.write(e, key)
	return nil
}

// nameOf is what people call a hop.
func (a *attempt) nameOf(e *endpoint) string {
	if e == &a.h.route[len(a.h.route)-1] {
		return a.h.cfg.Name
	}
	return e.typed
}

// newKeysFile is where a new host key is written; empty when it will not be remembered.
func (e *endpoint) newKeysFile() string {
	if len(e.userKnown) == 0 || e.userKnown[0] == os.DevNull {
		return ""
	}
	return e.userKnown[0]
}

// write remembers a key that was accepted. That it cannot be written is no reason not to connect.
func (a *attempt) write(e *endpoint, key ssh.PublicKey) {
	file := e.newKeysFile()
	if file == "" {
		return
	}
	if err := remember(file, e.lookupName(), key, e.hashKnown); err != nil {
		a.note("%v", err)
		return
	}
	a.note("new host key of %s, %s, written to %s", e, fingerprint(key), file)
}
