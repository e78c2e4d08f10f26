import { chat, chatStream, chatStreams, embed, models, resumeChatStream, stopChatStream } from './documents.ts';

/** Ids of this client's documents (`npm run operations`): `createParley({ documentIds })`. Their list is persisted-operations.json. */
export const documentIds: Readonly<Record<string, string>> = {
  [chat]: '197b60428353f3d4fc437df635e8f80c6ef69a525dcdb1e4b0a3bb0532031b05',
  [chatStream]: 'd94d316dbd5046ede54b47c71bc96c2a94b7d5aff46b9e9023c199f4be95e499',
  [chatStreams]: '49d7afe9d943088f9d07d11b517216e5bdbb83b351492a49e1d7023d13319f8d',
  [embed]: '4e3cda23bf2ef7667216e4f59a2299a89c2076ac9ce4bb70ba05349f6c3d6cee',
  [models]: 'fd22a621e61f11d17866523d0641f31693795de01e6b673e8012e05ad3ce0c2d',
  [resumeChatStream]: '26b73f3fa7c2066dd05da04bfd48b92e3b214cbef526c372013fa31ca6037a89',
  [stopChatStream]: 'f0d8843e21e1d082a99b19e1256fb4ddd1b14617f96b9dfe76b4e5db2f28a08c',
};
