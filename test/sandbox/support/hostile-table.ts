import type { FailureKind, Outcome } from '../../../lib/sandbox/index.js';
import { FULL } from '../../support/test-form.js';
import type { HostRun } from './host.protocol.js';
import { TABLE_LIMITS, WatchedSandbox } from './watched-sandbox.js';
import { limitTests } from '../../support/time-limits.js';

// Sandbox processes start and stop in hooks.
limitTests('busy');

type Verdict = 'completed' | FailureKind;

/** One attempt, with the verdict that it must get. */
export interface Attempt {
  name: string;
  source: string;
  /** Several if the verdict depends on the version of V8 or the isolation. Each time, it must be the same one. */
  verdict: Verdict | readonly Verdict[];
  run?: Partial<HostRun>;
  /** Whether this version of V8 has the feature that the attempt uses. Default: true. */
  exists?: boolean;
  /** If true, it computes for seconds until it is ended, and only the full form has it. Default: false. */
  slow?: boolean;
  /** Further assertions about the outcome. */
  proves?: (outcome: Outcome) => void;
}

/** The short form of a table has the first attempt of each verdict, and one in this many of the others. */
const SHORT_FORM_STEP = 12;

/** How often each table is repeated. */
const ROUNDS = Number(process.env['SANDBOX_TABLE_ROUNDS'] ?? 1);
/** Timeout of attempts that another limit ends. On a busy machine, a short timeout could end them first. */
const PATIENT_MS = 300_000;
/** Time for the other checks of a run: the script of another tenant, the idle processes, and the database. */
const AROUND_MS = 60_000;

/** Defines one test per attempt and round. {@link WatchedSandbox} checks what must hold for every attempt. */
export function describeAttempts(title: string, attempts: readonly Attempt[]): void {
  const existing = attempts.filter(({ exists = true }) => exists);
  const taken = FULL ? existing : shortForm(existing);
  describe(title, () => {
    const watched = new WatchedSandbox({ min: 1, max: 3 });
    const verdicts = new Map<string, string>();

    beforeAll(() => watched.start());
    afterAll(() => watched.stop());

    for (let round = 1; round <= ROUNDS; round++) {
      const suffix = ROUNDS > 1 ? ` (round ${round})` : '';
      test.each(taken.map((attempt) => [attempt.name, verdictsOf(attempt) + suffix, attempt] as const))(
        '%s, and gets the verdict %s',
        async (_name, _verdict, attempt) => {
          const outcome = await watched.run(runOf(attempt));
          expect(verdictOf(outcome)).toBeOneOfVerdicts(attempt.verdict);
          attempt.proves?.(outcome);
          const kind = kindOf(outcome);
          expect(kind).toBe(verdicts.get(attempt.name) ?? kind);
          verdicts.set(attempt.name, kind);
        },
        PATIENT_MS + AROUND_MS,
      );
    }

    test('leaves no process that uses the processor one second after the last attempt', async () => {
      expect(await watched.burningAfterASecond()).toEqual([]);
    });
  });
}

function shortForm(attempts: readonly Attempt[]): readonly Attempt[] {
  const seen = new Set<string>();
  return attempts.filter(({ verdict, slow }, position) => {
    if (slow) return false;
    const isFirst = !seen.has(String(verdict));
    seen.add(String(verdict));
    return isFirst || position % SHORT_FORM_STEP === 0;
  });
}

function runOf(attempt: Attempt): HostRun {
  const timeoutMs = [attempt.verdict].flat().includes('timeout') ? TABLE_LIMITS.timeoutMs : PATIENT_MS;
  return {
    source: attempt.source,
    tenantId: 'hostile',
    scriptId: attempt.name,
    version: 1,
    input: { items: [1, 2, 3], name: 'input' },
    ...attempt.run,
    limits: { timeoutMs, bindingTimeoutMs: PATIENT_MS, ...attempt.run?.limits },
  };
}

const verdictsOf = ({ verdict }: Attempt): string => [verdict].flat().join(' or ');

const kindOf = (outcome: Outcome): string =>
  outcome.status === 'completed' ? 'completed' : outcome.error.kind;

const verdictOf = (outcome: Outcome): string =>
  outcome.status === 'completed' ? 'completed' : `${outcome.error.kind}: ${outcome.error.message}`;

expect.extend({
  toBeOneOfVerdicts(received: string, wanted: string | readonly string[]) {
    const verdicts = typeof wanted === 'string' ? [wanted] : wanted;
    const pass = verdicts.includes(received.split(':', 1)[0]!);
    return { pass, message: () => `expected the verdict ${verdicts.join(' or ')}, got ${received}` };
  },
});

declare global {
  // eslint-disable-next-line typescript/no-namespace -- jest's matchers are declared in a namespace
  namespace jest {
    interface Matchers<R> {
      toBeOneOfVerdicts(wanted: string | readonly string[]): R;
    }
  }
}
