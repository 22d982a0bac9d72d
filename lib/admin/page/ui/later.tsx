import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { Failed, Loading } from './states';

/** An update has renamed the files, or the server is away. */
const NOT_LOADED = new ApiError(
  404,
  'not-loaded',
  'A part of the page could not be loaded. Load the page again.',
);

/**
 * Screens whose code loads when one is first opened.
 *
 * @returns makes such a screen: `screen(({ Secrets }) => Secrets)`
 */
export function later<Module>(
  load: () => Promise<Module>,
): (pick: (module: Module) => ComponentType) => ComponentType {
  let loaded: Module | undefined;
  return (pick) =>
    function Later() {
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
            // The file did not load.
            if (!gone) setFailed(true);
          }
        };
        void start();
        return () => void (gone = true);
      }, []);
      if (failed) return <Failed error={NOT_LOADED} again={() => location.reload()} />;
      if (!loaded) return <Loading />;
      const Screen = pick(loaded);
      return <Screen />;
    };
}
