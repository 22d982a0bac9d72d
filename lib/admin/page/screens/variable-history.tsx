import { shownJson } from '../../../common/printable.js';
import { useApi } from '../api/query';
import type { VariableVersion, VariableVersions } from '../api/schema';
import { useMay, useTenantQuery } from '../session';
import { ActButton, Problem, useAct } from '../ui/act';
import { Dialog } from '../ui/dialog';
import { Loaded } from '../ui/states';
import { type Column, Table } from '../ui/table';
import { WhenBy } from '../ui/time';
import { setVariable } from './variable-acts';

/** The most characters of a value shown in a row. */
const SHOWN = 200;

/** A value in a row; the rest of a long one unfolds. */
export function ShownValue({ value }: { value: unknown }) {
  const text = shownJson(JSON.stringify(value));
  if (text.length <= SHOWN) return <code class="value">{text}</code>;
  return (
    <details>
      <summary>
        <code class="value">{text.slice(0, SHOWN)}…</code>
      </summary>
      <pre tabIndex={0}>
        <code>{shownJson(JSON.stringify(value, null, 2))}</code>
      </pre>
    </details>
  );
}

/** The versions of a variable, also of a deleted one. */
export function VariableHistory({ name, onClose }: { name: string; onClose: () => void }) {
  const tenant = useTenantQuery();
  const mayWrite = useMay('write');
  const versions = useApi<VariableVersions>({
    path: `variables/${name}/versions`,
    query: tenant,
    anew: true,
  });
  const { busy, error, run } = useAct();
  // A change is based on what is shown.
  const newest = versions.data?.items[0];
  const base = newest && !newest.deleted ? newest.version : 0;
  const setAgain = ({ version, value }: VariableVersion): Promise<boolean> =>
    run(async () => {
      await setVariable(name, value, base, tenant);
      return `${name} has the value of version ${version} again`;
    });
  const columns: Column<VariableVersion>[] = [
    {
      title: 'Version',
      cell: ({ version }) => (
        <span>
          {version}
          {version === base && (
            <>
              {' '}
              <span class="count">current</span>
            </>
          )}
        </span>
      ),
    },
    {
      title: 'Value',
      cell: ({ value, deleted }) =>
        deleted ? <span class="quiet">deleted</span> : <ShownValue value={value} />,
    },
    { title: 'Changed', cell: ({ changedAt, changedBy }) => <WhenBy at={changedAt} by={changedBy} /> },
  ];
  if (mayWrite)
    columns.push({
      title: 'Actions',
      hidden: true,
      right: true,
      cell: (one) =>
        one.version !== base &&
        !one.deleted && (
          <ActButton
            title="Set again"
            of={`version ${one.version}`}
            disabled={busy}
            onClick={() => void setAgain(one)}
          />
        ),
    });
  return (
    <Dialog title={`History of ${name}`} wide onClose={onClose}>
      <div class="ask">
        <Problem error={error} />
        <Loaded result={versions}>
          {({ items }) => (
            <Table
              label={`History of ${name}`}
              columns={columns}
              rows={items as readonly VariableVersion[]}
              keyOf={({ version }) => String(version)}
            />
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}
