package host

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"golang.org/x/crypto/ssh"
)

// maxKeys is how many keys are offered on one connection. Servers count each as a failed try and hang up at
// the sixth (MaxAuthTries); the others have their turn on further connections, up to maxBatches.
const (
	maxKeys    = 5
	maxBatches = 4
)

// keyring holds what was unlocked in this session. The zero value is empty. It is safe for concurrent use.
type keyring struct {
	mu        sync.Mutex
	unlocked  map[string]ssh.Signer // by file
	passwords map[string]string     // by user@server
	worked    map[string]string     // user@server → the public key that got us in
}

func (k *keyring) signer(file string) ssh.Signer {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.unlocked[file]
}

func (k *keyring) keep(file string, s ssh.Signer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.unlocked == nil {
		k.unlocked = map[string]ssh.Signer{}
	}
	k.unlocked[file] = s
}

func (k *keyring) passwordFor(who string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.passwords[who]
}

func (k *keyring) setPassword(who, password string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.passwords == nil {
		k.passwords = map[string]string{}
	}
	k.passwords[who] = password
}

func (k *keyring) setWorked(who string, key ssh.PublicKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.worked == nil {
		k.worked = map[string]string{}
	}
	k.worked[who] = string(key.Marshal())
}

func (k *keyring) workedFor(who string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.worked[who]
}

func (k *keyring) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unlocked, k.passwords = nil, nil
}

// offer is a key with the name that a person knows it by.
type offer struct {
	ssh.Signer
	name string
}

// signers returns the keys to offer now, best first, maxKeys at most.
func (u *authenticator) signers() ([]ssh.Signer, error) {
	offers := u.offers()
	if len(offers) == 0 {
		u.note("there is no key to offer")
	}
	worked := u.a.h.keys.workedFor(u.e.String())
	if i := slices.IndexFunc(offers, func(o offer) bool { return string(o.PublicKey().Marshal()) == worked }); i > 0 {
		offers = slices.Insert(slices.Delete(slices.Clone(offers), i, i+1), 0, offers[i])
	}
	offers = offers[min(u.batch*maxKeys, len(offers)):]
	u.left = len(offers) > maxKeys && u.batch+1 < maxBatches
	var signers []ssh.Signer
	for _, o := range offers[:min(maxKeys, len(offers))] {
		u.try("key " + o.name)
		signers = append(signers, u.watched(o.Signer))
	}
	return signers, nil
}

// offers lists all keys that may be offered: the configured ones first, each after its certificates, then
// those that only the agent knows.
func (u *authenticator) offers() []offer {
	fromAgent := u.agentSigners()
	var all []offer
	used := map[string]bool{}
	add := func(s ssh.Signer, name string) {
		if id := string(s.PublicKey().Marshal()); !used[id] {
			used[id] = true
			all = append(all, offer{s, name})
		}
	}
	for _, file := range u.e.identities {
		s := u.identity(file, fromAgent)
		if s == nil {
			continue
		}
		for _, cert := range u.certificatesFor(file, s, fromAgent) {
			add(cert, file+" (certificate)")
		}
		add(s, file)
	}
	for _, s := range fromAgent {
		_, isCert := s.PublicKey().(*ssh.Certificate)
		if !u.e.onlyThese || isCert && used[certified(s.PublicKey())] {
			add(s, s.PublicKey().Type()+" "+fingerprint(s.PublicKey())+" of the agent")
		}
	}
	return all
}

func certified(key ssh.PublicKey) string {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	return string(key.Marshal())
}

