import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { post, request } from '../api/client';
import type { Script, ScriptDeletion, ScriptHealth, ScriptResumption } from '../api/schema';
import { useHref, useMay, useTenantQuery } from '../session';
import { Ask, Confirm, ReasonField } from '../ui/act';
import { Icon, type IconName } from '../ui/icons';

export type ScriptActName = 'activate' | 'pause' | 'disable' | 'resume' | 'archive' | 'restore' | 'delete';

interface Entry {
  act: ScriptActName;
  title: string;
  icon: IconName;
  permission: 'write' | 'operate';
  /** Statuses that allow it. */
  when: readonly string[];
}

const ENTRIES: readonly Entry[] = [
  { act: 'activate', title: 'Activate', icon: 'play', permission: 'write', when: ['draft', 'paused'] },
  { act: 'pause', title: 'Pause', icon: 'pause', permission: 'write', when: ['active'] },
  { act: 'disable', title: 'Disable', icon: 'failures', permission: 'operate', when: ['active'] },
  {
    act: 'archive',
    title: 'Archive',
    icon: 'letters',
    permission: 'write',
    when: ['draft', 'paused', 'disabled'],
  },
  { act: 'restore', title: 'Restore', icon: 'replay', permission: 'write', when: ['archived'] },
  {
    act: 'delete',
    title: 'Delete',
    icon: 'trash',
    permission: 'write',
    when: ['draft', 'paused', 'disabled', 'archived'],
  },
];

/** Acts that the status and the permissions allow. */
export function ScriptMenu({ script, ask }: { script: Script; ask: (act: ScriptActName) => void }) {
  const may = { write: useMay('write'), operate: useMay('operate') };
  const entries = ENTRIES.filter(({ permission, when }) => may[permission] && when.includes(script.status));
  return (
    <>
      {entries.map(({ act, title, icon }) => (
        <button key={act} type="button" class="button" onClick={() => ask(act)}>
          <Icon name={icon} />
          {title}
        </button>
      ))}
    </>
  );
}

interface DialogProps {
  script: Script;
  onClose: () => void;
}

export function ScriptActDialog({
  act,
  health,
  ...props
}: DialogProps & { act: ScriptActName; health: ScriptHealth | undefined }) {
  switch (act) {
    case 'pause':
      return (
        <WithReason
          {...props}
          act={act}
          title="Pause this script?"
          button="Pause"
          done="is paused"
          hint="Everyone who opens the script sees it next to the status."
        >
          While it’s paused, it receives no events, and it won’t catch up on them later.
        </WithReason>
      );
    case 'disable':
      return (
        <WithReason
          {...props}
          act={act}
          title="Disable this script?"
          button="Disable"
          done="is disabled"
          hint="It is part of the alert."
          danger
        >
          It stops running immediately. Its events are kept as dead letters, and an alert is sent.
        </WithReason>
      );
    case 'resume':
      return <Resume {...props} waiting={health?.waiting ?? 0} />;
    case 'delete':
      return <Delete {...props} />;
    case 'activate':
      return (
        <Simple {...props} act={act} title="Activate this script?" button="Activate" done="is active">
          From now on, it runs for every event that its filter lets through. Its earlier failures no longer
          count.
        </Simple>
      );
    case 'archive':
      return (
        <Simple {...props} act={act} title="Archive this script?" button="Archive" done="is archived">
          It no longer runs, and another script may take its name. You can restore it later.
        </Simple>
      );
    case 'restore':
      return (
        <Simple
          {...props}
          act={act}
          title="Restore this script?"
          button="Restore"
          done="is restored and paused"
        >
          It comes back paused, and runs again once somebody activates it.
        </Simple>
      );
    default: {
      const rest: never = act;
      return rest;
    }
  }
}

interface SimpleProps extends DialogProps {
  act: ScriptActName;
  title: string;
  button: string;
  /** Follows the script’s name. */
  done: string;
  children: string;
}

function Simple({ script, act, title, button, done, onClose, children }: SimpleProps) {
  const tenant = useTenantQuery();
  const run = async (): Promise<string> => {
    await post(`scripts/${script.id}/${act}`, tenant);
    return `${script.name} ${done}`;
  };
  return (
    <Ask title={title} button={button} act={run} onClose={onClose}>
      <p>{children}</p>
    </Ask>
  );
}

function WithReason({
  script,
  act,
  title,
  button,
  done,
  hint,
  danger,
  onClose,
  children,
}: SimpleProps & { hint: string; danger?: boolean }) {
  const tenant = useTenantQuery();
  const [reason, setReason] = useState('');
  const run = async (): Promise<string> => {
    await post(`scripts/${script.id}/${act}`, tenant, { reason: reason.trim() });
    return `${script.name} ${done}`;
  };
  return (
    <Ask
      title={title}
      button={button}
      danger={danger}
      ready={reason.trim() !== ''}
      act={run}
      onClose={onClose}
    >
      <p>{children}</p>
      <ReasonField title="Reason" hint={hint} value={reason} onChange={setReason} />
    </Ask>
  );
}

const CHOICES = [
  ['held', 'Run the events that were held for it'],
  ['failed', 'Run them, and replay what was exhausted since it began to fail'],
  ['none', 'Discard the events that were held for it'],
] as const;

function Resume({ script, waiting, onClose }: DialogProps & { waiting: number }) {
  const tenant = useTenantQuery();
  const [replay, setReplay] = useState<string>('held');
  const run = async (): Promise<string> => {
    const done = await post<ScriptResumption>(`scripts/${script.id}/resume`, tenant, { replay });
    const { replayed, discarded } = done;
    return [
      `${script.name} runs again`,
      replayed > 0 ? `${replayed} dead letters run now` : '',
      discarded > 0 ? `${discarded} are discarded` : '',
    ]
      .filter(Boolean)
      .join('; ');
  };
  return (
    <Ask title="Resume this script?" button="Resume" danger={replay === 'none'} act={run} onClose={onClose}>
      <p>
        It runs again with a clean health record.
        {waiting > 0 &&
          ` ${waiting} ${waiting === 1 ? 'dead letter is' : 'dead letters are'} waiting for it.`}
      </p>
      <fieldset class="choices">
        <legend>What about the events that came in meanwhile?</legend>
        {CHOICES.map(([value, words]) => (
          <label key={value}>
            <input type="radio" name="replay" checked={replay === value} onChange={() => setReplay(value)} />
            {words}
          </label>
        ))}
      </fieldset>
    </Ask>
  );
}

function Delete({ script, onClose }: DialogProps) {
  const tenant = useTenantQuery();
  const href = useHref();
  const { route } = useLocation();
  const [typed, setTyped] = useState('');
  const run = async (): Promise<string> => {
    const { value } = await request<ScriptDeletion>(`scripts/${script.id}`, {
      method: 'DELETE',
      query: tenant,
    });
    route(href('scripts'));
    const { discardedDeadLetters: gone } = value;
    return gone > 0
      ? `${script.name} is deleted, ${gone} dead letters are discarded`
      : `${script.name} is deleted`;
  };
  return (
    <Ask
      title="Delete this script?"
      button="Delete permanently"
      danger
      ready={typed === script.name}
      act={run}
      onClose={onClose}
    >
      <p>Its versions are deleted, and its open dead letters are discarded. This can’t be undone.</p>
      <Confirm text={script.name} typed={typed} onChange={setTyped} />
    </Ask>
  );
}
