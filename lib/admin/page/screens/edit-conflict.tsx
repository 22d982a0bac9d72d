import type { Script } from '../api/schema';
import { Dialog } from '../ui/dialog';
import { DiffView } from '../ui/mounted';
import { When } from '../ui/time';
import { type Draft, draftOf } from './edit-draft';

/** Compares the draft with somebody else's save, and asks which to keep. */
export function Conflict({
  theirs,
  draft,
  onTheirs,
  onMine,
  onClose,
}: {
  theirs: Script;
  draft: Draft;
  onTheirs: () => void;
  onMine: () => void;
  onClose: () => void;
}) {
  const sameSource = theirs.source === draft.source;
  const other = draftOf(theirs);
  const differing = LABELS.filter(
    ([field]) => JSON.stringify(other[field]) !== JSON.stringify(draft[field]),
  ).map(([, label]) => label);
  return (
    <Dialog wide title="Someone else has saved this script" onClose={onClose}>
      <div class="ask">
        <p>
          {theirs.updatedBy ?? 'Someone'} saved it <When at={theirs.updatedAt} />, after you opened it. Your
          changes aren’t saved yet.
          {differing.length > 0 && ` Also different: ${differing.join(', ')}.`}
        </p>
        {sameSource ? (
          <p class="quiet">The source is the same.</p>
        ) : (
          <DiffView
            of={{ before: theirs.source, after: draft.source }}
            beforeLabel={`Version ${theirs.version}, theirs`}
            afterLabel="Yours"
            language={draft.language}
          />
        )}
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Keep editing
          </button>
          <button type="button" class="button" onClick={onTheirs}>
            Use theirs
          </button>
          <button type="button" class="button primary" onClick={onMine}>
            Save mine over theirs
          </button>
        </div>
      </div>
    </Dialog>
  );
}

const LABELS = [
  ['name', 'the name'],
  ['description', 'the description'],
  ['eventTypes', 'the event types'],
  ['schedules', 'the schedules'],
  ['filters', 'the filter'],
  ['bindings', 'the bindings'],
  ['secrets', 'the secrets'],
  ['timeoutMs', 'the time limit'],
  ['memoryMb', 'the memory limit'],
  ['maxConcurrency', 'the runs at the same time'],
  ['runsPerMinute', 'the runs per minute'],
  ['orderingKey', 'the order'],
  ['onOrderedFailure', 'what follows a failure in order'],
] as const;
