import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso/router';
import { ApiError, request } from '../api/client';
import { refresh, useApi } from '../api/query';
import type { EventTypes, SavedScript, Script } from '../api/schema';
import type { FilterEditor, ScriptEditor } from '../editor';
import { useHref, useMay, useTenantQuery } from '../session';
import { Problem } from '../ui/act';
import { announce } from '../ui/announce';
import { Heading } from '../ui/heading';
import { Icon } from '../ui/icons';
import { Empty, Loaded } from '../ui/states';
import { Conflict } from './edit-conflict';
import { bodyOf, type Draft, draftOf, isSame, newDraft, placed, unreadable } from './edit-draft';
import { FilterField, SourceField } from './edit-fields';
import { Settings } from './edit-settings';
import { TestPanel } from './edit-test';
import { type TestedEvent, toAsk } from './edit-event';
import { OpenLettersLink, useOpenLetters } from './open-letters';

/** Creates a script. */
export function NewScript() {
  const { query } = useLocation();
  const types = useApi<EventTypes>({ path: 'event-types', poll: false });
  return (
    <Loaded result={types}>
      {({ items }) => {
        const type = items.find((one) => one.type === query.eventType) ?? items[0];
        if (!type)
          return (
            <Empty icon="scripts" title="The application has no event types">
              <p>Scripts can listen to events once the application declares their types.</p>
            </Empty>
          );
        return <Editor key={type.type} first={newDraft(type)} types={types.data?.items ?? []} />;
      }}
    </Loaded>
  );
}

/** Edits a script. Loads it once, so that a save by somebody else shows as a conflict. */
export function EditScript() {
  const { params } = useRoute();
  const id = params.id ?? '';
  const tenant = useTenantQuery();
  const types = useApi<EventTypes>({ path: 'event-types', poll: false });
  const script = useApi<Script>({ path: `scripts/${id}`, query: tenant, poll: false, anew: true });
  return (
    <Loaded result={types}>
      {({ items }) => (
        <Loaded result={script}>
          {(data) => <Editor key={id} script={data} first={draftOf(data)} types={items} />}
        </Loaded>
      )}
    </Loaded>
  );
}

interface Props {
  script?: Script;
  first: Draft;
  types: EventTypes['items'];
}

