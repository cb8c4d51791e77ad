// Package ticket takes the ticket of a program of tests before any code of the workspace that can open a file is run: its import path, "0/ticket", is
// lower than others, and it imports no more than it must, for that is initialised before it, and so could others be.
package ticket

import (
	"runtime"
	"syscall"
	"unsafe"
)

// Ticket is what the guard needs to write records.
type Ticket struct {
	// Records is a descriptor, open for appending.
	Records int
	Worker  string
	// Key is hexadecimal.
	Key string
}

const variable = "TEAMWRIGHT_GUARD"

// Bytes of one ticket in the pool; `channel.ts` says how it is made up.
const slot = 1024

var held *Ticket

func init() {
	pool, given := syscall.Getenv(variable)
	if !given {
		// Started by a test, not by `go test`.
		return
	}
	text := unsafe.Slice(unsafe.StringData(pool), len(pool))
	own := string(text)
	// The text lies where the kernel shows it to whoever asks for the environment of this process.
	clear(text)
	syscall.Unsetenv(variable)
	held = take(own)
	if held == nil {
		// Without a ticket nothing that these tests do would count.
		println("teamwright: no ticket is left for the tests of this package")
		syscall.Exit(3)
	}
}

// take claims the next ticket of the pool and wipes it there. The file of claims grows by a byte with each: where the own byte came to lie is the number.
func take(pool string) *Ticket {
	claims, err := syscall.Open(pool+".claims", syscall.O_WRONLY|syscall.O_APPEND|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil
	}
	defer syscall.Close(claims)
	if _, err := syscall.Write(claims, []byte{'.'}); err != nil {
		return nil
	}
	end, err := syscall.Seek(claims, 0, 1)
	if err != nil {
		return nil
	}
	file, err := syscall.Open(pool, syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(file)
	at := (end - 1) * slot
	data := make([]byte, slot)
	if _, err := syscall.Seek(file, at, 0); err != nil {
		return nil
	}
	if n, err := syscall.Read(file, data); err != nil || n != slot {
		return nil
	}
	// The path of the records, the name of the worker, its key, and its first record, already signed.
	var lines [4]string
	from, found := 0, 0
	for i := 0; i < slot && found < len(lines); i++ {
		if data[i] == '\n' {
			lines[found] = string(data[from:i])
			from, found = i+1, found+1
		}
	}
	if found < len(lines) {
		return nil
	}
	clear(data)
	if _, err := syscall.Seek(file, at, 0); err != nil {
		return nil
	}
	if _, err := syscall.Write(file, data); err != nil {
		return nil
	}
	records, err := syscall.Open(lines[0], syscall.O_WRONLY|syscall.O_APPEND|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil
	}
	if _, err := syscall.Write(records, []byte(lines[3]+"\n")); err != nil {
		return nil
	}
	return &Ticket{Records: records, Worker: lines[1], Key: lines[2]}
}

// Take gives the ticket, once, to the guard alone; nil to anybody else, and where this process has none.
func Take() *Ticket {
	var callers [4]uintptr
	frame, _ := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])]).Next()
	const guard = "testing/internal/testdeps."
	if len(frame.Function) < len(guard) || frame.Function[:len(guard)] != guard {
		return nil
	}
	taken := held
	held = nil
	return taken
}
