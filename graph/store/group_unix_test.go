//go:build unix

package store

import (
	"os/exec"
	"syscall"
)

// ofGroup makes a command the first of a group of processes.
func ofGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills a command and those that it started.
func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
