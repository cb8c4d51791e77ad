/** One job at a time, in order; a job whose signal fires while it waits never starts. */
export interface Queue {
  run<T>(job: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Running and waiting. */
  readonly size: () => number;
}

export function createQueue(): Queue {
  let tail: Promise<void> = Promise.resolve();
  let size = 0;
  return {
    run<T>(job: () => Promise<T>, signal: AbortSignal): Promise<T> {
      size += 1;
      const result = tail.then(() => {
        signal.throwIfAborted();
        return job();
      });
      const done = (): void => {
        size -= 1;
      };
      tail = result.then(done, done);
      return result;
    },
    size: () => size,
  };
}
