import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** Names the process that answers: some of what the API says is known to one process only. */
@Injectable()
export class AdminNode {
  readonly id = randomUUID();
}
