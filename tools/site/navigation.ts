/** The headings of docs/README.md with what stands below them: the one navigation, on GitHub and on the site. */
export interface Section {
  readonly title: string;
  readonly entries: readonly Entry[];
}
export interface Entry {
  readonly title: string;
  /** From the folder of the index; it may end with an anchor. */
  readonly to: string;
}

/** An entry is a line that begins with a link: `- [Title](page.md) what it is`. */
export function readNavigation(index: string): Section[] {
  return index
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      title: section.slice(0, section.indexOf('\n')).trim(),
      entries: Array.from(section.matchAll(/^ *- \[([^\]]+)\]\(([^)]+)\)/gm), ([, title = '', to = '']) => ({
        title,
        to,
      })),
    }));
}
