// SPDX-License-Identifier: GPL-2.0
//! The checks of ../checks with redis-rs.
//!
//!     redis-rs single|cluster PORT PROTOCOL NAME...

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Debug;

use redis::cluster::{cluster_pipe, ClusterClient, ClusterConnection};
use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::{Client, Commands, Connection, IntoConnectionInfo, ProtocolVersion, RedisResult};

/// A check that is made says nothing; one that cannot be made says why.
type Outcome = Result<Option<&'static str>, Box<dyn Error>>;

const DONE: Outcome = Ok(None);

fn expect<T: PartialEq<U> + Debug, U: Debug>(
    what: &str,
    found: T,
    wanted: U,
) -> Result<(), Box<dyn Error>> {
    if found == wanted {
        return Ok(());
    }
    Err(format!("{what}: {found:?} instead of {wanted:?}").into())
}

/// The reply is an error of the server with this code, and says `text`.
fn fails(reply: RedisResult<String>, code: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let error = match reply {
        Ok(value) => return Err(format!("{value} instead of an error").into()),
        Err(error) => error,
    };
    expect("code", error.code(), Some(code))?;
    if !error.to_string().contains(text) {
        return Err(format!("not about {text}: {error}").into());
    }
    Ok(())
}

/// (PREFIX0, "0"), (PREFIX1, "1"), ...
fn numbered(prefix: &str, count: usize) -> Vec<(String, String)> {
    (0..count)
        .map(|i| (format!("{prefix}{i}"), i.to_string()))
        .collect()
}

fn names(pairs: &[(String, String)]) -> BTreeSet<String> {
    pairs.iter().map(|(name, _)| name.clone()).collect()
}

fn large() -> Vec<u8> {
    (0..1usize << 20).map(|i| i as u8).collect()
}

fn client_id(db: &mut Connection) -> RedisResult<i64> {
    redis::cmd("CLIENT").arg("ID").query(db)
}

fn scan_node(
    cluster: &mut ClusterConnection,
    port: u16,
    found: &mut BTreeSet<String>,
) -> Result<(), Box<dyn Error>> {
    let host = "127.0.0.1".into();
    let node = SingleNodeRoutingInfo::ByAddress { host, port };
    let mut cursor = 0u64;

    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor)
            .arg("MATCH")
            .arg("cscan:*")
            .arg("COUNT")
            .arg(100);
        let page = cluster.route_command(&scan, RoutingInfo::SingleNode(node.clone()))?;
        let (next, keys): (u64, Vec<String>) = redis::from_redis_value(page)?;
        found.extend(keys);
        cursor = next;
        if cursor == 0 {
            return Ok(());
        }
    }
}

struct Checks {
    port: u16,
    protocol: ProtocolVersion,
    client: Client,
    db: Connection,
    cluster: Option<ClusterConnection>,
}

impl Checks {
    fn new(port: u16, protocol: ProtocolVersion) -> RedisResult<Self> {
        let info = ("127.0.0.1", port).into_connection_info()?;
        let settings = info.redis_settings().clone().set_protocol(protocol);
        let client = Client::open(info.set_redis_settings(settings))?;
        let db = client.get_connection()?;
        Ok(Checks {
            port,
            protocol,
            client,
            db,
            cluster: None,
        })
    }

    fn cluster(&mut self) -> RedisResult<&mut ClusterConnection> {
        if self.cluster.is_none() {
            let node = format!("redis://127.0.0.1:{}", self.port);
            let client = ClusterClient::builder([node])
                .use_protocol(self.protocol)
                .build()?;
            self.cluster = Some(client.get_connection()?);
        }
        Ok(self.cluster.as_mut().unwrap())
    }

    fn make(&mut self, name: &str) -> Outcome {
        match name {
            "connect" => self.connect(),
            "pipeline" => self.pipeline(),
            "transaction" => self.transaction(),
            "conflict" => self.conflict(),
            "scan" => self.scan(),
            "large" => self.large(),
            "hash" => self.hash(),
            "error" => self.error(),
            "reconnect" => self.reconnect(),
            "cluster-keys" => self.cluster_keys(),
            "cluster-multi" => self.cluster_multi(),
            "cluster-pipeline" => self.cluster_pipeline(),
            "cluster-transaction" => Ok(Some("its cluster pipelines are not atomic")),
            "cluster-scan" => self.cluster_scan(),
            "cluster-reconnect" => self.cluster_reconnect(),
            _ => Err("no such check".into()),
        }
    }

