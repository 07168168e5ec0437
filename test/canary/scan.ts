import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FragmentIndex } from './fragment-index.ts';
import { secretsFolder } from './remember.ts';

export interface ScanResult {
  readonly secrets: number;
  readonly files: number;
  readonly megabytes: number;
  /** `stages/x/controller-1.log: byte 17 begins a fragment of a secret (base64 (1))`. Never shows the secret. */
  readonly hits: readonly string[];
}

/** Searches everything that a run left, logs of programs, what was captured and what the tests printed, for its secrets. */
export function scan(run: string): ScanResult {
  const secrets = [...new Set(secretsOf(run))];
  const index = new FragmentIndex(secrets);
  const files = textsOf(run);
  let bytes = 0;
  const hits = files.flatMap((file) => {
    const text = withoutPageTokens(readFileSync(file));
    bytes += text.length;
    return index
      .search(text)
      .map(
        ({ encoding, offset }) =>
          `${relative(run, file)}: byte ${offset} is in a fragment of a secret (${encoding})`,
      );
  });
  return { secrets: secrets.length, files: files.length, megabytes: bytes / 1e6, hits };
}

/**
 * A text with what the page tokens of an API server say in place of them: they name the object that a page ended with in base64, as tokens
 * name theirs, and one namespace has the same letters in both.
 */
const withoutPageTokens = (text: Buffer): Buffer =>
  text.includes('continue=')
    ? Buffer.from(
        text
          .toString('latin1')
          .replaceAll(/continue=([\w-]+)/g, (_, page: string) =>
            Buffer.from(page, 'base64url').toString('latin1'),
          ),
        'latin1',
      )
    : text;

function secretsOf(run: string): string[] {
  const folder = secretsFolder(run);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      // A program that was killed may have left half a line.
      .filter((line) => line.startsWith('"') && line.endsWith('"') && line.length > 2)
      .map((line) => JSON.parse(line) as string),
  );
}

/** Logs, and what was written beside them to be searched. */
const textsOf = (run: string): string[] =>
  readdirSync(run, { recursive: true, withFileTypes: true })
    // A kubelet leaves links to the logs of containers.
    .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
