/** Where chance comes from, so that tests can own it. Schedules do not use it: they derive from UIDs. */
export interface Rng {
  /** A number in [0, 1). */
  next(): number;
  /** A random UUID (RFC 9562, version 4). */
  uuid(): string;
}

/** The machine's randomness. The only use of `Math.random` in the program; identifiers come from the CSPRNG. */
export const systemRng: Rng = {
  next: () => Math.random(),
  uuid: () => globalThis.crypto.randomUUID(),
};
