import { isatty } from 'node:tty';

/**
 * Runs at each SIGHUP. A closed terminal sends the same signal, so a process that was started on a terminal ends with
 * it, which is the default without a listener.
 */
export function onReloadSignal(run: () => void): void {
  const hadTerminal = isatty(process.stdout.fd);
  process.on('SIGHUP', () => {
    if (hadTerminal && !isatty(process.stdout.fd)) process.kill(process.pid, 'SIGTERM');
    else run();
  });
}
