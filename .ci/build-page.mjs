// Builds the admin page from lib/admin/page into dist/lib/admin/page: assets with their hash in the name, each also
// compressed, page.json that names them, and the licences of what is bundled. Does nothing when its sources are the same.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'lib', 'admin', 'page');
const out = join(root, 'dist', 'lib', 'admin', 'page');
const assets = join(out, 'assets');
const manifest = join(out, 'page.json');

const sources = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(tsx?|css|json)$/.test(name))
  .map((name) => join(source, name))
  .toSorted();

/** What the build depends on. */
function keyOfSources() {
  const hash = createHash('sha256');
  for (const file of [...sources, join(root, 'package-lock.json'), fileURLToPath(import.meta.url)])
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  outdir: assets,
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  metafile: true,
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
};

/** Programs of workers cannot be imported: their addresses are given to the page. */
async function buildWorkers() {
  const entryPoints = sources.filter((name) => name.endsWith('.worker.ts'));
  if (entryPoints.length === 0) return { outputs: {}, inputs: {} };
  return (await build({ ...common, entryPoints })).metafile;
}

function workerNames({ outputs }) {
  const named = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint);
  return Object.fromEntries(
    named.map(([file, { entryPoint }]) => [basename(entryPoint, '.worker.ts'), basename(file)]),
  );
}

const buildPage = async (workers) =>
  (
    await build({
      ...common,
      entryPoints: [join(source, 'main.tsx')],
      splitting: true,
      jsx: 'automatic',
      jsxImportSource: 'preact',
      define: { ...common.define, PAGE_WORKERS: JSON.stringify(workers) },
    })
  ).metafile;

/** The files that the shell names: what the entry imports at once, and not later. */
function firstLoad(outputs) {
  const [entry, { cssBundle }] = Object.entries(outputs).find(([, output]) =>
    output.entryPoint?.endsWith('main.tsx'),
  );
  const found = new Set([entry]);
  for (const file of found)
    for (const { path, kind } of outputs[file].imports) if (kind === 'import-statement') found.add(path);
  const [script, ...parts] = [...found].map((file) => basename(file));
  return { script, style: basename(cssBundle), parts };
}

/** The package that a bundled file belongs to. */
const packageOf = (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];

function licences(inputs) {
  const packages = [...new Set(inputs.map(packageOf).filter(Boolean))].toSorted();
  return packages
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      if (!file) throw new Error(`${name} is bundled into the page, but has no file with its licence`);
      const text = readFileSync(join(root, folder, file), 'utf8').trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function compressAll() {
  for (const name of readdirSync(assets)) {
    const bytes = readFileSync(join(assets, name));
    writeFileSync(join(assets, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
}

const key = keyOfSources();
const built = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
if (built.key === key) {
  utimesSync(manifest, new Date(), new Date());
} else {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(assets, { recursive: true });
  const workers = await buildWorkers();
  const page = await buildPage(workerNames(workers));
  const files = readdirSync(assets).toSorted();
  compressAll();
  const inputs = [...Object.keys(workers.inputs), ...Object.keys(page.inputs)];
  writeFileSync(join(out, 'LICENCES.txt'), licences(inputs));
  // Last: with it the build is whole.
  writeFileSync(manifest, `${JSON.stringify({ key, ...firstLoad(page.outputs), files }, null, 2)}\n`);
}
