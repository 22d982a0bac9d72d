import { Injectable } from '@nestjs/common';
import { DeadLetterService, type ManyResult } from '../../dead-letter/dead-letter.service.js';
import type { DeadLetterAttempt } from '../../entities/index.js';
import { type Call, Route } from '../http/route.js';
import { pageOf } from '../schema/dto.js';
import { AdminController } from './admin.controller.js';
import {
  BulkResult,
  DeadLetter,
  DeadLetterCounts,
  DeadLetterSummary,
  DiscardBody,
  DiscardManyBody,
  ListDeadLettersQuery,
  ReplayManyBody,
} from './dead-letters.dto.js';
import { ScriptNames } from './script-names.js';

const ID = { id: 'ID of the dead letter.' };
const DeadLetterSummaryPage = pageOf(DeadLetterSummary);
/** How many dead letters one request may change. */
const MOST_MATCHED = 10_000;
const COUNT_UP_TO = { countUpTo: MOST_MATCHED + 1 };

/** Dead letters, and the actions on them. */
@Injectable()
export class DeadLettersController extends AdminController {
  constructor(
    private readonly deadLetters: DeadLetterService,
    private readonly names: ScriptNames,
  ) {
    super();
  }

  @Route('GET dead-letters', {
    summary: 'Dead letters, newest first, without payloads and histories.',
    permission: 'read',
    query: ListDeadLettersQuery,
    answer: DeadLetterSummaryPage,
  })
  async listDeadLetters(call: Call<ListDeadLettersQuery>): Promise<object> {
    const { limit, cursor, ...filter } = call.query;
    const { items, nextCursor } = await this.deadLetters.list(call.tenantId, filter, { limit, cursor });
    const named = await this.names.beside(call.tenantId, items);
    const shown = this.shown(call);
    return { items: named.map((item) => ({ ...item, error: shown.error(item.error) })), nextCursor };
  }

  @Route('GET dead-letters/counts', {
    summary: 'Counts open dead letters, each kind up to 1,000.',
    permission: 'read',
    answer: DeadLetterCounts,
  })
  countDeadLetters({ tenantId }: Call): Promise<object> {
    return this.deadLetters.counts(tenantId);
  }

  @Route('POST dead-letters/replays', {
    summary:
      'Replays all matching dead letters, oldest first. A repeated request finds only those that are left.',
    permission: 'operate',
    body: ReplayManyBody,
    status: 200,
    answer: BulkResult,
  })
  async replayDeadLetters({ tenantId, body, by }: Call<unknown, ReplayManyBody>): Promise<object> {
    const { filter, ...options } = body;
    return bounded(await this.deadLetters.replayMany(tenantId, filter, { by, ...options, ...COUNT_UP_TO }));
  }

  @Route('POST dead-letters/discards', {
    summary:
      'Discards all matching dead letters, oldest first. A repeated request finds only those that are left.',
    permission: 'operate',
    body: DiscardManyBody,
    status: 200,
    answer: BulkResult,
  })
  async discardDeadLetters({ tenantId, body, by }: Call<unknown, DiscardManyBody>): Promise<object> {
    const { filter, ...options } = body;
    return bounded(await this.deadLetters.discardMany(tenantId, filter, { by, ...options, ...COUNT_UP_TO }));
  }

  @Route('GET dead-letters/:id', {
    summary: 'One dead letter with its payload and history.',
    permission: 'read',
    params: ID,
    answer: DeadLetter,
    problems: [404],
  })
  async getDeadLetter(call: Call): Promise<object> {
    const { payload, ...entry } = await this.deadLetters.get(call.tenantId, call.params.id ?? '');
    const nameOf = await this.names.of(call.tenantId, [entry]);
    const shown = this.shown(call);
    const told = ({ message, ...attempt }: DeadLetterAttempt): object => ({
      ...attempt,
      message: shown.error(message),
    });
    return {
      ...entry,
      scriptName: nameOf(entry.scriptId),
      error: shown.error(entry.error),
      attempts: entry.attempts.map(told),
      payload: shown.data('payload', payload),
    };
  }

  @Route('POST dead-letters/:id/replay', {
    summary: 'Replays a dead letter now. If no retry is left, it gets one more.',
    permission: 'operate',
    params: ID,
    status: 202,
    problems: [404, 409],
  })
  replayDeadLetter({ tenantId, params, by }: Call): Promise<void> {
    return this.deadLetters.replay(tenantId, params.id ?? '', { by });
  }

  @Route('POST dead-letters/:id/discard', {
    summary: 'Discards a dead letter. It is kept with the note until retention deletes it.',
    permission: 'operate',
    params: ID,
    body: DiscardBody,
    status: 204,
    problems: [404, 409],
  })
  discardDeadLetter({ tenantId, params, body, by }: Call<unknown, DiscardBody>): Promise<void> {
    return this.deadLetters.discard(tenantId, params.id ?? '', { by, ...body });
  }
}

const bounded = ({ matched, ...result }: ManyResult): object => ({
  ...result,
  matched: Math.min(matched, MOST_MATCHED),
  more: matched > MOST_MATCHED,
});
