package watchers

// nodesOf returns under which names the kernel knows devices that the command line calls otherwise: /dev/vg/home is
// open as /dev/dm-3. fd is the descriptor that each is open as.
func (c call) nodesOf(fds map[string]int) map[string]string {
	var nodes map[string]string
	for p, fd := range fds {
		if node := c.links[fd]; blockDevice(p) && blockDevice(node) && node != p {
			if nodes == nil {
				nodes = map[string]string{}
			}
			nodes[p] = node
		}
	}
	return nodes
}

// node is the kernel's name of a path.
func (m move) node(p string) string { return firstOf(m.nodes[p], p) }
