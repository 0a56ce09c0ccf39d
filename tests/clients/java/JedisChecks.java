// SPDX-License-Identifier: GPL-2.0

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.ClusterPipeline;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ClientKillParams;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** The checks of ../checks with Jedis: a pooled client, and a cluster client. */
final class JedisChecks implements Harness.Checks {
    private final HostAndPort node;
    private final JedisClientConfig config;
    private final String protocol;
    private final RedisClient client;
    private RedisClusterClient cluster;

    private JedisChecks(int port, String protocol) {
        this.protocol = protocol;
        node = new HostAndPort("127.0.0.1", port);
        config = DefaultJedisClientConfig.builder()
            .protocol(protocol.equals("3") ? RedisProtocol.RESP3 : RedisProtocol.RESP2).build();
        client = RedisClient.builder().hostAndPort(node).clientConfig(config).build();
    }

    public static void main(String[] words) {
        Harness.main(words, new JedisChecks(Integer.parseInt(words[1]), words[2]));
    }

    @Override
    public String make(String name) {
        switch (name) {
        case "connect": return connect();
        case "pipeline": return pipeline();
        case "transaction": return transaction();
        case "conflict": return conflict();
        case "scan": return scan(client, "scan:");
        case "large": return large();
        case "hash": return hash();
        case "error": return error();
        case "reconnect": return reconnect();
        case "cluster-keys": return clusterKeys();
        case "cluster-multi": return clusterMulti();
        case "cluster-pipeline": return clusterPipeline();
        case "cluster-transaction": return clusterTransaction();
        case "cluster-scan": return scan(cluster, "cscan:");
        case "cluster-reconnect": return clusterReconnect();
        default: throw new AssertionError("no such check");
        }
    }

    private static String[] flat(Map<String, String> pairs) {
        List<String> words = new ArrayList<>();
        pairs.forEach((key, value) -> Collections.addAll(words, key, value));
        return words.toArray(new String[0]);
    }

    private Object ask(ProtocolCommand command, Object... words) {
        return client.executeCommand(new CommandArguments(command).addObjects(words));
    }

    private String connect() {
        String info = new String((byte[]) ask(Command.CLIENT, "INFO"),
            StandardCharsets.UTF_8);
        Harness.expect("PING", client.ping(), "PONG");
        Harness.expect("protocol", info.contains(" resp=" + protocol), true);
        return null;
    }

    private String pipeline() {
        List<Object> wanted = new ArrayList<>();
        try (Pipeline pipe = client.pipelined()) {
            for (long i = 1; i <= 1000; i++) {
                pipe.incr("counter");
                wanted.add(i);
            }
            Harness.expect("replies", pipe.syncAndReturnAll(), wanted);
        }
        return null;
    }

    private String transaction() {
        try (AbstractTransaction multi = client.multi()) {
            multi.set("t:string", "v");
            multi.incr("t:number");
            multi.hset("t:hash", Map.of("a", "1", "b", "2"));
            multi.get("t:string");
            Harness.expect("replies", multi.exec(), List.of("OK", 1L, 2L, "v"));
        }
        return null;
    }

    private String conflict() {
        try (AbstractTransaction multi = client.transaction(false)) {
            multi.watch("watched");
            client.set("watched", "theirs");
            multi.multi();
            multi.set("watched", "mine");
            Harness.expect("EXEC", multi.exec(), null);
        }
        Harness.expect("value", client.get("watched"), "theirs");
        return null;
    }

    private String scan(UnifiedJedis db, String prefix) {
        Map<String, String> pairs = Harness.numbered(prefix, 5000);
        Set<String> found = new HashSet<>();
        db.mset(flat(pairs));
        db.scanIteration(100, prefix + "*").collect(found);
        Harness.expect("keys", found, pairs.keySet());
        return null;
    }

    private String large() {
        byte[] key = {0, '\r', '\n', (byte) 0xff};
        client.set(key, Harness.large());
        Harness.expect("value", client.get(key), Harness.large());
        return null;
    }

