import type { DemoContext } from '../demo.context.js';
import { isolationOf } from '../facts.js';
import type { Cell } from '../terminal.js';

/** Chapter: what a tenant gets if it asks for data of another one. */
export async function showIsolation(context: DemoContext): Promise<void> {
  const { terminal } = context;
  terminal.line();
  terminal.line('globex asks for what belongs to acme');
  const answers = Object.entries(await isolationOf(context));
  terminal.table(
    answers.map(([what, status]): Cell[] => [what, [`→ ${status}`, status === 404 ? 'good' : 'bad']]),
  );
}
