// SPDX-License-Identifier: GPL-2.0

// Command go-redis makes the checks of ../checks with that library.
//
//	go-redis single|cluster PORT PROTOCOL NAME...
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

var ctx = context.Background()

// checks are what the names on the command line stand for.
type checks struct {
	port     string
	protocol int
	client   *redis.Client
	cluster  *redis.ClusterClient
}

func (c *checks) connect() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + c.port, Protocol: c.protocol})
}

// expect compares values by how they are printed.
func expect(what string, found, wanted any) error {
	f, w := fmt.Sprintf("%v", found), fmt.Sprintf("%v", wanted)
	if f == w {
		return nil
	}
	return fmt.Errorf("%s: %.200s instead of %.200s", what, f, w)
}

// fails is no error if err is the server's and says text.
func fails(err error, text string) error {
	var reply redis.Error

	if err == nil || !errors.As(err, &reply) || !strings.Contains(err.Error(), text) {
		return fmt.Errorf("not about %s: %v", text, err)
	}
	return nil
}

// first is the first of the errors, if any.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func results(cmds []redis.Cmder) (texts []string) {
	for _, cmd := range cmds {
		texts = append(texts, cmd.String())
	}
	return texts
}

func names(prefix string, count int) map[string]string {
	found := map[string]string{}
	for i := 0; i < count; i++ {
		found[prefix+strconv.Itoa(i)] = strconv.Itoa(i)
	}
	return found
}

func (c *checks) connection() error {
	pong, err := c.client.Ping(ctx).Result()
	if err != nil {
		return err
	}
	info, err := c.client.Do(ctx, "client", "info").Text()
	if err != nil {
		return err
	}
	if !strings.Contains(info+" ", fmt.Sprintf(" resp=%d ", c.protocol)) {
		return fmt.Errorf("another protocol: %s", info)
	}
	return expect("PING", pong, "PONG")
}

func (c *checks) pipeline() error {
	cmds, err := c.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := 0; i < 1000; i++ {
			pipe.Incr(ctx, "counter")
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, cmd := range cmds {
		if err := expect("INCR", cmd.(*redis.IntCmd).Val(), i+1); err != nil {
			return err
		}
	}
	return expect("replies", len(cmds), 1000)
}

func (c *checks) transaction() error {
	cmds, err := c.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Set(ctx, "t:string", "v", 0)
		pipe.Incr(ctx, "t:number")
		pipe.HSet(ctx, "t:hash", "a", 1, "b", 2)
		pipe.Get(ctx, "t:string")
		return nil
	})
	return first(err, expect("replies", results(cmds), []string{"set t:string v: OK",
		"incr t:number: 1", "hset t:hash a 1 b 2: 2", "get t:string: v"}))
}

func (c *checks) conflict() error {
	other := c.connect()
	defer other.Close()
	err := c.client.Watch(ctx, func(tx *redis.Tx) error {
		if err := other.Set(ctx, "watched", "theirs", 0).Err(); err != nil {
			return err
		}
		_, err := tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Set(ctx, "watched", "mine", 0)
			return nil
		})
		return err
	}, "watched")
	return first(expect("error", err, redis.TxFailedErr),
		expect("value", c.client.Get(ctx, "watched").Val(), "theirs"))
}

// scanned collects what an iterator finds.
func scanned(found map[string]string, keys *redis.ScanIterator) error {
	for keys.Next(ctx) {
		found[keys.Val()] = "v"
	}
	return keys.Err()
}

func (c *checks) scan() error {
	wanted, found := map[string]string{}, map[string]string{}
	for key := range names("scan:", 5000) {
		wanted[key] = "v"
	}
	return first(c.client.MSet(ctx, wanted).Err(),
		scanned(found, c.client.Scan(ctx, 0, "scan:*", 100).Iterator()),
		expect("keys", found, wanted))
}

func (c *checks) large() error {
	value := make([]byte, 1<<20)
	for i := range value {
		value[i] = byte(i)
	}
	if err := c.client.Set(ctx, "large", value, 0).Err(); err != nil {
		return err
	}
	found, err := c.client.Get(ctx, "large").Bytes()
	if err == nil && !bytes.Equal(found, value) {
		return errors.New("another value came back")
	}
	return err
}

func (c *checks) hash() error {
	db := c.client
	err := first(
		expect("HSET", db.HSet(ctx, "hash", "a", 1, "b", 2, "c", 3), "hset hash a 1 b 2 c 3: 3"),
		expect("HGETALL", db.HGetAll(ctx, "hash").Val(), "map[a:1 b:2 c:3]"),
		expect("HMGET", db.HMGet(ctx, "hash", "a", "none", "c").Val(), "[1 <nil> 3]"),
		expect("HINCRBY", db.HIncrBy(ctx, "hash", "a", 41).Val(), 42),
		expect("HDEL", db.HDel(ctx, "hash", "b", "c", "none").Val(), 2),
		expect("HGETALL", db.HGetAll(ctx, "hash").Val(), "map[a:42]"))
	if err != nil {
		return err
	}
	wanted, found := names("field:", 1000), map[string]string{}
	if err := db.HSet(ctx, "fields", wanted).Err(); err != nil {
		return err
	}
	fields := db.HScan(ctx, "fields", 0, "", 50).Iterator()
	for fields.Next(ctx) {
		field := fields.Val()
		fields.Next(ctx)
		found[field] = fields.Val()
	}
	return first(fields.Err(), expect("HSCAN", found, wanted))
}

