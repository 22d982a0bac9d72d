import { ChildProcess } from 'node:child_process';
import { ChildLink } from '../../../lib/sandbox/process/child-link.js';

describe('the link to a process that cannot start', () => {
  afterEach(() => jest.restoreAllMocks());

  it('sends no signal, which would go to whatever process has the id that stands in memory', async () => {
    const kill = jest.spyOn(ChildProcess.prototype, 'kill').mockReturnValue(true);
    await new Promise<void>((resolve) => {
      const link = new ChildLink(
        { command: '/nowhere', args: [], cwd: '/' },
        {
          onMessage: () => undefined,
          onUnsent: () => undefined,
          onPart: () => undefined,
          onNonsense: () => undefined,
          onClose: () => {
            link.kill();
            resolve();
          },
        },
      );
      link.kill();
    });
    expect(kill).not.toHaveBeenCalled();
  });

  it('says what the system said and what that means', async () => {
    const said = await new Promise<string>((resolve) => {
      const link = new ChildLink(
        { command: '/nowhere', args: [], cwd: '/' },
        {
          onMessage: () => undefined,
          onUnsent: () => undefined,
          onPart: () => undefined,
          onNonsense: () => undefined,
          onClose: () => resolve(link.stderr),
        },
      );
    });
    expect(said).toBe('spawn /nowhere ENOENT: no such file or directory');
  });
});
