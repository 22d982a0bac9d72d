import type { Script } from '../api/schema';
import { useHref, useMay } from '../session';
import { Tags } from '../ui/badge';
import { Id } from '../ui/copy';
import { Facts, Json, Section } from '../ui/data';
import { duration, When } from '../ui/time';
import { useSession } from '../session';

/** How a script is set. It is changed in the editor. */
export function ScriptSettings({ script }: { script: Script }) {
  const href = useHref();
  const mayWrite = useMay('write');
  const { application } = useSession();
  const { filters, limits, bindings, maxConcurrency, runsPerMinute, orderingKey, onOrderedFailure } = script;
  const edit = mayWrite && script.status !== 'archived' && (
    <a class="button small" href={href(`scripts/${script.id}/edit`)}>
      Change
    </a>
  );
  return (
    <>
      <Section title="Filter" beside={edit}>
        {filters === null || Object.keys(filters).length === 0 ? (
          <p class="quiet">It has none: it runs for every event of its types.</p>
        ) : (
          <Json value={filters} label="Filter" />
        )}
      </Section>
      <Section title="What a run may use">
        <Facts
          of={[
            ['Time', duration(limits?.timeoutMs ?? application.timeoutMs)],
            ['Memory', `${limits?.memoryMb ?? application.memoryMb} MB`],
            ['Bindings', bindings === null || bindings.length === 0 ? 'none' : <Tags of={bindings} />],
            ['At the same time', maxConcurrency === null ? 'the application’s limit' : maxConcurrency],
            ['Runs per minute', runsPerMinute === null ? 'no limit' : runsPerMinute],
            [
              'Order',
              orderingKey === null
                ? 'none'
                : `by ${orderingKey}; a failure ${onOrderedFailure === 'block' ? 'holds the next ones up' : 'is passed over'}`,
            ],
          ]}
        />
      </Section>
      <Section title="Record">
        <Facts
          of={[
            ['Id', <Id of={script.id} />],
            ['Language', script.language === 'typescript' ? 'TypeScript' : 'JavaScript'],
            ['Made', <Made at={script.createdAt} by={script.createdBy} />],
            ['Changed', <Made at={script.updatedAt} by={script.updatedBy} />],
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
