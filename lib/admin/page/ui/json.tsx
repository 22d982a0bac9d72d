import { shownJson } from '../../../common/printable.js';
import { CopyButton } from './copy';

/** A value as JSON, to read and to copy. */
export function Json({ value, label }: { value: unknown; label: string }) {
  const text = shownJson(JSON.stringify(value, null, 2) ?? 'null');
  return (
    <figure class="code-box">
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={label.toLowerCase()} />
    </figure>
  );
}
