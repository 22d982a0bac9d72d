import { EngineMissingError } from '../../../../lib/buffer/durable/engine/engine.errors.js';
import { installCommand, loadEngine } from '../../../../lib/buffer/durable/engine/engine.js';

describe('the engine', () => {
  it.each([
    ['20.19.0', 'npm install graphile-worker@~0.17.3'],
    ['22.17.1', 'npm install graphile-worker@~0.17.3'],
    ['22.18.0', 'npm install graphile-worker@^0.18.0'],
    ['24.1.0', 'npm install graphile-worker@^0.18.0'],
  ])('is installed on Node.js %s by %s', (version, command) => {
    expect(installCommand(version)).toBe(command);
  });

  it('is loaded with what is used of it', async () => {
    const engine = await loadEngine();
    expect(engine.runTaskList).toBeInstanceOf(Function);
    expect(engine.Logger).toBeInstanceOf(Function);
  });

  it('says how to install it when it is missing', async () => {
    jest.resetModules();
    jest.doMock('graphile-worker', () => {
      throw Object.assign(new Error("Cannot find package 'graphile-worker'"), {
        code: 'ERR_MODULE_NOT_FOUND',
      });
    });
    const failure = (await loadEngine().catch((error: unknown) => error)) as EngineMissingError;
    expect(failure.code).toBe('engine-missing');
    expect(failure.message).toContain(`run "${installCommand()}" or set buffer.driver to "memory"`);
    jest.dontMock('graphile-worker');
  });
});
