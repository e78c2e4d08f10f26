/**
 * The first signal stops in peace, and a second one at once. That is not left to the signal: the first process of a container
 * does not end by one that it does not listen to.
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
