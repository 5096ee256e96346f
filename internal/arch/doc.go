// Package arch holds no code: its test holds the arrows between the rooms, as docs/architecture.md draws
// them.
package arch
