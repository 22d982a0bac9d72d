import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { Failed, Loading } from './states';

/** Its files have other names since the application was updated, or the server is away. */
const NOT_LOADED = new ApiError(
  404,
  'not-loaded',
  'A part of the page could not be loaded. Load the page again.',
);

/** A screen whose code comes when it is first opened. */
export function later(load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | undefined;
  return function Later() {
    const [, show] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded) return undefined;
      let gone = false;
      const start = async (): Promise<void> => {
        try {
          loaded = await load();
          if (!gone) show((n) => n + 1);
        } catch {
          // The file did not come.
          if (!gone) setFailed(true);
        }
      };
      void start();
      return () => void (gone = true);
    }, []);
    if (failed) return <Failed error={NOT_LOADED} again={() => location.reload()} />;
    const Screen = loaded;
    return Screen ? <Screen /> : <Loading />;
  };
}
