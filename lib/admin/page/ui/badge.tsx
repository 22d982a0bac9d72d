import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'quiet';

/** The colour of each state; its word is shown too. */
const TONES: Readonly<Record<string, Tone>> = {
  active: 'good',
  completed: 'good',
  resolved: 'good',
  healthy: 'good',
  up: 'good',
  failed: 'bad',
  exhausted: 'bad',
  disabled: 'bad',
  down: 'bad',
  degraded: 'warn',
  paused: 'warn',
  pending: 'info',
  retrying: 'info',
  held: 'warn',
  draft: 'quiet',
  archived: 'quiet',
  discarded: 'quiet',
};

export const Badge = ({ state, tone }: { state: string; tone?: Tone }) => (
  <span class={`badge ${tone ?? TONES[state] ?? 'quiet'}`}>{state}</span>
);

/** How an execution or a test run ended, with the failure kind. */
export const Outcome = ({ status, kind }: { status: string; kind: string | null | undefined }) => (
  <Badge
    state={status === 'failed' && kind ? `failed: ${kind}` : status}
    tone={status === 'failed' ? 'bad' : 'good'}
  />
);

export const Tag = ({ children }: { children: ComponentChildren }) => <code class="tag">{children}</code>;

export const Tags = ({ of }: { of: readonly string[] }) => (
  <span class="tags">
    {of.map((one) => (
      <Tag key={one}>{one}</Tag>
    ))}
  </span>
);
