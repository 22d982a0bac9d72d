const { setFlagsFromString } = require('node:v8');

/** The name of the flag in V8 11, which Node.js 20 has, and in later versions. */
const FLAG = process.versions.node.startsWith('20.')
  ? '--interrupt-budget=1000000'
  : '--invocation-count-for-turbofan=45000';

/**
 * V8 optimises a function that has run some thousand times; with this flag it waits fifteen times as long. Each test
 * file has functions of its own, most of which run no more often than that: compiling them again and again took a sixth
 * of the processor time of Node.js in test/e2e, on a thread beside the tests.
 */
setFlagsFromString(FLAG);
