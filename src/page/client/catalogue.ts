import { modalityOf } from './attachments.ts';
import { catalogue } from './documents.ts';
import { mostModels } from './draft.ts';
import { ask } from './gateway.ts';
import { words } from './language.ts';
import type { CatalogueQuery } from './operations.ts';
import { change, changeDraft, changeSettings, type Model, state } from './store.ts';

/** Providers whose newest models are the default. */
const firstProviders = ['openai', 'anthropic', 'google', 'mistral'];

export async function loadCatalogue(): Promise<void> {
  const data = await ask<CatalogueQuery>(catalogue);
  if (!data) return;
  change({ models: data.models, isKeyWanted: false });
  if (state.draft.models.length > 0 && state.settings.model !== '') return;
  const usable = data.models.filter((model) => reasonAgainst(model) === undefined).toSorted(byNews);
  const preferred = firstProviders.flatMap(
    (id) => usable.find(({ provider, status }) => provider.id === id && status === 'ACTIVE') ?? [],
  );
  const models = (preferred.length > 0 ? preferred : usable).slice(0, 2).map(({ id }) => id);
  if (state.draft.models.length === 0) changeDraft({ models });
  if (state.settings.model === '') changeSettings({ model: models[0] ?? '' });
}

/** The newest first. */
function byNews(a: Model, b: Model): number {
  return (b.released ?? '').localeCompare(a.released ?? '');
}

export function modelOf(id: string): Model | undefined {
  return state.models?.find((model) => model.id === id);
}

export function nameOf(id: string): string {
  return modelOf(id)?.displayName ?? id;
}

/** Why the model cannot answer the draft. */
export function reasonAgainst({ provider, isAvailable, status, retired, inputModalities }: Model): string | undefined {
  if (!isAvailable) return words.noKeyFor(provider.name);
  if (status === 'RETIRED') return words.retired(retired);
  const wanted =
    state.tab === 'chat' ? state.attachments.map(({ part }) => modalityOf(part)) : [state.draft.image && 'IMAGE'];
  const missing = wanted.find(
    (modality) => modality && inputModalities && !inputModalities.includes(modality as never),
  );
  return missing ? words.takesNo[missing as keyof typeof words.takesNo] : undefined;
}

export function abilitiesOf({ inputModalities, supports }: Model): string[] {
  return [
    inputModalities?.includes('IMAGE') ? words.vision : '',
    supports.tools ? words.tools : '',
    supports.reasoning ? words.reasoning : '',
    supports.structuredOutput === 'JSON_SCHEMA' ? words.json : '',
  ].filter((ability) => ability !== '');
}

/** Models that contain every word of the search: exact matches first, then those that are available, the newest first. */
export function foundModels(): readonly Model[] {
  const search = state.search.trim().toLowerCase();
  const wanted = search.split(/\s+/);
  const found = (state.models ?? []).filter((model) => {
    const { id, displayName, provider } = model;
    const text = [id, displayName, provider.name, ...abilitiesOf(model)].join(' ').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const rank = (model: Model) => (model.id === search ? 0 : reasonAgainst(model) === undefined ? 1 : 2);
  return found.toSorted((a, b) => rank(a) - rank(b) || byNews(a, b));
}

/** The models of the comparison, or the one of the conversation. */
export function chosenModels(): readonly string[] {
  const { tab, draft, settings } = state;
  if (tab === 'chat') return settings.model === '' ? [] : [settings.model];
  return draft.models;
}

export function toggleModel(id: string): void {
  const { models } = state.draft;
  if (state.tab === 'chat') changeSettings({ model: id });
  else if (models.includes(id)) changeDraft({ models: models.filter((model) => model !== id) });
  else if (models.length < mostModels) changeDraft({ models: [...models, id] });
}
