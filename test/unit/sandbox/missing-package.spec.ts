import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxStartError } from '../../../lib/sandbox/sandbox.errors.js';
import { childFlags } from '../../../lib/sandbox/process/child-flags.js';

// The package in a folder that has no isolated-vm above it.
const mockFolder = mkdtempSync(join(tmpdir(), 'scripts-event-alone-'));
jest.mock('../../support/child-entry', () => ({
  get CHILD_ENTRY() {
    return `${mockFolder}/main.js`;
  },
}));

describe('a host without isolated-vm', () => {
  beforeAll(() => writeFileSync(join(mockFolder, 'main.js'), ''));
  afterAll(() => rmSync(mockFolder, { recursive: true }));

  it('is told the command that installs it', () => {
    expect(() => childFlags(true)).toThrow(SandboxStartError);
    expect(() => childFlags(true)).toThrow('Run "npm install isolated-vm"');
  });
});
