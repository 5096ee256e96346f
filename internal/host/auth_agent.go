package host

import (
	"io"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// agentTouch bounds one signature by the agent, which may wait for a touch or a confirmation.
const agentTouch = 60 * time.Second

// agentSigners returns the keys of the agent. Without an agent there are none; that is said only when the
// authentication fails.
func (u *authenticator) agentSigners() []ssh.Signer {
	if u.e.agentSocket == "" {
		return nil
	}
	conn, err := u.agentConn()
	if err != nil {
		u.note("no agent at " + u.e.agentSocket)
		return nil
	}
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		u.note("the agent at " + u.e.agentSocket + " does not answer: " + clean(err.Error(), maxMessage))
		return nil
	}
	return signers
}

// agentConn opens the way to the agent, once for a connection; it is closed with the handshake.
func (u *authenticator) agentConn() (io.ReadWriter, error) {
	if strings.HasPrefix(u.e.agentSocket, `\\.\pipe\`) { // the OpenSSH agent of Windows
		pipe, err := os.OpenFile(u.e.agentSocket, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		u.closers = append(u.closers, pipe)
		return pipe, nil
	}
	dialer := net.Dialer{Timeout: 5 * time.Second}
	conn, err := dialer.DialContext(u.ctx, "unix", u.e.agentSocket)
	if err != nil {
		return nil, err
	}
	u.closers = append(u.closers, conn)
	return conn, conn.SetDeadline(time.Now().Add(agentTouch))
}

// close ends the way to the agent.
func (u *authenticator) close() {
	for _, c := range u.closers {
		_ = c.Close()
	}
}

// watched makes a signer stop the handshake's clock while it signs, and notes what was offered. The server
// has said that it would take the key when it is asked to sign.
func (u *authenticator) watched(s ssh.Signer) ssh.Signer {
	w := &watchedSigner{u: u, signer: s}
	if multi, ok := s.(ssh.MultiAlgorithmSigner); ok {
		return &watchedMultiSigner{watchedSigner: w, algorithms: multi.Algorithms()}
	}
	return w
}

type watchedSigner struct {
	u      *authenticator
	signer ssh.Signer
}

// PublicKey is called when the key is offered, among others.
func (w *watchedSigner) PublicKey() ssh.PublicKey { return w.signer.PublicKey() }

func (w *watchedSigner) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return w.SignWithAlgorithm(rand, data, "")
}

func (w *watchedSigner) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	w.u.a.clock.pause()
	defer w.u.a.clock.resume()
	signature, err := sign(w.signer, rand, data, algorithm)
	if err == nil {
		w.u.signedBy = w.signer.PublicKey()
	}
	return signature, err
}

type watchedMultiSigner struct {
	*watchedSigner
	algorithms []string
}

var _ ssh.MultiAlgorithmSigner = (*watchedMultiSigner)(nil)

func (w *watchedMultiSigner) Algorithms() []string { return w.algorithms }
