import type { DemoContext, Tenant } from '../demo.context.js';
import type { EmittedEvent } from '../event-observer.js';
import { printStory } from '../print-story.js';
import { StoryTeller } from '../story.js';
import type { Memory, Step } from '../steps.js';
import type { Answer } from '../tenant-api.js';
import type { Terminal } from '../terminal.js';
import { waitUntil } from '../wait.js';

/** Sends the request of each step, and follows the events that it leads to before it sends the next one. */
export async function sendEvents(
  { app, terminal, memory }: DemoContext,
  tenant: Tenant,
  steps: readonly Step[],
): Promise<void> {
  const teller = new StoryTeller(tenant.api, app.events, tenant.scripts);
  for (const step of steps) {
    const before = app.events.emitted.length;
    const answer = await request(step, tenant, memory);
    const emitted = app.events.emitted.slice(before);
    refuseOthers(step, emitted);
    terminal.line();
    terminal.line([`${step.method} ${step.path}`, 'plain'], [` → ${answer.status}`, 'quiet']);
    for (const event of emitted) printStory(terminal, await teller.tell(event));
    if (emitted.length === 0) terminal.line(['  no event', 'quiet']);
    if (step.leaves) await showTrace(terminal, tenant, memory, step.leaves);
  }
}

/** Shows what the event of a script has changed in the application. */
async function showTrace(
  terminal: Terminal,
  { api }: Tenant,
  memory: Memory,
  { path, field, value }: NonNullable<Step['leaves']>,
): Promise<void> {
  await waitUntil(`${field} of ${path} is ${value}`, async () => {
    const body = await api.call<Record<string, unknown>>('GET', memory.fill(path));
    return body[field] === value || undefined;
  });
  terminal.line('  the host listens to script.event: ', [`GET ${path} → ${field}: ${value}`, 'good']);
}

async function request(
  step: Step,
  { api }: Tenant,
  memory: Memory,
): Promise<Answer<{ id?: string } | undefined>> {
  const answer = await api.send<{ id?: string } | undefined>(
    step.method,
    memory.fill(step.path),
    memory.fill(step.body),
  );
  if (answer.status >= 300)
    throw new Error(`${step.method} ${step.path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  if (step.saveAs && answer.body?.id) memory.remember(step.saveAs, answer.body.id);
  return answer;
}

function refuseOthers(step: Step, emitted: readonly EmittedEvent[]): void {
  const types = emitted.map(({ type }) => type);
  if (types.join() === step.emits.join()) return;
  throw new Error(`${step.method} ${step.path} emitted [${types.join()}] instead of [${step.emits.join()}].`);
}
