/** What the bindings of a draft do in a test run, and whether its secrets are used. */
export interface CallsDraft {
  /** By the name of the binding; one without an entry refuses its calls. */
  readonly bindings: Readonly<Record<string, BindingDraft>>;
  readonly useSecrets: boolean;
}

export interface BindingDraft {
  readonly how: 'refuse' | 'stand-in' | 'real';
  readonly cases: readonly CaseDraft[];
}

/** One stand-in, as typed. */
export interface CaseDraft {
  readonly id: number;
  /** Empty for every call. */
  readonly input: string;
  readonly fails: boolean;
  /** Empty for null. */
  readonly answer: string;
  readonly code: string;
  readonly message: string;
}

/** A problem of a typed text, in the form of the API's issues. */
interface CallProblem {
  path: string;
  code: string;
  message: string;
}

export const NO_CALLS: CallsDraft = { bindings: {}, useSecrets: false };
export const REFUSED: BindingDraft = { how: 'refuse', cases: [] };

let made = 0;

export const newCase = (): CaseDraft => ({
  id: (made += 1),
  input: '',
  fails: false,
  answer: '',
  code: '',
  message: '',
});

/** Parses a text; undefined if it is neither empty nor JSON. */
function jsonOf(text: string): { value?: unknown } | undefined {
  if (text.trim() === '') return {};
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

export const isJson = (text: string): boolean => jsonOf(text) !== undefined;

/** A stand-in for the API. */
function standInOf({ input, fails, answer, code, message }: CaseDraft): object {
  const { value: wanted } = jsonOf(input) ?? {};
  const when = wanted === undefined ? {} : { input: wanted };
  const said = message.trim();
  return fails
    ? { ...when, error: { code: code.trim(), ...(said === '' ? {} : { message: said }) } }
    : { ...when, answer: jsonOf(answer)?.value ?? null };
}

/** Fields for `POST test-runs`; omits unused ones, because some of them need a permission. */
export function callsBody(
  { bindings, useSecrets }: CallsDraft,
  listed: { readonly bindings: readonly string[]; readonly secrets: readonly string[] },
): object {
  const of = (how: BindingDraft['how']): string[] =>
    listed.bindings.filter((name) => bindings[name]?.how === how);
  const [standing, real] = [of('stand-in'), of('real')];
  const standIns = standing.map((name) => [name, (bindings[name] ?? REFUSED).cases.map(standInOf)] as const);
  return {
    ...(standing.length > 0 ? { standIns: Object.fromEntries(standIns) } : {}),
    ...(real.length > 0 ? { realBindings: real } : {}),
    ...(useSecrets && listed.secrets.length > 0 ? { useSecrets } : {}),
  };
}

/** Problems that prevent sending. */
export const unreadableCalls = ({ bindings }: CallsDraft, listed: readonly string[]): CallProblem[] =>
  listed.flatMap((name) => {
    const { how, cases } = bindings[name] ?? REFUSED;
    return how === 'stand-in'
      ? cases.flatMap((one, at) => problemOf(one, `${name}, stand-in ${at + 1}`))
      : [];
  });

function problemOf({ input, fails, answer, code }: CaseDraft, place: string): CallProblem[] {
  const problem = (message: string): CallProblem => ({
    path: place,
    code: 'unreadable',
    message: `${place}: ${message}`,
  });
  return [
    ...(isJson(input) ? [] : [problem('the input is not JSON.')]),
    ...(fails || isJson(answer) ? [] : [problem('the answer is not JSON.')]),
    ...(fails && code.trim() === '' ? [problem('an error needs a code, such as not-found.')] : []),
  ];
}
