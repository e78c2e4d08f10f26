import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';
import { manyCalls } from './attacks.ts';

export function chunkOf(delta: object, finish: string | null = null): string {
  const choice = { index: 0, delta, finish_reason: finish };
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'a', choices: [choice] })}\n\n`;
}

/** A provider that quotes and echoes its callers, as several do. */
export function startQuotingProvider(): Promise<ProviderServer> {
  return startProvider(({ body }, response) => {
    const {
      model,
      messages,
      response_format: format,
    } = body as {
      model: string;
      messages: { content: string }[];
      response_format?: { json_schema?: { name: string } };
    };
    switch (model) {
      case 'quotes': {
        const name = format?.json_schema?.name ?? '';
        const message = `Invalid schema for response_format '${name}': your account has no credits left, says the schema.`;
        return sendJson(response, 400, { error: { message, type: 'invalid_request_error' } });
      }
      case 'echo':
        return sendJson(response, 400, { error: { message: `Cannot handle ${messages[0]?.content}` } });
      case 'keys':
        return sendJson(response, 400, { error: { message: 'sk-0123456789abcdef '.repeat(1_000_000) } });
      case 'calls':
        return sendStream(response, `${manyCalls()}${chunkOf({}, 'tool_calls')}data: [DONE]\n\n`);
      default:
        return body['stream']
          ? sendStream(response, openAiStream(['Hi']))
          : sendJson(response, 200, openAiAnswer('Hi'));
    }
  });
}
