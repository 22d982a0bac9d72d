import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { checkConfig, hasPromtool } from '../../test/support/promtool.js';

const FILE = join(__dirname, '../docker-compose.yml');
const read = <T>(file: string): T => parse(readFileSync(file, 'utf8')) as T;
const { services, volumes } = read<{
  services: Record<
    string,
    {
      image: string;
      volumes?: string[];
      command?: string[];
      environment?: Record<string, string>;
      ports?: string[];
      profiles?: string[];
    }
  >;
  volumes: Record<string, null>;
}>(FILE);
/** Files of the repository that are mounted into containers: their paths here and there. */
const mounts = Object.values(services).flatMap(({ volumes: all = [] }) =>
  all
    .map((volume) => volume.split(':') as [string, string])
    .filter(([from]) => !(from in volumes))
    .map(([from, to]) => ({ from: join(dirname(FILE), from), to })),
);
/** `127.0.0.1:4318` of `127.0.0.1:4318:4318`. */
const hostAddressOf = (port: string): string => port.slice(0, port.lastIndexOf(':'));
const mountedAt = (path: string): string => mounts.find(({ to }) => to === path)!.from;

describe('the docker compose file', () => {
  it('pins each image to a version', () => {
    for (const { image } of Object.values(services)) expect(image).toMatch(/^[\w/]+:v?\d+[\w.-]*$/);
  });

  it('mounts files that exist', () => {
    expect(mounts.length).toBeGreaterThan(4);
    for (const { from } of mounts) expect({ from, exists: existsSync(from) }).toEqual({ from, exists: true });
  });

  it('gives Grafana the board, and data sources at the addresses of Prometheus and of the trace viewer', () => {
    const { environment } = services.grafana!;
    const home = environment!.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH!;
    const { providers } = read<{ providers: { options: { path: string } }[] }>(
      mountedAt('/etc/grafana/provisioning/dashboards/scripts-event.yml'),
    );
    expect(providers.map(({ options }) => options.path)).toEqual([dirname(home)]);
    expect(JSON.parse(readFileSync(mountedAt(home), 'utf8'))).toMatchObject({ uid: 'scripts-event' });
    const { datasources } = read<{ datasources: { type: string; url: string; isDefault?: boolean }[] }>(
      mountedAt('/etc/grafana/provisioning/datasources/scripts-event.yml'),
    );
    const address = services.prometheus!.command!.find((argument) => argument.includes('listen-address'));
    const [, page] = services.jaeger!.ports!.map(hostAddressOf);
    expect(datasources.map(({ type, url }) => [type, url])).toEqual([
      ['prometheus', `http://${address!.split('=')[1]}`],
      ['jaeger', `http://${page}`],
    ]);
    expect(datasources.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  });

  it('opens the port for traces that its comment names, and no port to other machines', () => {
    const [otlp] = services.jaeger!.ports!.map(hostAddressOf);
    expect(readFileSync(FILE, 'utf8')).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=http://${otlp}\n`);
    const ports = Object.values(services).flatMap(({ ports: all = [] }) => all);
    expect(ports.length).toBeGreaterThan(2);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('starts only a database unless a profile is given', () => {
    const always = Object.entries(services).filter(([, { profiles }]) => profiles === undefined);
    expect(always.map(([name]) => name)).toEqual(['postgres']);
  });
});

(hasPromtool() ? describe : describe.skip)('the configuration of Prometheus', () => {
  it('is accepted by promtool, with the rules', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scripts-prometheus-'));
    try {
      // In one folder, as in the container.
      for (const { from, to } of mounts)
        if (dirname(to) === '/etc/prometheus') cpSync(from, join(folder, basename(to)));
      await expect(checkConfig(join(folder, 'prometheus.yml'))).resolves.toMatch(/SUCCESS: \d+ rules found/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
