import { EVENT_TYPES } from 'nestjs-scripts-event';
import { checkFacts } from '../src/demo/chapters/check-facts.js';
import { differences, type Facts } from '../src/demo/differences.js';
import { EXPECTED } from '../src/demo/expectations.js';
import { STEPS } from '../src/demo/steps.js';
import { Terminal } from '../src/demo/terminal.js';

/** The expected facts with one of them changed. */
function changed(path: readonly string[], value: Facts[string]): Facts {
  const [name = '', ...rest] = path;
  const change = (facts: Facts): Facts => ({
    ...facts,
    [name]: rest.length === 0 ? value : changedIn(facts[name] as Facts, rest, value),
  });
  return change(EXPECTED);
}

function changedIn(facts: Facts, [name = '', ...rest]: readonly string[], value: Facts[string]): Facts {
  return { ...facts, [name]: rest.length === 0 ? value : changedIn(facts[name] as Facts, rest, value) };
}

describe('the expectations of the demo', () => {
  it('cover every event type of the catalogue', () => {
    const emitted = Object.keys((EXPECTED['events emitted'] as Facts).acme as Facts);
    expect(emitted).toEqual(expect.arrayContaining(Object.values(EVENT_TYPES)));
  });

  it('expect the events of acme that its steps emit', () => {
    const counts: Record<string, number> = {};
    for (const type of STEPS.flatMap(({ emits }) => emits)) counts[type] = (counts[type] ?? 0) + 1;
    const { 'report.requested': _, ...emitted } = (EXPECTED['events emitted'] as Facts).acme as Facts;
    expect(emitted).toEqual(counts);
  });

  it.each<[string, string[], Facts[string], string]>([
    [
      'a lost execution',
      ['executions', 'acme', 'Monthly report', 'completed'],
      5,
      'executions › acme › Monthly report › completed: expected 6, found 5',
    ],
    [
      'a script of one tenant that ran in another',
      ['executions', 'globex', 'Large payment'],
      { completed: 1 },
      'executions › globex › Large payment › completed: expected nothing, found 1',
    ],
    [
      'a dead letter that is still pending',
      ['dead letters', 'acme', 'Payment receipt', 'status'],
      'pending',
      'dead letters › acme › Payment receipt › status: expected "resolved", found "pending"',
    ],
    [
      'a second alert',
      ['alerts', 'acme', 'Memory hog'],
      2,
      'alerts › acme › Memory hog: expected 1, found 2',
    ],
    [
      'a metric that counts wrongly',
      ['metrics', 'scripts_dlq_entries', 'resolved'],
      3,
      'metrics › scripts_dlq_entries › resolved: expected 4, found 3',
    ],
    [
      'a process left behind',
      ['after the stop', 'sandbox processes left'],
      1,
      'after the stop › sandbox processes left: expected 0, found 1',
    ],
  ])('make the demo report %s', (_, path, value, difference) => {
    expect(differences(EXPECTED, changed(path, value))).toEqual([difference]);
  });
});

describe('the check at the end of the demo', () => {
  function checked(found: Facts): { asExpected: boolean; text: string } {
    let text = '';
    const asExpected = checkFacts(new Terminal({ write: (part) => (text += part) }), found);
    return { asExpected, text };
  }

  it('succeeds when everything happened as expected', () => {
    const { asExpected, text } = checked(EXPECTED);
    expect(asExpected).toBe(true);
    expect(text).toMatch(/\d+ facts expected, 0 differ\./);
    expect(text).not.toContain('differs');
  });

  it('says what a fact is before it counts the facts', () => {
    const { text } = checked(EXPECTED);
    expect(text).toMatch(/A fact is one value read back after the run.*\d+ facts expected/s);
  });

  it('fails and prints each difference', () => {
    const { asExpected, text } = checked(changed(['executions', 'acme', 'User welcome', 'completed'], 2));
    expect(asExpected).toBe(false);
    expect(text).toMatch(/executions +\d+ facts +1 differ/);
    expect(text).toContain('differs  executions › acme › User welcome › completed: expected 1, found 2');
  });
});
