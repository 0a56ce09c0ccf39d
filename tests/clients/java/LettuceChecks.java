// SPDX-License-Identifier: GPL-2.0

import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyValue;
import io.lettuce.core.KillArgs;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.api.sync.RedisKeyCommands;
import io.lettuce.core.api.sync.RedisStringCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.protocol.ProtocolVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The checks of ../checks with Lettuce. */
final class LettuceChecks implements Harness.Checks {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final int port;
    private final ProtocolVersion protocol;
    private final RedisURI node;
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;
    private final RedisCommands<String, String> db;
    private StatefulRedisClusterConnection<String, String> clusterConnection;
    private RedisAdvancedClusterCommands<String, String> cluster;

    private LettuceChecks(int port, String protocol) {
        this.port = port;
        this.protocol = protocol.equals("3") ? ProtocolVersion.RESP3 : ProtocolVersion.RESP2;
        node = RedisURI.builder().withHost("127.0.0.1").withPort(port).build();
        client = RedisClient.create(node);
        client.setOptions(ClientOptions.builder().protocolVersion(this.protocol).build());
        connection = client.connect();
        db = connection.sync();
    }

    public static void main(String[] words) {
        Harness.main(words, new LettuceChecks(Integer.parseInt(words[1]), words[2]));
    }

    @Override
    public String make(String name) throws Exception {
        switch (name) {
        case "connect": return connect();
        case "pipeline": return pipeline();
        case "transaction": return transaction();
        case "conflict": return conflict();
        case "scan": return scan(db, db, "scan:");
        case "large": return large();
        case "hash": return hash();
        case "error": return error();
        case "reconnect": return reconnect();
        case "cluster-keys": return clusterKeys();
        case "cluster-multi": return clusterMulti();
        case "cluster-pipeline": return clusterPipeline();
        case "cluster-transaction": return clusterTransaction();
        case "cluster-scan": return scan(cluster, cluster, "cscan:");
        case "cluster-reconnect": return clusterReconnect();
        default: throw new AssertionError("no such check");
        }
    }

    private String connect() {
        String wanted = protocol == ProtocolVersion.RESP3 ? " resp=3" : " resp=2";
        Harness.expect("PING", db.ping(), "PONG");
        Harness.expect("protocol", db.clientInfo().contains(wanted), true);
        return null;
    }

    /** What the futures return when all of them are done. */
    private static <T> List<T> await(List<RedisFuture<T>> futures) throws Exception {
        List<T> found = new ArrayList<>();
        Harness.expect("done",
            LettuceFutures.awaitAll(PATIENCE, futures.toArray(new RedisFuture<?>[0])), true);
        for (RedisFuture<T> future : futures)
            found.add(future.get());
        return found;
    }

    private String pipeline() throws Exception {
        List<RedisFuture<Long>> futures = new ArrayList<>();
        List<Long> wanted = new ArrayList<>();
        connection.setAutoFlushCommands(false);
        for (long i = 1; i <= 1000; i++) {
            futures.add(connection.async().incr("counter"));
            wanted.add(i);
        }
        connection.flushCommands();
        connection.setAutoFlushCommands(true);
        Harness.expect("replies", await(futures), wanted);
        return null;
    }

    private String transaction() {
        db.multi();
        db.set("t:string", "v");
        db.incr("t:number");
        db.hset("t:hash", Map.of("a", "1", "b", "2"));
        db.get("t:string");
        Harness.expect("replies", db.exec().stream().collect(Collectors.toList()),
            List.of("OK", 1L, 2L, "v"));
        return null;
    }

    private String conflict() {
        try (StatefulRedisConnection<String, String> other = client.connect()) {
            db.watch("watched");
            other.sync().set("watched", "theirs");
            db.multi();
            db.set("watched", "mine");
            TransactionResult result = db.exec();
            Harness.expect("discarded", result.wasDiscarded(), true);
        }
        Harness.expect("value", db.get("watched"), "theirs");
        return null;
    }

    private String scan(RedisStringCommands<String, String> strings,
            RedisKeyCommands<String, String> keys, String prefix) {
        Map<String, String> pairs = Harness.numbered(prefix, 5000);
        Set<String> found = new HashSet<>();
        strings.mset(pairs);
        ScanIterator.scan(keys, ScanArgs.Builder.limit(100).match(prefix + "*"))
            .forEachRemaining(found::add);
        Harness.expect("keys", found, pairs.keySet());
        return null;
    }

    private String large() {
        byte[] key = {0, '\r', '\n', (byte) 0xff};
        try (StatefulRedisConnection<byte[], byte[]> raw = client.connect(ByteArrayCodec.INSTANCE)) {
            raw.sync().set(key, Harness.large());
            Harness.expect("value", raw.sync().get(key), Harness.large());
        }
        return null;
    }

