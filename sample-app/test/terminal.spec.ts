import { cut, duration, Terminal } from '../src/demo/terminal.js';

function written(
  isTTY: boolean,
  environment: NodeJS.ProcessEnv,
  write: (terminal: Terminal) => void,
): string {
  let text = '';
  write(new Terminal({ isTTY, write: (part) => (text += part) }, environment));
  return text;
}

const bad = (terminal: Terminal): void => terminal.line('it ', ['failed', 'bad']);

describe('Terminal', () => {
  it('writes colour to a terminal', () => {
    expect(written(true, {}, bad)).toBe('it \u001b[31mfailed\u001b[39m\n');
  });

  it('writes plain text to a file or a pipe', () => {
    expect(written(false, {}, bad)).toBe('it failed\n');
  });

  it('writes plain text to a terminal when NO_COLOR is set', () => {
    expect(written(true, { NO_COLOR: '1' }, bad)).toBe('it failed\n');
  });

  it('aligns columns by their visible text, without the codes of colours', () => {
    const rows = [
      [['a', 'good'], 'first'],
      [['long name', 'bad'], 'second'],
    ] as const;
    // eslint-disable-next-line no-control-regex -- it removes the escapes
    const seen = written(true, {}, (terminal) => terminal.table(rows)).replace(/\u001b\[\d+m/g, '');
    expect(seen).toBe('  a          first\n  long name  second\n');
  });

  it('ends no line in blanks when the last columns of a row are empty', () => {
    const rows = [
      ['a', '', ''],
      ['b', 'c', 'd'],
    ];
    expect(written(false, {}, (terminal) => terminal.table(rows))).toBe('  a\n  b  c  d\n');
  });
});

it('cut() marks the place where it has cut a text', () => {
  expect([cut('short', 5), cut('too long', 5)]).toEqual(['short', 'too …']);
});

it('duration() writes milliseconds in a suitable unit', () => {
  expect([1.26, 42.4, 1500, 12_345].map(duration)).toEqual(['1.3 ms', '42 ms', '1.5 s', '12 s']);
});
