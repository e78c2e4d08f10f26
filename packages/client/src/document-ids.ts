import { chat, chatStream, chatStreams, embed, models, resumeChatStream, stopChatStream } from './documents.ts';

/** Ids of this client's documents (`npm run operations`): `createParley({ documentIds })`. Their list is persisted-operations.json. */
export const documentIds: Readonly<Record<string, string>> = {
  [chat]: '2822ed948745d617d9c35478c714a4ac8178d29864eaa743c49eb2670170bd0a',
  [chatStream]: 'ccced889fe6212bb9b4affbff417d25c2dc7c1c269e6ecf957e101336a98590c',
  [chatStreams]: '49d7afe9d943088f9d07d11b517216e5bdbb83b351492a49e1d7023d13319f8d',
  [embed]: '4e3cda23bf2ef7667216e4f59a2299a89c2076ac9ce4bb70ba05349f6c3d6cee',
  [models]: 'fd22a621e61f11d17866523d0641f31693795de01e6b673e8012e05ad3ce0c2d',
  [resumeChatStream]: 'f0087d014b6058a69a488d51ccdbcd4fecee998269ba9cc61c2a99699a29f610',
  [stopChatStream]: 'f0d8843e21e1d082a99b19e1256fb4ddd1b14617f96b9dfe76b4e5db2f28a08c',
};
