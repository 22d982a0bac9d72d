import { readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * Tests start children and threads from `dist`, and would test an old build. Names the first source in `lib` that is
 * newer than what was compiled from it, and what to do; `undefined` when there is none.
 */
export function staleBuild(root: string): string | undefined {
  for (const name of readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })) {
    const output = outputOf(name);
    if (output === undefined) continue;
    const source = join(root, 'lib', name);
    const compiled = join(root, 'dist', 'lib', output);
    const built = statSync(compiled, { throwIfNoEntry: false });
    if (built && built.mtimeMs >= statSync(source).mtimeMs) continue;
    return `dist/ is older than ${relative(root, source)}: run "npm run build"`;
  }
  return undefined;
}

/** The browser's part is bundled as a whole; the build of it writes this file last. */
const PAGE = join('admin', 'page');
const PAGE_BUILD = join(PAGE, 'page.json');

function outputOf(name: string): string | undefined {
  if (name.startsWith(PAGE + sep)) return /\.(tsx?|css)$/.test(name) ? PAGE_BUILD : undefined;
  return name.endsWith('.ts') ? name.replace(/\.ts$/, '.js') : undefined;
}
