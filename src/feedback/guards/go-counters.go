package cfile

import "internal/runtime/exithook"

// Prepare does what a program of tests does at its end only, and nothing that was counted can be written before.
func Prepare() { prepareForMetaEmit() }

// AtExit has something done when the program is ended by a call.
func AtExit(do func()) { exithook.Add(exithook.Hook{F: do, RunOnFailure: true}) }