    fn connect(&mut self) -> Outcome {
        let wanted = if self.protocol == ProtocolVersion::RESP3 {
            " resp=3"
        } else {
            " resp=2"
        };
        let pong: String = redis::cmd("PING").query(&mut self.db)?;
        let info: String = redis::cmd("CLIENT").arg("INFO").query(&mut self.db)?;

        expect("PING", pong, "PONG")?;
        expect("protocol", info.contains(wanted), true)?;
        DONE
    }

    fn pipeline(&mut self) -> Outcome {
        let mut pipe = redis::pipe();
        for _ in 0..1000 {
            pipe.incr("counter", 1);
        }
        let replies: Vec<i64> = pipe.query(&mut self.db)?;
        expect("replies", replies, (1..=1000).collect::<Vec<i64>>())?;
        DONE
    }

    fn transaction(&mut self) -> Outcome {
        let replies: Vec<String> = redis::pipe()
            .atomic()
            .set("t:string", "v")
            .incr("t:number", 1)
            .hset_multiple("t:hash", &[("a", 1), ("b", 2)])
            .get("t:string")
            .query(&mut self.db)?;
        expect("replies", replies, ["OK", "1", "OK", "v"])?;
        DONE
    }

    /// The library begins anew when a watched key has changed.
    fn conflict(&mut self) -> Outcome {
        let mut other = self.client.get_connection()?;
        let mut seen = Vec::new();
        let replies: (String,) = redis::transaction(&mut self.db, &["watched"], |db, pipe| {
            let value: Option<String> = db.get("watched")?;
            if value.is_none() {
                let _: () = other.set("watched", "theirs")?;
            }
            seen.push(value);
            pipe.append("watched", " mine")
                .ignore()
                .get("watched")
                .query(db)
        })?;
        expect("attempts", seen, vec![None, Some("theirs".to_string())])?;
        expect("value", replies.0, "theirs mine")?;
        DONE
    }

    fn scan(&mut self) -> Outcome {
        let pairs = numbered("scan:", 5000);
        let _: () = self.db.mset(&pairs)?;
        let options = redis::ScanOptions::default()
            .with_pattern("scan:*")
            .with_count(100);
        let found: RedisResult<BTreeSet<String>> = self.db.scan_options(options)?.collect();
        expect("keys", found? == names(&pairs), true)?;
        DONE
    }

    fn large(&mut self) -> Outcome {
        let _: () = self.db.set("large", large())?;
        let found: Vec<u8> = self.db.get("large")?;
        expect("same value", found == large(), true)?;
        DONE
    }

    fn hash(&mut self) -> Outcome {
        let db = &mut self.db;
        let added: i64 = redis::cmd("HSET")
            .arg("hash")
            .arg(&[("a", 1), ("b", 2), ("c", 3)])
            .query(db)?;
        expect("HSET", added, 3)?;
        let all: BTreeMap<String, i64> = db.hgetall("hash")?;
        expect(
            "HGETALL",
            all,
            [("a", 1), ("b", 2), ("c", 3)]
                .map(|(k, v)| (k.into(), v))
                .into(),
        )?;
        let some: Vec<Option<i64>> = db.hmget("hash", &["a", "none", "c"])?;
        expect("HMGET", some, [Some(1), None, Some(3)])?;
        let sum: i64 = db.hincr("hash", "a", 41)?;
        expect("HINCRBY", sum, 42)?;
        let deleted: i64 = db.hdel("hash", &["b", "c", "none"])?;
        expect("HDEL", deleted, 2)?;
        let all: Vec<(String, i64)> = db.hgetall("hash")?;
        expect("HGETALL", all, [("a".to_string(), 42)])?;
        let pairs = numbered("field:", 1000);
        let _: () = db.hset_multiple("fields", &pairs)?;
        let found: RedisResult<BTreeMap<String, String>> = db.hscan("fields")?.collect();
        expect("HSCAN", found? == pairs.into_iter().collect(), true)?;
        DONE
    }

