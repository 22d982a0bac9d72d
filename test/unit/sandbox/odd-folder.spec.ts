import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childFlags } from '../../../lib/sandbox/process/child-flags.js';
import { SandboxStartError } from '../../../lib/sandbox/sandbox.errors.js';

// A package in a folder whose name is a wildcard to Node.js.
const mockFolder = join(mkdtempSync(join(tmpdir(), 'scripts-event-odd-')), 'a*b');
jest.mock('../../support/child-entry', () => ({
  get CHILD_ENTRY() {
    return `${mockFolder}/main.js`;
  },
}));

describe('a folder with "*" in its name', () => {
  beforeAll(() => {
    mkdirSync(mockFolder);
    writeFileSync(join(mockFolder, 'main.js'), '');
    symlinkSync(join(__dirname, '../../../node_modules'), join(mockFolder, 'node_modules'));
  });
  afterAll(() => rmSync(join(mockFolder, '..'), { recursive: true }));

  test('is named in an error that says what to do about it', () => {
    expect(() => childFlags(true)).toThrow(SandboxStartError);
    expect(() => childFlags(true)).toThrow(
      /can't start from \S*a\*b\S*: .*Install the application in a folder without "\*"/,
    );
    expect(() => childFlags(false)).not.toThrow();
  });
});