func (c *checks) replyError() error {
	return first(c.client.Set(ctx, "string", "v", 0).Err(),
		fails(c.client.HGet(ctx, "string", "f").Err(), "WRONGTYPE Operation"),
		fails(c.client.Incr(ctx, "string").Err(), "value is not an integer"),
		fails(c.client.Do(ctx, "nosuch").Err(), "unknown command"),
		expect("missing key", c.client.Get(ctx, "nokey").Err(), redis.Nil),
		expect("GET", c.client.Get(ctx, "string").Val(), "v"))
}

func (c *checks) reconnect() error {
	before, err := c.client.ClientID(ctx).Result()
	if err != nil {
		return err
	}
	other := c.connect()
	defer other.Close()
	killed, err := other.ClientKillByFilter(ctx, "id", strconv.FormatInt(before, 10)).Result()
	err = first(err, expect("killed", killed, 1),
		expect("GET", c.client.Get(ctx, "nokey").Err(), redis.Nil))
	if after := c.client.ClientID(ctx).Val(); err == nil && after <= before {
		return errors.New("still the same connection")
	}
	return err
}

// forEachNode calls visit with all nodes, one at a time.
func (c *checks) forEachNode(visit func(node *redis.Client) error) error {
	var lock sync.Mutex

	return c.cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		lock.Lock()
		defer lock.Unlock()
		return visit(node)
	})
}

func (c *checks) clusterKeys() error {
	c.cluster = redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: []string{"127.0.0.1:" + c.port}, Protocol: c.protocol})
	var ports []string
	err := c.forEachNode(func(node *redis.Client) error {
		_, port, err := net.SplitHostPort(node.Options().Addr)
		ports = append(ports, port)
		return err
	})
	sort.Strings(ports)
	if err := first(err, expect("nodes", ports, strings.Fields(os.Getenv("NODES")))); err != nil {
		return err
	}
	for key, value := range names("key:", 1000) {
		if err := c.cluster.Set(ctx, key, value, 0).Err(); err != nil {
			return err
		}
	}
	for key, value := range names("key:", 1000) {
		if err := expect(key, c.cluster.Get(ctx, key).Val(), value); err != nil {
			return err
		}
	}
	return nil
}

func (c *checks) clusterMulti() error {
	var keys, values []string

	wanted := names("multi:", 100)
	for key, value := range wanted {
		keys, values = append(keys, key), append(values, value)
	}
	return first(c.cluster.MSet(ctx, wanted).Err(),
		expect("MGET", c.cluster.MGet(ctx, keys...).Val(), values),
		expect("DEL", c.cluster.Del(ctx, keys...).Val(), 100))
}

func (c *checks) clusterPipeline() error {
	var wanted []string

	cmds, err := c.cluster.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := 0; i < 1000; i++ {
			pipe.Set(ctx, fmt.Sprintf("pipe:%d", i), i, 0)
			pipe.Get(ctx, fmt.Sprintf("pipe:%d", i))
			wanted = append(wanted, fmt.Sprintf("set pipe:%d %d: OK", i, i),
				fmt.Sprintf("get pipe:%d: %d", i, i))
		}
		return nil
	})
	return first(err, expect("replies", results(cmds), wanted))
}

func (c *checks) clusterTransaction() error {
	cmds, err := c.cluster.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Set(ctx, "{ct}1", "v", 0)
		pipe.Incr(ctx, "{ct}2")
		return nil
	})
	return first(err, expect("replies", results(cmds), "[set {ct}1 v: OK incr {ct}2: 1]"))
}

func (c *checks) clusterScan() error {
	wanted, found := map[string]string{}, map[string]string{}
	for key := range names("cscan:", 5000) {
		wanted[key] = "v"
	}
	if err := c.cluster.MSet(ctx, wanted).Err(); err != nil {
		return err
	}
	err := c.forEachNode(func(node *redis.Client) error {
		return scanned(found, node.Scan(ctx, 0, "cscan:*", 100).Iterator())
	})
	return first(err, expect("keys", found, wanted))
}

func (c *checks) clusterReconnect() error {
	err := c.cluster.Set(ctx, "survivor", "v", 0).Err()
	killed := c.client.ClientKillByFilter(ctx, "type", "normal", "skipme", "yes")
	if first(err, killed.Err()) != nil || killed.Val() < 1 {
		return fmt.Errorf("killed %d: %v", killed.Val(), first(err, killed.Err()))
	}
	return expect("GET", c.cluster.Get(ctx, "survivor"), "get survivor: v")
}

func main() {
	protocol, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	c := &checks{port: os.Args[2], protocol: protocol}
	c.client = c.connect()
	all := map[string]func() error{
		"connect": c.connection, "pipeline": c.pipeline, "transaction": c.transaction,
		"conflict": c.conflict, "scan": c.scan, "large": c.large, "hash": c.hash,
		"error": c.replyError, "reconnect": c.reconnect, "cluster-keys": c.clusterKeys,
		"cluster-multi": c.clusterMulti, "cluster-pipeline": c.clusterPipeline,
		"cluster-transaction": c.clusterTransaction, "cluster-scan": c.clusterScan,
		"cluster-reconnect": c.clusterReconnect,
	}
	for _, name := range os.Args[4:] {
		if check := all[name]; check == nil {
			fmt.Printf("not ok %s: no such check\n", name)
		} else if err := check(); err != nil {
			fmt.Printf("not ok %s: %s\n", name, strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok", name)
		}
	}
}
