import { type Handlers, type Protocol, type Reply, type Request, SETUP_VARIABLE } from './program.protocol';

/** What the test gave this program at its start. */
export const setupOf = <Setup>(): Setup => JSON.parse(process.env[SETUP_VARIABLE] ?? '{}') as Setup;

/** Lets a test send commands to this process, which answers them once `start` has resolved. */
export async function serve<Commands extends Protocol<Commands>>(
  start: () => Promise<Handlers<Commands>>,
): Promise<void> {
  const tell = async (id: number, answer: () => Promise<unknown>): Promise<boolean> => {
    try {
      reply({ id, answer: await answer() });
      return true;
    } catch (error) {
      reply({ id, error: (error as Error).stack ?? String(error) });
      return false;
    }
  };

  const ready = await tell(0, async () => {
    const handlers = await start();
    process.on('message', ({ id, command, args }: Request) => {
      void tell(id, () => handlers[command as keyof Commands](args));
    });
    return null;
  });
  if (ready) return;
  process.exitCode = 1;
  process.disconnect();
}

/** The test may have ended, or have closed the channel while this process ends. */
function reply(message: Reply): void {
  if (process.connected) process.send!(message, () => undefined);
}
