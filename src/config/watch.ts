import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Tells each time that a file is another than the one that was read, and stays so from one look to the next: one that is still being
 * written would be read half. By looking, not by events of the file system: those get lost in containers, on shared folders, and
 * where the file is replaced under its name or by a link, as editors and Kubernetes do it. A file that is gone is not told; it
 * may come back.
 */
export function watchFile(path: string, read: string, changed: () => void, everyMs = 500): () => void {
  let version = read;
  let seen = read;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function look(): Promise<void> {
    const now = await stat(path, { bigint: true }).then(toVersion, () => missingVersion);
    if (isClosed) return;
    if (now === seen && now !== version && now !== missingVersion) {
      version = now;
      changed();
    }
    seen = now;
    timer = setTimeout(look, everyMs).unref();
  }

  void look();
  return () => {
    isClosed = true;
    clearTimeout(timer);
  };
}

/** What is different when the file is. To be taken before it is read. */
export function fileVersion(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? toVersion(stats) : missingVersion;
}

const missingVersion = '';

function toVersion({ dev, ino, size, mtimeNs }: Record<'dev' | 'ino' | 'size' | 'mtimeNs', bigint>): string {
  return [dev, ino, size, mtimeNs].join('/');
}
