import { ScriptSandbox } from '../../lib/sandbox/index.js';
import { CALL_EVERYTHING } from './support/call-everything.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const PATIENT_MS = 120_000;

describe('a realm that several runs use', () => {
  const sandbox = new ScriptSandbox({ isolation: 'compartment', processes: { max: 1, memoryMb: 1_024 } });

  afterAll(() => sandbox.stop());

  test('has no function whose calls lead to a shared object that can be changed', async () => {
    const outcome = await sandbox.run({
      source: CALL_EVERYTHING,
      tenantId: 'hostile',
      scriptId: 'caller',
      version: 1,
      bindings: ['crm.find', 'crm.notes.add'],
      callBinding: () => Promise.resolve(1),
      limits: { timeoutMs: PATIENT_MS, memoryMb: 512 },
    });
    expect(outcome).toMatchObject({ status: 'completed', result: { open: [] } });
    // Proves that the search has called many functions.
    const { calls, functions } = (outcome.status === 'completed' && outcome.result) as Record<string, number>;
    expect(functions).toBeGreaterThan(500);
    expect(calls).toBeGreaterThan(50_000);
  });
});
