import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectFolder } from '../common/project-folder.js';
import type { Series } from './board.js';

/** Not the default port, which another Prometheus may use. */
const ADDRESS = '127.0.0.1:9191';
const START_MS = 30_000;

/** A Prometheus (Debian: `apt-get install prometheus`) that scrapes one address each second, with the package's alerts. */
export class Prometheus {
  private constructor(private readonly end: () => Promise<void>) {}

  static async start(target: string): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'scripts-board-'));
    const file = join(folder, 'prometheus.json');
    // JSON is valid YAML.
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '5s' },
      rule_files: [join(projectFolder(), 'prometheus', 'scripts-event.rules.yml')],
      scrape_configs: [{ job_name: 'back-office', static_configs: [{ targets: [target] }] }],
    };
    await writeFile(file, JSON.stringify(config));
    const data = `--storage.tsdb.path=${join(folder, 'data')}`;
    const args = [`--config.file=${file}`, data, `--web.listen-address=${ADDRESS}`, '--log.level=error'];
    const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    await once(child, 'spawn');
    const ended = once(child, 'exit');
    const prometheus = new Prometheus(async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    });
    for (const until = Date.now() + START_MS; !(await isReady()); await sleep(200)) {
      if (child.exitCode === null && Date.now() < until) continue;
      await prometheus.stop();
      throw new Error('Prometheus did not start; its output says why.');
    }
    return prometheus;
  }

  /** The values of an expression. The parameters are those of Prometheus' `query`, or of `query_range` if they have a `start`. */
  async ask(query: string, parameters: Record<string, string>): Promise<Series[]> {
    const path = 'start' in parameters ? 'query_range' : 'query';
    const response = await fetch(
      `http://${ADDRESS}/api/v1/${path}?${new URLSearchParams({ query, ...parameters })}`,
    );
    const { data, error } = (await response.json()) as {
      data?: { result: (Series & { value?: Series['values'][number] })[] };
      error?: string;
    };
    if (!data) throw new Error(`${query}: ${error}`);
    return data.result.map(({ metric, value, values }) => ({ metric, values: value ? [value] : values }));
  }

  stop(): Promise<void> {
    return this.end();
  }
}

const isReady = (): Promise<boolean> =>
  fetch(`http://${ADDRESS}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
