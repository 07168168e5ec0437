/** The most that a failure's `detail` holds. */
const detailLimit = 256;

// Letters, marks, digits, punctuation, symbols and the space; no control, format, private-use or line-breaking characters.
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]+/gu;
// What a token, key or secret looks like: a long run of base64url, base64 or hex with digits in it. Identifiers may fall too;
// a server that echoes our assertion in `error_description` must not get it into a condition.
const tokenLike = /(?=[\w+/=~-]*\d)[\w+/=~-]{16,}(\.[\w+/=~-]*)*/g;

/** Foreign text made fit for a condition: one line, printable, without anything that could be a credential, bounded. */
export function printable(text: string, limit: number = detailLimit): string {
  const line = text
    .slice(0, 4 * detailLimit)
    .replace(tokenLike, '[redacted]')
    .replace(unprintable, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`;
}
