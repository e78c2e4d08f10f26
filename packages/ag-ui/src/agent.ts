import { AbstractAgent, type AgentConfig, type BaseEvent, type RunAgentInput } from '@ag-ui/client';
import type { ChatInput, ChatStream, Parley } from 'parley-client';
import { Observable } from 'rxjs';
import { createEventWriter, toRunError } from './to-events.ts';
import { toMessageInputs } from './to-messages.ts';

export type ParleyAgentOptions = AgentConfig &
  Omit<ChatInput, 'messages' | 'tools' | 'requestId'> & { readonly parley: Parley };

/** An AG-UI agent whose runs are answers of one model or route. The frontend runs the tools. */
export class ParleyAgent extends AbstractAgent {
  private readonly parley: Parley;
  private readonly input: Omit<ChatInput, 'messages'>;
  private stream: ChatStream | undefined;

  constructor(options: ParleyAgentOptions) {
    const { parley, agentId, description, threadId, initialMessages, initialState, debug, ...input } = options;
    super(options);
    this.parley = parley;
    this.input = input;
  }

  run(asked: RunAgentInput): Observable<BaseEvent> {
    return new Observable<BaseEvent>((sink) => {
      const { threadId, runId, messages, tools, context } = asked;
      const stream = this.parley.stream({
        ...this.input,
        messages: toMessageInputs(messages, context),
        ...(tools.length > 0 && {
          tools: tools.map(({ name, description, parameters }) => ({
            name,
            description,
            parameters: parameters ?? null,
          })),
        }),
      });
      this.stream = stream;
      const events = createEventWriter({ threadId, runId });
      const read = async () => {
        sink.next(events.start());
        for await (const event of stream) for (const one of events.write(event)) sink.next(one);
        for (const one of events.stopped()) sink.next(one);
        sink.complete();
      };
      read().catch((thrown) => {
        sink.next(toRunError(thrown));
        sink.complete();
      });
      // Does nothing where the answer has ended.
      return () => stream.stop();
    });
  }

  /** Stops the answer and the model. */
  override abortRun(): void {
    this.stream?.stop();
  }

  override clone(): ParleyAgent {
    return Object.assign(super.clone(), { parley: this.parley, input: this.input });
  }
}
