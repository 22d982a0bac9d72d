import { OutageLog } from '../../../../lib/buffer/durable/engine/outage-log.js';
import { awayError } from '../../../support/away-error.js';

describe('the log of failing statements', () => {
  const lines: string[] = [];
  let log: OutageLog;

  beforeEach(() => {
    lines.length = 0;
    const push = (line: string) => lines.push(line);
    log = new OutageLog({ log: push, warn: push, error: push });
  });

  const away = awayError();

  it('has one line when an outage begins and one when it ends, whatever fails in between', () => {
    for (let round = 0; round < 2; round++) {
      for (let beat = 0; beat < 5; beat++) {
        log.heartbeatFailed(away);
        log.failed(away);
      }
      log.heartbeatCame();
      log.heartbeatCame();
    }
    const outage = [
      'The durable buffer is waiting for the database: connect ECONNREFUSED',
      'The durable buffer reaches the database again.',
    ];
    expect(lines).toEqual([...outage, ...outage]);
  });

  it('has no line for the end of an outage after which the node rejoins the queue', () => {
    log.heartbeatFailed(away);
    log.rejoined();
    log.heartbeatCame();
    expect(lines).toHaveLength(1);
  });

  it('has one line for a statement that fails again and again while heartbeats succeed', () => {
    for (let statement = 0; statement < 100; statement++) {
      log.failed(new Error('permission denied'));
      log.heartbeatCame();
    }
    expect(lines).toEqual(['The durable buffer is retrying: permission denied']);
  });
});
