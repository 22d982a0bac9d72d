import type { Script, ScriptHealth } from '../api/schema';
import { useHref, useMay } from '../session';
import { Icon } from '../ui/icons';
import { When } from '../ui/time';
import { useOpenLetters } from './open-letters';
import type { ScriptActName } from './script-acts';

const EXHAUSTED = ['exhausted'];

/** The health of a script, its reason, what waits, and what to do about it. */
export function HealthStrip({
  script,
  health,
  ask,
}: {
  script: Script;
  health: ScriptHealth | undefined;
  ask: (act: ScriptActName) => void;
}) {
  const mayOperate = useMay('operate');
  const mayWrite = useMay('write');
  const href = useHref();
  const exhausted = useOpenLetters(script.id, EXHAUSTED);
  if (!health) return null;
  const { state, reason, changedAt, changedBy, waiting, noRoom, window: counted, lastFailure } = health;
  const stopped = script.status === 'disabled' || script.degraded;
  if (!stopped && script.status === 'active' && !counted && waiting + exhausted.count === 0 && !lastFailure)
    return null;
  const tone = state === 'disabled' ? 'bad' : state === 'degraded' ? 'warn' : counted ? 'warn' : 'quiet';
  return (
    <section class={`strip ${tone}`} aria-label="Health of the script">
      <div>
        <strong>{titleOf(script, health)}</strong>
        {(reason ?? script.statusReason) && <p>{reason ?? script.statusReason}</p>}
        <ul>
          {stopped && changedAt && (
            <li>
              {state === 'degraded' ? 'Degraded' : 'Disabled'} <When at={changedAt} />
              {changedBy && ` by ${changedBy === 'scripts-event' ? 'the breaker' : changedBy}`}
            </li>
          )}
          {waiting > 0 && (
            <li>
              <a href={href('dead-letters', { scriptId: script.id })}>
                {waiting} {waiting === 1 ? 'dead letter is' : 'dead letters are'} waiting for it
              </a>
            </li>
          )}
          {exhausted.count > 0 && (
            <li>
              <a href={href('dead-letters', { scriptId: script.id, status: 'exhausted' })}>
                {exhausted.number} {exhausted.count === 1 ? 'dead letter needs' : 'dead letters need'}{' '}
                attention
              </a>
            </li>
          )}
          {noRoom > 0 && <li>{noRoom} events were lost because there was no room to keep them</li>}
          {counted && (
            <li>
              {counted.failures} of {counted.runs} {counted.runs === 1 ? 'execution' : 'executions'} failed
              since <When at={counted.startedAt} full />
            </li>
          )}
          {lastFailure && (
            <li>
              <a href={href(`executions/${lastFailure.executionId}`)}>
                Last failure <When at={lastFailure.at} />
              </a>
              {lastFailure.version !== script.version && `, in version ${lastFailure.version}`}
            </li>
          )}
        </ul>
      </div>
      {stopped && mayOperate && (
        <button type="button" class="button primary" onClick={() => ask('resume')}>
          <Icon name="play" />
          Resume
        </button>
      )}
      {(script.status === 'paused' || script.status === 'draft') && mayWrite && (
        <button type="button" class="button primary" onClick={() => ask('activate')}>
          <Icon name="play" />
          Activate
        </button>
      )}
    </section>
  );
}

function titleOf({ status, degraded }: Script, { window: counted, lastFailure }: ScriptHealth): string {
  if (status === 'disabled') return 'Disabled: it doesn’t run, and its events are held';
  if (degraded) return 'Degraded: it runs one event at a time';
  if (status === 'paused') return 'Paused: it receives no events';
  if (status === 'draft') return 'Draft: it receives no events until it is activated';
  if (status === 'archived') return 'Archived: it receives no events';
  if (counted) return 'It has failed recently';
  return lastFailure ? 'Healthy, with past failures' : 'Healthy';
}