function Editor({ script, first, types }: Props) {
  const href = useHref();
  const tenant = useTenantQuery();
  const { route } = useLocation();
  const mayWrite = useMay('write');
  const [draft, setDraft] = useState(first);
  const [base, setBase] = useState<{ draft: Draft; script: Script | undefined }>({ draft: first, script });
  const [event, setEvent] = useState<TestedEvent | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [theirs, setTheirs] = useState<Script | null>(null);
  const [saved, setSaved] = useState<Script | null>(null);
  const [busy, setBusy] = useState(false);
  const source = useRef<ScriptEditor | null>(null);
  const filter = useRef<FilterEditor | null>(null);
  const runs = useRef<() => void>(() => undefined);
  const change = (some: Partial<Draft>): void => setDraft((current) => ({ ...current, ...some }));
  const dirty = !isSame(draft, base.draft);
  const said = placed(error?.issues ?? []);
  useWarningBeforeLeaving(dirty);

  useEffect(() => {
    source.current?.setProblems(said.source);
    filter.current?.setProblems(said.filter);
    if (said.source[0]?.line !== undefined) source.current?.goTo(said.source[0].line);
  }, [error]);

  const ask = useMemo(() => toAsk(event), [event]);
  const fields = useMemo(
    () => [
      ...new Set(
        types.filter(({ type }) => draft.eventTypes.includes(type)).flatMap(({ fields: own }) => own ?? []),
      ),
    ],
    [types, draft.eventTypes],
  );

  const save = async (revision = base.script?.revision, active?: boolean): Promise<void> => {
    if (busy || !mayWrite) return;
    const issues = unreadable(draft);
    if (issues.length > 0) return setError(new ApiError(400, 'unreadable', issues[0]?.message ?? '', issues));
    setBusy(true);
    setError(null);
    try {
      const body = bodyOf(draft);
      const { value } = base.script
        ? await request<SavedScript>(`scripts/${base.script.id}`, {
            method: 'PATCH',
            query: tenant,
            body,
            ifMatch: `"${revision}"`,
          })
        : await request<SavedScript>('scripts', { method: 'POST', query: tenant, body: { ...body, active } });
      if (base.script) setSaved(value);
      setTheirs(null);
      setBase({ draft, script: value });
      setWarnings(value.warnings);
      announce(
        base.script
          ? `Saved: version ${value.version}`
          : `${value.name} is ${value.status === 'active' ? 'active' : 'saved as draft'}`,
      );
      await refresh();
      if (!base.script) leaving.allowed = true;
      if (!base.script) route(href(`scripts/${value.id}`));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      if (failure.status === 412 && base.script) await showTheirs(base.script.id);
      else setError(failure);
    } finally {
      setBusy(false);
    }
  };

  const showTheirs = async (id: string): Promise<void> => {
    const { value } = await request<Script>(`scripts/${id}`, { query: tenant });
    setTheirs(value);
  };

  const takeTheirs = (): void => {
    if (!theirs) return;
    const next = draftOf(theirs);
    setDraft(next);
    setBase({ draft: next, script: theirs });
    source.current?.setSource(next.source);
    filter.current?.setFilter(next.filters ?? null);
    setTheirs(null);
  };

  return (
    <>
      <Heading
        title={base.script ? `Edit ${base.script.name}` : 'New script'}
        back={
          base.script
            ? { to: href(`scripts/${base.script.id}`), title: base.script.name }
            : { to: href('scripts'), title: 'Scripts' }
        }
        beside={dirty && <span class="quiet">not saved</span>}
        actions={
          mayWrite && (
            <>
              {!base.script && (
                <button
                  type="button"
                  class="button"
                  disabled={busy}
                  onClick={() => void save(undefined, false)}
                >
                  Save as draft
                </button>
              )}
              <button
                type="button"
                class="button primary"
                disabled={busy || (base.script !== undefined && !dirty)}
                onClick={() => void save(undefined, true)}
              >
                <Icon name="check" />
                {base.script ? 'Save' : 'Save and activate'}
              </button>
            </>
          )
        }
      />
      <Problem error={error} />
      {saved && !dirty && <Saved script={saved} />}
      {warnings.map((warning) => (
        <p key={warning} class="warning" role="status">
          {warning}
        </p>
      ))}
      <div class="edit">
        <div class="edit-main">
          <Settings draft={draft} types={types} change={change} said={said.field} />
          <SourceField
            first={first}
            draft={draft}
            onChange={(text) => change({ source: text })}
            onSave={() => void save()}
            onRun={() => runs.current()}
            onReady={(handle) => (source.current = handle)}
          />
          <FilterField
            first={first.filters ?? null}
            fields={fields}
            ask={ask}
            onChange={(filters) => change({ filters })}
            onReady={(handle) => (filter.current = handle)}
          />
        </div>
        <TestPanel
          draft={draft}
          types={types}
          script={base.script}
          event={event}
          onEvent={setEvent}
          onReady={(run) => (runs.current = run)}
          onFailure={(problem) => {
            source.current?.setProblems(problem ? [problem] : []);
            if (problem?.line !== undefined) source.current?.goTo(problem.line);
          }}
        />
      </div>
      {theirs && (
        <Conflict
          theirs={theirs}
          draft={draft}
          onTheirs={takeTheirs}
          onMine={() => {
            setBase({ draft: draftOf(theirs), script: theirs });
            void save(theirs.revision);
          }}
          onClose={() => setTheirs(null)}
        />
      )}
    </>
  );
}

/** Statuses to replay. */
const OPEN = ['pending', 'exhausted'];

/** Offers to replay the script's open dead letters, after a version is saved. */
function Saved({ script: { id, version } }: { script: Script }) {
  const letters = useOpenLetters(id, OPEN);
  if (letters.count === 0) return null;
  const it = letters.count === 1 ? 'it' : 'them';
  return (
    <p class="saved" role="status">
      Version {version} is saved. <OpenLettersLink scriptId={id} letters={letters} />: replay {it} to run {it}{' '}
      on this version.
    </p>
  );
}

/** Set when a new script is saved, to open it without a warning. */
const leaving = { allowed: false };

/** Asks before unsaved changes are lost. */
function useWarningBeforeLeaving(dirty: boolean): void {
  useEffect(() => {
    leaving.allowed = false;
    if (!dirty) return undefined;
    const unload = (event: BeforeUnloadEvent): void => event.preventDefault();
    const click = (event: MouseEvent): void => {
      const link = event
        .composedPath()
        .find((one): one is HTMLAnchorElement => one instanceof HTMLAnchorElement);
      if (!link || leaving.allowed || event.ctrlKey || event.metaKey || event.button !== 0) return;
      // oxlint-disable-next-line no-alert -- the browser's own question, as it asks when the page is left
      if (confirm('Leave without saving? Your changes will be lost.')) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener('beforeunload', unload);
    document.addEventListener('click', click, true);
    return () => {
      removeEventListener('beforeunload', unload);
      document.removeEventListener('click', click, true);
    };
  }, [dirty]);
}
