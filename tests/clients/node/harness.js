// SPDX-License-Identifier: GPL-2.0
// What the programs of this folder share: they are called with
//
//	node PROGRAM single|cluster PORT PROTOCOL NAME...
'use strict';

const assert = require('node:assert');

const LARGE = Buffer.alloc(1 << 20, Buffer.from(Array.from({length: 256}, (_, i) => i)));

/** {PREFIX0: '0', PREFIX1: '1', ...} */
function numbered(prefix, count) {
	return Object.fromEntries(Array.from({length: count}, (_, i) => [prefix + i, String(i)]));
}

/** The promise fails with that class of error, whose message has the text. */
async function rejects(promise, type, text) {
	await assert.rejects(promise, (error) => {
		assert.ok(error instanceof type, `not a ${type.name}: ${error}`);
		assert.ok(error.message.includes(text), `not about ${text}: ${error.message}`);
		return true;
	});
}

/** The ports of the cluster's nodes, in their order. */
const NODES = (process.env.NODES || '').split(' ').map(Number);

/** Resolves when the client says that it is ready, once more. */
function ready(client) {
	return new Promise((resolve) => client.once('ready', resolve));
}

/**
 * Makes the checks that the command line names, one after the other. Each is an async
 * function; what it returns is why the library cannot do that.
 */
async function main(makeChecks) {
	const [mode, port, protocol, ...names] = process.argv.slice(2);
	const checks = await makeChecks(Number(port), Number(protocol), mode);

	for (const name of names) {
		try {
			const reason = await checks[name]();
			console.log(reason ? `skip ${name}: ${reason}` : `ok ${name}`);
		} catch (error) {
			console.log(`not ok ${name}: ${String(error).replace(/\s+/g, ' ').slice(0, 300)}`);
			console.error(error);
		}
	}
	process.exit(0);
}

module.exports = {LARGE, NODES, numbered, ready, rejects, main};
