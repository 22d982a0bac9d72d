import { ScriptsEventOptionsError } from '../../../lib/options/options.errors.js';
import { OPTION_VARIABLES } from '../../../lib/options/options.env.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

function problemsOf(env: Record<string, string>): ScriptsEventOptionsError {
  try {
    resolveOptions({}, env);
  } catch (error) {
    if (error instanceof ScriptsEventOptionsError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('the environment of the process', () => {
  it('sets the options of the specification, with numbers and durations as text', () => {
    const options = resolveOptions(
      {},
      {
        EVENT_BUFFER_SIZE: '2000',
        EVENT_WORKER_COUNT: ' 4 ',
        EVENT_RETRY_MAX_RETRIES: '5',
        EVENT_RETRY_INITIAL_DELAY: '30s',
        EVENT_RETRY_MAX_DELAY: '2h',
        EVENT_RETRY_BACKOFF_FACTOR: '1.5',
      },
    );
    expect(options.buffer).toMatchObject({ size: 2000, workerCount: 4 });
    expect(options.retry).toMatchObject({
      maxRetries: 5,
      initialDelayMs: 30_000,
      maxDelayMs: 7_200_000,
      backoffFactor: 1.5,
    });
  });

  it('sets a duration without a unit in milliseconds', () => {
    expect(resolveOptions({}, { EVENT_SANDBOX_TIMEOUT: '2500' }).sandbox.timeoutMs).toBe(2500);
  });

  it.each([
    ['true', true],
    ['1', true],
    ['ON', true],
    ['no', false],
    ['0', false],
  ])('sets an option that is true or false by %s', (text, expected) => {
    expect(resolveOptions({}, { EVENT_INDEX_LISTEN: text }).index.listen).toBe(expected);
  });

  it.each([
    ['never', Infinity],
    ['180d', 15_552_000_000],
  ])('sets an age by %s', (text, expected) => {
    const { retention } = resolveOptions({}, { EVENT_RETENTION_FAILED_EXECUTIONS: text });
    expect(retention.failedExecutionsMs).toBe(expected);
  });

  it('sets headers by JSON', () => {
    const { alerts } = resolveOptions(
      {},
      { EVENT_ALERT_WEBHOOK_URL: 'https://ops.example.com/x', EVENT_ALERT_WEBHOOK_HEADERS: '{"x-key":"1"}' },
    );
    expect(alerts.webhookHeaders).toEqual({ 'x-key': '1' });
  });

  it('sets a list by text with commas', () => {
    const { http } = resolveOptions({}, { EVENT_HTTP_ALLOWED_HOSTS: 'api.example.com, *.shop.example:8443' });
    expect(http.allowedHosts).toEqual(['api.example.com', '*.shop.example:8443']);
  });

  it('gives way to options in code', () => {
    expect(resolveOptions({ buffer: { size: 7 } }, { EVENT_BUFFER_SIZE: '2000' }).buffer.size).toBe(7);
  });

  it('sets an option that code leaves undefined', () => {
    expect(resolveOptions({ buffer: { size: undefined } }, { EVENT_BUFFER_SIZE: '2000' }).buffer.size).toBe(
      2000,
    );
  });

  it('may have an invalid variable if code sets the option', () => {
    expect(resolveOptions({ buffer: { size: 7 } }, { EVENT_BUFFER_SIZE: 'many' }).buffer.size).toBe(7);
  });

  it('counts an empty variable as not set', () => {
    expect(resolveOptions({}, { EVENT_BUFFER_SIZE: '', EVENT_WORKER_COUNT: '  ' }).buffer.size).toBe(1000);
  });

  it.each([
    ['EVENT_BUFFER_SIZE', 'many', 'buffer.size'],
    ['EVENT_BUFFER_SIZE', '10.5', 'buffer.size'],
    ['EVENT_BUFFER_SIZE', '0x10', 'buffer.size'],
    ['EVENT_WORKER_COUNT', '0', 'buffer.workerCount'],
    ['EVENT_RETRY_INITIAL_DELAY', '1 minute', 'retry.initialDelay'],
    ['EVENT_RETRY_INITIAL_DELAY', '-5s', 'retry.initialDelay'],
    ['EVENT_RETRY_BACKOFF_FACTOR', 'NaN', 'retry.backoffFactor'],
    ['EVENT_INDEX_LISTEN', 'maybe', 'index.listen'],
    ['EVENT_ALERT_WEBHOOK_HEADERS', 'authorization: x', 'alerts.webhookHeaders'],
    ['EVENT_RETENTION_FAILED_EXECUTIONS', 'forever', 'retention.failedExecutions'],
    ['EVENT_HTTP_ALLOWED_HOSTS', 'a.example,,b.example', 'http.allowedHosts'],
    ['EVENT_ON_CYCLE', 'ignore', 'events.onCycle'],
  ])('is refused with %s=%s by an error that names the option and the variable', (variable, text, option) => {
    const { issues, message } = problemsOf({ [variable]: text });
    expect(issues).toEqual([expect.objectContaining({ option, variable })]);
    expect(message).toContain(`${option} (${variable})`);
  });

  it.each([
    ['EVENT_WORKERS_COUNT', 'EVENT_WORKER_COUNT'],
    ['EVENT_BUFER_SIZE', 'EVENT_BUFFER_SIZE'],
  ])('raises a warning about %s, which has no effect', (variable, near) => {
    expect(resolveOptions({}, { [variable]: '7' }).warnings).toEqual([
      `Unknown environment variable ${variable}. Did you mean ${near}?`,
    ]);
  });

  it('raises no warning about variables of the host', () => {
    const { warnings } = resolveOptions({}, { EVENT_BUS_URL: 'x', EVENT_STORE: 'y', BUFFER_SIZE: '7' });
    expect(warnings).toEqual([]);
  });

  it('has a variable of its own for every option', () => {
    const variables = Object.values(OPTION_VARIABLES).filter((variable) => variable !== null);
    expect(new Set(variables).size).toBe(variables.length);
    expect(variables.every((variable) => /^EVENT_[A-Z_]+$/.test(variable))).toBe(true);
  });
});
