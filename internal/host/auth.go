package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// keyboard is the method by which a server asks questions of its own (RFC 4256).
const keyboard = "keyboard-interactive"

// maxTries is how often a password or a passphrase is asked for, as with ssh.
const maxTries = 3

// errUnattended ends a try that would need a person, where none may be asked.
var errUnattended = errors.New("a person is needed, and nobody may be asked now")

// authenticator answers a server's wish to know who we are, for one connection. A secret is asked for only
// when the server really offers the method.
type authenticator struct {
	a        *attempt
	e        *endpoint
	ctx      context.Context //nolint:containedctx // the library's callbacks carry none; it ends with the handshake
	batch    int             // which maxKeys of the keys are offered
	left     bool            // more keys have their turn on a further connection
	takes    []string        // the methods that the server would take
	refused  bool            // the server was there, and took none of what we have
	tried    []string
	notes    []string
	banner   string
	asked    bool // keyboard-interactive asked something
	askError error
	hungUp   bool          // the server did, or we were to end, while a person was asked
	password string        // the one sent last
	signedBy ssh.PublicKey // the key that signed last
	closers  []io.Closer   // the way to the agent
}

// method picks the next method. The library calls it before each try; it may be called after a partial
// success, when the server wants a second method.
func (u *authenticator) method(state *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	switch {
	case u.askError != nil:
		return nil, u.askError
	case u.ctx.Err() != nil: // the library takes a link that broke for a refusal
		return nil, context.Cause(u.ctx)
	}
	u.passwordRefused(state)
	u.takes = state.AllowedMethods
	failed := func(name string) int { return count(state.TriedMethods, name) }
	passed := func(name string) int { return count(state.PartialSuccessMethods, name) }
	u.left = u.left && passed("publickey") == 0
	otherKeysFirst := u.left && failed("publickey") > 0
	// A server without PAM refuses keyboard-interactive before it has asked anything. To try that again would
	// only count against us.
	mute := failed(keyboard) > 0 && !u.asked
	if mute {
		u.try(keyboard + " (it asked nothing)")
	}
	for _, offer := range []struct {
		name   string
		off    bool
		tries  int
		method func() ssh.AuthMethod
	}{
		{"publickey", u.e.noPublicKey, 1, func() ssh.AuthMethod { return ssh.PublicKeysCallback(u.signers) }},
		{"password", u.e.noPassword, maxTries, func() ssh.AuthMethod { return ssh.PasswordCallback(u.askPassword) }},
		{keyboard, u.e.noKeyboard || mute, maxTries, func() ssh.AuthMethod { return ssh.KeyboardInteractive(u.answer) }},
	} {
		if !otherKeysFirst && !offer.off && slices.Contains(state.AllowedMethods, offer.name) && failed(offer.name) < offer.tries && passed(offer.name) < 2 {
			return offer.method(), nil
		}
	}
	u.refused = true
	return nil, nil //nolint:nilnil // the library's way to say that there is none
}

func count(list []string, item string) (n int) {
	for _, s := range list {
		if s == item {
			n++
		}
	}
	return n
}

// passwordRefused forgets a password that the server did not take.
func (u *authenticator) passwordRefused(state *ssh.ClientAuthContext) {
	if u.password != "" && len(state.TriedMethods) > 0 && state.TriedMethods[len(state.TriedMethods)-1] == "password" {
		u.a.h.keys.setPassword(u.e.String(), "")
		u.password = ""
	}
}

// askPassword returns the session's password for this server, or asks for it. It is kept in memory until
// the host is closed: a link that drops ten times a night must not need a person ten times.
func (u *authenticator) askPassword() (string, error) {
	if p := u.a.h.keys.passwordFor(u.e.String()); p != "" {
		u.password = p
		u.try("the password given before")
		return p, nil
	}
	p, err := u.secret("Password of " + u.e.String())
	if err != nil {
		return "", err
	}
	u.try("password")
	u.password = p
	u.a.h.keys.setPassword(u.e.String(), p)
	return p, nil
}

// answer relays the questions of keyboard-interactive, such as one-time codes. The answers are not kept:
// a code works once.
func (u *authenticator) answer(name, instruction string, questions []string, _ []bool) ([]string, error) {
	const mostQuestions = 16
	if len(questions) > mostQuestions {
		return nil, fmt.Errorf("%s asks %d questions at once", u.e, len(questions))
	}
	if len(questions) > 0 {
		u.asked = true
		u.try(keyboard)
	}
	answers := make([]string, 0, len(questions))
	for _, q := range questions {
		var parts []string
		for _, part := range []string{name, instruction, q} {
			if part = clean(part, maxPrompt); part != "" {
				parts = append(parts, part)
			}
		}
		a, err := u.secret(u.e.String() + " asks: " + strings.Join(parts, " "))
		if err != nil {
			return nil, err
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// secret asks the person. The first error ends the authentication: no method after it may ask again.
func (u *authenticator) secret(prompt string) (string, error) {
	if u.askError != nil {
		return "", u.askError
	}
	if u.banner != "" {
		prompt = u.banner + "\n" + prompt
		u.banner = ""
	}
	var answer string
	err := u.a.askPerson(u.ctx, func(ctx context.Context) (err error) {
		answer, err = u.a.h.cfg.Ask.Secret(ctx, prompt)
		return err
	})
	if err != nil {
		// Looked at now: once we give up, our own end of the connection ends the context too.
		u.askError, u.hungUp = err, u.ctx.Err() != nil
	}
	return answer, err
}

// keepBanner keeps what the server says before the authentication, for the person who will be asked.
func (u *authenticator) keepBanner(text string) error {
	if room := maxBanner - len(u.banner); room > 0 {
		u.banner = strings.TrimSpace(u.banner + "\n" + cleanLines(text, room, "\n"))
	}
	return nil
}

func (u *authenticator) try(what string) {
	if !slices.Contains(u.tried, what) {
		u.tried = append(u.tried, what)
	}
}

func (u *authenticator) note(what string) {
	if !slices.Contains(u.notes, what) {
		u.notes = append(u.notes, what)
	}
}

// refusal makes the error of a handshake an AuthError when the server did not let us in. The library's own
// error is the one of the method that was tried last, whatever that was.
func (u *authenticator) refusal(err error) error {
	if strings.Contains(err.Error(), "Too many authentication failures") { // the words of OpenSSH
		u.refused = true
		u.note("it allows no more tries: name the right key with IdentityFile and IdentitiesOnly")
	}
	if !u.refused && (u.askError == nil || u.hungUp) {
		return err
	}
	if u.askError != nil {
		u.note(clean(u.askError.Error(), maxMessage))
	}
	return &AuthError{
		Who: u.e.String(), Tried: u.tried, Takes: u.takes, Notes: u.notes, Command: u.e.command(), Err: err,
	}
}

// askPerson runs ask with the clock of the handshake stopped, one question at a time.
func (a *attempt) askPerson(ctx context.Context, ask func(context.Context) error) error {
	if a.h.cfg.Ask == nil || !a.mayAsk {
		return errUnattended
	}
	select {
	case a.h.asking <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-a.h.asking }()
	a.clock.pause()
	defer a.clock.resume()
	return ask(ctx)
}
