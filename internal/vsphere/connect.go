package vsphere

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// Why there is no session, or nothing to be seen with it.
var (
	errRefused    = errors.New("the login was refused")
	errNoPassword = errors.New("no password")
	errNoCenter   = errors.New("it is no vCenter or ESXi host")
	errClosed     = errors.New("the tasks may not be read")
)

// answerLimit bounds an answer, in bytes: 200 tasks are some 400 KB.
const answerLimit = 32 << 20

// center is a session. All calls are read-only, and each has a time limit.
type center struct {
	client *vim25.Client
	limit  time.Duration
}

// connect opens a session, if there is none. The session never runs out while it is used, so nothing else keeps it
// alive: it is asked every few seconds, and the idle limit is half an hour.
func (w *Watch) connect(ctx context.Context) error {
	if w.center != nil {
		return nil
	}
	c, err := w.reach(ctx)
	if certificate, ok := errors.AsType[*CertificateError](err); ok {
		if err = w.confirm(ctx, certificate); err == nil {
			c, err = w.reach(ctx)
		}
	}
	if err != nil {
		return err
	}
	if err := w.login(ctx, c); err != nil {
		c.close()
		return err
	}
	w.center, w.reached, w.refused = c, true, 0
	return nil
}

// reach asks what is there, which needs no login.
func (w *Watch) reach(ctx context.Context) (*center, error) {
	u, err := url.Parse(w.cfg.URL + "/sdk")
	if err != nil {
		return nil, errConfig
	}
	check, err := w.check()
	if err != nil {
		return nil, err
	}
	s := soap.NewClient(u, false)
	s.UserAgent = "ronda"
	t := s.DefaultTransport()
	t.Proxy = nil // a proxy would see the way to the vCenter, and answer for it
	if w.cfg.Dial != nil {
		t.DialContext = w.cfg.Dial
	}
	t.TLSHandshakeTimeout = w.cfg.Limit
	t.DialTLSContext = nil // the library's own would fall back to its thumbprints
	t.TLSClientConfig = &tls.Config{
		ServerName: u.Hostname(),
		// What the standard check would refuse may be a certificate that a person has confirmed, so VerifyConnection
		// checks instead; it makes the standard check first.
		InsecureSkipVerify: true,
		VerifyConnection:   check,
	}
	s.Transport = bounded{t}
	// A redirect would carry the password elsewhere.
	s.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	ctx, cancel := context.WithTimeout(ctx, w.cfg.Limit)
	defer cancel()
	client, err := vim25.NewClient(ctx, s)
	if err != nil {
		s.CloseIdleConnections()
		return nil, fmt.Errorf("connect to %s: %w", w.host, err)
	}
	if client.ServiceContent.SessionManager == nil || client.ServiceContent.TaskManager == nil {
		s.CloseIdleConnections()
		return nil, fmt.Errorf("connect to %s: %w", w.host, errNoCenter)
	}
	return &center{client: client, limit: w.cfg.Limit}, nil
}

// bounded cuts answers that are too large.
type bounded struct{ next http.RoundTripper }

// RoundTrip asks, and bounds what may be read of the answer.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, answerLimit)
	}
	return resp, err
}

// tries is how often a person is asked for a password in a row: fewer than lock an account.
const tries = 3

// login logs in. Nothing it returns holds the password.
func (w *Watch) login(ctx context.Context, c *center) error {
	for again := 0; ; again++ {
		password, err := w.password(ctx, again > 0)
		if err != nil {
			return err
		}
		err = c.login(ctx, w.cfg.User, password)
		switch faultOf(err).(type) {
		case *types.InvalidLogin, *types.NoPermission:
			w.secret = ""
			if w.cfg.Password == nil && again+1 < tries {
				continue
			}
			w.refused++
			return fmt.Errorf("%w: %s", errRefused, faultWords(err))
		}
		if err != nil {
			return fmt.Errorf("log in to %s: %w", w.host, err)
		}
		return nil
	}
}

func (c *center) login(ctx context.Context, user, password string) error {
	ctx, cancel := c.within(ctx)
	defer cancel()
	_, err := methods.Login(ctx, c.client, &types.Login{
		This: *c.client.ServiceContent.SessionManager, UserName: user, Password: password, Locale: "en_US",
	})
	return err
}

// password is the one to log in with. again tells that the one before was refused.
func (w *Watch) password(ctx context.Context, again bool) (string, error) {
	switch {
	case w.cfg.Password != nil:
		p, err := w.cfg.Password(ctx)
		if err != nil {
			return "", fmt.Errorf("%w: %w", errNoPassword, err)
		}
		return p, nil
	case w.secret != "":
		return w.secret, nil
	case w.cfg.Ask == nil || w.turnedAway:
		return "", errNoPassword
	}
	prompt := fmt.Sprintf("Password of %s at %s", w.cfg.User, w.host)
	if again {
		prompt = "It was refused. " + prompt
	}
	p, err := w.cfg.Ask.Secret(ctx, prompt)
	if err != nil {
		w.turnedAway = true
		return "", fmt.Errorf("%w: %w", errNoPassword, err)
	}
	w.secret = p
	return p, nil
}

// within bounds one call.
func (c *center) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.limit)
}

// read retrieves properties of objects into dst, a pointer to a slice of the mo type. What may not be read is left out.
func (c *center) read(ctx context.Context, refs []ref, properties []string, dst any) error {
	content, err := c.retrieve(ctx, refs, properties)
	if err != nil {
		return err
	}
	return mo.LoadObjectContent(content, dst)
}

// retrieve retrieves properties of objects. That a session has run out may also be said of each property by itself.
func (c *center) retrieve(ctx context.Context, refs []ref, properties []string) ([]types.ObjectContent, error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	var content []types.ObjectContent
	if err := property.DefaultCollector(c.client).Retrieve(ctx, refs, properties, &content); err != nil {
		return nil, err
	}
	for _, o := range content {
		for _, missing := range o.MissingSet {
			if err := (&faultError{missing.Fault.Fault}); notAuthenticated(err) {
				return nil, err
			}
		}
	}
	return content, nil
}

func (c *center) logout(ctx context.Context) {
	_, _ = methods.Logout(ctx, c.client, &types.Logout{This: *c.client.ServiceContent.SessionManager}) // it runs out by itself
}

func (c *center) close() { c.client.CloseIdleConnections() }

// recent are the tasks that a vCenter remembers: those that run or wait, and the finished of the last ten minutes.
func (c *center) recent(ctx context.Context) ([]ref, error) {
	content, err := c.retrieve(ctx, []ref{*c.client.ServiceContent.TaskManager}, []string{"recentTask"})
	if err != nil {
		return nil, err
	}
	if len(content) == 0 || len(content[0].MissingSet) > 0 {
		return nil, errClosed
	}
	var manager mo.TaskManager
	if err := mo.LoadObjectContent(content, &manager); err != nil {
		return nil, err
	}
	return manager.RecentTask, nil
}

// faultError is a fault that is told elsewhere than as the answer itself.
type faultError struct{ fault types.BaseMethodFault }

// Error is the fault's name.
func (e *faultError) Error() string { return faultName(e.fault) }

// Fault is the fault itself.
func (e *faultError) Fault() types.BaseMethodFault { return e.fault }
