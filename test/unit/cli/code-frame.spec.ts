import { codeFrame } from '../../../lib/cli/run/code-frame.js';

describe('the lines around an error', () => {
  it('end with the last line of the source, and not with the empty text after its line end', () => {
    expect(codeFrame('const a = 1;\r\nthrow a;\r\n', 2)).toEqual(['  1 | const a = 1;', '> 2 | throw a;']);
  });

  it('include the end of the source if the error is there', () => {
    expect(codeFrame('if (true) {\n', 2)).toEqual(['  1 | if (true) {', '> 2 |']);
  });
});
