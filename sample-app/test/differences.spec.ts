import { countFacts, differences } from '../src/demo/differences.js';

const EXPECTED = {
  executions: { acme: { 'User welcome': { completed: 1, failed: 0 } } },
  alerts: 2,
};

describe('differences', () => {
  it('finds none between equal trees, whatever the order of their names', () => {
    const found = { alerts: 2, executions: { acme: { 'User welcome': { failed: 0, completed: 1 } } } };
    expect(differences(EXPECTED, found)).toEqual([]);
  });

  it('names the place of a fact that differs', () => {
    const found = { executions: { acme: { 'User welcome': { completed: 2, failed: 0 } } }, alerts: 2 };
    expect(differences(EXPECTED, found)).toEqual([
      'executions › acme › User welcome › completed: expected 1, found 2',
    ]);
  });

  it('names every fact of a missing branch', () => {
    expect(differences(EXPECTED, { alerts: 2 })).toEqual([
      'executions › acme › User welcome › completed: expected 1, found nothing',
      'executions › acme › User welcome › failed: expected 0, found nothing',
    ]);
  });

  it('names a fact that nobody expected', () => {
    expect(differences(EXPECTED, { ...EXPECTED, deadLetters: { acme: 'exhausted' } })).toEqual([
      'deadLetters › acme: expected nothing, found "exhausted"',
    ]);
  });

  it('names a fact that is found where a branch was expected', () => {
    expect(differences(EXPECTED, { executions: 'none', alerts: 2 })).toEqual([
      'executions: expected {"acme":{"User welcome":{"completed":1,"failed":0}}}, found "none"',
    ]);
  });

  it('distinguishes a number from text with the same digits', () => {
    expect(differences({ alerts: 2 }, { alerts: '2' })).toEqual(['alerts: expected 2, found "2"']);
  });
});

describe('countFacts', () => {
  it('counts the single facts of a tree', () => {
    expect(countFacts(EXPECTED)).toBe(3);
  });
});
