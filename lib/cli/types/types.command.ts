import { writeFile } from 'node:fs/promises';
import { messageOf } from '../../common/errors.js';
import { EventRegistry } from '../../events/event-registry.js';
import { generateScriptTypes } from '../../typings/script-types.js';
import { CommandError } from '../cli.errors.js';
import { EXIT } from '../exit-codes.js';
import { styled, type Terminal } from '../terminal.js';
import { readValueNames, type ValueFiles } from '../run/tenant-values.js';
import type { AppSurface } from './app-surface.js';

/** Options of `types`. */
export interface TypesOptions extends ValueFiles {
  app?: string;
  out?: string;
  event?: string[];
  boot?: boolean;
}

/** `types`: prints the TypeScript declarations of what scripts have in scope. @throws CommandError */
export async function typesCommand(options: TypesOptions, terminal: Terminal): Promise<number> {
  const surface = await surfaceOf(options);
  const values = await readValueNames(options);
  const text = generateScriptTypes({ ...surface, ...values, eventTypes: options.event ?? [] });
  if (options.out === undefined) terminal.file(text);
  else await write(options.out, text);
  terminal.note(`${inWords(surface)}${options.out === undefined ? '' : ` written to ${options.out}`}`);
  for (const note of surface.notes) terminal.note(styled('yellow', 'note:'), ` ${note}`);
  return EXIT.completed;
}

/** Loads Nest only if an application is given, because it takes longer to load than everything else. */
export async function surfaceOf({
  app,
  boot = false,
}: Pick<TypesOptions, 'app' | 'boot'>): Promise<AppSurface> {
  if (boot && app === undefined)
    throw new CommandError('--boot needs --app to name the application to start.');
  if (app === undefined) return { events: new EventRegistry().definitions(), bindings: [], notes: [] };
  const { appSurface } = await import('./app-surface.js');
  return appSurface(app, boot);
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CommandError(`Can't write the types: ${messageOf(error)}`, { cause: error });
  }
}

function inWords({ events, bindings }: AppSurface): string {
  const own = events.filter(({ origin }) => origin === 'host').map(({ type }) => type);
  const names = bindings.map(({ name }) => name);
  return `${events.length - own.length} event types of the catalogue, ${own.length} of the application${list(own)}, ${names.length} bindings${list(names)}`;
}

const list = (words: string[]): string => (words.length > 0 ? ` (${words.join(', ')})` : '');
