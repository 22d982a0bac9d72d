import { Injectable } from '@nestjs/common';
import { ActivityService } from '../../activity/activity.service.js';
import type { EventNode } from '../../activity/activity.types.js';
import { TenantsService } from '../../activity/tenants.service.js';
import type { ExecutionSummary } from '../../execution/execution.repository.js';
import type { Shown } from '../access/shown.js';
import { Problem } from '../http/problem.js';
import { type Call, Route } from '../http/route.js';
import { pageOf } from '../schema/dto.js';
import {
  EventHistory,
  FailureGroups,
  FailuresQuery,
  ListTenantsQuery,
  Statistics,
  StatisticsQuery,
  Tenant,
} from './activity.dto.js';
import { AdminController } from './admin.controller.js';
import { type NameOf, ScriptNames } from './script-names.js';

const TenantsPage = pageOf(Tenant);

/** Views over executions and dead letters. */
@Injectable()
export class ActivityController extends AdminController {
  constructor(
    private readonly activity: ActivityService,
    private readonly tenants: TenantsService,
    private readonly names: ScriptNames,
  ) {
    super();
  }

  @Route('GET failures', {
    summary: 'Failures in groups of similar ones, the most frequent first.',
    permission: 'read',
    query: FailuresQuery,
    answer: FailureGroups,
  })
  async listFailures(call: Call<FailuresQuery>): Promise<object> {
    const { items, more } = await this.activity.failures(call.tenantId, call.query);
    const named = await this.names.beside(call.tenantId, items);
    const shown = this.shown(call);
    return { items: named.map((group) => ({ ...group, message: shown.error(group.message) })), more };
  }

  @Route('GET executions/stats', {
    summary: 'How many executions completed and failed in each bucket of time.',
    permission: 'read',
    query: StatisticsQuery,
    answer: Statistics,
  })
  countExecutions({ tenantId, query: { bucket, ...query } }: Call<StatisticsQuery>): Promise<object> {
    return this.activity.statistics(tenantId, {
      ...query,
      ...(bucket === undefined ? {} : { bucketHours: bucket }),
    });
  }

  @Route('GET events/:eventId', {
    summary:
      'Everything about one event: executions, dead letters, what led to it, and the events that they led to.',
    permission: 'read',
    params: { eventId: 'ID of the event.' },
    answer: EventHistory,
    problems: [404],
  })
  async getEvent(call: Call): Promise<object> {
    const found = await this.activity.event(call.tenantId, call.params.eventId ?? '');
    if (!found)
      throw new Problem(404, 'event-not-found', 'Nothing is stored about this event for this tenant.');
    const causes = found.causes.flatMap(({ execution }) => execution ?? []);
    const nameOf = await this.names.of(call.tenantId, [...recordsOf(found.event), ...causes]);
    const shown = this.shown(call);
    return {
      ...found,
      event: eventSeen(found.event, shown, nameOf),
      causes: found.causes.map((cause) => ({
        ...cause,
        execution: cause.execution && executionSeen(cause.execution, shown, nameOf),
      })),
    };
  }

  @Route('GET tenants', {
    summary: 'The tenants that have scripts, those in trouble first; for operators.',
    permission: 'read',
    tenant: false,
    operators: true,
    query: ListTenantsQuery,
    answer: TenantsPage,
  })
  listTenants({ query }: Call<ListTenantsQuery>): Promise<object> {
    return this.tenants.list(query);
  }
}

/** All records of an event and of the events that it led to. */
const recordsOf = ({ executions, deadLetters, children }: EventNode): { scriptId: string }[] => [
  ...executions,
  ...deadLetters,
  ...children.flatMap(recordsOf),
];

/** Error messages are texts of the scripts, so they are redacted. */
const executionSeen = (one: ExecutionSummary, shown: Shown, nameOf: NameOf): object => ({
  ...one,
  scriptName: nameOf(one.scriptId),
  errorMessage: shown.error(one.errorMessage),
});

/** The same of an event. */
const eventSeen = (node: EventNode, shown: Shown, nameOf: NameOf): object => ({
  ...node,
  executions: node.executions.map((one) => executionSeen(one, shown, nameOf)),
  deadLetters: node.deadLetters.map((one) => ({
    ...one,
    scriptName: nameOf(one.scriptId),
    error: shown.error(one.error),
  })),
  children: node.children.map((child) => eventSeen(child, shown, nameOf)),
});
