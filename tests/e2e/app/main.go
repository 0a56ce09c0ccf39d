// SPDX-License-Identifier: GPL-2.0

// Command app is a small web service on a Redis Cluster: it answers
// GET /{id} with the name and the email of user id as JSON.
//
// A store without users gets a hundred of them when the service starts.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

const users = 100

type user struct {
	Name  string `json:"name" redis:"name"`
	Email string `json:"email" redis:"email"`
}

func key(id int) string { return fmt.Sprintf("user:%d", id) }

// load makes the users, unless they are there. It reports whether it had to.
func load(ctx context.Context, db *redis.ClusterClient) (bool, error) {
	found, err := db.Exists(ctx, key(1)).Result()
	if err != nil || found == 1 {
		return false, err
	}
	_, err = db.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for id := 1; id <= users; id++ {
			pipe.HMSet(ctx, key(id),
				"name", fmt.Sprintf("User %d", id),
				"email", fmt.Sprintf("user%d@example.com", id))
		}
		return nil
	})
	return true, err
}

func serve(db *redis.ClusterClient) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var found user

		id, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		err = db.HMGet(r.Context(), key(id), "name", "email").Scan(&found)
		switch {
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadGateway)
		case found == user{}:
			http.NotFound(w, r)
		default:
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(found)
		}
	}
}

func main() {
	store := flag.String("redis", "127.0.0.1:7001", "nodes of the cluster, a comma between")
	listen := flag.String("listen", "127.0.0.1:8080", "address to serve on")
	flag.Parse()

	db := redis.NewClusterClient(&redis.ClusterOptions{Addrs: strings.Split(*store, ",")})
	defer db.Close()
	loaded, err := load(context.Background(), db)
	if err != nil {
		log.Fatalf("%s: %v", *store, err)
	}
	if loaded {
		log.Printf("made %d users", users)
	} else {
		log.Printf("found the users")
	}
	log.Printf("serving on http://%s", *listen)
	log.Fatal(http.ListenAndServe(*listen, serve(db)))
}
