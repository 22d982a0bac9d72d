import { useHref } from '../session';
import { Heading } from '../ui/heading';
import { Empty } from '../ui/states';

export function NotFound() {
  const href = useHref();
  return (
    <>
      <Heading title="Not found" />
      <Empty icon="search" title="This page doesn’t exist">
        <a class="button" href={href('overview')}>
          Go to the overview
        </a>
      </Empty>
    </>
  );
}
