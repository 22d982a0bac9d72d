import {
  checkHostBuffer,
  DurableEventBuffer,
  type EnqueuedIn,
  isDurable,
} from '../../../lib/buffer/durable-event-buffer.js';
import { type EnqueueResult, EventBuffer } from '../../../lib/buffer/event-buffer.js';
import { hostEventBuffer } from '../../../lib/buffer/host.event-buffer.js';

const STATS = { depth: 0, capacity: null, busy: 0, workers: 1, oldestMs: 0 };

class Plain extends EventBuffer {
  async start(): Promise<void> {}
  enqueue(): EnqueueResult {
    return { accepted: 0, overflowed: [] };
  }
  close(): void {}
  async drain(): Promise<boolean> {
    return true;
  }
  async stop(): Promise<[]> {
    return [];
  }
  stats(): typeof STATS {
    return STATS;
  }
}

class Durable extends DurableEventBuffer {
  override readonly keepsOrder = true;
  override readonly putsBack = true;
  override readonly overflowMessage = 'The stream is full.';
  start = Plain.prototype.start;
  enqueue = Plain.prototype.enqueue;
  close = Plain.prototype.close;
  drain = Plain.prototype.drain;
  stop = Plain.prototype.stop;
  stats = Plain.prototype.stats;
  async enqueueIn(): Promise<EnqueuedIn> {
    return { enqueued: 0, duplicates: 0 };
  }
}

describe('whether a buffer is durable', () => {
  it.each([
    ['a buffer that extends EventBuffer', Plain, false],
    ['a buffer that extends DurableEventBuffer', Durable, true],
  ])('is the same for its class, its instance and the buffer that forwards to it: %s', (_, type, durable) => {
    expect(isDurable(type.prototype)).toBe(durable);
    const buffer = new type();
    expect(isDurable(buffer)).toBe(durable);
    expect(buffer.durable).toBe(durable);
    const forwarding = hostEventBuffer(type, () => buffer as never);
    expect(isDurable(forwarding)).toBe(durable);
    expect(forwarding.durable).toBe(durable);
    expect(() => checkHostBuffer(buffer)).not.toThrow();
  });

  it('is recognised for a class from another copy of the package', () => {
    let copy!: typeof DurableEventBuffer;
    jest.isolateModules(() => {
      copy = jest.requireActual<typeof import('../../../lib/buffer/durable-event-buffer.js')>(
        '../../../lib/buffer/durable-event-buffer.js',
      ).DurableEventBuffer;
    });
    expect(copy).not.toBe(DurableEventBuffer);
    expect(isDurable(copy.prototype)).toBe(true);
  });

  it("can't be a field of a class in TypeScript, and a field in JavaScript is refused", () => {
    class Claims extends Plain {
      // @ts-expect-error durable is derived: no class may declare it
      override readonly durable = true;
    }
    expect(() => checkHostBuffer(new Claims())).toThrow(
      'The event buffer Claims sets durable to true and does not extend DurableEventBuffer',
    );
  });

  it('can’t be assigned or overridden in JavaScript, nor be true without enqueueIn', () => {
    class Assigns extends Plain {
      constructor(value: boolean) {
        super();
        Reflect.set(this, 'durable', value);
      }
    }
    expect(() => new Assigns(true)).toThrow('The event buffer Assigns sets durable to true');
    expect(() => new Assigns(false)).not.toThrow();
    class Overrides extends Durable {
      override get durable(): boolean {
        return false;
      }
    }
    expect(() => checkHostBuffer(new Overrides())).toThrow('sets durable to false: leave it out');
    class Lacks extends Durable {
      override enqueueIn = undefined as never;
    }
    expect(() => checkHostBuffer(new Lacks())).toThrow('has no method enqueueIn');
    expect(() => checkHostBuffer(new Lacks())).toThrow(
      expect.objectContaining({ code: 'event-buffer-invalid' }),
    );
  });
});

describe('the abilities that a buffer declares', () => {
  it('are none by default', () => {
    expect(new Plain()).toMatchObject({
      keepsOrder: false,
      putsBack: false,
      overflowMessage: 'The event buffer of buffer.adapter accepted no more events.',
    });
  });

  it('are read from a buffer of the host once Nest has created it', () => {
    let buffer: Durable = Object.create(Durable.prototype) as Durable;
    const forwarding = hostEventBuffer(Durable, () => buffer as never);
    buffer = new Durable();
    const { keepsOrder, putsBack, overflowMessage } = forwarding;
    expect([keepsOrder, putsBack, overflowMessage]).toEqual([true, true, 'The stream is full.']);
  });
});
