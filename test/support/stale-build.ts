import { readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * Tests start children and threads from `dist`, and would test an old build. Names the first source in `lib` that is
 * newer than what was compiled from it, and what to do; `undefined` when there is none.
 */
export function staleBuild(root: string): string | undefined {
  for (const name of readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })) {
    // The browser's part is not compiled by itself.
    if (!name.endsWith('.ts') || name.startsWith(join('admin', 'page') + sep)) continue;
    const source = join(root, 'lib', name);
    const compiled = join(root, 'dist', 'lib', name.replace(/\.ts$/, '.js'));
    const built = statSync(compiled, { throwIfNoEntry: false });
    if (built && built.mtimeMs >= statSync(source).mtimeMs) continue;
    return `dist/ is older than ${relative(root, source)}: run "npm run build"`;
  }
  return undefined;
}
