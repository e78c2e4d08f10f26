import { providerOf, scriptAt, scripts } from '../witnesses/support-tool-scripts.ts';
import { openGateway, type RunningGateway } from './gateway.ts';
import { type ProviderServer, sendJson, sendStream, startProvider } from './provider-server.ts';

/** A gateway whose providers call two tools in the first turn and conclude in the second, each over its own wire. */
export type ToolScriptsGateway = {
  readonly provider: ProviderServer;
  readonly gateway: RunningGateway;
  close(): Promise<void>;
};

export async function openToolScriptsGateway(): Promise<ToolScriptsGateway> {
  const provider = await startProvider(({ path, body }, response) => {
    const script = scriptAt(path);
    const { whole, events } = (JSON.stringify(body).includes('celsius') ? script?.text : script?.calls) ?? {};
    if (body['stream'] !== true && !path.includes(':stream')) return sendJson(response, 200, whole);
    const lines = events?.map((event) => `event: ${event['type']}\ndata: ${JSON.stringify(event)}\n\n`).join('') ?? '';
    sendStream(response, /anthropic|google|responses/.test(path) ? lines : `${lines}data: [DONE]\n\n`);
  });
  const gateway = await openGateway({
    env: Object.fromEntries(
      [...new Set(Object.keys(scripts).map(providerOf))].flatMap((name) => [
        [`${name.toUpperCase()}_API_KEY`, 'test-key'],
        [`${name.toUpperCase()}_BASE_URL`, `${provider.url}/${name}`],
      ]),
    ),
  });
  return {
    provider,
    gateway,
    async close() {
      await gateway[Symbol.asyncDispose]();
      await provider.close();
    },
  };
}
