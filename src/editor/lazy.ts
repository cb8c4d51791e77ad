/** Something that is made at its first use, once, and that can be asked whether it was. */
export interface Lazy<T> {
  (): Promise<T>;
  /** The thing, when it is there already. */
  now(): T | undefined;
}

/** A making that failed is tried again at the next use. */
export function lazy<T>(make: () => Promise<T>): Lazy<T> {
  let made: Promise<T> | undefined;
  let value: T | undefined;
  const get = (): Promise<T> => {
    made ??= make().then(
      (done) => {
        value = done;
        return done;
      },
      (error) => {
        made = undefined;
        throw error;
      },
    );
    return made;
  };
  return Object.assign(get, { now: () => value });
}
