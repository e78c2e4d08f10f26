/**
 * The first signal stops gracefully, the second at once. The handler is needed for both: process 1 of a container
 * ignores signals that it does not handle.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    resolve(signal);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return promise;
}
