import type { OutputFile } from '../core/completion.ts';
import { builder } from './builder.ts';

export const OutputFileRef = builder.objectRef<OutputFile>('OutputFile').implement({
  description: 'An image or sound in an answer.',
  fields: (t) => ({
    mediaType: t.exposeString('mediaType', {
      nullable: false,
      description: 'Media type: "image/png", "audio/wav", "audio/pcm" (16 bit, 24 kHz, little-endian).',
    }),
    data: t.exposeString('data', { nullable: false, description: 'The content in base64.' }),
  }),
});