// identity returns the signer of one IdentityFile, from the agent when that holds it. A file that does not
// exist is passed over in silence, as with ssh: most of the default ones do not.
func (u *authenticator) identity(file string, fromAgent []ssh.Signer) ssh.Signer {
	public := readPublic(file + ".pub")
	pem, err := os.ReadFile(file)
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			u.note(err.Error())
		}
		return inAgent(public, fromAgent) // the public half alone may name a key in the agent
	}
	if s := u.a.h.keys.signer(file); s != nil {
		return s
	}
	s, err := ssh.ParsePrivateKey(pem)
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		public = s.PublicKey()
	case errors.As(err, &locked):
		if locked.PublicKey != nil {
			public = locked.PublicKey
		}
	default: // also a hardware key's handle, which only the agent can use
		if public == nil {
			public, _, _, _, _ = ssh.ParseAuthorizedKey(pem) //nolint:dogsled // IdentityFile may name a public key
		}
		if held := inAgent(public, fromAgent); held != nil {
			return held
		}
		u.note(fmt.Sprintf("key %s cannot be read: %s (a hardware key must be in the agent)", file, clean(err.Error(), maxMessage)))
		return nil
	}
	if held := inAgent(public, fromAgent); held != nil {
		return held
	}
	if err == nil {
		return s
	}
	return u.locked(file, pem, public)
}

func inAgent(key ssh.PublicKey, fromAgent []ssh.Signer) ssh.Signer {
	for _, s := range fromAgent {
		if sameKey(key, s.PublicKey()) {
			return s
		}
	}
	return nil
}

func readPublic(file string) ssh.PublicKey {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return nil
	}
	return key
}

// certificatesFor returns the certificates for a key: the one beside its file, those of CertificateFile, and
// the agent's.
func (u *authenticator) certificatesFor(file string, s ssh.Signer, fromAgent []ssh.Signer) []ssh.Signer {
	var found []ssh.Signer
	for _, name := range append(slices.Clone(u.e.certificates), file+"-cert.pub") {
		cert, ok := readPublic(name).(*ssh.Certificate)
		if !ok || !sameKey(cert.Key, s.PublicKey()) {
			continue
		}
		if held := inAgent(cert, fromAgent); held != nil {
			found = append(found, held)
		} else if signer, err := ssh.NewCertSigner(cert, s); err == nil {
			found = append(found, signer)
		}
	}
	return found
}

// locked returns a signer for an encrypted key. When its public half is known, the passphrase is asked for
// only once the server has said that it would take the key.
func (u *authenticator) locked(file string, pem []byte, public ssh.PublicKey) ssh.Signer {
	unlock := func() (ssh.Signer, error) {
		if s := u.a.h.keys.signer(file); s != nil {
			return s, nil
		}
		return u.unlock(file, pem)
	}
	if public != nil {
		return &lockedSigner{public: public, unlock: unlock}
	}
	s, err := unlock() // an old PEM file without a .pub beside it
	if err != nil {
		return nil
	}
	return s
}

// unlock asks for the passphrase, and keeps the signer, never the passphrase.
func (u *authenticator) unlock(file string, pem []byte) (ssh.Signer, error) {
	prompt := "Passphrase of the key " + clean(file, maxMessage)
	for range maxTries {
		passphrase, err := u.secret(prompt)
		if err != nil {
			u.note(fmt.Sprintf("key %s is locked by a passphrase", file))
			return nil, err
		}
		secret := []byte(passphrase)
		s, err := ssh.ParsePrivateKeyWithPassphrase(pem, secret)
		clear(secret)
		if err == nil {
			u.a.h.keys.keep(file, s)
			return s, nil
		}
		prompt = "Wrong passphrase. Passphrase of the key " + clean(file, maxMessage)
	}
	u.note(fmt.Sprintf("key %s: %d wrong passphrases", file, maxTries))
	return nil, errors.New("wrong passphrase")
}

// lockedSigner is an encrypted key that unlocks itself when it must sign.
type lockedSigner struct {
	public ssh.PublicKey
	unlock func() (ssh.Signer, error)
}

var _ ssh.AlgorithmSigner = (*lockedSigner)(nil)

func (s *lockedSigner) PublicKey() ssh.PublicKey { return s.public }

func (s *lockedSigner) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return s.SignWithAlgorithm(rand, data, "")
}

func (s *lockedSigner) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	signer, err := s.unlock()
	if err != nil {
		return nil, err
	}
	return sign(signer, rand, data, algorithm)
}

func sign(s ssh.Signer, rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	if with, ok := s.(ssh.AlgorithmSigner); ok && algorithm != "" {
		return with.SignWithAlgorithm(rand, data, algorithm)
	}
	return s.Sign(rand, data)
}
