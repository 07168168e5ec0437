import { stringify } from 'yaml';
import type { Session } from './session.ts';

export const structuredFormats = ['json', 'yaml'] as const;
export type OutputFormat = 'table' | 'wide' | (typeof structuredFormats)[number];

/** What a program reads. Fields are only ever added to a version. */
const apiVersion = 'kubectl.grantor.dev/v1';

/** Prints a document for programs. */
export function printStructured(
  { terminal }: Pick<Session, 'terminal'>,
  format: (typeof structuredFormats)[number],
  kind: string,
  content: object,
): void {
  const document = { apiVersion, kind, ...content };
  terminal.out(
    format === 'json'
      ? JSON.stringify(document, undefined, 2)
      : stringify(document, { lineWidth: 0 }).trimEnd(),
  );
}

/** Whether a program reads the output. */
export const isStructured = (format: OutputFormat): format is (typeof structuredFormats)[number] =>
  (structuredFormats as readonly string[]).includes(format);
