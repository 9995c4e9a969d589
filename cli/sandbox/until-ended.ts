/** Resolves when somebody asks this process to end, which it then has to do by itself, or when there is nothing to wait for. */
export function untilEnded(needless?: AbortSignal): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  return new Promise((resolve) => {
    const end = () => {
      for (const signal of signals) process.off(signal, end);
      clearInterval(alive);
      resolve();
    };
    // Handlers of signals alone keep no process.
    const alive = setInterval(() => {}, 2 ** 30);
    for (const signal of signals) process.on(signal, end);
    needless?.addEventListener('abort', end, { once: true });
  });
}
