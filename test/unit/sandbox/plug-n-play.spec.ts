import { ScriptSandbox, SandboxStartError } from '../../../lib/sandbox/index.js';

// Where Yarn puts the package, unplugged and not.
let mockFolder = '';
jest.mock('../../support/child-entry', () => ({
  get CHILD_ENTRY() {
    return `${mockFolder}/node_modules/nestjs-scripts-event/dist/lib/sandbox/child/main.js`;
  },
}));

describe("an application installed by Yarn with Plug'n'Play", () => {
  it.each(['/app/.yarn/unplugged/nestjs-scripts-event-virtual-d5c6b263e4', '/app/.yarn/cache/a.zip'])(
    'is told of the setting that installs node_modules, in %s',
    async (folder) => {
      mockFolder = folder;
      const sandbox = new ScriptSandbox();
      await expect(sandbox.start()).rejects.toThrow(SandboxStartError);
      await expect(sandbox.start()).rejects.toThrow('Set nodeLinker: node-modules in .yarnrc.yml');
      await sandbox.stop();
    },
  );
});
