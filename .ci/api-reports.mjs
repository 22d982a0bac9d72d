// Writes down what each entry of `exports` offers, in api/<entry>.api.md, and fails when that differs from what is
// committed. With --update it writes the reports anew. Reads dist/: build first.
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
        // A type that hosts meet and cannot import is named in the report; comments are not judged here.
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'none', addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
    packageJsonFullPath: join(root, 'package.json'),
  });

function report(config, compilerState) {
  const problems = [];
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: update,
    compilerState,
    messageCallback(message) {
      message.handled = true;
      if (message.logLevel === 'error') problems.push(message.text);
    },
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return apiReportChanged;
}

try {
  mkdirSync(reportFolder, { recursive: true });
  const entries = Object.entries(manifest.exports).filter(([, { types }]) => types !== undefined);
  const named = entries.map(([entry, { types }]) => [entry === '.' ? 'index' : entry.slice(2), types]);
  const configs = named.map(([name, types]) => configOf(name, types));
  const additionalEntryPoints = named.map(([, types]) => join(root, types));
  const compiler = CompilerState.create(configs[0], { additionalEntryPoints });
  const changed = named.filter((_, at) => report(configs[at], compiler)).map(([name]) => name);
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
