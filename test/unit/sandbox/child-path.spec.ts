import { ScriptSandbox } from '../../../lib/sandbox/index.js';

describe('the option sandbox.childPath', () => {
  it.each([
    ['does not exist', '/no/such/main.js', 'sandbox.childPath = /no/such/main.js does not exist.'],
    [
      'is not the program of the sandbox',
      __filename,
      `sandbox.childPath = ${__filename} is not the program of the sandbox.`,
    ],
  ])('fails the start if its file %s, and the error says what to set', async (_what, childPath, message) => {
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
