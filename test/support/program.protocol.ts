/** The commands of a program: the arguments and the answer of each. */
export type Protocol<Commands> = { [Name in keyof Commands]: { args: unknown; answer: unknown } };

/** From the test to a program. */
export interface Request {
  id: number;
  command: string;
  args: unknown;
}

/** From a program to the test. `id` 0 says that it is ready. */
export type Reply = { id: number; answer: unknown } | { id: number; error: string };

export type Handlers<Commands extends Protocol<Commands>> = {
  [Name in keyof Commands]: (args: Commands[Name]['args']) => Promise<Commands[Name]['answer']>;
};

/** Name of the variable that carries a program's setup. */
export const SETUP_VARIABLE = 'TEST_PROGRAM_SETUP';
