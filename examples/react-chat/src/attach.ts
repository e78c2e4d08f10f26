import type { ContentPartInput } from 'parley-client';

export type Attachment = { readonly name: string; readonly part: ContentPartInput };

/** The chosen files as parts of a message. */
export function attach(files: FileList | null): Promise<readonly Attachment[]> {
  return Promise.all(
    Array.from(files ?? [], async (file) => {
      const url = await toDataUrl(file);
      const part = file.type.startsWith('image/') ? { image: { url } } : { file: { url, name: file.name } };
      return { name: file.name, part };
    }),
  );
}

function toDataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
