const { setFlagsFromString } = require('node:v8');

/** As V8 11 names it in Node.js 20, and as later versions do. */
const FLAG = process.versions.node.startsWith('20.')
  ? '--interrupt-budget=1000000'
  : '--invocation-count-for-turbofan=45000';

/**
 * V8 optimises what has run some thousand times; from here on it waits fifteen times as long. Each test file has functions
 * of its own, most of which run no more than that: compiling them again and again took a sixth of the processor time of
 * Node.js in test/e2e, on a thread beside the tests.
 */
setFlagsFromString(FLAG);
