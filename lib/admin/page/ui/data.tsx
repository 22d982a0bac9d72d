import type { ComponentChildren } from 'preact';

/** Facts by name, in columns as there is room. */
export const Facts = ({ of }: { of: readonly (readonly [string, ComponentChildren])[] }) => (
  <dl class="facts">
    {of.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

export const Section = ({
  title,
  beside,
  children,
}: {
  title: string;
  beside?: ComponentChildren;
  children: ComponentChildren;
}) => (
  <section class="section">
    <header>
      <h2>{title}</h2>
      {beside}
    </header>
    {children}
  </section>
);

interface Frame {
  number: number;
  text: string;
}

/** The lines around a marked line of a source. The empty line after its last line end is not one of them. */
export function SourceFrame({ source, line }: { source: string; line: number }) {
  const all = source.split(/\r?\n/).map((text, at): Frame => ({ number: at + 1, text }));
  if (all.at(-1)?.text === '' && line < all.length) all.pop();
  const shown = all.slice(Math.max(0, line - 4), line + 3);
  return (
    <pre class="source-frame" tabIndex={0} role="region" aria-label={`The source around line ${line}`}>
      {shown.map(({ number, text }) => (
        <span key={number} class={number === line ? 'here' : undefined}>
          <i aria-hidden="true">{number}</i>
          <code>{text || ' '}</code>
        </span>
      ))}
    </pre>
  );
}
