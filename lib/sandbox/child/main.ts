import './only-as-program.js';
// Imported before the rest: from here on, these signals no longer end the process.
import './ignored-signals.js';
import type { Frame, ToChild } from '../protocol.js';
import { listen, send } from './channel.js';
import { setEngineFlags } from './engine-flags.js';
import { syntaxProblem } from './error-text.js';
import { IsolateRunner } from './isolate-runner.js';
import { checkSource, SourceError } from './home.js';
import { watchParent } from './parent-watch.js';
import { seal } from './sealed.js';
import { UnsentLines } from './unsent-lines.js';
import { warmUp } from './warm-up.js';

const MESSAGE_BYTES = 2 * 1024;
const BYTES_OF_MB = 1024 * 1024;

setEngineFlags();
const unsentLines = new UnsentLines();
const runner = new IsolateRunner(Number(process.argv[2]) * BYTES_OF_MB, unsentLines);

function onFrame({ head, texts }: Frame<ToChild>): void {
  switch (head.t) {
    case 'run':
      return head.values
        ? runner.run(head, texts[0]!, texts[1]!, texts[3], texts[2])
        : runner.run(head, texts[0]!, texts[1]!, texts[2]);
    case 'source':
      return runner.source(head, texts[0]!);
    case 'answer':
      return runner.answer(head, texts[0]!);
    case 'end':
      return runner.end(head.id, head.kind);
    case 'check':
      return send({ t: 'checked', id: head.id, problem: problemOf(texts[0]!) });
    default: {
      const unknown: never = head;
      throw new TypeError(`unknown message ${JSON.stringify(unknown)}`);
    }
  }
}

function problemOf(source: string): { message: string; line?: number } | null {
  try {
    checkSource(source);
    return null;
  } catch (error) {
    return syntaxProblem(error instanceof SourceError ? error.thrown : error, MESSAGE_BYTES);
  }
}

// Without a parent, nobody needs this process. `exit` would wait for isolates; a kill does not.
listen(
  (frame) => {
    onFrame(frame);
    runner.goOn();
  },
  () => process.kill(process.pid, 'SIGKILL'),
);
warmUp();
watchParent(unsentLines);
seal();
send({ t: 'ready' });
