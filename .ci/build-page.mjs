// Builds the admin page from lib/admin/page into dist/lib/admin/page: assets with their hash in the name, each also
// compressed, inline.js, which is the script as a document contains it, problem.css, the style of documents that are shown
// instead of the page, page.json that names the assets, and the licences of what is bundled. Does nothing when its sources are the same, and bundles the compiler of the editor, which takes seconds, only
// when that is another.
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

/** What the page shares with the server. */
const shared = ['filters', 'common'].flatMap((folder) =>
  readdirSync(join(root, 'lib', folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, 'lib', folder, name)),
);

/** What is made of these files by this script. */
function keyOf(files) {
  const hash = createHash('sha256');
  for (const file of [...files, fileURLToPath(import.meta.url)])
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

/** The compiler with the declarations of its language: by far the largest file, and the same for years of the page's own. */
const compilerSource = join(source, 'editor', 'types', 'compiler.ts');
const compilerInputs = [
  compilerSource,
  ...['typescript', 'esbuild'].map((name) => join(root, 'node_modules', name, 'package.json')),
];
const compiler = `compiler-${keyOf(compilerInputs).slice(0, 8).toUpperCase()}.js`;

/** What `lib.es2023.d.ts` refers to, as one object of texts by file names. */
const library = {
  name: 'typescript-library',
  setup(build) {
    build.onResolve({ filter: /^typescript-library:/ }, ({ path }) => ({
      path: path.slice(path.indexOf(':') + 1),
      namespace: 'typescript-library',
    }));
    build.onLoad({ filter: /.*/, namespace: 'typescript-library' }, ({ path }) => {
      const texts = {};
      const add = (part) => {
        const name = `lib.${part}.d.ts`;
        if (Object.hasOwn(texts, name)) return;
        texts[name] = readFileSync(join(root, 'node_modules/typescript/lib', name), 'utf8');
        for (const [, referred] of texts[name].matchAll(/reference lib="([^"]+)"/g)) add(referred);
      };
      add(path);
      return { contents: JSON.stringify(texts), loader: 'json' };
    });
  },
};

async function buildCompiler() {
  // Its compressed form is written last.
  if (existsSync(join(assets, `${compiler}.gz`))) return;
  await build({
    ...common,
    entryPoints: { [compiler.replace(/\.js$/, '')]: compilerSource },
    entryNames: '[name]',
    plugins: [library],
    // Of Node.js, which it looks for and does not need.
    external: [
      'crypto',
      'fs',
      'inspector',
      'module',
      'os',
      'path',
      'perf_hooks',
      'source-map-support',
      'url',
    ],
  });
}

/** The worker asks for the compiler by the name of its file. */
const compilerByName = {
  name: 'compiler-by-name',
  setup(build) {
    build.onResolve({ filter: /^\.\/compiler\.js$/ }, () => ({ path: `./${compiler}`, external: true }));
  },
};

/** Programs of workers cannot be imported: their addresses are given to the page. */
async function buildWorkers() {
  const entryPoints = sources.filter((name) => name.endsWith('.worker.ts'));
  return (await build({ ...common, entryPoints, plugins: [compilerByName] })).metafile;
}

function workerNames({ outputs }) {
  const named = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint);
  return Object.fromEntries(
    named.map(([file, { entryPoint }]) => [basename(entryPoint, '.worker.ts'), basename(file)]),
  );
}

const main = join(source, 'main.tsx');
const others = join(source, 'screens', 'others.ts');

/**
 * Screens and editors that come later share much with the page and with each other. Were that a file of its own, there would be
 * one file more, and 3 KiB, since two files compress worse than one: so each of them imports the other screens, which come right
 * after the overview, and these import all of the page.
 */
const laterScreens = {
  name: 'later-screens',
  setup(build) {
    const later = new Set();
    build.onResolve(
      { filter: /^\.\/screens\/|^\.\.?\/editor$/ },
      async ({ kind, path, pluginData, ...where }) => {
        if (kind !== 'dynamic-import' || pluginData === laterScreens) return undefined;
        const resolved = await build.resolve(path, { ...where, kind, pluginData: laterScreens });
        later.add(resolved.path);
        return resolved;
      },
    );
    build.onLoad({ filter: /page\/(screens\/[^/]+|editor\/index\.ts)$/ }, ({ path }) =>
      later.has(path)
        ? {
            contents: `${readFileSync(path, 'utf8')}\nimport ${JSON.stringify(path === others ? main : others)};\n`,
            loader: path.endsWith('x') ? 'tsx' : 'ts',
          }
        : undefined,
    );
  },
};

const buildPage = async (workers) =>
  (
    await build({
      ...common,
      entryPoints: [join(source, 'main.tsx')],
      plugins: [laterScreens],
      splitting: true,
      jsx: 'automatic',
      jsxImportSource: 'preact',
      // One by one: an object would be a file of its own.
      define: {
        ...common.define,
        ...Object.fromEntries(
          Object.entries(workers).map(([name, file]) => [`PAGE_WORKERS.${name}`, JSON.stringify(file)]),
        ),
      },
    })
  ).metafile;

/** The style of documents that are shown instead of the page. They contain it, so it is no asset. */
const buildProblemStyle = () =>
  build({
    ...common,
    entryPoints: [join(source, 'styles', 'problem.css')],
    outdir: out,
    entryNames: '[name]',
  });

/**
 * The file with the entry, its style, and the files of the other screens, which the shell names as well. Takes away what nobody
 * asks for: a file that only imports that of the entry, and the style again for screens that come later.
 */
