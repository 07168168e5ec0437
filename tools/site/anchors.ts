/** The fragment by which GitHub, and the site, link to a heading of this text. */
export const slugOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');

/** Numbers the headings of a page that have the same text, as GitHub does: `x`, `x-1`, `x-2`. */
export function anchorMaker(): (heading: string) => string {
  const seen = new Map<string, number>();
  return (heading) => {
    const slug = slugOf(heading);
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  };
}

/** A text without its code blocks: what stands in them is neither heading nor link. */
export const withoutCode = (text: string): string => text.replace(/^ *(`{3,})[^\n]*\n[\s\S]*?^ *\1 *$/gm, '');

/** Everything on a page that a link may lead to. */
export function anchorsOf(text: string): Set<string> {
  const anchor = anchorMaker();
  const headings = Array.from(withoutCode(text).matchAll(/^#{1,6} (.+?) *$/gm), ([, heading = '']) =>
    anchor(heading),
  );
  const named = Array.from(text.matchAll(/<a (?:id|name)="([^"]+)"/g), ([, name = '']) => name);
  return new Set([...headings, ...named]);
}
