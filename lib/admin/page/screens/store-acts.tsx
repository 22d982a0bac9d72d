import { post, request } from '../api/client';
import { useApi } from '../api/query';
import type { ClearStoreResult, StoreEntry, StoreKey } from '../api/schema';
import { useTenantQuery } from '../session';
import { Ask } from '../ui/act';
import { Bulk } from '../ui/bulk';
import { Facts } from '../ui/data';
import { Dialog } from '../ui/dialog';
import { Json } from '../ui/json';
import { Loaded } from '../ui/states';
import { When } from '../ui/time';
import { bytesInWords } from './store-words';
import { Written } from './store-times';

interface OfKey {
  of: StoreKey;
  onClose: () => void;
}

/** One key with its value. */
export function ShowEntry({ of: { key, scriptId }, onClose }: OfKey) {
  const query = { ...useTenantQuery(), key, scriptId };
  const entry = useApi<StoreEntry>({ path: 'store/entry', query, anew: true });
  return (
    <Dialog title={key} wide onClose={onClose}>
      <div class="ask">
        <Loaded result={entry}>
          {(data) => (
            <>
              <Json value={data.value} label="Value" />
              <Facts
                of={[
                  ['Size', bytesInWords(data.bytes)],
                  ['Expires', <When at={data.expiresAt} />],
                  ['Written', <Written of={data} />],
                ]}
              />
            </>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

export function DeleteKey({ of: { key, scriptId }, onClose }: OfKey) {
  const tenant = useTenantQuery();
  const act = async (): Promise<string> => {
    await request('store/entry', { method: 'DELETE', query: { ...tenant, key, scriptId } });
    return `${key} is deleted`;
  };
  return (
    <Ask title={`Delete ${key}?`} button="Delete permanently" danger act={act} onClose={onClose}>
      <p>
        Scripts find nothing under this key from then on, and an increment begins at 0. A run under way that
        has read it runs again. This can’t be undone.
      </p>
    </Ask>
  );
}

/** Deletes all keys of a store, or those that begin with the prefix. */
export function ClearStore({
  scriptId,
  name,
  prefix,
  onClose,
}: {
  scriptId: string | null;
  name: string;
  prefix: string | undefined;
  onClose: () => void;
}) {
  const tenant = useTenantQuery();
  const send = (more: object): Promise<ClearStoreResult> =>
    post<ClearStoreResult>('store/removals', tenant, {
      ...(scriptId === null ? {} : { scriptId }),
      ...(prefix === undefined ? {} : { prefix }),
      ...more,
    });
  return (
    <Bulk
      title={titleOf(scriptId, name, prefix)}
      button="Delete permanently:"
      one="key"
      many="keys"
      done="deleted"
      danger
      count={() => send({ dryRun: true })}
      act={async (limit) => (await send({ limit })).removed}
      onClose={onClose}
    >
      {({ matched, more }, number) => (
        <p>
          <strong>{number}</strong> {matched === 1 ? 'key' : 'keys'}
          {prefix !== undefined && (
            <>
              {' '}
              that {matched === 1 ? 'begins' : 'begin'} with <code class="value">{prefix}</code>
            </>
          )}
          {matched === 1 ? ' is deleted.' : ' are deleted.'}
          {more ? ' Only the first 10,000 are included.' : ''} Scripts begin anew with what they remember
          there. This can’t be undone.
        </p>
      )}
    </Bulk>
  );
}

function titleOf(scriptId: string | null, name: string, prefix: string | undefined): string {
  if (prefix !== undefined) return 'Delete matching keys?';
  return scriptId === null ? 'Clear the shared store?' : `Clear the store of ${name}?`;
}