function firstLoad(outputs) {
  const entries = Object.entries(outputs);
  const [main, { cssBundle }] = entries.find(([, { entryPoint }]) => entryPoint?.endsWith('main.tsx'));
  const [entry, { imports }] = entries.find(([, { inputs }]) =>
    Object.entries(inputs).some(
      ([file, { bytesInOutput }]) => file.endsWith('main.tsx') && bytesInOutput > 0,
    ),
  );
  if (imports.some(({ kind }) => kind === 'import-statement'))
    throw new Error('the first script of the page must be one file: a document contains it');
  const unused = Object.keys(outputs).filter((file) => file.endsWith('.css') && file !== cssBundle);
  if (entry !== main) unused.push(main);
  for (const file of unused) rmSync(join(root, file));
  const [others] = entries.find(([, { entryPoint }]) => entryPoint?.endsWith('screens/others.ts'));
  const found = new Set([others]);
  for (const file of found)
    for (const { path, kind } of outputs[file].imports)
      if (kind === 'import-statement' && path !== entry) found.add(path);
  const next = [...found].map((file) => basename(file));
  return { script: basename(entry), style: basename(cssBundle), next };
}

/** Replaces as often as expected, so that another esbuild that writes otherwise is noticed here. */
function replaceAll(text, pattern, times, replacement) {
  const found = text.match(pattern)?.length ?? 0;
  if (found !== times) throw new Error(`${pattern} occurs ${found} times instead of ${times} in the page`);
  return text.replace(pattern, replacement);
}

/**
 * The first script is a file, and the same text in a document, where it has no address of its own: there it neither finds
 * files beside itself, nor do later files import from it. So it takes their address from `scriptsEventPage`, as `base.ts` of
 * the page makes it, and in a document gives its exports there. Later files take them from there, and otherwise from the file.
 */
function writeFirstScript(outputs, { script }) {
  const [entry, { imports }] = Object.entries(outputs).find(([file]) => basename(file) === script);
  const later = imports.filter(({ kind }) => kind === 'dynamic-import').length;
  const file = join(root, entry);
  const text = replaceAll(
    readFileSync(file, 'utf8'),
    /import\("\.\/([\w.-]+)"\)/g,
    later,
    'import(scriptsEventPage.assets+"$1")',
  );
  writeFileSync(file, text);
  const inline = replaceAll(
    text.trimEnd(),
    /export\{([^}]*)\};$/g,
    1,
    (_, names) => `scriptsEventPage.exports={${pairs(names, (own, given) => `${given}:${own}`)}};`,
  );
  if (/<\/script|<!--|\r/i.test(inline))
    throw new Error('the first script would end or change in a document');
  writeFileSync(join(out, 'inline.js'), inline);
  const imported = new RegExp(`import(?:\\{([^}]*)\\}from)?"\\./${script.replace('.', '\\.')}";`, 'g');
  for (const [other, { imports: needed }] of Object.entries(outputs)) {
    const times = needed.filter(({ path, kind }) => path === entry && kind === 'import-statement').length;
    const place = join(root, other);
    if (times === 0 || !existsSync(place)) continue;
    const rewritten = replaceAll(readFileSync(place, 'utf8'), imported, times, (_, names) => {
      const given = `globalThis.scriptsEventPage?.exports??await import("./${script}");`;
      return names === undefined
        ? given
        : `const{${pairs(names, (theirs, own) => `${theirs}:${own}`)}}=${given}`;
    });
    writeFileSync(place, rewritten);
  }
}

/** The names of an import or export, `a as b, c`. */
const pairs = (names, pair) =>
  names
    .split(',')
    .map((one) => one.trim().split(' as '))
    .map(([first, second = first]) => pair(first, second))
    .join(',');

/** The package that a bundled file belongs to. */
const packageOf = (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];

function licences(inputs) {
  const packages = [...new Set(inputs.map(packageOf).filter(Boolean))].toSorted();
  return packages
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const files = readdirSync(join(root, folder)).filter((entry) => /^(licen[cs]e|.*notice)/i.test(entry));
      if (files.length === 0)
        throw new Error(`${name} is bundled into the page, but has no file with its licence`);
      const texts = files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
      return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function compressAll(names) {
  for (const name of names) {
    const compressed = join(assets, `${name}.gz`);
    if (!existsSync(compressed))
      writeFileSync(compressed, gzipSync(readFileSync(join(assets, name)), { level: 9 }));
  }
}

/** Takes away what a former build has left, but for the compiler if it is the same. */
function clear() {
  rmSync(manifest, { force: true });
  mkdirSync(assets, { recursive: true });
  for (const name of readdirSync(assets)) if (!name.startsWith(compiler)) rmSync(join(assets, name));
}

const key = keyOf([...sources, ...shared, join(root, 'package-lock.json')]);
const built = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
if (built.key === key) {
  utimesSync(manifest, new Date(), new Date());
} else {
  clear();
  await buildCompiler();
  const workers = await buildWorkers();
  const page = await buildPage(workerNames(workers));
  const first = firstLoad(page.outputs);
  writeFirstScript(page.outputs, first);
  await buildProblemStyle();
  const files = readdirSync(assets)
    .filter((name) => !name.endsWith('.gz'))
    .toSorted();
  compressAll(files);
  const inputs = [
    ...Object.keys(workers.inputs),
    ...Object.keys(page.inputs),
    'node_modules/typescript/lib/typescript.js',
  ];
  writeFileSync(join(out, 'LICENCES.txt'), licences(inputs));
  // Last: with it the build is whole.
  writeFileSync(manifest, `${JSON.stringify({ key, ...first, files }, null, 2)}\n`);
}
