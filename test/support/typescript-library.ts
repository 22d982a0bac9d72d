import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FOLDER = dirname(require.resolve('typescript'));

/** The declarations of ES2023, as the build of the page collects them. */
export function typescriptLibrary(): Record<string, string> {
  const texts: Record<string, string> = {};
  const read = (part: string): void => {
    const name = `lib.${part}.d.ts`;
    if (Object.hasOwn(texts, name)) return;
    const text = readFileSync(join(FOLDER, name), 'utf8');
    texts[name] = text;
    for (const [, referred] of text.matchAll(/reference lib="([^"]+)"/g)) read(referred as string);
  };
  read('es2023');
  return texts;
}
