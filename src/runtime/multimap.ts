/** Keys under values, each pair once. */
export interface Multimap {
  add(value: string, key: string): void;
  delete(value: string, key: string): void;
  get(value: string): Iterable<string>;
}

/** Most values have one key, and a `Set` for it would be a tenth of what a record of a store weighs. */
export function createMultimap(): Multimap {
  const entries = new Map<string, string | Set<string>>();
  return {
    add(value, key) {
      const known = entries.get(value);
      if (known === undefined) entries.set(value, key);
      else if (typeof known !== 'string') known.add(key);
      else if (known !== key) entries.set(value, new Set([known, key]));
    },
    delete(value, key) {
      const known = entries.get(value);
      if (known === key) entries.delete(value);
      if (known === undefined || typeof known === 'string') return;
      known.delete(key);
      if (known.size === 0) entries.delete(value);
    },
    get(value) {
      const known = entries.get(value);
      return typeof known === 'string' ? [known] : (known ?? []);
    },
  };
}
