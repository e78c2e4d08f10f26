import type { Answer } from './answer.ts';
import type { Draft } from './draft.ts';
import { type Run, rememberedRuns } from './history.ts';
import type { CatalogueQuery, ProvidersQuery } from './operations.ts';

export type Tab = 'compare' | 'providers';
export type Model = CatalogueQuery['models'][number];
export type Provider = ProvidersQuery['providers'][number];
export type Usage = ProvidersQuery['usage'];

export type State = {
  readonly tab: Tab;
  /** Of the caller. It is here, and nowhere else. */
  readonly key: string;
  readonly isKeyWanted: boolean;
  /** Undefined until they have come. */
  readonly models: readonly Model[] | undefined;
  readonly providers: readonly Provider[] | undefined;
  readonly usage: Usage | undefined;
  readonly draft: Draft;
  /** What the draft cannot be: an image of a wrong kind. */
  readonly draftProblem: string;
  readonly answers: readonly Answer[];
  readonly search: string;
  /** Place of the highlighted option of the picker. */
  readonly highlighted: number;
  /** Whose request is shown. */
  readonly inspected: Answer | undefined;
  readonly history: readonly Run[];
  /** Said aloud by screen readers. */
  readonly announcement: string;
};

export let state: State = {
  tab: location.hash === '#providers' ? 'providers' : 'compare',
  key: '',
  isKeyWanted: false,
  models: undefined,
  providers: undefined,
  usage: undefined,
  draft: { prompt: '', system: '', temperature: '', maxTokens: '', image: undefined, models: [] },
  draftProblem: '',
  answers: [],
  search: '',
  highlighted: 0,
  inspected: undefined,
  history: rememberedRuns(),
  announcement: '',
};

let draw = (): void => {};

/** However many changes there are between two frames, they are drawn once. */
export function change(changes: Partial<State>): void {
  state = { ...state, ...changes };
  draw();
}

export function changeDraft(changes: Partial<Draft>): void {
  change({ draft: { ...state.draft, ...changes } });
}

export function isRunning(): boolean {
  return state.answers.some(({ end }) => end === undefined);
}

export function onChange(redraw: () => void): void {
  draw = redraw;
}
