/** Makes equal texts the same text: changes `value` itself, at any depth, so that it holds what was seen before. */
export type Interner = (value: object) => void;

/** What is seen rarely is not worth remembering; what many objects say alike comes again at once. */
const mostKnown = 4096;

/**
 * For what is kept of many objects: each parsed object has texts of its own, and most of what they say they all say alike. Of members
 * with a name in `whole` the whole value is made the same, so nobody may change it. It starts anew when it has seen too many, so that it
 * holds none for ever.
 */
export function createInterner(whole: ReadonlySet<string> = new Set()): Interner {
  const [text, object] = [createKnown<string>(), createKnown<object>()];
  const intern: Interner = (value) => {
    const members = value as Record<string, unknown>;
    for (const key of Object.keys(members)) {
      const member = members[key];
      if (typeof member === 'string') members[key] = text(member, member);
      else if (typeof member === 'object' && member !== null) {
        intern(member);
        if (whole.has(key)) members[key] = object(JSON.stringify(member), member);
      }
    }
  };
  return intern;
}

/** The first of those with one key stands for all of them. */
function createKnown<T>(): (key: string, value: T) => T {
  const known = new Map<string, T>();
  return (key, value) => {
    const first = known.get(key);
    if (first !== undefined) return first;
    if (known.size === mostKnown) known.clear();
    known.set(key, value);
    return value;
  };
}
