// SPDX-License-Identifier: GPL-2.0
// The checks of ../checks with node-redis.
'use strict';

const assert = require('node:assert');
const redis = require('redis');
const {LARGE, NODES, main, numbered, ready, rejects} = require('./harness.js');

const {ErrorReply, WatchError} = redis;

function commands(client, connect, protocol) {
	return {
		async connect() {
			assert.strictEqual(await client.ping(), 'PONG');
			assert.match(await client.sendCommand(['CLIENT', 'INFO']),
				new RegExp(` resp=${protocol}\\b`));
		},

		async pipeline() {
			const replies = Array.from({length: 1000}, () => client.incr('counter'));
			assert.deepStrictEqual(await Promise.all(replies),
				Array.from({length: 1000}, (_, i) => i + 1));
			assert.deepStrictEqual(await client.multi().incr('counter').get('counter')
				.execAsPipeline(), [1001, '1001']);
		},

		async transaction() {
			const replies = await client.multi().set('t:string', 'v').incr('t:number')
				.hSet('t:hash', {a: '1', b: '2'}).get('t:string').exec();
			assert.deepStrictEqual(replies, ['OK', 1, 2, 'v']);
		},

		async conflict() {
			const other = await connect();
			await client.watch('watched');
			await other.set('watched', 'theirs');
			await rejects(client.multi().set('watched', 'mine').exec(), WatchError, 'watched');
			assert.strictEqual(await client.get('watched'), 'theirs');
			await other.close();
		},

		async scan() {
			await client.mSet(numbered('scan:', 5000));
			const found = new Set();
			for await (const keys of client.scanIterator({MATCH: 'scan:*', COUNT: 100}))
				keys.forEach((key) => found.add(key));
			assert.deepStrictEqual(found, new Set(Object.keys(numbered('scan:', 5000))));
		},

		async large() {
			const raw = client.withTypeMapping({[redis.RESP_TYPES.BLOB_STRING]: Buffer});
			await client.set('large', LARGE);
			assert.ok(LARGE.equals(await raw.get('large')), 'another value came back');
		},

		async hash() {
			assert.strictEqual(await client.hSet('hash', {a: '1', b: '2', c: '3'}), 3);
			assert.deepStrictEqual({...await client.hGetAll('hash')}, {a: '1', b: '2', c: '3'});
			assert.deepStrictEqual(await client.hmGet('hash', ['a', 'none', 'c']),
				['1', null, '3']);
			assert.strictEqual(await client.hIncrBy('hash', 'a', 41), 42);
			assert.strictEqual(await client.hDel('hash', ['b', 'c', 'none']), 2);
			assert.deepStrictEqual({...await client.hGetAll('hash')}, {a: '42'});
			await client.hSet('fields', numbered('field:', 1000));
			const found = {};
			for await (const entries of client.hScanIterator('fields', {COUNT: 50}))
				entries.forEach(({field, value}) => { found[field] = value; });
			assert.deepStrictEqual(found, numbered('field:', 1000));
		},

		async error() {
			await client.set('string', 'v');
			await rejects(client.hGet('string', 'f'), ErrorReply, 'WRONGTYPE Operation');
			await rejects(client.incr('string'), ErrorReply, 'value is not an integer');
			await rejects(client.sendCommand(['nosuch']), ErrorReply, 'unknown command');
			assert.strictEqual(await client.get('string'), 'v');
		},

		async reconnect() {
			const other = await connect();
			const before = await client.clientId();
			const again = ready(client);
			assert.strictEqual(await other.clientKill({filter: 'ID', id: before}), 1);
			await again;
			assert.ok(await client.clientId() > before);
			await other.close();
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
			assert.deepStrictEqual(cluster.masters.map((node) => node.port).sort(), NODES);
		},

		async 'cluster-multi'() {
			const keys = numbered('multi:', 100);
			assert.strictEqual(await cluster.mSet(keys), 'OK');
			assert.deepStrictEqual(await cluster.mGet(Object.keys(keys)), Object.values(keys));
			assert.strictEqual(await cluster.del(Object.keys(keys)), 100);
		},

		async 'cluster-pipeline'() {
			const replies = [];
			const wanted = [];
			for (let i = 0; i < 1000; i++) {
				replies.push(cluster.set(`pipe:${i}`, String(i)), cluster.get(`pipe:${i}`));
				wanted.push('OK', String(i));
			}
			assert.deepStrictEqual(await Promise.all(replies), wanted);
		},

		async 'cluster-transaction'() {
			assert.deepStrictEqual(await cluster.multi().set('{ct}1', 'v').incr('{ct}2').exec(),
				['OK', 1]);
		},

		async 'cluster-scan'() {
			const wanted = numbered('cscan:', 5000);
			await cluster.mSet(wanted);
			const found = new Set();
			for (const master of cluster.masters) {
				const node = await cluster.nodeClient(master);
				for await (const keys of node.scanIterator({MATCH: 'cscan:*', COUNT: 100}))
					keys.forEach((key) => found.add(key));
			}
			assert.deepStrictEqual(found, new Set(Object.keys(wanted)));
		},

		// What is sent before the client knows that it was killed would be lost.
		async 'cluster-reconnect'() {
			await cluster.set('survivor', 'v');
			const nodes = await Promise.all(cluster.masters.map((node) => cluster.nodeClient(node)));
			const again = nodes.map(ready);
			await client.clientKill([{filter: 'TYPE', type: 'normal'},
				{filter: 'SKIPME', skipMe: true}]);
			await Promise.all(again);
			assert.strictEqual(await cluster.get('survivor'), 'v');
		},
	};
}

main(async (port, RESP, mode) => {
	const connect = async () => {
		const client = redis.createClient({url: `redis://127.0.0.1:${port}`, RESP});
		client.on('error', () => {});
		return client.connect();
	};
	const client = await connect();
	const checks = commands(client, connect, RESP);

	if (mode === 'cluster') {
		const cluster = redis.createCluster({
			rootNodes: [{url: `redis://127.0.0.1:${port}`}], RESP});
		cluster.on('error', () => {});
		await cluster.connect();
		Object.assign(checks, clusterCommands(cluster, client));
	}
	return checks;
});
