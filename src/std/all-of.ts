/** Waits for everything in a record, one beside the other: what came of each, by its name. Rejects with the first that does. */
export async function allOf<T extends object>(
  pending: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const entries = Object.entries<Promise<unknown>>(pending);
  const came = await Promise.all(entries.map(async ([name, one]) => [name, await one] as const));
  return Object.fromEntries(came) as T;
}
