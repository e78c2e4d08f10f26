import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/load.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { configFolder } from '../support/gateway-process.ts';

type Given = { yaml?: string; dotEnv?: string; env?: Record<string, string>; insecure?: boolean };

function load({ env = {}, insecure = false, ...files }: Given = {}) {
  return loadConfig({ directory: configFolder(files), env, builtIn: builtInProviders, insecure });
}

function problemsOf(given: Given): readonly string[] {
  try {
    load(given);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

describe('without any configuration', () => {
  it('listens on loopback only, with every provider in the sandbox', () => {
    const { host, port, sandbox, access, server } = load();
    expect({ host, port, isOn: sandbox.isOn, real: access.size, body: server.maxBodyBytes }).toEqual({
      host: '127.0.0.1',
      port: 4000,
      isOn: true,
      real: 0,
      body: 8_000_000,
    });
  });
});

describe('keys', () => {
  it('make their provider real and disable the others', () => {
    const { access, sandbox } = load({ dotEnv: 'OPENAI_API_KEY=k1, k2\nMISTRAL_API_KEY=\n' });
    expect([...access.keys()]).toEqual(['openai']);
    expect(access.get('openai')?.keys.map((key) => key.reveal())).toEqual(['k1', 'k2']);
    expect(sandbox.isOn).toBe(false);
  });

  it('of the environment win over those of .env', () => {
    const { access } = load({ dotEnv: 'OPENAI_API_KEY=file', env: { OPENAI_API_KEY: 'environment' } });
    expect(access.get('openai')?.keys.map((key) => key.reveal())).toEqual(['environment']);
  });

  it('are not printed', () => {
    const config = load({ env: { OPENAI_API_KEY: 'sk-canary' } });
    const printed = [
      inspect(config, { depth: 9 }),
      JSON.stringify([...config.access]),
      `${config.access.get('openai')?.keys[0]}`,
    ];
    expect(printed.join()).not.toContain('canary');
    expect(printed.join()).toContain('[secret]');
  });

  it('with characters that cannot be sent are refused without being quoted', () => {
    expect(problemsOf({ env: { XAI_API_KEY: 'two words' } })).toEqual([
      'XAI_API_KEY: a key contains white space or characters outside ASCII',
    ]);
  });
});

describe('base URLs', () => {
  it('can be set for all eleven providers', () => {
    const env = Object.fromEntries(
      builtInProviders.flatMap(({ id }) => [
        [`${id.toUpperCase()}_API_KEY`, 'k'],
        [`${id.toUpperCase()}_BASE_URL`, `http://127.0.0.1:1/${id}`],
      ]),
    );
    const { access } = load({ env });
    expect([...access].map(([id, { baseUrl }]) => [id, baseUrl.pathname])).toEqual(
      builtInProviders.map(({ id }) => [id, `/${id}`]),
    );
    expect(access.size).toBe(11);
  });

  it('without a key have no effect, with a warning', () => {
    expect(load({ env: { OPENAI_BASE_URL: 'http://127.0.0.1:1' } }).notices).toEqual([
      'OPENAI_BASE_URL is set without OPENAI_API_KEY, and has no effect',
    ]);
  });
});

describe('PARLEY_SANDBOX', () => {
  it('forces the sandbox with 1 and forbids it with 0', () => {
    expect(load({ env: { PARLEY_SANDBOX: '1', OPENAI_API_KEY: 'k' } }).sandbox.isOn).toBe(true);
    const { sandbox, notices } = load({ env: { PARLEY_SANDBOX: '0' } });
    expect(sandbox.isOn).toBe(false);
    expect(notices).toEqual(['PARLEY_SANDBOX is 0 and no key is set: no provider is available']);
  });
});

describe('PARLEY_SHUTDOWN_GRACE_MS', () => {
  it('wins over the file, and is a number of milliseconds', () => {
    const graceMs = (given: Given) => load(given).server.shutdownGraceMs;
    const yaml = 'server: { shutdownGraceMs: 3000 }';
    const env = { PARLEY_SHUTDOWN_GRACE_MS: '0' };
    expect([graceMs({}), graceMs({ yaml }), graceMs({ yaml, env })]).toEqual([25_000, 3_000, 0]);
    expect(problemsOf({ env: { PARLEY_SHUTDOWN_GRACE_MS: 'soon' } })).toEqual([
      'PARLEY_SHUTDOWN_GRACE_MS: expected milliseconds',
    ]);
  });
});

describe('parley.yaml', () => {
  it('adds providers of the OpenAI family', () => {
    const { access, customProviders } = load({
      yaml: `
providers:
  ollama:
    kind: openai-compatible
    baseUrl: http://127.0.0.1:11434/v1
    models: [llama3.2, { name: qwen3, contextWindow: 40960, tools: true }]
  router: { kind: openai-compatible, baseUrl: "https://router.example/v1", apiKeyEnv: ROUTER_KEY }
`,
      env: { ROUTER_KEY: 'r' },
    });
    expect([...access.keys()]).toEqual(['ollama', 'router']);
    expect(access.get('ollama')?.keys).toEqual([]);
    expect(customProviders.get('ollama')?.models).toMatchObject([
      { name: 'llama3.2', status: 'unknown' },
      { name: 'qwen3', contextWindow: 40_960, tools: true },
    ]);
  });

  it('disables a provider whose key is not set, with a warning', () => {
    const { access, notices } = load({
      yaml: 'providers: { router: { kind: openai-compatible, baseUrl: "https://r.example", apiKeyEnv: ROUTER_KEY } }',
    });
    expect(access.size).toBe(0);
    expect(notices).toEqual(['ROUTER_KEY is not set: provider "router" is not available']);
  });

  it('reports all problems at once, each with file, line and path', () => {
    const yaml = `# A comment in front.
server:
  port: 70000
  prot: 1
logLevel: loud
providers:
  Local: { kind: openai-compatible, baseUrl: http://a.example }
  local:
    kind: openai-compatible
    baseUrl: localhost:11434
  other:
    kind: anthropic
    baseUrl: https://a.example
`;
    expect(problemsOf({ yaml, env: { PORT: 'http', PARLEY_SANDBOX: 'yes' } })).toEqual([
      expect.stringMatching(/^parley\.yaml:3: server\.port: .*65535/),
      'parley.yaml:4: server.prot: Unknown setting. Did you mean "port"?',
      expect.stringMatching(/^parley\.yaml:5: logLevel: .*"info"/),
      expect.stringMatching(/^parley\.yaml:7: providers\.Local: .*/),
      'parley.yaml:10: providers.local.baseUrl: Expected an http or https URL',
      expect.stringMatching(/^parley\.yaml:12: providers\.other\.kind: .*"openai-compatible"/),
      'PORT: expected a port number',
      'PARLEY_SANDBOX: expected 1 (all providers are sandboxed) or 0 (none is)',
    ]);
  });

  it('that is not YAML is refused with the line', () => {
    expect(problemsOf({ yaml: 'server:\n  port: [1\nlogLevel: info\n' })).toEqual([
      expect.stringMatching(/^parley\.yaml:\d: /),
    ]);
  });

  it('may not take the name of a built-in provider', () => {
    const yaml = 'providers:\n  openai: { kind: openai-compatible, baseUrl: "https://a.example" }\n';
    expect(problemsOf({ yaml })).toEqual(['parley.yaml:2: providers.openai: is built in; set OPENAI_BASE_URL instead']);
  });

  it('sets the wire of a provider', () => {
    const yaml = `
providers:
  openai: { api: chat-completions }
  xai: { api: auto }
  perplexity: {}
  lab: { kind: openai-compatible, baseUrl: "http://127.0.0.1:1", api: responses }
`;
    const { apis, customProviders } = load({ yaml });
    expect([...apis]).toEqual([
      ['openai', 'chat-completions'],
      ['lab', 'responses'],
    ]);
    expect([...customProviders.keys()]).toEqual(['lab']);
  });

  it('refuses a wire for a provider with one, and names what a custom provider lacks', () => {
    const yaml = 'providers:\n  anthropic: { api: responses }\n  lab: { api: responses }\n  xai: { api: soap }\n';
    expect(problemsOf({ yaml: yaml.replace(/ {2}xai.*\n/, '') })).toEqual([
      'parley.yaml:2: providers.anthropic: has only one API, so there is nothing to set',
      'parley.yaml:3: providers.lab: is not built in; give its kind: openai-compatible',
    ]);
    expect(problemsOf({ yaml })).toEqual([
      expect.stringMatching(/^parley\.yaml:4: providers\.xai\.api: .*"chat-completions", "responses", "auto"/),
    ]);
  });

  it('that is named has to exist', () => {
    expect(problemsOf({ env: { PARLEY_CONFIG: 'elsewhere.yaml' } })).toEqual([
      'PARLEY_CONFIG: file elsewhere.yaml does not exist',
    ]);
  });
});

describe('a public listen address', () => {
  it.each(['0.0.0.0', '192.168.1.5', '::', 'example.com'])('%s is refused', (host) => {
    expect(problemsOf({ env: { HOST: host } })).toEqual([expect.stringMatching(/^HOST: .*--insecure/)]);
  });

  it('is allowed with --insecure', () => {
    expect(load({ env: { HOST: '0.0.0.0', OPENAI_API_KEY: 'k' }, insecure: true }).host).toBe('0.0.0.0');
  });

  it.each(['localhost', '127.0.0.1', '127.9.9.9', '::1'])('%s is not one', (host) => {
    expect(load({ env: { HOST: host } }).host).toBe(host);
  });
});

describe('a gateway that others use', () => {
  const callers = callersYaml(callerKey('web'));
  const remedy = [expect.stringMatching(/^providers: none has a key, .*OPENAI_API_KEY.*PARLEY_SANDBOX=1/)];

  it('does not answer from the sandbox by accident', () => {
    expect(problemsOf({ yaml: callers })).toEqual(remedy);
    expect(problemsOf({ yaml: callers, env: { HOST: '0.0.0.0' } })).toEqual(remedy);
    expect(problemsOf({ env: { HOST: '0.0.0.0' }, insecure: true })).toEqual(remedy);
  });

  it('starts with a key, with a server of its own, or with PARLEY_SANDBOX', () => {
    expect(load({ yaml: callers, env: { MISTRAL_API_KEY: 'k' } }).sandbox.isOn).toBe(false);
    const own = 'providers:\n  local: { kind: openai-compatible, baseUrl: "http://127.0.0.1:1/v1" }\n';
    expect(load({ yaml: callers + own }).sandbox.isOn).toBe(false);
    expect(load({ yaml: callers, env: { PARLEY_SANDBOX: '1' } }).sandbox.isOn).toBe(true);
    expect(load({ yaml: callers, env: { PARLEY_SANDBOX: '0' } }).sandbox.isOn).toBe(false);
  });
});

describe('routing', () => {
  it('is reported by routes, limits of single targets and proxies', () => {
    const { routes, timeouts, proxies } = load({
      yaml: `
routes:
  fast: [openai/gpt-4o, { model: mistral/x, parameters: { temperature: 0.2 } }]
  spread: [{ model: openai/a, weight: 3 }, { model: xai/b, weight: 0.5 }]
timeouts: { for: { openai: { connectMs: 100 }, openai/o1: { totalMs: 5000 } } }
`,
      dotEnv: 'HTTPS_PROXY=http://me:canary@proxy.example:3128\nno_proxy=localhost\nhttp_proxy=http://a.example\n',
      env: { HTTP_PROXY: 'http://b.example' },
    });
    expect(routes).toMatchObject([
      {
        name: 'fast',
        targets: [
          { model: 'openai/gpt-4o', weight: undefined },
          { model: 'mistral/x', parameters: { temperature: 0.2 } },
        ],
      },
      { name: 'spread', targets: [{ weight: 3 }, { weight: 0.5 }] },
    ]);
    expect(timeouts.for).toEqual({ openai: { connectMs: 100 }, 'openai/o1': { totalMs: 5000 } });
    expect([proxies?.http?.reveal(), proxies?.no]).toEqual(['http://a.example', 'localhost']);
    expect(inspect(proxies, { depth: 9 })).not.toContain('canary');
  });

  it('refuses unknown names and contradictions with their line', () => {
    const yaml = `routes:
  a: [nobody/x]
  b: [openai]
  c: [{ model: openai/x, weight: 1 }, openai/y]
  d: [route/a]
timeouts:
  for:
    nobody/x: { totalMs: 5000 }
providers:
  route: { kind: openai-compatible, baseUrl: "http://127.0.0.1:1" }
`;
    expect(problemsOf({ yaml })).toEqual(['parley.yaml:4: routes.c: Give all targets a weight, or none']);
    const problems = problemsOf({ yaml: yaml.replace(', openai/y', '') });
    expect(problems.map((problem) => problem.split(';')[0])).toEqual([
      'parley.yaml:10: providers.route: this name is reserved for routes',
      'parley.yaml:2: routes.a.0: unknown provider "nobody"',
      'parley.yaml:3: routes.b.0: expected "provider/model"',
      'parley.yaml:5: routes.d.0: a route cannot contain another route',
      'parley.yaml:8: timeouts.for.nobody/x: unknown provider "nobody"',
    ]);
  });

  it('refuses an invalid proxy without printing its password', () => {
    expect(problemsOf({ env: { HTTP_PROXY: 'me:canary@proxy' } })).toEqual([
      'HTTP_PROXY: expected the address of a proxy ("http://proxy.example:3128")',
    ]);
  });
});
