import { randomBytes } from 'node:crypto';
import type { ExecutionRecord, ScriptEntity } from 'nestjs-scripts-event';
import { readSampleScript } from '../../automation/script-manifest.js';
import type { DemoContext } from '../demo.context.js';
import type { Facts } from '../differences.js';
import { readAll, type OverHttp } from '../story.js';

const FAREWELL_POST = 'Farewell post';
const TOKEN = `xoxb-${randomBytes(12).toString('hex')}`;
const MARK = '[secret:chat_token]';

/** Creates a secret, a variable, and a script that uses both, before the events begin. */
export async function bringSecret({ app, acme }: DemoContext): Promise<void> {
  const { host } = app.chat;
  await acme.api.call('POST', '/secrets', { name: 'chat_token', value: TOKEN, hosts: [host] });
  await acme.api.call('PUT', '/variables/chat_url', { value: `http://${host}` });
  acme.scripts.push(
    await acme.api.call<ScriptEntity>('POST', '/scripts', {
      name: FAREWELL_POST,
      eventTypes: ['client.deleted'],
      bindings: ['http.fetch'],
      secrets: ['chat_token'],
      source: await readSampleScript('farewell-post.js'),
      active: true,
    }),
  );
}

/** Chapter: the receiver got the secret and sent it back, and nobody in the application sees it. */
export async function showSecret(context: DemoContext): Promise<void> {
  const { terminal, app } = context;
  terminal.chapter('A secret that a script uses and never reads');
  terminal.line(
    `  "${FAREWELL_POST}" sends a message with the header authorization: Bearer \${secrets.chat_token}`,
  );
  terminal.line(
    '  the chat server got    ',
    [`Bearer ${TOKEN.slice(0, 8)}…`, 'good'],
    ` (${app.chat.seen.length} request)`,
  );
  const [record] = await recordsOf(context);
  terminal.line('  it sent that back, and the script got    ', [JSON.stringify(record?.result), 'good']);
}

/** Where the secret was found after the run. */
export async function secretFacts(context: DemoContext): Promise<Facts> {
  const records = JSON.stringify(await recordsOf(context));
  return {
    'requests with the value': context.app.chat.seen.filter((header) => header === `Bearer ${TOKEN}`).length,
    'the record has the value': records.includes(TOKEN),
    'the record has the mark': records.includes(MARK),
  };
}

async function recordsOf({ acme }: DemoContext): Promise<OverHttp<ExecutionRecord>[]> {
  const script = acme.scripts.find(({ name }) => name === FAREWELL_POST);
  const all = await readAll<OverHttp<ExecutionRecord>>(acme.api, '/executions');
  const own = all.filter(({ scriptId }) => scriptId === script?.id);
  return Promise.all(
    own.map(({ id }) => acme.api.call<OverHttp<ExecutionRecord>>('GET', `/executions/${id}`)),
  );
}
