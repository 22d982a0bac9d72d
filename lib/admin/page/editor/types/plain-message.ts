const NO_IMPORT =
  'A script can’t import. It has ctx, sdk, events and the functions of the application in scope.';

/** Faults that the compiler explains with its own options, which authors do not have. */
const MESSAGES: Readonly<Record<number, string>> = {
  1232: NO_IMPORT,
  1473: NO_IMPORT,
  2307: NO_IMPORT,
  1294: 'Only types that can be removed are allowed: no enum, no namespace and no parameter property. Write an object or a class.',
};

/** What the compiler adds when it guesses at a missing option or package: "Do you need to change your target library? …" */
const ADVICE = / Do you need to (?:change your target library|install type definitions).*$/s;

/** A message of the compiler without what only its options would change. */
export const plainMessage = (code: number, message: string): string =>
  MESSAGES[code] ?? message.replace(ADVICE, '');
