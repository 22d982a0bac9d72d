import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPage, ROOT } from './pages.js';

/** Words for which the glossary has another word. */
const BANNED: Record<string, string> = {
  job: 'queued event',
  task: 'queued event',
  work: 'queued event',
  invocation: 'execution',
  automation: 'script',
  workflow: 'script',
  hook: 'script',
  rule: 'filter',
  predicate: 'filter',
  subscriber: 'script',
  consumer: 'script',
  customer: 'tenant',
  organization: 'tenant',
  account: 'tenant',
  topic: 'event type',
  instance: 'node',
  cluster: 'node',
  failover: 'redelivery',
  poison: 'dead letter',
  circuit: 'breaker',
  fuse: 'breaker',
  function: 'binding',
};

/** Words that mean here what they mean in every program, to PostgreSQL, to Nest, or in the host's own business. */
const PLAIN = new Set(
  `access admin amount answers app async attributes binary bounded bucket call cancel category change changed changes channel chat check clear
  checks class client clock closed code completed component condition configured conflict connection context contract copy
  count counts create csp data database debt decision declaration definition deleted deletion described details dlq domain draft drop
  duplicate duration end ended enqueue enqueued entities entity entry error exception expense explain explanation extras
  factory failed failure fake field fields fixture folder found full generate group groups healthy history http idle in index
  indicator input inquiry install invalid isolation issue json kept label language languages level limits line link links list listener
  log manual many map mapped mapper match matching memory message migrations missing module moment name now object open operation ordered owner
  outcome page parse payment placement policies policy problem process processing provider publish published publisher query
  receipt record recorder redact reference refusal refused registry replayable report request required resolve resolved
  resolver result resume resumption retained retryable rights routing runnable running saved scalar schema second service set settings signal
  size sizes slow spied spy sql start state statistics stats status statuses stop stopped storage strategy summary support system table telemetry
  tested text tick timeout too transaction triggers unconfirmed unknown unsupported until update usage use user validation value values wait waits
  webhook activity`.split(/\s+/),
);

const entries = [...readPage('docs/glossary.md').text.matchAll(/^\| ([^|]+?) +\|/gm)].flatMap(([, entry]) =>
  (entry as string).toLowerCase().split(', '),
);
const terms = new Set(entries.flatMap((entry) => entry.split(' ')));

const isTerm = (word: string): boolean =>
  [word, word.replace(/s$/, ''), word.replace(/ies$/, 'y'), word.replace(/able$/, '')].some((form) =>
    terms.has(form),
  );

const EXPORT = /^export (?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)/gm;

const wordsOf = (name: string): string[] =>
  (name.includes('_') ? name.split('_') : (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g) ?? [])).map(
    (word) => word.toLowerCase(),
  );

/** Every name that an entry of the package offers. */
const names = [
  ...new Set(
    readdirSync(join(ROOT, 'api')).flatMap((file) =>
      [...readFileSync(join(ROOT, 'api', file), 'utf8').matchAll(EXPORT)].map(([, name]) => name as string),
    ),
  ),
];

describe('a name that the package offers', () => {
  it('is found in the API reports', () => {
    expect(names).toEqual(expect.arrayContaining(['ScriptsEventModule', 'parseFilter', 'EVENT_TYPES']));
  });

  it('uses no word for which the glossary has another one', () => {
    const wrong = names.flatMap((name) =>
      wordsOf(name)
        .filter((word) => Object.hasOwn(BANNED, word))
        .map((word) => `${name}: say ${BANNED[word]}, not ${word}`),
    );
    expect(wrong).toEqual([]);
  });

  it('consists of words of the glossary and of plain words', () => {
    const unknown = names.flatMap((name) =>
      wordsOf(name)
        .filter((word) => !isTerm(word) && !PLAIN.has(word))
        .map((word) => `${name}: explain "${word}" in docs/glossary.md, or take a word that is there`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the glossary', () => {
  it('explains no word that this test bans or calls plain', () => {
    const said = [...Object.keys(BANNED), ...PLAIN].filter((word) => entries.includes(word));
    expect(said).toEqual([]);
  });
});
