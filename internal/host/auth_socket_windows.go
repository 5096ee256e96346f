package host

// defaultAgentSocket is where the agent is when SSH_AUTH_SOCK does not say.
const defaultAgentSocket = `\\.\pipe\openssh-ssh-agent`
