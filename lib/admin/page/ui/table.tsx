import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  title: string;
  /** For screen readers only. */
  hidden?: boolean;
  /** For numbers and actions. */
  right?: boolean;
  cell: (row: Row) => ComponentChildren;
}

/** Rows under their titles; on a narrow screen each row is a card. */
export function Table<Row>({
  label,
  columns,
  rows,
  keyOf,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}) {
  return (
    <div class="table-box">
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ title, hidden, right }) => (
              <th key={title} scope="col" class={right ? 'right' : undefined}>
                {hidden ? <span class="heard">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, hidden, right, cell }) => (
                <td key={title} data-title={hidden ? '' : title} class={right ? 'right' : undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
