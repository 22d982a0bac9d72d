import { comparedLines, diffLines } from '../../../lib/admin/page/editor/diff.lines.js';

/** Each line as its sign and text, with brackets around what differs within it. */
const shown = (before: string, after: string): string[] =>
  diffLines(before, after).map(({ kind, text, changed }) => {
    const marked = changed.reduceRight(
      (line, [from, to]) => `${line.slice(0, from)}[${line.slice(from, to)}]${line.slice(to)}`,
      text,
    );
    return `${{ same: ' ', added: '+', removed: '-' }[kind]}${marked}`;
  });

describe('the view of differences', () => {
  it('shows what was added and removed, with both numbers of each line', () => {
    expect(shown('a\nb\nc', 'a\nc\nd')).toEqual([' a', '-b', ' c', '+d']);
    expect(diffLines('a\nb\nc', 'a\nc\nd').map(({ before, after }) => [before, after])).toEqual([
      [1, 1],
      [2, undefined],
      [3, 2],
      [undefined, 3],
    ]);
  });

  it('marks what differs within a line', () => {
    expect(shown('const rate = 10;\nkeep', 'const rate = 25;\nkeep')).toEqual([
      '-const rate = [10];',
      '+const rate = [25];',
      ' keep',
    ]);
  });

  it('shows no difference between texts that are equal, or that differ only in their kind of line end', () => {
    expect(shown('a\nb', 'a\nb')).toEqual([' a', ' b']);
    expect(shown('a\r\nb', 'a\nb')).toEqual([' a', ' b']);
  });

  it('shows whether a text has a line end after its last line', () => {
    expect(shown('a', 'a\nb')).toEqual([' a', '+b']);
    expect(shown('a\n', 'a')).toEqual([' a', '-']);
    expect(shown('', 'a')).toEqual(['-', '+a']);
    expect(shown('a\nb\n', 'b\n')).toEqual(['-a', ' b', ' ']);
  });

  it('shows two texts as wholly different if they have more different lines than it can compare', () => {
    const many = Array.from({ length: 60_000 }, (_, line) => line).join('\n');
    expect(diffLines(many, `${many}\nmore`).filter(({ kind }) => kind === 'same')).toEqual([]);
    expect(diffLines(many, `${many}\nmore`)).toHaveLength(120_001);
  });

  it('contains every line of both texts, whatever differs', () => {
    const texts = [
      '',
      'a',
      'a\n',
      '\n\n',
      'a\nb\nc\n',
      'b\nc\nd',
      'x\na\nb\n\nc',
      'a\nx\nc\ny\n',
      'aa\nbb\n\n\ncc',
    ];
    for (const before of texts)
      for (const after of texts) {
        const lines = diffLines(before, after);
        const of = (kind: string): string =>
          lines
            .filter((line) => line.kind === 'same' || line.kind === kind)
            .map(({ text }) => text)
            .join('\n');
        expect([of('removed'), of('added')]).toEqual([before, after]);
      }
  });

  it('marks what differs within the lines of texts that were compared elsewhere', () => {
    const lines = [
      { kind: 'same', before: 1, after: 1, text: 'a' },
      { kind: 'removed', before: 2, after: null, text: 'const rate = 10;' },
      { kind: 'added', before: null, after: 2, text: 'const rate = 25;' },
      { kind: 'added', before: null, after: 3, text: 'new' },
      { kind: 'same', before: 3, after: 4, text: 'b' },
    ] as const;
    expect(comparedLines(lines)).toEqual(diffLines('a\nconst rate = 10;\nb', 'a\nconst rate = 25;\nnew\nb'));
    expect(comparedLines(lines)[1]).toMatchObject({ before: 2, changed: [[13, 16]] });
    expect(comparedLines([])).toEqual([]);
  });
});
