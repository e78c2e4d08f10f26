import type { ChatInput } from 'parley-client';
import type { Answer } from './answer.ts';
import type { Attachment } from './attachments.ts';
import { type ChatSettings, rememberedSettings, rememberSettings } from './chat-settings.ts';
import type { SampleName } from './code-samples.ts';
import { type Draft, noDraft, rememberDraft, rememberedDraft } from './draft.ts';
import { type Run, rememberedRuns } from './history.ts';
import type { CatalogueQuery, ProvidersQuery } from './operations.ts';

export const tabs = ['compare', 'chat', 'providers'] as const;
export type Tab = (typeof tabs)[number];
export type Model = CatalogueQuery['models'][number];
export type Provider = ProvidersQuery['providers'][number];
export type Usage = ProvidersQuery['usage'];

export type State = {
  readonly tab: Tab;
  /** The caller's key. It is stored nowhere else. */
  readonly key: string;
  readonly isKeyWanted: boolean;
  /** Why the gateway refused the key. */
  readonly keyProblem: string;
  /** Undefined until loaded. */
  readonly models: readonly Model[] | undefined;
  readonly providers: readonly Provider[] | undefined;
  readonly usage: Usage | undefined;
  readonly draft: Draft;
  /** An error of the draft, such as an image of an unsupported type. */
  readonly draftProblem: string;
  readonly answers: readonly Answer[];
  readonly search: string;
  /** Index of the highlighted option. */
  readonly highlighted: number;
  /** The request that is shown as code. */
  readonly inspected: ChatInput | undefined;
  readonly sample: SampleName;
  readonly settings: ChatSettings;
  /** What is typed to a conversation, and what is wrong with it. */
  readonly message: string;
  readonly attachments: readonly Attachment[];
  readonly chatProblem: string;
  /** The message that is being edited. */
  readonly edited: { readonly id: string; readonly text: string } | undefined;
  readonly history: readonly Run[];
  /** Announced by screen readers. */
  readonly announcement: string;
};

export let state: State = {
  tab: tabs.find((tab) => location.hash === `#${tab}`) ?? 'compare',
  key: '',
  isKeyWanted: false,
  keyProblem: '',
  models: undefined,
  providers: undefined,
  usage: undefined,
  draft: rememberedDraft() ?? noDraft,
  draftProblem: '',
  answers: [],
  search: '',
  highlighted: 0,
  inspected: undefined,
  sample: 'GraphQL',
  settings: rememberedSettings(),
  message: '',
  attachments: [],
  chatProblem: '',
  edited: undefined,
  history: rememberedRuns(),
  announcement: '',
};

let draw = (): void => {};

/** Several changes between two frames are rendered once. */
export function change(changes: Partial<State>): void {
  state = { ...state, ...changes };
  draw();
}

export function changeDraft(changes: Partial<Draft>): void {
  change({ draft: { ...state.draft, ...changes } });
  rememberDraft(state.draft);
}

export function changeSettings(changes: Partial<ChatSettings>): void {
  change({ settings: { ...state.settings, ...changes }, chatProblem: '' });
  rememberSettings(state.settings);
}

export function isRunning(): boolean {
  return state.answers.some(({ end }) => end === undefined);
}

export function onChange(redraw: () => void): void {
  draw = redraw;
}
