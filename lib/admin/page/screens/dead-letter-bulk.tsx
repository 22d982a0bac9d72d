import { useState } from 'preact/hooks';
import { post } from '../api/client';
import type { BulkResult } from '../api/schema';
import { useTenantQuery } from '../session';
import { ReasonField } from '../ui/act';
import { Bulk } from '../ui/bulk';

interface Props {
  act: 'replay' | 'discard';
  filter: Readonly<Record<string, unknown>>;
  onClose: () => void;
}

const WORDS = {
  replay: { title: 'Replay dead letters', button: 'Replay', done: 'replayed', path: 'dead-letters/replays' },
  discard: {
    title: 'Discard dead letters',
    button: 'Discard',
    done: 'discarded',
    path: 'dead-letters/discards',
  },
} as const;

/** Does something with all dead letters that match the list's filter. */
export function BulkDialog({ act, filter, onClose }: Props) {
  const { path, ...words } = WORDS[act];
  const tenant = useTenantQuery();
  const [note, setNote] = useState('');
  const send = (more: object): Promise<BulkResult> =>
    post<BulkResult>(path, tenant, {
      filter,
      ...(act === 'discard' ? { note: note.trim() || 'counted' } : {}),
      ...more,
    });
  return (
    <Bulk
      {...words}
      one="dead letter"
      many="dead letters"
      danger={act === 'discard'}
      ready={act === 'replay' || note.trim() !== ''}
      count={() => send({ dryRun: true })}
      act={async (limit) => (await send({ limit })).changed}
      onClose={onClose}
    >
      {({ matched, more }, number) => (
        <>
          <p>
            <strong>{number}</strong> {matched === 1 ? 'dead letter matches' : 'dead letters match'} the
            list’s filter.{more ? ' Only the oldest 10,000 are included.' : ''}{' '}
            {act === 'replay'
              ? 'Each runs again within seconds, on the current version of its script. Those that fail again stay in this list.'
              : 'They are kept with your note until retention deletes them. Until then, you can still replay them.'}
          </p>
          {act === 'discard' && (
            <ReasonField title="Why are they no longer needed?" value={note} onChange={setNote} />
          )}
        </>
      )}
    </Bulk>
  );
}
