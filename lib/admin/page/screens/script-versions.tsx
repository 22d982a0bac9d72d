import { useState } from 'preact/hooks';
import { request } from '../api/client';
import { useApi, usePages } from '../api/query';
import type { ComparedLine } from '../editor';
import type { Script, ScriptDiff, ScriptVersionSummary } from '../api/schema';
import { useMay, useTenantQuery } from '../session';
import { Ask } from '../ui/act';
import { Section } from '../ui/data';
import { DiffView } from '../ui/mounted';
import { Failed, Loaded, Loading } from '../ui/states';
import { When } from '../ui/time';

/** The versions of a script: compares any two, and reverts to an earlier one. */
export function ScriptVersions({ script }: { script: Script }) {
  const tenant = useTenantQuery();
  const path = `scripts/${script.id}/versions`;
  const pages = usePages<ScriptVersionSummary>(path, tenant);
  const [shown, show] = useState(script.version);
  const [chosen, choose] = useState<number | null>(null);
  if (!pages.data) return pages.error ? <Failed error={pages.error} /> : <Loading />;
  const versions = pages.data.pages.flatMap(({ items }) => items);
  const base = chosen === shown || chosen === null ? Math.max(shown - 1, 1) : chosen;
  return (
    <div class="versions">
      <ol class="version-list" aria-label="Versions">
        {versions.map(({ version, createdBy, createdAt, language }) => (
          <li key={version}>
            <button type="button" aria-pressed={version === shown} onClick={() => show(version)}>
              <strong>
                Version {version}
                {version === script.version && <span class="count">current</span>}
              </strong>
              <small>
                <When at={createdAt} />
                {createdBy && ` by ${createdBy}`}
                {language === 'typescript' && ', TypeScript'}
              </small>
            </button>
          </li>
        ))}
        {pages.hasNextPage && (
          <li>
            <button type="button" onClick={() => void pages.fetchNextPage()}>
              Show more
            </button>
          </li>
        )}
      </ol>
      <OneVersion
        key={`${base} ${shown}`}
        script={script}
        version={shown}
        base={base}
        versions={versions}
        onBase={choose}
      />
    </div>
  );
}

interface OneProps {
  script: Script;
  version: number;
  /** The version to compare with; itself if there is no other. */
  base: number;
  versions: readonly ScriptVersionSummary[];
  onBase: (version: number | null) => void;
}

function OneVersion({ script, version, base, versions, onBase }: OneProps) {
  const mayWrite = useMay('write');
  const [asked, ask] = useState(false);
  const isEarlier = mayWrite && version !== script.version && script.status !== 'archived';
  const diff = useApi<ScriptDiff>({
    path: `scripts/${script.id}/versions/${version}/diff`,
    query: { ...useTenantQuery(), from: base },
    poll: false,
  });
  const numbers = versions.map((one) => one.version).filter((one) => one !== version);
  return (
    <Section
      title={base === version ? `Version ${version}` : `Version ${version} compared with version ${base}`}
      beside={
        <span class="row-acts">
          {numbers.length > 0 && (
            <label class="beside">
              Compare with
              <select
                value={String(base)}
                onChange={({ currentTarget }) => onBase(Number(currentTarget.value))}
              >
                {(numbers.includes(base) ? numbers : [...numbers, base]).map((one) => (
                  <option key={one} value={String(one)}>
                    version {one}
                  </option>
                ))}
              </select>
            </label>
          )}
          {isEarlier && (
            <button type="button" class="button small" onClick={() => ask(true)}>
              Revert to this version
            </button>
          )}
        </span>
      }
    >
      <Loaded result={diff} rows={2}>
        {({ lines }) => (
          <DiffView
            of={lines as readonly ComparedLine[]}
            beforeLabel={`Version ${base}`}
            afterLabel={`Version ${version}`}
            language={versions.find((one) => one.version === version)?.language}
          />
        )}
      </Loaded>
      {asked && <Revert script={script} version={version} onClose={() => ask(false)} />}
    </Section>
  );
}

function Revert({ script, version, onClose }: { script: Script; version: number; onClose: () => void }) {
  const tenant = useTenantQuery();
  // Polls may change the script; the dialog acts on the revision shown.
  const [opened] = useState(script);
  const act = async (): Promise<string> => {
    await request(`scripts/${script.id}/revert`, {
      method: 'POST',
      query: tenant,
      body: { version },
      ifMatch: `"${opened.revision}"`,
    });
    return `${opened.name} has the source of version ${version} again`;
  };
  return (
    <Ask title={`Revert to version ${version}?`} button="Revert" act={act} onClose={onClose}>
      <p>
        Its source becomes version {opened.version + 1} and runs from the next event on. No version is lost.
      </p>
    </Ask>
  );
}
