import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'what-happens-if.md'), 'utf8');
const answers = page.split(/^### /m).slice(1);

describe('docs/what-happens-if.md', () => {
  it.each(answers.map((answer) => [answer.slice(0, answer.indexOf('\n')), answer]))(
    'names tests that exist for "%s"',
    (_question, answer) => {
      const shown = answer.slice(answer.indexOf('_Shown by_'));
      const files = [...shown.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file!);
      expect(files.length).toBeGreaterThan(0);
      expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    },
  );

  it('has more than forty answers for this test to check', () => {
    expect(answers.length).toBeGreaterThan(40);
  });
});
