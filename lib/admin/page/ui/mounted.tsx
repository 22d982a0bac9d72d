import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type * as Editors from '../editor';
import type { DiffOptions, JsonEditor, JsonValue, Mounted as Handle } from '../editor';
import { Failed, Loading } from './states';
import { ApiError } from '../api/client';

/** Loads on demand, because the editors are larger than the rest of the page. */
const load = (): Promise<typeof Editors> => import('../editor');

/** An update has renamed the files, or the server is away. */
const NOT_LOADED = new ApiError(404, 'no-editor', 'The editor could not be loaded. Load the page again.');

/**
 * A place for an editor that does not use this page's framework. The editor is mounted once; its handle takes changes.
 */
export function Mounted<H extends Handle>({
  mount,
  onReady,
  tall,
}: {
  mount: (editors: typeof Editors, place: HTMLElement) => H;
  onReady?: (handle: H | null) => void;
  tall?: boolean;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'ready' | 'failed'>('loading');
  useEffect(() => {
    let handle: H | undefined;
    let gone = false;
    setState('loading');
    const start = async (): Promise<void> => {
      try {
        const editors = await load();
        if (gone || !place.current) return;
        handle = mount(editors, place.current);
        setState('ready');
        onReady?.(handle);
      } catch {
        // The file did not load.
        if (!gone) setState('failed');
      }
    };
    void start();
    return () => {
      gone = true;
      onReady?.(null);
      handle?.destroy();
    };
  }, []);
  return (
    <div class={tall ? 'editor tall' : 'editor'}>
      {state === 'loading' && <Loading rows={2} />}
      {state === 'failed' && <Failed error={NOT_LOADED} again={() => location.reload()} />}
      <div ref={place} />
    </div>
  );
}

/** A JSON value of any kind. */
export function JsonField({
  title,
  hint,
  problem,
  value,
  onChange,
}: {
  title: string;
  hint?: string;
  problem?: string | undefined;
  /** The first value. */
  value: JsonValue;
  /** Undefined while the text is not JSON. */
  onChange: (value: JsonValue | undefined) => void;
}) {
  const id = useId();
  // The editor is mounted once, with the first callbacks.
  const latest = useRef(onChange);
  latest.current = onChange;
  return (
    <div class="field" role="group" aria-labelledby={id}>
      <span class="field-title" id={id}>
        {title}
      </span>
      <Mounted<JsonEditor>
        mount={({ mountJsonEditor }, place) =>
          mountJsonEditor(place, {
            label: title,
            value,
            objectOnly: false,
            onChange: (change) => latest.current(change.value),
          })
        }
      />
      {hint && <small>{hint}</small>}
      {problem && <small class="field-problem">{problem}</small>}
    </div>
  );
}

/** Compares two texts. */
export const DiffView = (options: DiffOptions) => (
  <Mounted
    key={`${options.beforeLabel} ${options.afterLabel}`}
    mount={({ mountDiff }, place) => mountDiff(place, options)}
  />
);
