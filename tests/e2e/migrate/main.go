// SPDX-License-Identifier: GPL-2.0

// Command migrate copies all keys of a Redis Cluster to another store.
//
// The nodes of the cluster send the keys themselves: each master is scanned, and
// told with MIGRATE ... COPY to restore what was found at the target. Nothing is
// removed from the cluster. Then every key is read from both sides, and value
// and time to live are compared.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// How much the time to live of a key may differ between the two sides: they are
// not asked at the same moment, nor by the same clock.
const tolerance = 10 * time.Second

// How long a batch may take: as long as all its keys may.
const patience = time.Hour

var (
	source  = flag.String("from", "127.0.0.1:7001", "nodes of the cluster, a comma between")
	target  = flag.String("to", "127.0.0.1:6379", "address of the target, as the cluster reaches it")
	match   = flag.String("match", "*", "only keys that match this glob")
	batch   = flag.Int("batch", 500, "keys scanned and moved at a time")
	timeout = flag.Int("timeout", 10000, "milliseconds that one key may take")
)

// progress counts what all masters' workers have done.
type progress struct {
	done, total int64
	what        string
}

func (p *progress) add(n int) {
	done := atomic.AddInt64(&p.done, int64(n))
	fmt.Fprintf(os.Stderr, "\r%s %d of %d keys", p.what, done, p.total)
}

// scan calls visit with the keys of one master, a batch at a time.
func scan(ctx context.Context, node *redis.Client, visit func(keys []string) error) error {
	var cursor uint64

	for {
		keys, next, err := node.Scan(ctx, cursor, *match, int64(*batch)).Result()
		if err != nil {
			return err
		}
		if len(keys) > 0 {
			if err := visit(keys); err != nil {
				return err
			}
		}
		if next == 0 {
			return nil
		}
		cursor = next
	}
}

// move has a master send keys to the target: one MIGRATE each, since keys of
// different slots cannot share one, in one pipeline.
func move(ctx context.Context, node *redis.Client, keys []string) error {
	host, port, err := net.SplitHostPort(*target)
	if err != nil {
		return err
	}
	// Keys that expire on the way answer NOKEY, which is no error.
	_, err = node.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, key := range keys {
			pipe.Do(ctx, "MIGRATE", host, port, key, 0, *timeout, "COPY", "REPLACE")
		}
		return nil
	})
	return err
}

// value is what a key holds, as far as both sides must agree.
type value struct {
	kind string
	data interface{}
	ttl  time.Duration
}

// reader collects the replies about one key.
type reader struct {
	kind *redis.StatusCmd
	ttl  *redis.DurationCmd
	text *redis.StringCmd
	hash *redis.MapStringStringCmd
}

// wrongType is what reading a key as another type than its own answers.
func wrongType(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), "WRONGTYPE")
}

func (r reader) value() (value, error) {
	v := value{kind: r.kind.Val(), ttl: r.ttl.Val()}
	switch v.kind {
	case "none":
		return v, nil
	case "string":
		v.data = r.text.Val()
		return v, r.text.Err()
	case "hash":
		v.data = r.hash.Val()
		return v, r.hash.Err()
	}
	return v, fmt.Errorf("type %s is not verified by this tool", v.kind)
}

// read asks one side for the type, the time to live and the value of each key.
func read(ctx context.Context, node *redis.Client, keys []string) ([]value, error) {
	readers := make([]reader, len(keys))
	_, err := node.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, key := range keys {
			readers[i] = reader{
				kind: pipe.Type(ctx, key),
				ttl:  pipe.PTTL(ctx, key),
				text: pipe.Get(ctx, key),
				hash: pipe.HGetAll(ctx, key),
			}
		}
		return nil
	})
	if err != nil && !wrongType(err) && !errors.Is(err, redis.Nil) {
		return nil, err
	}
	values := make([]value, len(keys))
	for i := range keys {
		if values[i], err = readers[i].value(); err != nil {
			return nil, fmt.Errorf("%s: %w", keys[i], err)
		}
	}
	return values, nil
}

// differ says how two values differ, "" if they do not.
func differ(want, got value) string {
	apart := want.ttl - got.ttl
	switch {
	case want.kind != got.kind:
		return fmt.Sprintf("is %s, should be %s", got.kind, want.kind)
	case !reflect.DeepEqual(want.data, got.data):
		return "has another value"
	case (want.ttl < 0) != (got.ttl < 0) || apart < -tolerance || apart > tolerance:
		return fmt.Sprintf("lives for %v, should for %v", got.ttl, want.ttl)
	}
	return ""
}

// verify compares keys of a master with the target and counts those that differ.
func verify(ctx context.Context, node, to *redis.Client, keys []string, bad *int64) error {
	want, err := read(ctx, node, keys)
	if err != nil {
		return err
	}
	got, err := read(ctx, to, keys)
	if err != nil {
		return err
	}
	for i, key := range keys {
		// Near its end a key may be gone on one side only.
		if want[i].kind == "none" || (want[i].ttl >= 0 && want[i].ttl < tolerance) {
			continue
		}
		if why := differ(want[i], got[i]); why != "" {
			fmt.Fprintf(os.Stderr, "\n%s %s\n", key, why)
			atomic.AddInt64(bad, 1)
		}
	}
	return nil
}

// each runs work for every key of every master, the masters side by side.
func each(ctx context.Context, from *redis.ClusterClient, what string, total int64,
	work func(node *redis.Client, keys []string) error) (int64, error) {
	p := progress{what: what, total: total}
	err := from.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		return scan(ctx, node, func(keys []string) error {
			if err := work(node, keys); err != nil {
				return err
			}
			p.add(len(keys))
			return nil
		})
	})
	fmt.Fprintln(os.Stderr)
	return p.done, err
}

func count(ctx context.Context, from *redis.ClusterClient) (int64, error) {
	var total int64
	var lock sync.Mutex

	err := from.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		size, err := node.DBSize(ctx).Result()
		lock.Lock()
		total += size
		lock.Unlock()
		return err
	})
	return total, err
}

func run(ctx context.Context) error {
	var bad int64

	from := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: strings.Split(*source, ","), ReadTimeout: patience,
	})
	defer from.Close()
	to := redis.NewClient(&redis.Options{Addr: *target, ReadTimeout: patience})
	defer to.Close()
	total, err := count(ctx, from)
	if err != nil {
		return err
	}
	began := time.Now()
	moved, err := each(ctx, from, "moved", total, func(node *redis.Client, keys []string) error {
		return move(ctx, node, keys)
	})
	if err != nil {
		return fmt.Errorf("after %d keys: %w", moved, err)
	}
	fmt.Fprintf(os.Stderr, "took %v\n", time.Since(began).Round(time.Second))
	seen, err := each(ctx, from, "verified", total, func(node *redis.Client, keys []string) error {
		return verify(ctx, node, to, keys, &bad)
	})
	if err != nil {
		return fmt.Errorf("while verifying, after %d keys: %w", seen, err)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d keys differ", bad, seen)
	}
	fmt.Printf("%d keys moved and verified\n", seen)
	return nil
}

func main() {
	flag.Parse()
	if err := run(context.Background()); err != nil {
		fmt.Fprintf(os.Stderr, "migrate: %v\n", err)
		os.Exit(1)
	}
}
