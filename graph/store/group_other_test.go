//go:build !unix

package store

import "os/exec"

func ofGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) { cmd.Process.Kill() }
