import { ScriptSandbox } from '../../../lib/sandbox/index.js';

describe('a path of the child', () => {
  it.each([
    ['is not there', '/no/such/main.js', 'sandbox.childPath = /no/such/main.js does not exist.'],
    ['is another file', __filename, `sandbox.childPath = ${__filename} is not the program of the sandbox.`],
  ])('that %s is told at the start, with what to set', async (_what, childPath, message) => {
    const sandbox = new ScriptSandbox({ childPath });
    try {
      await expect(sandbox.start()).rejects.toThrow(
        `${message} Set it to dist/lib/sandbox/child/main.js of an installed nestjs-scripts-event.`,
      );
    } finally {
      await sandbox.stop();
    }
  });
});
