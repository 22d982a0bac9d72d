import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { atTheTop } from './focus';
import { Icon } from './icons';

/** The head of a screen: its title, a way back, and its actions. */
export function Heading({
  title,
  back,
  beside,
  children,
  actions,
}: {
  title: string;
  back?: { to: string; title: string };
  beside?: ComponentChildren;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}) {
  // Whoever hears or sees the new heading finds the title of the same screen.
  useLayoutEffect(() => {
    document.title = `${title} · Scripts`;
  }, [title]);
  // A screen that waits for data shows it after the address changes.
  useEffect(atTheTop, []);
  return (
    <header class="heading">
      {back && (
        <a class="back" href={back.to}>
          <Icon name="back" />
          {back.title}
        </a>
      )}
      <div class="heading-row">
        <h1 tabIndex={-1}>{title}</h1>
        {beside}
        {actions && <div class="actions">{actions}</div>}
      </div>
      {children && <div class="heading-more">{children}</div>}
    </header>
  );
}

/** Parts of one screen, each with its own address. */
export const Tabs = ({
  label,
  tabs,
}: {
  label: string;
  tabs: readonly { title: string; to: string; current: boolean; count?: string | undefined }[];
}) => (
  <nav class="tabs" aria-label={label}>
    {tabs.map(({ title, to, current, count }) => (
      <a key={title} href={to} aria-current={current ? 'page' : undefined}>
        {title}
        {count !== undefined && <span class="count">{count}</span>}
      </a>
    ))}
  </nav>
);
