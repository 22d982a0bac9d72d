import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../common/errors.js';
import { CommandError } from '../cli.errors.js';

/** Reads a file as text. @throws CommandError naming the file and why */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    // Other tools accept JSON itself here, so this mistake is common.
    if (/^\s*[[{]/.test(file))
      throw new CommandError(`The ${what} must be a file name. To pass JSON directly, use - and pipe it in.`);
    throw new CommandError(`Can't read the ${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** Standard input can be read only once, but every run of a watch needs it. */
let standardInput: Promise<string> | undefined;

/** Reads JSON from a file, or from standard input for `-`. @throws CommandError */
export async function readJson(file: string, what: string): Promise<unknown> {
  const given = file === '-' ? await (standardInput ??= text(process.stdin)) : await readText(file, what);
  try {
    return JSON.parse(given.replace(/^\uFEFF/, ''));
  } catch (error) {
    const name = file === '-' ? 'standard input' : file;
    throw new CommandError(`Can't read the ${what}: ${name} is not JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
