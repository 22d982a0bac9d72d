import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** Identifies the responding process, because some responses are about one process only. */
@Injectable()
export class AdminNode {
  readonly id = randomUUID();
}