    private String hash() {
        Map<String, String> wanted = Harness.numbered("field:", 1000), found = new TreeMap<>();
        Map<String, String> three = Map.of("a", "1", "b", "2", "c", "3");
        String cursor = "0";

        Harness.expect("HSET", client.hset("hash", three), 3L);
        Harness.expect("HGETALL", client.hgetAll("hash"), three);
        Harness.expect("HMGET", client.hmget("hash", "a", "none", "c"),
            Arrays.asList("1", null, "3"));
        Harness.expect("HINCRBY", client.hincrBy("hash", "a", 41), 42L);
        Harness.expect("HDEL", client.hdel("hash", "b", "c", "none"), 2L);
        Harness.expect("HGETALL", client.hgetAll("hash"), Map.of("a", "42"));
        client.hset("fields", wanted);
        do {
            ScanResult<Map.Entry<String, String>> page =
                client.hscan("fields", cursor, new ScanParams().count(50));
            page.getResult().forEach(entry -> found.put(entry.getKey(), entry.getValue()));
            cursor = page.getCursor();
        } while (!cursor.equals("0"));
        Harness.expect("HSCAN", found, wanted);
        return null;
    }

    private String error() {
        client.set("string", "v");
        Harness.fails(JedisDataException.class, "WRONGTYPE Operation",
            () -> client.hget("string", "f"));
        Harness.fails(JedisDataException.class, "value is not an integer",
            () -> client.incr("string"));
        Harness.fails(JedisDataException.class, "unknown command",
            () -> ask(() -> "NOSUCH".getBytes(StandardCharsets.UTF_8)));
        Harness.expect("GET", client.get("string"), "v");
        return null;
    }

    private long id() {
        return (Long) ask(Command.CLIENT, "ID");
    }

    /** The pool throws a connection away when it has failed, and the next one is new. */
    private String reconnect() {
        long before = id();
        try (Jedis other = new Jedis(node, config)) {
            Harness.expect("killed",
                other.clientKill(new ClientKillParams().id(String.valueOf(before))), 1L);
        }
        Harness.fails(JedisConnectionException.class, "", client::ping);
        Harness.expect("a new connection", id() > before, true);
        return null;
    }

    private String clusterKeys() {
        Map<String, String> pairs = Harness.numbered("key:", 1000);
        cluster = RedisClusterClient.builder().nodes(Set.of(node)).clientConfig(config).build();
        Harness.expect("nodes", cluster.getClusterNodes().keySet().stream()
            .map(name -> name.replace("127.0.0.1:", "")).collect(Collectors.toSet()),
            Harness.nodes());
        pairs.forEach(cluster::set);
        pairs.forEach((key, value) -> Harness.expect(key, cluster.get(key), value));
        return null;
    }

    private String clusterMulti() {
        Map<String, String> pairs = Harness.numbered("multi:", 100);
        String[] keys = pairs.keySet().toArray(new String[0]);
        Harness.expect("MSET", cluster.mset(flat(pairs)), "OK");
        Harness.expect("MGET", cluster.mget(keys), new ArrayList<>(pairs.values()));
        Harness.expect("DEL", cluster.del(keys), 100L);
        return null;
    }

    private String clusterPipeline() {
        Map<String, Response<String>> replies = new TreeMap<>();
        Map<String, String> found = new TreeMap<>(), wanted = Harness.numbered("pipe:", 1000);
        try (ClusterPipeline pipe = cluster.pipelined()) {
            wanted.forEach((key, value) -> {
                pipe.set(key, value);
                replies.put(key, pipe.get(key));
            });
            pipe.sync();
        }
        replies.forEach((key, reply) -> found.put(key, reply.get()));
        Harness.expect("replies", found, wanted);
        return null;
    }

    private String clusterTransaction() {
        try (AbstractTransaction multi = cluster.multi()) {
            multi.set("{ct}1", "v");
            multi.incr("{ct}2");
            Harness.expect("replies", multi.exec(), List.of("OK", 1L));
        } catch (UnsupportedOperationException error) {
            return "its cluster client has none";
        }
        return null;
    }

    private String clusterReconnect() {
        cluster.set("survivor", "v");
        try (Jedis other = new Jedis(node, config)) {
            long killed = other.clientKill(new ClientKillParams().type(ClientType.NORMAL)
                .skipMe(ClientKillParams.SkipMe.YES));
            Harness.expect("killed some", killed > 0, true);
        }
        Harness.expect("GET", cluster.get("survivor"), "v");
        return null;
    }
}
