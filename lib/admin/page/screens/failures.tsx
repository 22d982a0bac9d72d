import { useFilters } from '../ui/filters';
import { Heading, Tabs } from '../ui/heading';
import { useHref } from '../session';
import { FailureGroupTable, type Days, useFailures } from './failure-groups';

const SPANS = [
  ['1', 'Last 24 hours'],
  ['7', 'Last 7 days'],
] as const;

/** Failures, in groups that look alike. */
export function Failures() {
  const [{ days = '1' }] = useFilters();
  const href = useHref();
  return (
    <>
      <Heading title="Failures">
        <p>
          Failures of one script with the same kind, line and message are grouped. Open a group to see its
          open dead letters.
        </p>
      </Heading>
      <Tabs
        label="Span"
        tabs={SPANS.map(([value, title]) => ({
          title,
          to: href('failures', value === '1' ? {} : { days: value }),
          current: days === value,
        }))}
      />
      <Groups key={days} days={days === '7' ? 7 : 1} />
    </>
  );
}

const Groups = ({ days }: { days: Days }) => <FailureGroupTable groups={useFailures({ days })} days={days} />;
