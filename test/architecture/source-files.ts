import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** Below src: `domain/rotation.ts`. */
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

const root = join(import.meta.dirname, '../../src');
const importExpression =
  /^\s*(?:import|export)\s+(?<type>type\s)?[^'"`;]*?from\s*'(?<from>[^']+)'|^\s*import\s+'(?<bare>[^']+)'|\bimport\(\s*'(?<dynamic>[^']+)'\s*\)/gm;

/** All sources without their tests, read once. */
export function sourceFiles(): readonly SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, folder: path.split('/')[0] ?? '', text, imports: importsOf(text) };
    });
}

function importsOf(text: string): readonly Import[] {
  return [...text.matchAll(importExpression)].map(({ groups = {} }) => ({
    from: groups['from'] ?? groups['bare'] ?? groups['dynamic'] ?? '',
    typeOnly: groups['type'] !== undefined,
  }));
}
