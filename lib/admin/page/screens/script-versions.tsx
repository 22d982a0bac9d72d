import { useState } from 'preact/hooks';
import { request } from '../api/client';
import { useApi, usePages } from '../api/query';
import type { Script, ScriptVersion, ScriptVersionSummary } from '../api/schema';
import { useMay, useTenantQuery } from '../session';
import { Ask } from '../ui/act';
import { Section } from '../ui/data';
import { DiffView } from '../ui/mounted';
import { Failed, Loaded, Loading } from '../ui/states';
import { When } from '../ui/time';

/** What the script was: each version against the one before it, and a way back. */
export function ScriptVersions({ script }: { script: Script }) {
  const tenant = useTenantQuery();
  const path = `scripts/${script.id}/versions`;
  const pages = usePages<ScriptVersionSummary>(path, tenant);
  const [shown, show] = useState(script.version);
  if (!pages.data) return pages.error ? <Failed error={pages.error} /> : <Loading />;
  const versions = pages.data.pages.flatMap(({ items }) => items);
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
      <OneVersion key={shown} script={script} version={shown} />
    </div>
  );
}

function OneVersion({ script, version }: { script: Script; version: number }) {
  const tenant = useTenantQuery();
  const mayWrite = useMay('write');
  const [asked, ask] = useState(false);
  const path = (n: number): string => `scripts/${script.id}/versions/${n}`;
  const current = useApi<ScriptVersion>({ path: path(version), query: tenant, poll: false });
  const before = useApi<ScriptVersion>({
    path: path(version - 1),
    query: tenant,
    poll: false,
    enabled: version > 1,
  });
  const restorable = mayWrite && version !== script.version && script.status !== 'archived';
  return (
    <Section
      title={version > 1 ? `Version ${version} compared with version ${version - 1}` : 'Version 1'}
      beside={
        restorable && (
          <button type="button" class="button small" onClick={() => ask(true)}>
            Restore this version
          </button>
        )
      }
    >
      <Loaded result={current}>
        {({ source, language }) =>
          version > 1 && !before.data && !before.error ? (
            <Loading rows={2} />
          ) : (
            <DiffView
              before={before.data?.source ?? (version > 1 ? '' : source)}
              after={source}
              beforeLabel={version > 1 ? `Version ${version - 1}` : 'Version 1'}
              afterLabel={`Version ${version}`}
              language={language}
            />
          )
        }
      </Loaded>
      {asked && current.data && (
        <Ask
          title={`Restore version ${version}?`}
          button="Restore"
          onClose={() => ask(false)}
          act={async () => {
            const { source, language } = current.data;
            await request(`scripts/${script.id}`, {
              method: 'PATCH',
              query: tenant,
              body: { source, language },
              ifMatch: `"${script.revision}"`,
            });
            return `${script.name} has the source of version ${version} again`;
          }}
        >
          <p>
            Its source becomes version {script.version + 1} and runs from the next event on. No version is
            lost.
          </p>
        </Ask>
      )}
    </Section>
  );
}
