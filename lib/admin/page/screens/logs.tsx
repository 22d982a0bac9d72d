import { shownJson } from '../../../common/printable.js';
import type { ExecutionLogLine } from '../api/schema';

/** What a script logged, in order. */
export const Logs = ({ lines, dropped }: { lines: readonly ExecutionLogLine[]; dropped: number }) => (
  <>
    <ol class="logs">
      {lines.map(({ level, message, data, at }, position) => (
        <li key={position} class={level}>
          <span class="level">{level}</span>
          <span class="said">
            {message}
            {data !== undefined && <code>{shownJson(JSON.stringify(data))}</code>}
          </span>
          {at !== undefined && <span class="at">+{Math.round(at)} ms</span>}
        </li>
      ))}
    </ol>
    {dropped > 0 && <p class="quiet note">{dropped} more lines were over the limit and aren’t kept.</p>}
  </>
);
