import { RecordingWriter, type WriterBounds } from '../common/recording-writer.js';
import type { NameOfScript } from '../common/script-in-words.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import type { TenantNews } from '../nodes/tenant-news.js';
import type { ExecutionRepository, NewExecution } from './execution.repository.js';

/** Approximate memory of a record's fields of fixed size, in bytes. */
const BASE_BYTES = 1024;

/** Stores execution records in batches. {@link RecordingWriter} says what happens to those that can't be stored. */
export class ExecutionWriter extends RecordingWriter<NewExecution> {
  constructor(
    repository: ExecutionRepository,
    metrics: MetricsRecorder,
    bounds: WriterBounds = {},
    nameOf?: NameOfScript,
    news?: Pick<TenantNews, 'tell'>,
  ) {
    super(
      {
        name: 'execution records',
        write: async (executions) => {
          const repeated = await repository.insertMany(executions);
          if (repeated > 0) metrics.redelivered('repeated', repeated);
          for (const { tenantId } of executions) news?.tell(tenantId, 'executions');
        },
        sizeOf: sizeOfExecution,
        tenantOf: ({ tenantId }) => tenantId,
        describe: (execution) => describeExecution(execution, nameOf),
      },
      metrics,
      bounds,
    );
  }
}

function sizeOfExecution({ inputText, resultText, logs, error }: NewExecution): number {
  let characters =
    (inputText?.length ?? 0) +
    (resultText?.length ?? 0) +
    (error?.message.length ?? 0) +
    (error?.stack?.length ?? 0);
  for (const line of logs) {
    characters += line.message.length + (line.data === undefined ? 0 : JSON.stringify(line.data).length);
  }
  return BASE_BYTES + 2 * characters;
}

/** Leaves out input, result, logs and the error's message, which may be the tenant's data. */
function describeExecution(execution: NewExecution, nameOf?: NameOfScript) {
  const { inputText: _input, resultText, logs, error, ...rest } = execution;
  const { tenantId, scriptId, scriptVersion, eventId, deadLetterId, id: executionId, ...details } = rest;
  return {
    about: {
      tenantId,
      scriptId,
      scriptName: nameOf?.(scriptId),
      scriptVersion,
      executionId,
      eventId,
      deadLetterId,
    },
    details: {
      ...details,
      errorKind: error?.kind ?? null,
      errorLine: error?.line ?? null,
      resultCharacters: resultText?.length ?? 0,
      logLines: logs.length,
    },
  };
}
