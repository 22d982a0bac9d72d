import { Injectable } from '@nestjs/common';
import { ExecutionService } from '../../execution/execution.service.js';
import { type Call, Route } from '../http/route.js';
import { pageOf } from '../schema/dto.js';
import { AdminController } from './admin.controller.js';
import {
  Execution,
  ExecutionSummary,
  ListExecutionsQuery,
  ReplayedExecution,
  RunningExecutionOfNode,
  RunningExecutions,
} from './executions.dto.js';
import { AdminNode } from './admin.node.js';
import { RunPlaces } from './run.places.js';
import { ScriptNames } from './script-names.js';

const ExecutionSummaryPage = pageOf(ExecutionSummary);

/** A tenant's past and running executions. */
@Injectable()
export class ExecutionsController extends AdminController {
  constructor(
    private readonly executions: ExecutionService,
    private readonly node: AdminNode,
    private readonly places: RunPlaces,
    private readonly names: ScriptNames,
  ) {
    super();
  }

  @Route('GET executions', {
    summary: 'Executions that have ended, newest first, without payloads, results and logs.',
    permission: 'read',
    query: ListExecutionsQuery,
    answer: ExecutionSummaryPage,
  })
  async listExecutions(call: Call<ListExecutionsQuery>): Promise<object> {
    const { limit, cursor, ...filter } = call.query;
    const { items, nextCursor } = await this.executions.list(call.tenantId, filter, { limit, cursor });
    const named = await this.names.beside(call.tenantId, items);
    return { items: named.map((item) => this.seen(call, item)), nextCursor };
  }

  @Route('GET executions/running', {
    summary: 'The executions that the responding process is running, oldest first.',
    permission: 'read',
    answer: RunningExecutions,
  })
  listRunningExecutions({ tenantId }: Call): object {
    return { node: this.node.id, items: this.executions.listRunning(tenantId) };
  }

  @Route('GET executions/running/:id', {
    summary: 'One of the executions that the responding process is running.',
    permission: 'read',
    params: { id: "The execution's id." },
    answer: RunningExecutionOfNode,
    problems: [404],
  })
  getRunningExecution({ tenantId, params }: Call): object {
    return { node: this.node.id, ...this.executions.getRunning(tenantId, params.id ?? '') };
  }

  @Route('DELETE executions/running/:id', {
    summary: 'Cancels a running execution. Its event becomes an exhausted dead letter.',
    permission: 'operate',
    params: { id: 'ID of the execution.' },
    status: 202,
    problems: [404],
  })
  async cancelExecution({ tenantId, params, by }: Call): Promise<void> {
    await this.executions.cancel(tenantId, params.id ?? '', { by });
  }

  @Route('GET executions/:id', {
    summary: 'One execution with its payload, result, logs and error.',
    permission: 'read',
    params: { id: 'ID of the execution.' },
    answer: Execution,
    problems: [404],
  })
  async getExecution(call: Call): Promise<object> {
    const record = await this.executions.get(call.tenantId, call.params.id ?? '');
    const nameOf = await this.names.of(call.tenantId, [record]);
    const shown = this.shown(call);
    return {
      ...this.seen(call, record),
      scriptName: nameOf(record.scriptId),
      errorStack: shown.error(record.errorStack),
      input: shown.data('payload', record.input),
      result: shown.data('result', record.result),
      logs: shown.data('logs', record.logs),
    };
  }

  @Route('POST executions/:id/replay', {
    summary:
      'Runs the event of a past execution again with the current version of the script, and responds when the run has ended.',
    permission: 'operate',
    params: { id: 'ID of the execution.' },
    status: 200,
    answer: ReplayedExecution,
    problems: [404, 409],
  })
  async replayExecution(call: Call): Promise<object> {
    const { tenantId, params, by } = call;
    // The run has real effects, so a client that disconnects doesn't abort it. To stop it, cancel it.
    const ended = await this.places.within(tenantId, () =>
      this.executions.replay(tenantId, params.id ?? '', { by }),
    );
    const error = ended.status === 'failed' ? ended.error : null;
    return {
      ...ended,
      errorKind: error?.kind ?? null,
      errorMessage: this.shown(call).error(error?.message ?? null),
      errorLine: error?.line ?? null,
    };
  }

  private seen<Item extends { errorMessage: string | null }>(call: Call, item: Item): Item {
    return { ...item, errorMessage: this.shown(call).error(item.errorMessage) };
  }
}
