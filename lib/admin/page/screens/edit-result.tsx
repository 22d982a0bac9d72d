import { formatDuration } from '../../../common/duration-text';
import type { TestRun } from '../api/schema';
import { Outcome, Tag } from '../ui/badge';
import { Section } from '../ui/data';
import { Json } from '../ui/json';
import { Logs } from './logs';

/** Result of a test run. */
export function TestResult({ result }: { result: TestRun }) {
  const { status, error, routing, logs, published = [], metrics, event } = result;
  return (
    <div class="test-result">
      <p class="test-verdict">
        <Outcome status={status} kind={error?.kind} />
        <span class="quiet">
          {formatDuration(metrics.durationMs)}, {formatDuration(metrics.cpuMs)} of CPU time
        </span>
      </p>
      {error && (
        <p class="problem">
          {error.line !== undefined && `Line ${error.line}: `}
          {error.message}
        </p>
      )}
      <p class={routing.wouldRun ? 'quiet' : 'warning'}>
        {routing.wouldRun ? 'This event would run the script.' : 'This event wouldn’t run the script.'}
        {routing.reasons?.map((reason) => ` ${reason}`)}
      </p>
      {routing.warnings?.map((warning) => (
        <p key={warning} class="warning">
          {warning}
        </p>
      ))}
      {event.ignoredFields.length > 0 && (
        <p class="warning">
          Events of this type don’t have {event.ignoredFields.join(', ')}, so the script can’t see them.
        </p>
      )}
      {logs && (logs.length > 0 || metrics.logsDropped > 0) && (
        <Section title="Logs">
          <Logs lines={logs} dropped={metrics.logsDropped} />
        </Section>
      )}
      {status === 'completed' && result.result !== undefined && (
        <Section title="Result">
          <Json value={result.result} label="Result" />
        </Section>
      )}
      {published.length > 0 && (
        <Section title="Would publish">
          {published.map(({ type, payload }, position) => (
            <div key={position} class="published">
              <Tag>{type}</Tag>
              <Json value={payload} label={`Payload of ${type}`} />
            </div>
          ))}
        </Section>
      )}
    </div>
  );
}
