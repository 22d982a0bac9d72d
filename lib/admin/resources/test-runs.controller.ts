import { Injectable } from '@nestjs/common';
import type { BindingStandIns } from '../../bindings/stand-ins.js';
import type { FilterExplanation } from '../../filters/index.js';
import { TestRunService } from '../../test-run/test-run.service.js';
import type { TestBindings, TestedEvent, TestRunResult } from '../../test-run/test-run.types.js';
import type { Shown } from '../access/shown.js';
import { type Call, Route } from '../http/route.js';
import { AdminController } from './admin.controller.js';
import { ExplainFilterBody, FilterVerdict, TestRun, TestRunBody } from './test-runs.dto.js';
import { RunPlaces } from './run.places.js';

/** Tries filters and scripts before they are saved. */
@Injectable()
export class TestRunsController extends AdminController {
  constructor(
    private readonly tests: TestRunService,
    private readonly places: RunPlaces,
  ) {
    super();
  }

  @Route('POST filters/explain', {
    summary: 'Says whether a filter matches an event, and why.',
    permission: 'read',
    body: ExplainFilterBody,
    status: 200,
    answer: FilterVerdict,
    problems: [404, 409],
  })
  async explainFilter(call: Call<unknown, ExplainFilterBody>): Promise<object> {
    const { filters, event } = call.body;
    // Evaluating one condition after the other would reveal the payload.
    if (!('type' in event)) call.session.require('data');
    const verdict = await this.tests.explain(call.tenantId, filters, event);
    // Callers may see the payload that they made up themselves.
    const own = 'type' in event || call.session.may('data');
    const shown = this.shown(call);
    return { event: eventSeen(verdict.event, shown), filter: explained(verdict.filter, own) };
  }

  @Route('POST test-runs', {
    summary: 'Tests a script, saved or not. Nothing but a record is stored.',
    permission: 'write',
    body: TestRunBody,
    status: 200,
    answer: TestRun,
    problems: [404, 409, 429],
  })
  async runTest(call: Call<unknown, TestRunBody>): Promise<object> {
    const { event, callBindings, realBindings, standIns, useSecrets, ...draft } = call.body;
    const isReal = callBindings === true || realBindings !== undefined || useSecrets === true;
    if (isReal) call.session.require('operate');
    const { by, gone, tenantId } = call;
    const secrets = useSecrets === true ? 'use' : 'refuse';
    const bindings: TestBindings = {
      standIns: (standIns ?? {}) as BindingStandIns,
      call: callBindings === true ? 'all' : (realBindings ?? []),
    };
    const result = await this.places.within(tenantId, () =>
      this.tests.run(tenantId, draft, event, { by, bindings, secrets, signal: gone }),
    );
    return resultSeen(result, this.shown(call), call.session.may('data'));
  }
}

const eventSeen = ({ input, ...event }: TestedEvent, shown: Shown): object => ({
  ...event,
  input: shown.data('payload', input),
});

/** Without the permission `data`, leaves out the texts and the actual values, which repeat values of the event. */
function explained(explanation: FilterExplanation, seen: boolean): object {
  if (seen) return explanation;
  const { summary: _summary, conditions, ...verdict } = explanation;
  return {
    ...verdict,
    conditions: conditions.map(({ actual: _actual, reason: _reason, ...condition }) => condition),
  };
}

function resultSeen(result: TestRunResult, shown: Shown, seen: boolean): object {
  const { event, routing, logs, published, ...rest } = result;
  const { reasons, warnings, ...asked } = routing;
  return {
    ...rest,
    ...(rest.status === 'completed'
      ? { result: shown.data('result', rest.result) }
      : {
          error: { ...rest.error, message: shown.error(rest.error.message), ...stackOf(rest.error, shown) },
        }),
    event: eventSeen(event, shown),
    routing: { ...asked, ...(seen ? { reasons, warnings } : {}), filter: explained(routing.filter, seen) },
    logs: shown.data('logs', logs),
    published: shown.data('result', published),
  };
}

const stackOf = ({ stack }: { stack?: string }, shown: Shown): object =>
  stack === undefined ? {} : { stack: shown.error(stack) };
