// SPDX-License-Identifier: GPL-2.0

// Command fill writes keys to a Redis Cluster that stand for the data of an
// application: strings and hashes of many sizes, half of them with a time to
// live between one hour and a day. The same -seed gives the same data.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const batch = 1000

// text has up to limit bytes: words, numbers and binary.
func text(random *rand.Rand, limit int) string {
	switch random.Intn(4) {
	case 0:
		return fmt.Sprint(random.Int63n(1<<40) - 1<<39)
	case 1:
		return strings.Repeat("darter ", 1+random.Intn(limit/7))
	default:
		bytes := make([]byte, random.Intn(limit))
		random.Read(bytes)
		return string(bytes)
	}
}

func fields(random *rand.Rand) []interface{} {
	count := 1 + random.Intn(12)
	if random.Intn(100) == 0 {
		count = 1000
	}
	pairs := make([]interface{}, 0, 2*count)
	for i := 0; i < count; i++ {
		pairs = append(pairs, fmt.Sprintf("field:%d", i), text(random, 80))
	}
	return pairs
}

func put(ctx context.Context, pipe redis.Pipeliner, random *rand.Rand, i int) {
	var key string

	if random.Intn(2) == 0 {
		key = fmt.Sprintf("string:%06d", i)
		pipe.Set(ctx, key, text(random, 400), 0)
	} else {
		key = fmt.Sprintf("hash:%06d", i)
		pipe.HSet(ctx, key, fields(random)...)
	}
	if random.Intn(2) == 0 {
		pipe.Expire(ctx, key, time.Hour+time.Duration(random.Intn(23*3600))*time.Second)
	}
}

func main() {
	nodes := flag.String("redis", "127.0.0.1:7001", "nodes of the cluster, a comma between")
	keys := flag.Int("keys", 100000, "how many keys")
	seed := flag.Int64("seed", 1, "of the random data")
	flag.Parse()

	ctx := context.Background()
	db := redis.NewClusterClient(&redis.ClusterOptions{Addrs: strings.Split(*nodes, ",")})
	defer db.Close()
	random := rand.New(rand.NewSource(*seed))
	for first := 0; first < *keys; first += batch {
		_, err := db.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i := first; i < first+batch && i < *keys; i++ {
				put(ctx, pipe, random, i)
			}
			return nil
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("wrote %d keys\n", *keys)
}