    private String hash() {
        Map<String, String> wanted = Harness.numbered("field:", 1000), found = new TreeMap<>();
        Map<String, String> three = Map.of("a", "1", "b", "2", "c", "3");

        Harness.expect("HSET", db.hset("hash", three), 3L);
        Harness.expect("HGETALL", db.hgetall("hash"), three);
        Harness.expect("HMGET", db.hmget("hash", "a", "none", "c"),
            List.of(KeyValue.just("a", "1"), KeyValue.empty("none"), KeyValue.just("c", "3")));
        Harness.expect("HINCRBY", db.hincrby("hash", "a", 41), 42L);
        Harness.expect("HDEL", db.hdel("hash", "b", "c", "none"), 2L);
        Harness.expect("HGETALL", db.hgetall("hash"), Map.of("a", "42"));
        db.hset("fields", wanted);
        ScanIterator.hscan(db, "fields", ScanArgs.Builder.limit(50))
            .forEachRemaining(field -> found.put(field.getKey(), field.getValue()));
        Harness.expect("HSCAN", found, wanted);
        return null;
    }

    private String error() {
        ProtocolKeyword unknown = new ProtocolKeyword() {
            @Override
            public byte[] getBytes() {
                return "NOSUCH".getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String toString() {
                return "NOSUCH";
            }
        };
        db.set("string", "v");
        Harness.fails(RedisCommandExecutionException.class, "WRONGTYPE Operation",
            () -> db.hget("string", "f"));
        Harness.fails(RedisCommandExecutionException.class, "value is not an integer",
            () -> db.incr("string"));
        Harness.fails(RedisCommandExecutionException.class, "unknown command",
            () -> db.dispatch(unknown, new StatusOutput<>(StringCodec.UTF8)));
        Harness.expect("GET", db.get("string"), "v");
        return null;
    }

    /**
     * The library repeats what it has not written yet when a connection ends; what it is
     * just writing fails. Its connection comes back in both cases.
     */
    private static <T> T insist(Supplier<T> command) {
        try {
            return command.get();
        } catch (RedisCommandExecutionException error) {
            throw error;
        } catch (RedisException error) {
            return command.get();
        }
    }

    private String reconnect() {
        long before = db.clientId();
        try (StatefulRedisConnection<String, String> other = client.connect()) {
            Harness.expect("killed", other.sync().clientKill(KillArgs.Builder.id(before)), 1L);
        }
        Harness.expect("a new connection", insist(db::clientId) > before, true);
        return null;
    }

    private String clusterKeys() {
        Map<String, String> pairs = Harness.numbered("key:", 1000);
        RedisClusterClient clusterClient = RedisClusterClient.create(node);
        clusterClient.setOptions(ClusterClientOptions.builder().protocolVersion(protocol).build());
        clusterConnection = clusterClient.connect();
        cluster = clusterConnection.sync();
        Harness.expect("nodes", clusterConnection.getPartitions().stream()
            .map(found -> String.valueOf(found.getUri().getPort())).collect(Collectors.toSet()),
            Harness.nodes());
        pairs.forEach(cluster::set);
        pairs.forEach((key, value) -> Harness.expect(key, cluster.get(key), value));
        return null;
    }

    private String clusterMulti() {
        Map<String, String> pairs = Harness.numbered("multi:", 100), found = new TreeMap<>();
        String[] keys = pairs.keySet().toArray(new String[0]);
        Harness.expect("MSET", cluster.mset(pairs), "OK");
        cluster.mget(keys).forEach(pair -> found.put(pair.getKey(), pair.getValue()));
        Harness.expect("MGET", found, pairs);
        Harness.expect("DEL", cluster.del(keys), 100L);
        return null;
    }

    private String clusterPipeline() throws Exception {
        List<RedisFuture<String>> futures = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        clusterConnection.setAutoFlushCommands(false);
        Harness.numbered("pipe:", 1000).forEach((key, value) -> {
            futures.add(clusterConnection.async().set(key, value));
            futures.add(clusterConnection.async().get(key));
            wanted.addAll(List.of("OK", value));
        });
        clusterConnection.flushCommands();
        clusterConnection.setAutoFlushCommands(true);
        Harness.expect("replies", await(futures), wanted);
        return null;
    }

    /** The library has transactions on the connection of a node. */
    private String clusterTransaction() {
        String owner = clusterConnection.getPartitions()
            .getPartitionBySlot(SlotHash.getSlot("{ct}1")).getNodeId();
        RedisCommands<String, String> one = clusterConnection.getConnection(owner).sync();
        one.multi();
        one.set("{ct}1", "v");
        one.incr("{ct}2");
        Harness.expect("replies", one.exec().stream().collect(Collectors.toList()),
            List.of("OK", 1L));
        return null;
    }

    private String clusterReconnect() {
        cluster.set("survivor", "v");
        Harness.expect("killed some",
            db.clientKill(KillArgs.Builder.typeNormal().skipme(true)) > 0, true);
        Harness.expect("GET", insist(() -> cluster.get("survivor")), "v");
        return null;
    }
}
