const NO_IMPORT =
  'A script can’t import. It has ctx, sdk, events and the functions of the application in scope.';

/** Messages in place of those that explain a fault with compiler options, which authors can't set. */
const MESSAGES: Readonly<Record<number, string>> = {
  1232: NO_IMPORT,
  1473: NO_IMPORT,
  2307: NO_IMPORT,
  1294: 'Only types that can be removed are allowed: no enum, no namespace and no parameter property. Write an object or a class.',
};

/** The compiler's advice on a missing option or package: "Do you need to change your target library? …" */
const ADVICE = / Do you need to (?:change your target library|install type definitions).*$/s;

/** A message of the compiler without advice that authors can't follow. */
export const plainMessage = (code: number, message: string): string =>
  MESSAGES[code] ?? message.replace(ADVICE, '');
