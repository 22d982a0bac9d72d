import type { FromTypes, ToTypes } from './types.messages.js';
import { ScriptProject } from './script-project.js';

const answer = (message: FromTypes): void => postMessage(message);

let project: ScriptProject | undefined;
/** Messages that came before the compiler had loaded. */
const early: ToTypes[] = [];

addEventListener('message', ({ data }: MessageEvent<ToTypes>) => {
  if (project) take(project, data);
  else early.push(data);
});

try {
  // The compiler has a file of its own: it is by far the largest, and changes only with the compiler's version.
  const { library, ts } = await import('./compiler.js');
  project = new ScriptProject(ts, library);
  answer({ kind: 'ready' });
  for (const message of early) take(project, message);
} catch (error) {
  answer({ kind: 'broken', message: messageOf(error) });
}

function take(from: ScriptProject, message: ToTypes): void {
  if (message.kind === 'text') {
    from.write(message.text);
    return;
  }
  const { id, question } = message;
  try {
    answer({ kind: 'answer', id, answer: from.answer(question) });
  } catch (error) {
    answer({ kind: 'failed', id, message: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
