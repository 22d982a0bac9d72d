import { useEffect, useState } from 'preact/hooks';

/** A value outside the tree that components follow. */
export interface Signal<T> {
  get(): T;
  set(value: T): void;
  use(): T;
}

export function signalOf<T>(first: T): Signal<T> {
  let value = first;
  const followers = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const follower of followers) follower();
    },
    use() {
      const [, show] = useState(0);
      useEffect(() => {
        const follower = (): void => show((n) => n + 1);
        followers.add(follower);
        return () => void followers.delete(follower);
      }, []);
      return value;
    },
  };
}
