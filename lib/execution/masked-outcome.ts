import type { JsonValue } from '../common/json.js';
import type { FailedOutcome, LogLine, Outcome } from '../sandbox/index.js';
import type { RunSecrets } from '../secrets/run-secrets.js';

/** The outcome of a run with secrets masked, for everybody but the script. */
export function maskedOutcome(outcome: Outcome, secrets: RunSecrets): Outcome {
  const logs = outcome.logs.map((line) => maskedLine(line, secrets));
  if (outcome.status === 'failed') return { ...outcome, logs, error: maskedError(outcome.error, secrets) };
  const published = outcome.published.map(({ type, payload }) => ({
    type: secrets.mask(type),
    payload: secrets.maskValue(payload),
  }));
  const resultText = secrets.maskJson(outcome.resultText);
  const result = resultText === outcome.resultText ? outcome.result : (JSON.parse(resultText) as JsonValue);
  return { ...outcome, result, resultText, logs, published };
}

function maskedLine({ data, ...line }: LogLine, secrets: RunSecrets): LogLine {
  const masked = { ...line, message: secrets.mask(line.message) };
  return data === undefined ? masked : { ...masked, data: secrets.maskValue(data) };
}

function maskedError(error: FailedOutcome['error'], secrets: RunSecrets): FailedOutcome['error'] {
  const { name, stack } = error;
  return {
    ...error,
    message: secrets.mask(error.message),
    ...(name === undefined ? {} : { name: secrets.mask(name) }),
    ...(stack === undefined ? {} : { stack: secrets.mask(stack) }),
  };
}
