/**
 * The import rule: arrows point down only. A folder may import the folders on lower lines, never its neighbours.
 *
 *   module                       testing  terminus  opentelemetry  admin  cli
 *   health  routing
 *   activity  breaker  retention  schedules  test-run
 *   alerts
 *   dead-letter
 *   execution  typings
 *   events  scripts  secrets  variables  store  buffer  bindings  sandbox
 *   nodes
 *   filters  metrics  tracing  entities  options  http
 *   common
 */
const lines = [
  ['common'],
  ['filters', 'metrics', 'tracing', 'entities', 'options', 'http'],
  ['nodes'],
  ['events', 'scripts', 'secrets', 'variables', 'store', 'buffer', 'bindings', 'sandbox'],
  ['execution', 'typings'],
  ['dead-letter'],
  ['alerts'],
  ['activity', 'breaker', 'retention', 'schedules', 'test-run'],
  ['routing', 'health'],
  ['terminus', 'opentelemetry', 'admin'],
];

const direction = lines.flatMap((line, level) => {
  const above = lines.slice(level + 1).flat();
  return line.map((folder) => {
    const refused = [...line.filter((neighbour) => neighbour !== folder), ...above].join('|');
    return {
      name: `direction-${folder}`,
      comment: `lib/${folder} may use only folders on lower lines`,
      severity: 'error',
      from: { path: `^lib/${folder}/` },
      to: { path: `^lib/(${refused}|module|testing|cli)/|^lib/index\\.ts$` },
    };
  });
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...direction,
    {
      name: 'direction-module',
      comment: 'lib/module puts the other folders together; who starts from outside stands beside it',
      severity: 'error',
      from: { path: '^lib/module/' },
      to: { path: '^lib/(testing|terminus|opentelemetry|admin|cli)/|^lib/index\\.ts$' },
    },
    {
      name: 'child-is-lean',
      comment: 'the sandbox child starts fast and has little to leak',
      severity: 'error',
      from: { path: '^lib/sandbox/child/' },
      to: {
        pathNot:
          '^lib/sandbox/(child/|(protocol|host-signals)\\.ts$)|^lib/common/(byte-limits|duration-text|event-type-name|json)\\.ts$|^node_modules/(isolated-vm|lru-cache)|^(node:)?[a-z0-9_]+$',
      },
    },
    {
      name: 'no-nest-in-filters-and-sandbox',
      comment: 'these two are usable without Nest and TypeORM',
      severity: 'error',
      from: {
        path: '^lib/(filters|sandbox|common)/',
        pathNot: '^lib/common/(host-log|printable-logger|recording-writer)\\.ts$',
      },
      to: {
        path: 'node_modules/(@nestjs|typeorm|pg|class-validator)/|^lib/common/(host-log|printable-logger|recording-writer)\\.ts$',
      },
    },
    {
      name: 'typeorm-in-its-place',
      comment: 'TypeORM appears in entities, typeorm-* adapters, migrations and the module',
      severity: 'error',
      from: {
        path: '^lib/',
        pathNot: '^lib/(entities/|[^/]+/((durable|store)/)?typeorm-[^/]+\\.ts$|module/)',
      },
      to: { path: 'node_modules/(typeorm|@nestjs/typeorm|pg)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'terminus-in-its-entry',
      comment: 'an optional peer: neither code nor types of the main entry may need it',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/terminus/' },
      to: { path: 'node_modules/@nestjs/terminus/|^lib/terminus/' },
    },
    {
      name: 'opentelemetry-in-its-entry',
      comment: 'an optional peer: neither code nor types of the main entry may need it',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/opentelemetry/' },
      to: { path: 'node_modules/@opentelemetry/|^lib/opentelemetry/' },
    },
    {
      name: 'admin-in-its-entry',
      comment: 'an optional entry: a host that does not import it loads nothing of it',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/admin/' },
      to: { path: '^lib/admin/' },
    },
    {
      name: 'page-runs-in-the-browser',
      comment:
        "the page knows the application by its API alone, and shows a tenant's text as the package does: by what needs nothing of Node.js; its libraries are bundled and no dependency of a host",
      severity: 'error',
      from: { path: '^lib/admin/page/', pathNot: '^lib/admin/page/editor/' },
      to: { path: '^lib/', pathNot: ['^lib/admin/page/', '^lib/common/(printable|duration-text)\\.ts$'] },
    },
    {
      name: 'editor-reads-filters',
      comment:
        'the editor finds the faults of a filter as the package does: by what reads it, which needs nothing of Node.js',
      severity: 'error',
      from: { path: '^lib/admin/page/editor/' },
      to: {
        path: '^lib/',
        pathNot:
          '^lib/admin/page/|^lib/filters/(filter\\.(reader|reading|types)|operator-names|field-path)\\.ts$|^lib/common/printable\\.ts$',
      },
    },
    {
      name: 'page-in-its-bundle',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/admin/page/' },
      to: { path: '^lib/admin/page/' },
    },
    {
      name: 'isolated-vm-in-the-child',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/sandbox/child/' },
      to: { path: 'node_modules/isolated-vm/' },
    },
    {
      name: 'undici-in-its-place',
      comment: 'an optional peer: loaded when http.fetch is switched on',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/bindings/http/undici\\.ts$' },
      to: { path: 'node_modules/undici/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
