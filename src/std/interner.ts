/** Makes equal texts the same text: changes `value` itself, at any depth, so that it holds texts that were seen before. */
export type Interner = (value: object) => void;

/** What is seen rarely is not worth remembering; what many objects say alike comes again at once. */
const mostTexts = 4096;

/**
 * For what is kept of many objects: each parsed object has texts of its own, and most of what they say they all say alike. It starts
 * anew when it has seen too many, so that it holds none for ever.
 */
export function createInterner(): Interner {
  const texts = new Map<string, string>();
  const one = (text: string): string => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size === mostTexts) texts.clear();
    texts.set(text, text);
    return text;
  };
  const intern: Interner = (value) => {
    const members = value as Record<string, unknown>;
    for (const key of Object.keys(members)) {
      const member = members[key];
      if (typeof member === 'string') members[key] = one(member);
      else if (typeof member === 'object' && member !== null) intern(member);
    }
  };
  return intern;
}
