// Command function does what its payload says; see ../script.ts.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

type step struct {
	Text   string `json:"text"`
	Stream string `json:"stream"`
	Via    string `json:"via"`
}

type series struct {
	Count  int     `json:"count"`
	Prefix *string `json:"prefix"`
	Bytes  int     `json:"bytes"`
}

type script struct {
	Write   []step   `json:"write"`
	Lines   *series  `json:"lines"`
	SleepMs int      `json:"sleepMs"`
	Fail    string   `json:"fail"`
	Stream  []string `json:"stream"`
	Return  any      `json:"return"`
}

func (s step) write() {
	out := os.Stdout
	if s.Stream == "stderr" {
		out = os.Stderr
	}
	switch s.Via {
	case "raw":
		_, _ = io.WriteString(out, s.Text)
	case "logger":
		log.Println(s.Text)
	default:
		fmt.Fprintln(out, s.Text)
	}
}

func (s series) write() {
	prefix := "line"
	if s.Prefix != nil {
		prefix = *s.Prefix
	}
	var all strings.Builder
	for index := 0; index < s.Count; index++ {
		line := fmt.Sprintf("%s %d ", prefix, index)
		all.WriteString(line + strings.Repeat("x", max(0, s.Bytes-len(line))) + "\n")
	}
	_, _ = io.WriteString(os.Stdout, all.String())
}

func fail(how string) error {
	switch how {
	case "exception":
		return errors.New("the script wants an exception")
	case "exit":
		os.Exit(1)
	case "oom":
		taken := make([]byte, 64<<20)
		for index := 0; index < len(taken); index += 4096 {
			taken[index] = 1
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	select {}
}

func handle(_ context.Context, s script) (any, error) {
	for _, each := range s.Write {
		each.write()
	}
	if s.Lines != nil {
		s.Lines.write()
	}
	time.Sleep(time.Duration(s.SleepMs) * time.Millisecond)
	if s.Fail != "" {
		if err := fail(s.Fail); err != nil {
			return nil, err
		}
	}
	if s.Stream == nil {
		return s.Return, nil
	}
	reader, writer := io.Pipe()
	go func() {
		for _, piece := range s.Stream {
			_, _ = io.WriteString(writer, piece)
			time.Sleep(20 * time.Millisecond)
		}
		_ = writer.Close()
	}()
	return reader, nil
}

func main() {
	lambda.Start(handle)
}
