import { RecordedLog } from './support/recorded-log.js';
import { ADA, TestHost } from './support/test-host.js';

const SECRET = 'correct-horse-battery-staple';

/** All rows of all tables as text. */
async function everything(host: TestHost): Promise<string> {
  const tables = ['scripts', 'script_versions', 'script_executions', 'dead_letter_queue'];
  const rows = await Promise.all(
    tables.map((table) => host.database.dataSource.query(`SELECT * FROM ${table}`)),
  );
  return JSON.stringify(rows);
}

describe('rows and log lines', () => {
  it('never contain a field that the event type does not declare', async () => {
    const logger = new RecordedLog();
    const host = await TestHost.start({ logger, options: { retry: { maxRetries: 0 } } });
    const script = await host.script(`sdk.log.info('all I got', ctx); throw new Error(JSON.stringify(ctx));`);
    host.emit('user.created', {
      ...ADA,
      tenantId: 'acme',
      secret: SECRET,
      password: SECRET,
      nested: { SECRET },
    });
    // This event is refused. The log names the field and not its value.
    host.emit('user.created', { ...ADA, tenantId: 'acme', firstName: [SECRET, 1n] });
    host.emit('user.created', { ...ADA, tenantId: { id: SECRET } });
    await host.deadLetter('exhausted', script);
    await host.close();
    expect(await everything(host)).not.toContain(SECRET);
    expect(logger.lines.join('\n')).not.toContain(SECRET);
    expect(logger.lines.join('\n')).toContain('firstName');
  });

  it("contain the line and the message of a script's error, and no path and no stack of the host", async () => {
    const logger = new RecordedLog();
    const host = await TestHost.start({ logger, options: { retry: { maxRetries: 0 } } });
    const script = await host.script(
      ['function deep(user) {', '  return user.address.city;', '}', '', 'return deep(ctx.input);'].join('\n'),
    );
    const slow = await host.script('for (;;);', { limits: { timeoutMs: 100 } });
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    await host.deadLetter('exhausted', script);
    await host.executed(1, script);
    await host.executed(1, slow);
    await host.close();

    const [row] = await host.executions(script);
    expect(row).toMatchObject({ errorKind: 'runtime', errorLine: 2 });
    expect(row?.errorMessage).toMatch(/reading 'city'/);
    const rows = await everything(host);
    for (const ours of [
      process.cwd(),
      '/lib/',
      '/dist/',
      'node_modules',
      'node:internal',
      'isolated-vm',
      'file://',
    ]) {
      expect(rows).not.toContain(ours);
    }
    expect(logger.of('error').join('\n')).not.toContain(process.cwd());
  });

  it('never contain the environment of the host', async () => {
    process.env.E2E_SECRET = SECRET;
    try {
      const host = await TestHost.start();
      const script = await host.script(
        `return [typeof process, typeof require, Object.keys(globalThis).join()];`,
      );
      host.emit('user.created', { ...ADA, tenantId: 'acme' });
      const [row] = await host.executed(1, script);
      expect(row).toMatchObject({ result: ['undefined', 'undefined', expect.any(String)] });
      expect(JSON.stringify(row)).not.toContain(SECRET);
    } finally {
      delete process.env.E2E_SECRET;
    }
  });
});
