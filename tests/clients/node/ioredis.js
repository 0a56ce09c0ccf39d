// SPDX-License-Identifier: GPL-2.0
// The checks of ../checks with ioredis.
'use strict';

const assert = require('node:assert');
const calculateSlot = require('cluster-key-slot');
const {Cluster, Redis, ReplyError} = require('ioredis');
const {LARGE, NODES, main, numbered, ready, rejects} = require('./harness.js');

function commands(client, connect, protocol) {
	return {
		async connect() {
			assert.strictEqual(await client.ping(), 'PONG');
			assert.match(await client.client('INFO'), new RegExp(` resp=${protocol}\\b`));
		},

		async pipeline() {
			const pipe = client.pipeline();
			for (let i = 0; i < 1000; i++)
				pipe.incr('counter');
			assert.deepStrictEqual(await pipe.exec(),
				Array.from({length: 1000}, (_, i) => [null, i + 1]));
		},

		async transaction() {
			const replies = await client.multi().set('t:string', 'v').incr('t:number')
				.hset('t:hash', {a: 1, b: 2}).get('t:string').exec();
			assert.deepStrictEqual(replies, [[null, 'OK'], [null, 1], [null, 2], [null, 'v']]);
		},

		async conflict() {
			const other = connect();
			await client.watch('watched');
			await other.set('watched', 'theirs');
			assert.strictEqual(await client.multi().set('watched', 'mine').exec(), null);
			assert.strictEqual(await client.get('watched'), 'theirs');
			other.disconnect();
		},

		async scan() {
			await client.mset(numbered('scan:', 5000));
			const found = new Set();
			for await (const keys of client.scanStream({match: 'scan:*', count: 100}))
				keys.forEach((key) => found.add(key));
			assert.deepStrictEqual(found, new Set(Object.keys(numbered('scan:', 5000))));
		},

		async large() {
			await client.set('large', LARGE);
			assert.ok(LARGE.equals(await client.getBuffer('large')), 'another value came back');
		},

		async hash() {
			assert.strictEqual(await client.hset('hash', {a: 1, b: 2, c: 3}), 3);
			assert.deepStrictEqual({...await client.hgetall('hash')}, {a: '1', b: '2', c: '3'});
			assert.deepStrictEqual(await client.hmget('hash', 'a', 'none', 'c'), ['1', null, '3']);
			assert.strictEqual(await client.hincrby('hash', 'a', 41), 42);
			assert.strictEqual(await client.hdel('hash', 'b', 'c', 'none'), 2);
			assert.deepStrictEqual({...await client.hgetall('hash')}, {a: '42'});
			await client.hset('fields', numbered('field:', 1000));
			const found = {};
			for await (const fields of client.hscanStream('fields', {count: 50})) {
				for (let i = 0; i < fields.length; i += 2)
					found[fields[i]] = fields[i + 1];
			}
			assert.deepStrictEqual(found, numbered('field:', 1000));
		},

		async error() {
			await client.set('string', 'v');
			await rejects(client.hget('string', 'f'), ReplyError, 'WRONGTYPE Operation');
			await rejects(client.incr('string'), ReplyError, 'value is not an integer');
			await rejects(client.call('nosuch'), ReplyError, 'unknown command');
			assert.strictEqual(await client.get('string'), 'v');
		},

		async reconnect() {
			const other = connect();
			const before = await client.client('ID');
			const again = ready(client);
			assert.strictEqual(await other.client('KILL', 'ID', before), 1);
			await again;
			assert.ok(await client.client('ID') > before);
			other.disconnect();
		},
	};
}

function clusterCommands(cluster, client) {
	return {
		async 'cluster-keys'() {
			const keys = numbered('key:', 1000);
			for (const key in keys)
				await cluster.set(key, keys[key]);
			for (const key in keys)
				assert.strictEqual(await cluster.get(key), keys[key]);
			const ports = cluster.nodes('master').map((node) => node.options.port);
			assert.deepStrictEqual(ports.sort(), NODES);
		},

		async 'cluster-multi'() {
			const keys = numbered('multi:', 100);
			assert.strictEqual(await cluster.mset(keys), 'OK');
			assert.deepStrictEqual(await cluster.mget(Object.keys(keys)), Object.values(keys));
			assert.strictEqual(await cluster.del(Object.keys(keys)), 100);
		},

		async 'cluster-pipeline'() {
			// A pipeline goes to one node.
			const parts = {};
			for (let i = 0; i < 1000; i++) {
				const [node] = cluster.slots[calculateSlot(`pipe:${i}`)];
				parts[node] ||= {pipe: cluster.pipeline(), wanted: []};
				parts[node].pipe.set(`pipe:${i}`, i).get(`pipe:${i}`);
				parts[node].wanted.push([null, 'OK'], [null, String(i)]);
			}
			for (const {pipe, wanted} of Object.values(parts))
				assert.deepStrictEqual(await pipe.exec(), wanted);
		},

		async 'cluster-transaction'() {
			const replies = await cluster.multi().set('{ct}1', 'v').incr('{ct}2').exec();
			assert.deepStrictEqual(replies, [[null, 'OK'], [null, 1]]);
		},

		async 'cluster-scan'() {
			const wanted = numbered('cscan:', 5000);
			await cluster.mset(wanted);
			const found = new Set();
			for (const node of cluster.nodes('master')) {
				for await (const keys of node.scanStream({match: 'cscan:*', count: 100}))
					keys.forEach((key) => found.add(key));
			}
			assert.deepStrictEqual(found, new Set(Object.keys(wanted)));
		},

		async 'cluster-reconnect'() {
			await cluster.set('survivor', 'v');
			assert.ok(await client.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes') > 0);
			assert.strictEqual(await cluster.get('survivor'), 'v');
		},
	};
}

main(async (port, protocol, mode) => {
	const connect = () => new Redis({port, protocol});
	const client = connect();
	const checks = commands(client, connect, protocol);

	if (mode === 'cluster') {
		const cluster = new Cluster([{host: '127.0.0.1', port}], {redisOptions: {protocol}});
		Object.assign(checks, clusterCommands(cluster, client));
	}
	return checks;
});
