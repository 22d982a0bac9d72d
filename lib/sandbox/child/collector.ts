import { setFlagsFromString } from 'node:v8';
import type ivm from 'isolated-vm';

/**
 * Collects the garbage of one isolate. The engine has the function for that only in a realm that is made while a flag is
 * set. So this realm is made for it. No script runs there, and no realm of scripts has the function.
 */
export class Collector {
  private collector: ivm.Reference<() => void> | undefined;

  constructor(private readonly isolate: ivm.Isolate) {}

  /** False if the garbage can't be collected, for example because the isolate has no room for the realm. */
  collect(): boolean {
    try {
      this.collector ??= this.make();
      this.collector.applySync(undefined, []);
      return !this.isolate.isDisposed;
    } catch {
      return false;
    }
  }

  private make(): ivm.Reference<() => void> {
    setFlagsFromString('--expose-gc');
    try {
      const { global } = this.isolate.createContextSync();
      return global.getSync('gc', { reference: true }) as ivm.Reference<() => void>;
    } finally {
      setFlagsFromString('--no-expose-gc');
    }
  }
}
