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
  it('are left out of the request while every call is refused and no secret is used', () => {
    expect(callsBody(NO_CALLS, LISTED)).toEqual({});
    const bindings = { 'crm.find': { how: 'refuse' as const, cases: [newCase()] } };
    expect(callsBody({ bindings, useSecrets: false }, LISTED)).toEqual({});
  });

  it('are sent as stand-ins, each with an input and an answer or an error', () => {
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

  it('are called for real, and secrets are used, only if the script may use them', () => {
    const real = { how: 'real' as const, cases: [] };
    const calls = { bindings: { 'mail.send': real, 'crm.other': real }, useSecrets: true };
    expect(callsBody(calls, LISTED)).toEqual({ realBindings: ['mail.send'], useSecrets: true });
    expect(callsBody(calls, { bindings: [], secrets: [] })).toEqual({});
  });

  it('are refused, each with its fault, if an input or answer is not JSON or an error has no code', () => {
    const bindings = {
      'crm.find': standIns({ input: '{', answer: 'Ada' }, { fails: true, code: ' ', answer: 'never read' }),
      // What is typed but not chosen is not sent, so it stops nothing.
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
