import type { ChatInput, ChatStream } from 'parley-client';
import { type Answer, beginAnswer, type End, withEnd, withEvent } from './answer.ts';
import { type Draft, newId, toChatInput, typedNumber } from './draft.ts';
import { parley, toProblem } from './gateway.ts';
import { type Run, remember, withRun } from './history.ts';
import { interruptedRun, keepRunning } from './interrupted.ts';
import { words } from './language.ts';
import { change, isRunning, state } from './store.ts';

/** Functions that stop an answer, by request id. */
const stops = new Map<string, () => void>();
let current: Pick<Run, 'id' | 'at' | 'draft'> | undefined;

export function canRun(): boolean {
  return !isRunning() && state.draft.prompt.trim() !== '' && state.draft.models.length > 0;
}

/** A number that is none would be left out, and the model asked for something else. */
function problemOf({ temperature, maxTokens }: Draft): string {
  if (Number.isNaN(typedNumber(temperature))) return words.notANumber(words.temperature, '0.7');
  if (Number.isNaN(typedNumber(maxTokens))) return words.notANumber(words.maxTokens, '500');
  return '';
}

/** Sends all chosen models their requests at once, each in a stream of its own. */
export function run(): void {
  if (!canRun()) return;
  const { draft } = state;
  const draftProblem = problemOf(draft);
  change({ draftProblem });
  if (draftProblem) return;
  current = { id: newId(), at: new Date().toISOString(), draft };
  const inputs = draft.models.map((model) => toChatInput(draft, model, newId()));
  const now = performance.now();
  change({ answers: inputs.map((input) => beginAnswer(input, now)), announcement: words.asking(inputs.length) });
  for (const input of inputs) start(input);
  keepRunning({ ...current, answers: state.answers });
}

/** Goes on with the answers that a reload of the page has interrupted. */
export function resumeInterrupted(): void {
  const found = interruptedRun();
  if (!found) return;
  const { answers, ...run } = found;
  const now = performance.now();
  current = run;
  change({
    draft: run.draft,
    answers: answers.map((answer) => (answer.end ? answer : beginAnswer(answer.input, now))),
  });
  for (const { input, end } of answers) if (!end) start(input);
}

/** Repeats what failed or was stopped. Other answers stay as they are. */
export function retry({ input: { requestId } }: Answer): void {
  const id = newId();
  const again = state.answers.map((answer) =>
    answer.input.requestId === requestId ? beginAnswer({ ...answer.input, requestId: id }, performance.now()) : answer,
  );
  change({ answers: again });
  for (const { input } of again) if (input.requestId === id) start(input);
}

export function stop({ input }: Answer): void {
  stops.get(String(input.requestId))?.();
  finish(input, { __typename: 'Stopped' });
}

export function stopAll(): void {
  for (const answer of state.answers) if (!answer.end) stop(answer);
}

export function reopen(run: Run): void {
  stopAll();
  current = run;
  change({ draft: run.draft, answers: run.answers, announcement: '' });
}

function start(input: ChatInput): void {
  const onReconnect = (isReconnecting: boolean) => amend(input, (answer) => ({ ...answer, isReconnecting }));
  const stream = parley.stream(input, { onReconnect });
  stops.set(String(input.requestId), stream.stop);
  void follow(input, stream);
}

async function follow(input: ChatInput, stream: ChatStream): Promise<void> {
  try {
    for await (const event of stream) {
      if (event.__typename === 'CompletionFinished' || event.__typename === 'CompletionFailed') finish(input, event);
      else amend(input, (answer) => withEvent(answer, event, performance.now()));
    }
    finish(input, { __typename: 'Stopped' });
  } catch (thrown) {
    const { code, message } = toProblem(thrown);
    finish(input, { __typename: 'Broken', code, message });
  }
}

function amend({ requestId }: ChatInput, amended: (answer: Answer) => Answer): void {
  change({
    answers: state.answers.map((answer) => (answer.input.requestId === requestId ? amended(answer) : answer)),
  });
}

function finish(input: ChatInput, end: End): void {
  // Every stream ends twice: by its terminal event, and by its connection.
  if (!stops.delete(String(input.requestId))) return;
  amend(input, (answer) => withEnd(answer, end, performance.now()));
  change({ announcement: words.modelEnded(input.model, toWords(end)) });
  if (current && !isRunning()) {
    change({ history: remember(withRun(state.history, { ...current, answers: state.answers })) });
  }
  if (current) keepRunning({ ...current, answers: state.answers });
}

export function toWords(end: End): string {
  switch (end.__typename) {
    case 'CompletionFinished':
      return words.finishReasons[end.finishReason];
    case 'Stopped':
      return words.stopped;
    case 'CompletionFailed':
    case 'Broken':
      return words.failed;
  }
}
