import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { fileSchema } from '../../src/config/schema.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { runParley, startGateway } from '../support/gateway-process.ts';

const read = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');
/** The grace time of running answers, and the time for their last events. */
const drainSeconds = fileSchema.parse({}).server.shutdownGraceMs / 1_000 + 2;

type Manifest = { kind: string; spec: Record<string, never>; data?: Record<string, string> };

describe('deploy/Dockerfile', () => {
  it('has every workspace before npm ci, and what its ignore file lets in', () => {
    const [beforeInstall = ''] = read('Dockerfile').split('RUN npm ci');
    const copied = (text: string) =>
      [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '));
    const ignored = readFileSync(new URL('../../deploy/Dockerfile.dockerignore', import.meta.url), 'utf8').split('\n');
    for (const name of copied(read('Dockerfile'))) expect(ignored).toContain(`!${name}`);
    const folders = manifest.workspaces.map((pattern) => pattern.split('/')[0]);
    expect(copied(beforeInstall)).toEqual(expect.arrayContaining(folders));
  });
});

describe('deploy/kubernetes.yaml', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml'));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const byKind = new Map(manifests.map((manifest) => [manifest.kind, manifest]));

  it('is valid YAML with one object of each kind', () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect([...byKind.keys()]).toEqual(['Secret', 'ConfigMap', 'Deployment', 'Service', 'PodDisruptionBudget']);
  });

  it('has the probes of the gateway, a grace period that is long enough, and an unprivileged container', () => {
    const { spec } = byKind.get('Deployment') as never as { spec: { template: { spec: Record<string, unknown> } } };
    const { template } = spec;
    const [container] = template.spec['containers'] as [Record<string, Record<string, never>>];
    const pathOf = (probe: string) => (container[probe] as never as { httpGet: { path: string } }).httpGet.path;
    expect([pathOf('startupProbe'), pathOf('livenessProbe'), pathOf('readinessProbe')]).toEqual([
      ...['/healthz', '/healthz', '/readyz'],
    ]);
    expect(template.spec['terminationGracePeriodSeconds']).toBeGreaterThanOrEqual(drainSeconds + 5);
    expect(container['securityContext']).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
    });
  });

  it('has a configuration that is valid', () => {
    const yaml = byKind.get('ConfigMap')?.data?.['parley.yaml'] ?? '';
    expect(fileSchema.safeParse(parse(yaml)).success).toBe(true);
  });
});

describe('deploy/parley.service', () => {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of read('parley.service').split('\n')) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name) {
      section = new Map();
      sections.set(name, section);
    } else if (key) section.set(key, value);
    else expect(line).toMatch(/^(#.*)?$/);
  }

  it('has the sections of a unit, and waits as long as running answers may take', () => {
    expect([...sections.keys()]).toEqual(['Unit', 'Service', 'Install']);
    expect(Number(sections.get('Service')?.get('TimeoutStopSec'))).toBeGreaterThanOrEqual(drainSeconds);
  });

  it('runs unprivileged', () => {
    const service = sections.get('Service');
    const settings = ['NoNewPrivileges', 'ProtectSystem', 'CapabilityBoundingSet', 'User'].map((key) =>
      service?.get(key),
    );
    expect(settings).toEqual(['yes', 'strict', '', 'parley']);
  });
});

describe('deploy/compose.yaml', () => {
  it('needs the keys of providers', () => {
    const { services } = parse(read('compose.yaml'), { merge: true }) as {
      services: Record<string, { env_file?: unknown }>;
    };
    expect(services['gateway-1']?.env_file).toEqual(['../.env']);
  });

  it('does not start without one, and starts with one', async () => {
    const yaml = read('parley.yaml').replace('callers: []', callersYaml(callerKey('web')).trim());
    const env = { HOST: '127.0.0.1', PARLEY_SANDBOX: '' };
    const refused = await runParley({ yaml, env });
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/providers: none has a key/);
    const gateway = await startGateway({ yaml, env: { ...env, OPENAI_API_KEY: 'k' } });
    expect(gateway.output()).toMatch(/real: +openai/);
    await gateway.stop();
  });
});
