// Go's net/http, measured as the JavaScript clients are: it takes its order as JSON, warms up, measures, and prints a
// sample. The members are those of bench/support/peers-order.ts.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type order struct {
	Origin      string          `json:"origin"`
	Connections int             `json:"connections"`
	Callers     int             `json:"callers"`
	Kind        string          `json:"kind"`
	Path        string          `json:"path"`
	Bytes       int64           `json:"bytes"`
	Value       json.RawMessage `json:"value"`
	Member      [2]string       `json:"member"`
	WarmUp      float64         `json:"warmUp"`
	Measured    float64         `json:"measured"`
	Slices      int             `json:"slices"`
}

type sample struct {
	Sent       int       `json:"sent"`
	Requests   int       `json:"requests"`
	Errors     int       `json:"errors"`
	FirstError string    `json:"first_error"`
	CPU        []float64 `json:"cpu"`
	Wall       []float64 `json:"wall"`
	GC         *float64  `json:"gc"`
	P50        float64   `json:"p50"`
	P99        float64   `json:"p99"`
	P999       float64   `json:"p999"`
	PeakRSS    int64     `json:"peak_rss_kb"`
}

// What the callers of one load came to.
type books struct {
	mutex      sync.Mutex
	latencies  []float64
	errors     int
	firstError string
}

func main() {
	var told order
	if err := json.Unmarshal([]byte(os.Args[1]), &told); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	var value any
	if err := json.Unmarshal(told.Value, &value); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	measure := measureLoad
	if told.Kind == "burst" {
		measure = measureBursts
	}
	if err := json.NewEncoder(os.Stdout).Encode(measure(told, value)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measureLoad(told order, value any) sample {
	client := open(told)
	warm := load(client, told, value, told.WarmUp)
	return measureSlices(told, len(warm.latencies), func(all *books) time.Duration {
		begun := time.Now()
		all.add(load(client, told, value, told.Measured))
		return time.Since(begun)
	})
}

func measureBursts(told order, value any) sample {
	var warm books
	for over := spent(told.WarmUp, 1); !over(); {
		burst(told, value, &warm)
	}
	return measureSlices(told, len(warm.latencies), func(all *books) time.Duration { return burst(told, value, all) })
}

// A slice adds to the books, and gives how much of the wall's clock counts.
func measureSlices(told order, sentBefore int, slice func(all *books) time.Duration) sample {
	var counted books
	var cpu, wall []float64
	for number := 0; number < told.Slices; number++ {
		before, requests := cpuTime(), len(counted.latencies)
		took := slice(&counted)
		each := float64(len(counted.latencies)-requests) * float64(time.Microsecond)
		cpu = append(cpu, float64(cpuTime()-before)/each)
		wall = append(wall, float64(took)/each)
	}
	return counted.summary(sentBefore, cpu, wall)
}

func open(told order) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = told.Connections
	transport.MaxIdleConnsPerHost = told.Connections
	transport.MaxConnsPerHost = told.Connections
	// Beside clients of HTTP/1.1.
	transport.ForceAttemptHTTP2 = false
	return &http.Client{Transport: transport}
}

func load(client *http.Client, told order, value any, ms float64) *books {
	var all books
	over := spent(ms, 16)
	var callers sync.WaitGroup
	for caller := 0; caller < told.Callers; caller++ {
		callers.Add(1)
		go func() {
			defer callers.Done()
			var own books
			// Once at least, so that every connection is open when the warm-up is over.
			for first := true; first || !over(); first = false {
				own.record(func() error { return call(client, told, value) })
			}
			all.add(&own)
		}()
	}
	callers.Wait()
	return &all
}

// Whether this process has worked for so long; on the wall it may take ten times as long.
func spent(ms float64, every int64) func() bool {
	limit := time.Duration(ms * float64(time.Millisecond))
	begun, before := time.Now(), cpuTime()
	var asked, over atomic.Int64
	return func() bool {
		if asked.Add(1)%every == 0 && (cpuTime()-before > limit || time.Since(begun) > 10*limit) {
			over.Store(1)
		}
		return over.Load() == 1
	}
}

func burst(told order, value any, all *books) time.Duration {
	client := open(told)
	defer client.CloseIdleConnections()
	begun := time.Now()
	var callers sync.WaitGroup
	for caller := 0; caller < told.Callers; caller++ {
		callers.Add(1)
		go func() {
			defer callers.Done()
			var own books
			own.record(func() error { return call(client, told, value) })
			all.add(&own)
		}()
	}
	callers.Wait()
	return time.Since(begun)
}

func call(client *http.Client, told order, value any) error {
	if told.Kind == "json" || told.Kind == "burst" {
		return post(client, told, value)
	}
	response, err := client.Get(told.Origin + told.Path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var length int64
	if told.Kind == "stream" {
		length, err = io.Copy(io.Discard, response.Body)
	} else {
		var body []byte
		body, err = io.ReadAll(response.Body)
		length = int64(len(string(body)))
	}
	if err == nil && length != told.Bytes {
		err = fmt.Errorf("the body has %d bytes; %d were sent", length, told.Bytes)
	}
	return err
}

func post(client *http.Client, told order, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	response, err := client.Post(told.Origin+told.Path, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	// The decoder stops at the value's end; a connection is kept when its body was read to its own.
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if answer[told.Member[0]] != told.Member[1] {
		return errors.New("the answer has no " + told.Member[0] + " " + told.Member[1])
	}
	return nil
}

func (own *books) record(once func() error) {
	begun := time.Now()
	if err := once(); err != nil {
		if own.errors == 0 {
			own.firstError = err.Error()
		}
		own.errors++
	}
	own.latencies = append(own.latencies, float64(time.Since(begun))/float64(time.Microsecond))
}

func (all *books) add(own *books) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	all.latencies = append(all.latencies, own.latencies...)
	all.errors += own.errors
	if all.firstError == "" {
		all.firstError = own.firstError
	}
}

func (all *books) summary(sentBefore int, cpu, wall []float64) sample {
	sort.Float64s(all.latencies)
	requests := len(all.latencies)
	at := func(share float64) float64 {
		return all.latencies[int(math.Ceil(share*float64(requests)))-1]
	}
	return sample{
		Sent: sentBefore + requests, Requests: requests, Errors: all.errors, FirstError: all.firstError,
		CPU: cpu, Wall: wall, P50: at(0.5), P99: at(0.99), P999: at(0.999), PeakRSS: usage().Maxrss,
	}
}

func usage() syscall.Rusage {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return used
}

func cpuTime() time.Duration {
	used := usage()
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
