import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import {
  BindingRegistry,
  ScriptBinding,
  ScriptsEventHealth,
  type ScriptsEventModuleOptions,
} from '../../lib/index.js';
import { onBothBuffers } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { durableHost } from './support/durable-host.js';
import { ADA, TestHost } from './support/test-host.js';

/** A service that answers no call until a test lets it. */
@Injectable()
class Crm {
  private readonly waiting: ((answer: string) => void)[] = [];

  @ScriptBinding('crm.find', { timeoutMs: 60_000 })
  find(): Promise<string> {
    return new Promise((answer) => this.waiting.push(answer));
  }

  answerAll(): void {
    for (const answer of this.waiting.splice(0)) answer('found');
  }
}

const PROCESSES = { maxProcesses: 2 };

type Host = [string, (options?: ScriptsEventModuleOptions) => Promise<TestHost>];

/** Hosts with four workers, a process for each run that waits, and a `Crm` for the scripts. */
const HOSTS: [Host, Host] = [
  [
    'the memory buffer',
    (options) => TestHost.start({ providers: [Crm], options: { ...options, sandbox: PROCESSES } }),
  ],
  ['the durable buffer', (options) => durableHost({ ...options, sandbox: PROCESSES }, undefined, [Crm])],
];

describe.each(onBothBuffers(HOSTS))('a binding that hangs, with %s', (_what, start) => {
  it('makes the health report the workers as degraded, and names the binding, while half of them wait for it', async () => {
    const registry = new Registry();
    const host = await start({ metrics: { registry } });
    const health = host.get(ScriptsEventHealth);
    await host.script('return await crm.find();', { bindings: ['crm.find'] });
    for (let userId = 1; userId <= 2; userId++)
      host.emit('user.created', { ...ADA, tenantId: 'acme', userId });

    const report = await waitFor('the health tells', () => {
      const seen = health.snapshot();
      return seen.components.workers.status === 'degraded' ? seen.components.workers : undefined;
    });
    expect(report.reason).toMatch(
      /^2 of 4 workers are busy; 2 runs have waited for more than 1\u00a0s, the longest for \d(\.\d)?\u00a0s, for the bindings crm\.find \(2\)$/,
    );
    expect(report.figures).toMatchObject({ awaitingBindings: 2 });
    expect(health.snapshot().status).toBe('degraded');
    expect(await registry.metrics()).toMatch(/^scripts_runs_awaiting_bindings 2$/m);

    host.get(Crm).answerAll();
    await host.executed(2);
    await host.idle();
    expect(health.snapshot().components.workers).toMatchObject({ status: 'up' });
    expect(host.get(BindingRegistry).waits()).toMatchObject({ runs: 0 });
    expect(await registry.metrics()).toMatch(/^scripts_runs_awaiting_bindings 0$/m);
  });

  it('leaves the workers up while fewer than half of them wait for it', async () => {
    const host = await start();
    await host.script('return await crm.find();', { bindings: ['crm.find'] });
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    await waitFor('the call takes long', () => host.get(BindingRegistry).waits().longRuns === 1);
    expect(host.get(ScriptsEventHealth).snapshot().components.workers).toMatchObject({ status: 'up' });
    host.get(Crm).answerAll();
    await host.executed(1);
  });
});
