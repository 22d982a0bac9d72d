import { formatDuration } from '../../../common/duration-text';
import type { Script } from '../api/schema';
import { useHref, useMay } from '../session';
import { Tags } from '../ui/badge';
import { Id } from '../ui/copy';
import { Facts, Section } from '../ui/data';
import { Json } from '../ui/json';
import { When } from '../ui/time';
import { useSession } from '../session';

/** A script's settings. The editor changes them. */
export function ScriptSettings({ script }: { script: Script }) {
  const href = useHref();
  const mayWrite = useMay('write');
  const mayData = useMay('data');
  const { application } = useSession();
  const { filters, limits, bindings, secrets, maxConcurrency, runsPerMinute, orderingKey, onOrderedFailure } =
    script;
  const edit = mayWrite && script.status !== 'archived' && (
    <a class="button small" href={href(`scripts/${script.id}/edit`)}>
      Change
    </a>
  );
  return (
    <>
      <Section title="Filter" beside={edit}>
        {filters === null || Object.keys(filters).length === 0 ? (
          <p class="quiet">None: it runs for every event of its types.</p>
        ) : (
          <Json value={filters} label="Filter" />
        )}
      </Section>
      <Section title="Limits and order" beside={edit}>
        <Facts
          of={[
            ['Time limit', formatDuration(limits?.timeoutMs ?? application.timeoutMs)],
            ['Memory limit', `${limits?.memoryMb ?? application.memoryMb}\u00a0MB`],
            ['Bindings', bindings === null || bindings.length === 0 ? 'none' : <Tags of={bindings} />],
            ['Secrets', secrets === null || secrets.length === 0 ? 'none' : <Tags of={secrets} />],
            ['Runs at the same time', maxConcurrency === null ? 'no limit of its own' : maxConcurrency],
            ['Runs per minute', runsPerMinute === null ? 'no limit' : runsPerMinute],
            [
              'Order',
              orderingKey === null
                ? 'none'
                : `by ${orderingKey}; after a failure, later events ${onOrderedFailure === 'block' ? 'wait' : 'go on'}`,
            ],
          ]}
        />
      </Section>
      <Section title="Details">
        <Facts
          of={[
            ['Id', <Id of={script.id} />],
            ['Language', script.language === 'typescript' ? 'TypeScript' : 'JavaScript'],
            ['Created', <Made at={script.createdAt} by={script.createdBy} />],
            ['Changed', <Made at={script.updatedAt} by={script.updatedBy} />],
            ...(mayData
              ? [['Store', <a href={href('store', { of: script.id })}>What it remembers</a>] as const]
              : []),
          ]}
        />
      </Section>
    </>
  );
}

const Made = ({ at, by }: { at: string; by: string | null }) => (
  <>
    <When at={at} full />
    {by && ` by ${by}`}
  </>
);
