package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// endpoint is one SSH server on the way, with everything that the ssh_config says of it.
type endpoint struct {
	typed string // the name as a person gave it
	host  string // name or address to connect to
	port  string
	user  string

	hostKeyAlias string
	strict       strictness
	hashKnown    bool
	userKnown    []string // the first takes new keys
	globalKnown  []string

	identities   []string // private key files
	certificates []string
	onlyThese    bool   // IdentitiesOnly
	agentSocket  string // empty: no agent
	noPublicKey  bool
	noPassword   bool
	noKeyboard   bool

	network        string // tcp, tcp4 or tcp6
	connectTimeout time.Duration
	proxyCommand   string // runs on this machine, in place of a TCP connection
	notes          []string
}

// strictness is what an unknown host key means. A changed one is always refused.
type strictness int

const (
	strictAsk       strictness = iota // a person is asked
	strictYes                         // refused
	strictAcceptNew                   // taken and remembered
)

func (e *endpoint) addr() string   { return net.JoinHostPort(e.host, e.port) }
func (e *endpoint) String() string { return e.user + "@" + e.host }

// command is the ssh command line to the same server.
func (e *endpoint) command() string {
	if e.port == "22" {
		return "ssh " + e.user + "@" + e.typed
	}
	return "ssh -p " + e.port + " " + e.user + "@" + e.typed
}

// maxHops bounds a jump chain, which may be written so that it never ends.
const maxHops = 8

// resolveRoute finds the hops to the host, in the order they are dialled.
func resolveRoute(ctx context.Context, cfg Config) ([]endpoint, error) {
	if strings.TrimSpace(cfg.Address) == "" {
		return nil, &ConfigError{Host: cfg.Name, Err: errors.New("no address given: write [user@]host[:port]")}
	}
	route, err := hops(ctx, cfg, cfg.Address, cfg.Jump, maxHops)
	if err != nil {
		return nil, &ConfigError{Host: cfg.Name, Err: err}
	}
	return route, nil
}

// hops resolves address and what lies before it. As with ssh -J a,b, only the first of a chain is reached by
// its own ProxyJump or ProxyCommand.
func hops(ctx context.Context, cfg Config, address, jump string, left int) ([]endpoint, error) {
	if left <= 0 {
		return nil, fmt.Errorf("more than %d jumps to %s: the ProxyJump entries go in a circle", maxHops, cfg.Address)
	}
	values, err := readConfig(ctx, cfg, address)
	if err != nil {
		return nil, err
	}
	e, err := newEndpoint(cfg, values)
	if err != nil {
		return nil, err
	}
	switch {
	case jump != "":
		e.proxyCommand = ""
	case e.proxyCommand == "":
		if jump, err = newExpander(&e).tokens(values.get("proxyjump")); err != nil {
			return nil, err
		}
	}
	if jump == "" || strings.EqualFold(jump, "none") {
		return []endpoint{e}, nil
	}
	chain := strings.Split(jump, ",")
	route, err := hops(ctx, cfg, strings.TrimSpace(chain[0]), "", left-1)
	if err != nil {
		return nil, err
	}
	for _, via := range chain[1:] {
		middle, err := hops(ctx, cfg, strings.TrimSpace(via), "none", left-1)
		if err != nil {
			return nil, err
		}
		middle[0].proxyCommand = ""
		route = append(route, middle...)
	}
	if len(route) >= maxHops {
		return nil, fmt.Errorf("more than %d jumps to %s", maxHops, cfg.Address)
	}
	return append(route, e), nil
}

// newEndpoint reads what concerns us from the values, and expands their tokens.
func newEndpoint(cfg Config, v configValues) (endpoint, error) {
	e := endpoint{
		typed: v.typed, host: strings.ToLower(v.get("hostname")), port: v.get("port"), user: v.get("user"),
		hostKeyAlias: strings.ToLower(v.get("hostkeyalias")), // as ssh -G has it
		hashKnown:    yes(v.get("hashknownhosts")),
		onlyThese:    yes(v.get("identitiesonly")),
		noPublicKey:  no(v.get("pubkeyauthentication")),
		noPassword:   no(v.get("passwordauthentication")),
		noKeyboard:   no(v.get("kbdinteractiveauthentication")),
		network:      map[string]string{"inet": "tcp4", "inet6": "tcp6"}[strings.ToLower(v.get("addressfamily"))],
	}
	if e.network == "" {
		e.network = "tcp"
	}
	if n, err := strconv.Atoi(v.get("connecttimeout")); err == nil && n > 0 {
		e.connectTimeout = time.Duration(n) * time.Second
	}
	switch strings.ToLower(v.get("stricthostkeychecking")) {
	case "yes", "true":
		e.strict = strictYes
	case "accept-new":
		e.strict = strictAcceptNew
	case "no", "off", "false":
		e.strict = strictAcceptNew
		e.notes = append(e.notes, "StrictHostKeyChecking=no is taken as accept-new: a changed host key is still refused")
	}
	return e, e.readPaths(cfg, v)
}

// readPaths fills in the settings that hold paths and commands.
func (e *endpoint) readPaths(cfg Config, v configValues) error {
	x := newExpander(e)
	var err error
	list := func(to *[]string, values []string) {
		for _, value := range values {
			if value == "" || strings.EqualFold(value, "none") {
				continue
			}
			path, xerr := x.path(value)
			if xerr != nil && err == nil {
				err = xerr
			}
			*to = append(*to, path)
		}
	}
	list(&e.identities, v.all("identityfile"))
	list(&e.certificates, v.all("certificatefile"))
	if len(cfg.KnownHosts) > 0 {
		list(&e.userKnown, cfg.KnownHosts)
	} else {
		list(&e.userKnown, splitPaths(v.get("userknownhostsfile")))
		list(&e.globalKnown, splitPaths(v.get("globalknownhostsfile")))
	}
	if err != nil {
		return err
	}
	if e.agentSocket, err = agentSocket(x, v.get("identityagent")); err != nil {
		return err
	}
	if command := v.get("proxycommand"); command != "" && !strings.EqualFold(command, "none") {
		e.proxyCommand, err = x.tokens(command)
	}
	return err
}

// agentSocket finds the agent: IdentityAgent may be a path, "none", "SSH_AUTH_SOCK" or a variable's name
// after a dollar.
func agentSocket(x *expander, setting string) (string, error) {
	name, isVariable := strings.CutPrefix(setting, "$")
	switch {
	case strings.EqualFold(setting, "none"):
		return "", nil
	case setting == "", setting == "SSH_AUTH_SOCK":
		if s := os.Getenv("SSH_AUTH_SOCK"); s != "" {
			return s, nil
		}
		return defaultAgentSocket, nil
	case isVariable && !strings.HasPrefix(name, "{"):
		return os.Getenv(name), nil
	}
	return x.path(setting)
}

func yes(s string) bool { return strings.EqualFold(s, "yes") || strings.EqualFold(s, "true") }
func no(s string) bool  { return strings.EqualFold(s, "no") || strings.EqualFold(s, "false") }

// splitPaths splits a list of paths as ssh -G prints it: by spaces, without the quotes that stood around
// paths with spaces. A piece that cannot begin a path belongs to the one before it.
func splitPaths(list string) []string {
	var paths []string
	for piece := range strings.SplitSeq(list, " ") {
		starts := piece != "" && (strings.ContainsRune(`/~%$\`, rune(piece[0])) || strings.EqualFold(piece, "none") || len(piece) > 1 && piece[1] == ':')
		if len(paths) == 0 || starts {
			paths = append(paths, piece)
		} else {
			paths[len(paths)-1] += " " + piece
		}
	}
	return paths
}
