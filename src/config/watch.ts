import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Calls back when the file differs from the one that was read and has stayed the same between two polls: a file that is
 * still being written would be read half. It polls, because file system events get lost in containers, on network
 * shares, and where editors or Kubernetes replace the file or a link. A missing file is not reported; it may come back.
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

/** Changes when the file does. Take it before reading the file. */
export function fileVersion(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? toVersion(stats) : missingVersion;
}

const missingVersion = '';

function toVersion({ dev, ino, size, mtimeNs }: Record<'dev' | 'ino' | 'size' | 'mtimeNs', bigint>): string {
  return [dev, ino, size, mtimeNs].join('/');
}
