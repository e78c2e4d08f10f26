import { isatty } from 'node:tty';

/**
 * Runs at each SIGHUP. The same signal tells that a terminal is gone; whoever was started on one ends with it, as without
 * anybody who listens.
 */
export function onReloadSignal(run: () => void): void {
  const hadTerminal = isatty(process.stdout.fd);
  process.on('SIGHUP', () => {
    if (hadTerminal && !isatty(process.stdout.fd)) process.kill(process.pid, 'SIGTERM');
    else run();
  });
}
