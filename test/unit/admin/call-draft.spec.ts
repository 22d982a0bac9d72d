import {
  callsBody,
  type CaseDraft,
  newCase,
  NO_CALLS,
  unreadableCalls,
} from '../../../lib/admin/page/screens/call-draft.js';

const LISTED = { bindings: ['crm.find', 'mail.send', 'http.fetch'], secrets: ['key'] };

const standIns = (...cases: Partial<CaseDraft>[]) => ({
  how: 'stand-in' as const,
  cases: cases.map((one) => ({ ...newCase(), ...one })),
});

describe('the bindings of a test run from the page', () => {
  it('are left out of the request until something is chosen, since some of it needs a permission', () => {
    expect(callsBody(NO_CALLS, LISTED)).toEqual({});
    const bindings = { 'crm.find': { how: 'refuse' as const, cases: [newCase()] } };
    expect(callsBody({ bindings, useSecrets: false }, LISTED)).toEqual({});
  });

  it('have stand-ins by their input, answers and errors', () => {
    const bindings = {
      'crm.find': standIns(
        { input: '{ "id": 7 }', answer: ' ["Ada"] ' },
        { input: 'false', fails: true, code: ' not-found ', message: 'no such client' },
        { fails: true, code: 'busy' },
        {},
      ),
    };
    expect(callsBody({ bindings, useSecrets: false }, LISTED)).toEqual({
      standIns: {
        'crm.find': [
          { input: { id: 7 }, answer: ['Ada'] },
          { input: false, error: { code: 'not-found', message: 'no such client' } },
          { error: { code: 'busy' } },
          { answer: null },
        ],
      },
    });
  });

  it('are called, and secrets used, only as far as the script may', () => {
    const real = { how: 'real' as const, cases: [] };
    const calls = { bindings: { 'mail.send': real, 'crm.other': real }, useSecrets: true };
    expect(callsBody(calls, LISTED)).toEqual({ realBindings: ['mail.send'], useSecrets: true });
    expect(callsBody(calls, { bindings: [], secrets: [] })).toEqual({});
  });

  it('are not sent while a text is not JSON or an error has no code', () => {
    const bindings = {
      'crm.find': standIns({ input: '{', answer: 'Ada' }, { fails: true, code: ' ', answer: 'never read' }),
      // What is typed and not chosen is not sent, and so stops nothing.
      'mail.send': { ...standIns({ answer: '{' }), how: 'refuse' as const },
    };
    const issues = unreadableCalls({ bindings, useSecrets: false }, LISTED.bindings);
    expect(issues.map(({ message }) => message)).toEqual([
      'crm.find, stand-in 1: the input is not JSON.',
      'crm.find, stand-in 1: the answer is not JSON.',
      'crm.find, stand-in 2: an error needs a code, such as not-found.',
    ]);
    expect(unreadableCalls({ bindings, useSecrets: false }, ['mail.send'])).toEqual([]);
  });
});
