import {
  EngineMissingError,
  EngineUnsupportedError,
} from '../../../../lib/buffer/durable/engine/engine.errors.js';
import {
  checkEngineVersion,
  installedEngineVersion,
  TESTED_ENGINES,
} from '../../../../lib/buffer/durable/engine/engine-version.js';
import { installCommand, loadEngine } from '../../../../lib/buffer/durable/engine/engine.js';

const fail = (line: string): never => {
  throw new Error(line);
};

describe('the engine', () => {
  it.each([
    ['20.19.0', 'npm install graphile-worker@~0.17.3'],
    ['22.17.1', 'npm install graphile-worker@~0.17.3'],
    ['22.18.0', 'npm install graphile-worker@^0.18.0'],
    ['24.1.0', 'npm install graphile-worker@^0.18.0'],
  ])('is installed on Node.js %s by %s', (version, command) => {
    expect(installCommand(version)).toBe(command);
  });

  it('is loaded with the exports that the buffer uses', async () => {
    const engine = await loadEngine(fail);
    expect(engine.runTaskList).toBeInstanceOf(Function);
    expect(engine.Logger).toBeInstanceOf(Function);
  });

  it('is reported as missing with the command that installs it', async () => {
    jest.resetModules();
    jest.doMock('graphile-worker', () => {
      throw Object.assign(new Error("Cannot find package 'graphile-worker'"), {
        code: 'ERR_MODULE_NOT_FOUND',
      });
    });
    const failure = (await loadEngine(fail).catch((error: unknown) => error)) as EngineMissingError;
    expect(failure.code).toBe('engine-missing');
    expect(failure.message).toContain(`run "${installCommand()}" or set buffer.driver to "memory"`);
    jest.dontMock('graphile-worker');
  });

  it('is installed in a version that the buffer is tested with', () => {
    expect(TESTED_ENGINES).toContain(installedEngineVersion());
  });

  it.each([...TESTED_ENGINES, undefined])('of version %s is accepted without a warning', (version) => {
    expect(() => checkEngineVersion(version, 'npm install x', fail)).not.toThrow();
  });

  it.each(['0.17.4', '0.18.1', '0.18.12', '0.18.1-rc.0'])(
    'of version %s is accepted with one warning',
    (version) => {
      const lines: string[] = [];
      checkEngineVersion(version, 'npm install x', (line) => void lines.push(line));
      expect(lines).toEqual([
        expect.stringMatching(`^graphile-worker ${version} is newer .* 0\\.17\\.3 and 0\\.18\\.0\\.`),
      ]);
    },
  );

  it.each(['0.16.9', '0.17.2', '0.19.0', '1.0.0', '1.18.0', 'next'])(
    'of version %s is refused with an error that names the tested versions',
    (version) => {
      const check = (): void => checkEngineVersion(version, 'npm install x', fail);
      expect(check).toThrow(EngineUnsupportedError);
      expect(check).toThrow(
        `buffer.driver "graphile-worker" is tested with 0.17.3 and 0.18.0, but graphile-worker ${version} is installed: run "npm install x".`,
      );
    },
  );
});
