// Writes down what each entry of `exports` offers, in api/<entry>.api.md, and fails when that differs from what is
// committed, or when a signature names a type that hosts cannot import. With --update it writes the reports anew. Reads
// dist/: build first.
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const update = process.argv.includes('--update');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const reportFolder = join(root, 'api');
const reportTempFolder = mkdtempSync(join(tmpdir(), 'api-reports-'));
const tsconfig = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
const compilerOptions = { ...tsconfig.compilerOptions, types: ['node'], paths: {}, noEmit: true };

/** Entries whose hosts have the main one too: its types need not be offered twice. */
const BESIDE_MAIN = ['admin', 'opentelemetry', 'testing', 'terminus'];
/** What a signature may name though nobody can import it. */
const UNNAMED = new Map([['ConfigurableModuleClass', 'made by the builder of Nest: the base of the module']]);

const configOf = (name, types) =>
  ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, types),
      compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      apiReport: { enabled: true, reportFileName: name, reportFolder, reportTempFolder },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        // Comments are not judged here.
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'warning' },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
    packageJsonFullPath: join(root, 'package.json'),
  });

const entries = Object.entries(manifest.exports).filter(([, { types }]) => types !== undefined);
const named = entries.map(([entry, { types }]) => [entry === '.' ? 'index' : entry.slice(2), types]);

/** Types that signatures of an entry name and that it does not offer. */
const forgotten = new Map(named.map(([name]) => [name, []]));

function report(name, config, compilerState) {
  const problems = [];
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: update,
    compilerState,
    messageCallback(message) {
      message.handled = true;
      if (message.messageId === 'ae-forgotten-export')
        forgotten.get(name).push(/The symbol "(.+?)"/.exec(message.text)[1]);
      else if (message.logLevel === 'error') problems.push(message.text);
    },
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return apiReportChanged;
}

try {
  mkdirSync(reportFolder, { recursive: true });
  const configs = named.map(([name, types]) => configOf(name, types));
  const additionalEntryPoints = named.map(([, types]) => join(root, types));
  const compiler = CompilerState.create(configs[0], { additionalEntryPoints });
  const changed = named.filter(([name], at) => report(name, configs[at], compiler)).map(([name]) => name);
  const offered = readFileSync(join(update ? reportFolder : reportTempFolder, 'index.api.md'), 'utf8');
  const isOffered = (symbol) =>
    new RegExp(`^export .*\\b(?:class|interface|type|const|function) ${symbol}\\b`, 'm').test(offered);
  const missing = [...forgotten].flatMap(([name, symbols]) =>
    symbols
      .filter((symbol) => !UNNAMED.has(symbol) && !(BESIDE_MAIN.includes(name) && isOffered(symbol)))
      .map((symbol) => `${symbol} (${name})`),
  );
  if (missing.length > 0) {
    const advice = 'Export them from the entry, or mark what names them @internal.';
    console.error(`Signatures name types that hosts cannot import: ${missing.join(', ')}. ${advice}`);
    process.exitCode = 1;
  }
  const expected = new Set(named.map(([name]) => `${name}.api.md`));
  const stray = readdirSync(reportFolder).filter((file) => !expected.has(file));
  if (update) {
    for (const file of stray) rmSync(join(reportFolder, file));
    console.log(
      changed.length > 0 ? `written anew: ${changed.join(', ')}` : 'the reports say what is offered',
    );
  } else if (changed.length > 0 || stray.length > 0) {
    const files = [...changed.map((name) => `${name}.api.md`), ...stray].join(', ');
    console.error(
      `What the package offers differs from api/${files}: run "npm run api:update", and review the diff.`,
    );
    process.exitCode = 1;
  } else console.log(`${named.length} entries offer what their reports say`);
} finally {
  rmSync(reportTempFolder, { recursive: true, force: true });
}
