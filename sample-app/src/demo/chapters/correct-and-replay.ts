import type { DeadLetterEntry, Page, ScriptEntity, TestRunResult } from 'nestjs-scripts-event';
import { readSampleScript } from '../../automation/script-manifest.js';
import type { DemoContext } from '../demo.context.js';
import type { DeadLetter, OverHttp } from '../story.js';
import { cut, duration, type Cell } from '../terminal.js';
import { waitUntil } from '../wait.js';

/** Chapter: a person corrects the script that always failed, tries it, saves it, and replays its dead letter. */
export async function correctAndReplay({ terminal, acme }: DemoContext): Promise<void> {
  terminal.chapter('Somebody corrects a script and replays its dead letter');
  const { api, scripts } = acme;
  const script = scripts.find(({ name }) => name === 'Legacy export') as ScriptEntity;
  const source = await readSampleScript('legacy-export-fixed.js');
  const exhausted = `/dead-letters?scriptId=${script.id}&status=exhausted`;
  const [deadLetter] = (await api.call<Page<DeadLetter>>('GET', exhausted)).items;
  if (!deadLetter) throw new Error(`GET ${exhausted} lists no dead letter.`);

  const draft = { source, event: { deadLetterId: deadLetter.id } };
  const tried = await api.call<TestRunResult>('POST', `/scripts/${script.id}/test`, draft);
  terminal.line('  POST /scripts/…/test with the corrected text and the event that failed → ', [
    tried.status,
    tried.status === 'completed' ? 'good' : 'bad',
  ]);
  terminal.line(['    nothing is saved, and nothing comes of it', 'quiet']);

  const { version } = await api.call<ScriptEntity>('PUT', `/scripts/${script.id}/source`, { source });
  terminal.line('  PUT /scripts/…/source → ', [script.name, 'name'], ` is at version ${version}`);
  await api.call('POST', `/dead-letters/${deadLetter.id}/replay`);
  const resolved = await waitUntil('the replay has completed', async () => {
    const path = `/dead-letters/${deadLetter.id}`;
    const now = await api.call<OverHttp<DeadLetterEntry>>('GET', path);
    return now.status === 'resolved' ? now : undefined;
  });
  terminal.line(
    '  POST /dead-letters/…/replay → ',
    [resolved.status, 'good'],
    ', with the history of its attempts:',
  );
  terminal.table(
    resolved.attempts.map(({ trigger, kind, durationMs, message, by }): Cell[] => [
      trigger,
      kind,
      durationMs > 0 ? duration(durationMs) : '',
      by ? `by ${by}` : '',
      [cut(message, 60), 'quiet'],
    ]),
    4,
  );
}
