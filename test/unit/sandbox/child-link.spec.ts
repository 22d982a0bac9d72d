import { ChildProcess } from 'node:child_process';
import { ChildLink } from '../../../lib/sandbox/process/child-link.js';

/** A link to a program that isn't there. */
const linkToNothing = (onClose: () => void): ChildLink =>
  new ChildLink(
    { command: '/nowhere', args: [], cwd: '/' },
    {
      onMessage: () => undefined,
      onUnsent: () => undefined,
      onPart: () => undefined,
      onNonsense: () => undefined,
      onClose,
    },
  );

describe('the link to a process that cannot start', () => {
  afterEach(() => jest.restoreAllMocks());

  it('sends no signal, because the process has no id and any other process could get it', async () => {
    const kill = jest.spyOn(ChildProcess.prototype, 'kill').mockReturnValue(true);
    await new Promise<void>((resolve) => {
      const link = linkToNothing(() => {
        link.kill();
        resolve();
      });
      link.kill();
    });
    expect(kill).not.toHaveBeenCalled();
  });

  it('says what the system said and what that means', async () => {
    const said = await new Promise<string>((resolve) => {
      const link = linkToNothing(() => resolve(link.stderr));
    });
    expect(said).toBe('spawn /nowhere ENOENT: no such file or directory');
  });
});
