import { useEffect, useRef } from 'preact/hooks';
import { get } from '../api/client';
import type { FilterEditor, JsonObject, ScriptEditor } from '../editor';
import { useMay, useTenantQuery } from '../session';
import { Section } from '../ui/data';
import { Mounted } from '../ui/mounted';
import { type Draft, runsFor } from './edit-draft';
import type { Explain } from './edit-event';
import type { Query } from '../api/client';

/** The source editor, with the types of its events. */
export function SourceField({
  first,
  draft,
  onChange,
  onSave,
  onRun,
  onReady,
}: {
  first: Draft;
  draft: Draft;
  onChange: (source: string) => void;
  onSave: () => void;
  onRun: () => void;
  onReady: (editor: ScriptEditor | null) => void;
}) {
  const editor = useRef<ScriptEditor | null>(null);
  // The editor is mounted once, with the first callbacks.
  const mayWrite = useMay('write');
  const { language, secrets } = draft;
  const eventTypes = runsFor(draft);
  const tenant = useTenantQuery();
  // An empty name stands for no secrets: without a name, the API gives all of the tenant's.
  const query = { eventTypes, secrets: secrets.length > 0 ? secrets : [''] };
  const asked = JSON.stringify(query);
  const latest = useRef({ onChange, onSave, onRun, query, asked, language });
  latest.current = { onChange, onSave, onRun, query, asked, language };
  const load = async (): Promise<void> => {
    const { query: wanted, asked: key } = latest.current;
    try {
      const types = await get<string>('types.d.ts', { ...tenant, ...wanted });
      if (key === latest.current.asked) editor.current?.setTypes(types);
    } catch {
      // The editor works without types; saving reports wrong event types.
    }
  };
  useEffect(() => void load(), [asked]);
  useEffect(() => editor.current?.setLanguage(language), [language]);
  return (
    <Section
      title="Source"
      beside={<span class="quiet keys of-keyboard">Ctrl+Enter runs, Ctrl+S saves</span>}
    >
      <Mounted<ScriptEditor>
        tall
        mount={({ mountScriptEditor }, place) =>
          mountScriptEditor(place, {
            label: 'Source',
            source: first.source,
            readOnly: !mayWrite,
            language: latest.current.language,
            onChange: (source) => latest.current.onChange(source),
            onSave: () => latest.current.onSave(),
            onRun: () => latest.current.onRun(),
          })
        }
        onReady={(handle) => {
          editor.current = handle;
          onReady(handle);
          if (handle) void load();
        }}
      />
    </Section>
  );
}

/** The filter, and why it passes or rejects the chosen event. */
export function FilterField({
  first,
  fields,
  ask,
  onChange,
  onReady,
}: {
  first: JsonObject | null;
  fields: readonly string[];
  ask: (tenant: Query) => Explain | undefined;
  onChange: (filter: JsonObject | null | undefined) => void;
  onReady: (editor: FilterEditor | null) => void;
}) {
  const tenant = useTenantQuery();
  const mayWrite = useMay('write');
  const editor = useRef<FilterEditor | null>(null);
  const explain = ask(tenant);
  // The editor loads later and needs the latest of these.
  const latest = useRef({ onChange, fields, explain });
  latest.current = { onChange, fields, explain };
  const names = fields.join('\n');
  useEffect(() => editor.current?.setFields(fields), [names]);
  useEffect(() => editor.current?.setExplain(explain), [ask]);
  return (
    <Section
      title="Filter"
      beside={<span class="quiet keys">JSON. Leave it empty to let every event through.</span>}
    >
      <Mounted<FilterEditor>
        mount={({ mountFilterEditor }, place) =>
          mountFilterEditor(place, {
            label: 'Filter',
            filter: first,
            readOnly: !mayWrite,
            fields: latest.current.fields,
            explain: latest.current.explain,
            onChange: ({ value }) => latest.current.onChange(value),
          })
        }
        onReady={(handle) => {
          editor.current = handle;
          onReady(handle);
        }}
      />
    </Section>
  );
}
