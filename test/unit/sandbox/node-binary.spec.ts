import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engines } from '../../../package.json';
import { nodeBinary } from '../../../lib/sandbox/process/node-binary.js';
import { SandboxStartError } from '../../../lib/sandbox/sandbox.errors.js';

const OLD = ['18.20.8', '20.0.0', '20.18.3'];
const SUPPORTED = [
  ['20.19.0', 20],
  ['20.20.2', 20],
  ['22.0.0', 22],
  ['24.11.1', 24],
  ['100.0.0', 100],
] as const;

describe('the binary of nodePath', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'node-binary-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A real Node.js that claims to be of this version. */
  const nodeOf = (version: string, bun?: string): string => {
    const path = join(folder, 'node');
    const versions = JSON.stringify({ node: version, ...(bun === undefined ? {} : { bun }) });
    writeFileSync(
      `${path}.cjs`,
      `Object.defineProperty(process, 'versions', { value: ${versions} }); process.noDeprecation = true;`,
    );
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' --require '${path}.cjs' "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  };

  // The versions in between are those of the application's own binary, below.
  it('may be Node.js 20.19.0', () => {
    const path = nodeOf('20.19.0');
    expect(nodeBinary(path)).toMatchObject({ path, major: 20 });
  });

  it('may not be Node.js 20.18.3', () => {
    const path = nodeOf('20.18.3');
    expect(() => nodeBinary(path)).toThrow(
      expect.objectContaining({
        name: SandboxStartError.name,
        message: `sandbox.nodePath = ${path} is not a binary of Node.js 20.19 or later: it is Node.js 20.18.3`,
      }),
    );
  });

  it('may not be Bun, which says that it is Node.js', () => {
    expect(() => nodeBinary(nodeOf('24.3.0', '1.3.0'))).toThrow('it is Bun');
  });
});

describe('the binary of the application', () => {
  const { versions } = process;
  const runOn = (version: string): void =>
    void Object.defineProperty(process, 'versions', {
      value: { ...versions, node: version },
      configurable: true,
    });
  afterEach(() => void Object.defineProperty(process, 'versions', { value: versions, configurable: true }));

  it.each(SUPPORTED)('may be Node.js %s', (version, major) => {
    runOn(version);
    expect(nodeBinary(undefined)).toMatchObject({ path: process.execPath, major });
  });

  it.each(OLD)('may not be Node.js %s', (version) => {
    runOn(version);
    expect(() => nodeBinary(undefined)).toThrow(SandboxStartError);
    expect(() => nodeBinary(undefined)).toThrow(
      `This application runs on Node.js ${version}, but scripts need Node.js 20.19 or later. Set sandbox.nodePath`,
    );
  });
});

it('The oldest version is that of engines in package.json', () => {
  expect(engines.node).toBe('>=20.19.0');
});
