import { Script } from 'node:vm';
import type { DataSource } from 'typeorm';
import { SystemClock } from '../../lib/common/clock.js';
import { EventRegistry } from '../../lib/events/event-registry.js';
import type { BindingNames } from '../../lib/scripts/binding-names.js';
import { OrderingSupport } from '../../lib/scripts/ordering-support.js';
import { ScriptCeilings } from '../../lib/scripts/script-ceilings.js';
import { CronScheduleReader } from '../../lib/schedules/cron-schedule.reader.js';
import { ScriptIndex } from '../../lib/scripts/script-index.js';
import { ScriptIndexSync, type ScriptIndexSyncOptions } from '../../lib/scripts/script-index.sync.js';
import { ScriptService } from '../../lib/scripts/script.service.js';
import type { CreateScript } from '../../lib/scripts/script.types.js';
import { ScriptValidator } from '../../lib/scripts/script.validator.js';
import { SourceReader } from '../../lib/scripts/source-reader.js';
import { SourceWarnings } from '../../lib/scripts/source-warnings.js';
import { SourceChecker, type SourceCheckProblem } from '../../lib/scripts/source-checker.js';
import { TypeOrmActiveScripts } from '../../lib/scripts/typeorm-active-scripts.js';
import { TypeOrmNodeChannel } from '../../lib/nodes/typeorm-node-channel.js';
import { TypeOrmScriptRepository } from '../../lib/scripts/typeorm-script.repository.js';
import { TypeStripper } from '../../lib/scripts/typescript/type-stripper.js';

/** Compiles in this process: enough where the sandbox itself is not what is tested. */
class VmSourceChecker extends SourceChecker {
  async check(source: string): Promise<SourceCheckProblem | null> {
    try {
      // oxlint-disable-next-line no-new -- compiling is the check
      new Script(`(async function () {\n${source}\n})`, { filename: 'script', lineOffset: -1 });
      return null;
    } catch (error) {
      const { message, stack = '' } = error as Error;
      const line = /^script:(\d+)/.exec(stack);
      return { message, line: line && Number(line[1]) };
    }
  }
}

/** The services of one process on a DataSource, with a script index of its own. */
export interface ScriptServices {
  repository: TypeOrmScriptRepository;
  active: TypeOrmActiveScripts;
  index: ScriptIndex;
  sync: ScriptIndexSync;
  service: ScriptService;
}

/** Accepts every binding that a test names, except for names that begin with `no.`. */
const BINDINGS: BindingNames = {
  problemOf: (name) => (name.startsWith('no.') ? `Unknown binding "${name}".` : null),
};

const started: ScriptIndexSync[] = [];
const types = new TypeStripper();

/** Services as the module wires them. The sync is not started; if a test starts it, it stops after the test. */
export function scriptServices(
  dataSource: DataSource,
  {
    tenantScripts = 1_000,
    variables = [],
    ...options
  }: Partial<ScriptIndexSyncOptions> & { tenantScripts?: number; variables?: readonly string[] } = {},
): ScriptServices {
  const repository = new TypeOrmScriptRepository(dataSource, tenantScripts);
  const active = new TypeOrmActiveScripts(dataSource);
  const ordering = new OrderingSupport(() => true);
  const index = new ScriptIndex(ordering);
  const sync = new ScriptIndexSync(
    index,
    active,
    new TypeOrmNodeChannel(dataSource),
    // So long that the sync polls only when a test asks for it.
    { pollIntervalMs: 3_600_000, listen: false, ...options },
    new SystemClock(),
  );
  started.push(sync);
  const validator = new ScriptValidator(
    new SourceReader(new VmSourceChecker(), types),
    BINDINGS,
    { namesOf: async () => null },
    ordering,
    new ScriptCeilings(60_000, 256),
    new CronScheduleReader({ most: 10, minIntervalMs: 60_000, payloadBytes: 16_384 }),
  );
  const warnings = new SourceWarnings({ namesOf: async () => null }, { namesOf: async () => variables });
  const service = new ScriptService(repository, validator, sync, new EventRegistry(), warnings);
  return { repository, active, index, sync, service };
}

/** A valid script, with the changes that a test makes. */
export const newScript = (changes: Partial<CreateScript> = {}): CreateScript => ({
  name: 'Welcome',
  eventTypes: ['user.created'],
  source: "sdk.log.info('User created', { email: ctx.input.email });",
  ...changes,
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((sync) => sync.stop()));
});
afterAll(() => types.onApplicationShutdown());
