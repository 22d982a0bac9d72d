import { getEventListeners } from 'node:events';
import { Cancellation } from '../../../lib/execution/cancellation.js';

describe('Cancellation', () => {
  const listenedTo = (cancellation: Cancellation): string[] => {
    const heard: string[] = [];
    cancellation.addEventListener('abort', () => heard.push('abort'));
    return heard;
  };

  test.each<[string, (asked: AbortController, cancellation: Cancellation) => void]>([
    ['the caller of the run aborts it', (asked) => asked.abort()],
    ['a person ends the run', (_, cancellation) => cancellation.end('ada')],
  ])('aborts once when %s', (_, end) => {
    const asked = new AbortController();
    const cancellation = new Cancellation(asked.signal);
    const heard = listenedTo(cancellation);
    expect(cancellation.aborted).toBe(false);
    end(asked, cancellation);
    asked.abort();
    cancellation.end('eve');
    expect(cancellation.aborted).toBe(true);
    expect(heard).toEqual(['abort']);
  });

  test('is aborted from the beginning if the caller has already aborted the run', () => {
    expect(new Cancellation(AbortSignal.abort()).aborted).toBe(true);
    expect(new Cancellation(undefined).aborted).toBe(false);
  });

  test('calls no listener that was removed, and ignores the caller after its release', () => {
    const asked = new AbortController();
    const cancellation = new Cancellation(asked.signal);
    const listener = jest.fn();
    cancellation.addEventListener('abort', listener);
    cancellation.removeEventListener('abort', listener);
    cancellation.release();
    asked.abort();
    expect(cancellation.aborted).toBe(false);
    cancellation.end('ada');
    expect(listener).not.toHaveBeenCalled();
  });

  test('aborts all runs under one signal with a single listener on that signal', () => {
    const asked = new AbortController();
    const listeners = (): number => getEventListeners(asked.signal, 'abort').length;
    const runs = Array.from({ length: 20 }, () => new Cancellation(asked.signal));
    expect(listeners()).toBe(1);
    for (const run of runs) run.release();
    expect(listeners()).toBe(0);
    const [first, released, last] = Array.from({ length: 3 }, () => new Cancellation(asked.signal));
    released!.release();
    asked.abort();
    expect([first, released, last].map((run) => run!.aborted)).toEqual([true, false, true]);
  });
});
