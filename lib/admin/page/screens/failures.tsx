import { useFilters } from '../ui/filters';
import { Heading, Tabs } from '../ui/heading';
import { useHref } from '../session';
import { FailureGroupList } from './failure-groups';

const SPANS = [
  ['1', 'Last 24 hours'],
  ['7', 'Last 7 days'],
] as const;

/** What fails, grouped, before one looks at each. */
export function Failures() {
  const [{ days = '1' }] = useFilters();
  const href = useHref();
  return (
    <>
      <Heading title="Failures">
        <p>
          Failures with the same script, kind, line and message count as one. Open one to see its dead
          letters.
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
      <FailureGroupList key={days} days={days === '7' ? 7 : 1} />
    </>
  );
}
