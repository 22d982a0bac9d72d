import { request, type Query } from '../api/client';
import type { ExplainedFilter, JsonObject, JsonValue } from '../editor';

/** The event that a draft is tried with. */
export type TestedEvent =
  | { is: 'own'; type: string; input: JsonValue }
  | { is: 'deadLetter'; id: string }
  | { is: 'execution'; id: string };

/** As the API takes it. */
export const eventBody = (event: TestedEvent): Record<string, unknown> => {
  if (event.is === 'own') return { type: event.type, input: event.input };
  return event.is === 'deadLetter' ? { deadLetterId: event.id } : { executionId: event.id };
};

export type Explain = (filter: JsonObject | null, signal: AbortSignal) => Promise<ExplainedFilter>;

/** Asks why a filter passes or rejects the chosen event. */
export const toAsk =
  (event: TestedEvent | null) =>
  (tenant: Query): Explain | undefined =>
    event === null
      ? undefined
      : async (filters, signal) => {
          const body = { filters, event: eventBody(event) };
          const sent = { method: 'POST', query: tenant, body, signal };
          const { value } = await request<{ filter: ExplainedFilter }>('filters/explain', sent);
          return value.filter;
        };