    fn error(&mut self) -> Outcome {
        let db = &mut self.db;
        let _: () = db.set("string", "v")?;
        fails(
            db.hget("string", "f"),
            "WRONGTYPE",
            "Operation against a key",
        )?;
        fails(db.incr("string", 1), "ERR", "value is not an integer")?;
        fails(redis::cmd("NOSUCH").query(db), "ERR", "unknown command")?;
        let value: String = db.get("string")?;
        expect("GET", value, "v")?;
        DONE
    }

    /// The library says that the connection has ended, and makes a new one when told to.
    fn reconnect(&mut self) -> Outcome {
        let before = client_id(&mut self.db)?;
        let mut other = self.client.get_connection()?;
        let killed: i64 = redis::cmd("CLIENT")
            .arg("KILL")
            .arg("ID")
            .arg(before)
            .query(&mut other)?;
        expect("killed", killed, 1)?;
        let reply: RedisResult<String> = redis::cmd("PING").query(&mut self.db);
        expect(
            "dropped",
            reply.is_err_and(|error| error.is_connection_dropped()),
            true,
        )?;
        self.db = self.client.get_connection()?;
        expect("a new connection", client_id(&mut self.db)? > before, true)?;
        DONE
    }

    fn cluster_keys(&mut self) -> Outcome {
        let cluster = self.cluster()?;
        for (key, value) in numbered("key:", 1000) {
            let _: () = cluster.set(key, value)?;
        }
        for (key, value) in numbered("key:", 1000) {
            let found: String = cluster.get(&key)?;
            expect(&key, found, value)?;
        }
        DONE
    }

    fn cluster_multi(&mut self) -> Outcome {
        let (keys, values): (Vec<String>, Vec<String>) =
            numbered("multi:", 100).into_iter().unzip();
        let cluster = self.cluster()?;
        let _: () = cluster.mset(&numbered("multi:", 100))?;
        let found: Vec<String> = cluster.mget(&keys)?;
        expect("MGET", found, values)?;
        let deleted: i64 = cluster.del(&keys)?;
        expect("DEL", deleted, 100)?;
        DONE
    }

    fn cluster_pipeline(&mut self) -> Outcome {
        let mut pipe = cluster_pipe();
        for (key, value) in numbered("pipe:", 1000) {
            pipe.set(&key, value).ignore().get(&key);
        }
        let replies: Vec<usize> = pipe.query(self.cluster()?)?;
        expect("replies", replies, (0..1000).collect::<Vec<usize>>())?;
        DONE
    }

    fn cluster_scan(&mut self) -> Outcome {
        let pairs = numbered("cscan:", 5000);
        let cluster = self.cluster()?;
        let mut found = BTreeSet::new();

        let _: () = cluster.mset(&pairs)?;
        for port in std::env::var("NODES")?.split(' ') {
            scan_node(cluster, port.parse()?, &mut found)?;
        }
        expect("keys", found == names(&pairs), true)?;
        DONE
    }

    fn cluster_reconnect(&mut self) -> Outcome {
        let _: () = self.cluster()?.set("survivor", "v")?;
        let killed: i64 = redis::cmd("CLIENT")
            .arg(&["KILL", "TYPE", "normal"])
            .query(&mut self.db)?;
        expect("killed some", killed > 0, true)?;
        let value: String = self.cluster()?.get("survivor")?;
        expect("GET", value, "v")?;
        DONE
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().collect();
    let protocol = if words[3] == "3" {
        ProtocolVersion::RESP3
    } else {
        ProtocolVersion::RESP2
    };
    let mut checks = Checks::new(words[2].parse()?, protocol)?;

    for name in &words[4..] {
        match checks.make(name) {
            Ok(None) => println!("ok {name}"),
            Ok(Some(reason)) => println!("skip {name}: {reason}"),
            Err(error) => println!("not ok {name}: {}", error.to_string().replace('\n', " ")),
        }
    }
    Ok(())
}
