import type { ScriptEntity, ScriptSchedule } from 'nestjs-scripts-event';
import { readManifest, readSampleScript, type ManifestScript } from '../../automation/script-manifest.js';
import type { DemoContext, Tenant } from '../demo.context.js';
import { cut, type Cell, type Terminal } from '../terminal.js';

/** Chapter: two tenants create and activate their scripts over HTTP. */
export async function bringScripts({ terminal, acme, globex }: DemoContext): Promise<void> {
  terminal.chapter('Two tenants bring their scripts: POST /scripts');
  await create(acme, await readManifest());
  await create(globex, await neighbourScripts());
  for (const tenant of [acme, globex]) printScripts(terminal, tenant);
  const welcome = (await readSampleScript('user-welcome.js')).trim();
  terminal.line();
  terminal.line('  The sources are in sample-app/scripts. "User welcome" is one line:');
  terminal.line([`    ${welcome}`, 'good']);
}

/** The scripts of globex: others for some of the same event types. */
async function neighbourScripts(): Promise<ManifestScript[]> {
  return [
    { name: 'User welcome', eventTypes: ['user.created'], source: await readSampleScript('user-welcome.js') },
    {
      name: 'Payment over 100',
      eventTypes: ['payment.created'],
      filters: { amount: { gt: 100 } },
      source: "sdk.log.info('Payment of a small company', { amount: ctx.input.amount });",
    },
  ];
}

async function create(tenant: Tenant, scripts: readonly ManifestScript[]): Promise<void> {
  for (const script of scripts)
    tenant.scripts.push(await tenant.api.call<ScriptEntity>('POST', '/scripts', { ...script, active: true }));
}

function printScripts(terminal: Terminal, { api, scripts }: Tenant): void {
  terminal.line(['tenant ', 'quiet'], [api.tenantId, 'title']);
  const rows = scripts.map(({ name, eventTypes, schedules, filters }): Cell[] => [
    [name, 'name'],
    [...eventTypes, ...(schedules ?? []).map(inWords)].join(', '),
    filters === null ? '' : [cut(JSON.stringify(filters), 60), 'quiet'],
  ]);
  terminal.table([
    [
      ['script', 'quiet'],
      ['runs for', 'quiet'],
      ['filter', 'quiet'],
    ],
    ...rows,
  ]);
}

const inWords = ({ cron, timezone }: ScriptSchedule): string => `the times "${cron}" in ${timezone}`;
