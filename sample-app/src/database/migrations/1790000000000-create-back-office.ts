import type { MigrationInterface, QueryRunner } from 'typeorm';

const NAMES = [
  'users',
  'sessions',
  'clients',
  'chats',
  'messages',
  'payments',
  'transactions',
  'expenses',
  'debts',
] as const;
type Tables = Record<(typeof NAMES)[number], string>;

const ROW = `id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()`;

const MONEY = `amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  currency text NOT NULL`;

/** The back office's own tables. */
export class CreateBackOffice1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const table = tablesOf(runner);
    for (const statement of [...coreTables(table), ...crmTables(table), ...financeTables(table)])
      await runner.query(statement);
    for (const name of NAMES) await runner.query(`CREATE INDEX ON ${table[name]} (tenant_id, created_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const table = tablesOf(runner);
    for (const name of NAMES.toReversed()) await runner.query(`DROP TABLE ${table[name]}`);
  }
}

/** Quoted names, in the schema of the data source if it names one. */
function tablesOf(runner: QueryRunner): Tables {
  const { schema } = runner.connection.options as { schema?: string };
  const quoted = (name: string) => (schema ? `"${schema}"."${name}"` : `"${name}"`);
  return Object.fromEntries(NAMES.map((name) => [name, quoted(name)])) as Tables;
}

const coreTables = (table: Tables): string[] => [
  `CREATE TABLE ${table.users} (${ROW},
  email text NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  password_hash text NOT NULL,
  UNIQUE (tenant_id, email))`,
  `CREATE TABLE ${table.sessions} (${ROW},
  user_id uuid NOT NULL REFERENCES ${table.users} ON DELETE CASCADE,
  token_hash text NOT NULL,
  expires_at timestamptz NOT NULL,
  expired_at timestamptz)`,
];

const crmTables = (table: Tables): string[] => [
  `CREATE TABLE ${table.clients} (${ROW},
  name text NOT NULL,
  email text NOT NULL,
  vip boolean NOT NULL DEFAULT false)`,
  `CREATE TABLE ${table.chats} (${ROW},
  client_id uuid NOT NULL REFERENCES ${table.clients} ON DELETE CASCADE)`,
  `CREATE TABLE ${table.messages} (${ROW},
  chat_id uuid NOT NULL REFERENCES ${table.chats} ON DELETE CASCADE,
  author text NOT NULL CHECK (author IN ('client', 'operator')),
  content text NOT NULL)`,
];

const financeTables = (table: Tables): string[] => [
  `CREATE TABLE ${table.payments} (${ROW},
  ${MONEY},
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'completed')))`,
  `CREATE TABLE ${table.transactions} (${ROW},
  payment_id uuid REFERENCES ${table.payments},
  ${MONEY},
  status text NOT NULL CHECK (status IN ('succeeded', 'failed')))`,
  `CREATE TABLE ${table.expenses} (${ROW},
  ${MONEY},
  category text NOT NULL)`,
  `CREATE TABLE ${table.debts} (${ROW},
  ${MONEY},
  type text NOT NULL CHECK (type IN ('receivable', 'payable')))`,
];
