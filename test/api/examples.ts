import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { Kind } from '../../src/api/kind.ts';
import { kinds } from '../../src/api/kinds.ts';
import { at } from './paths.ts';

/** A manifest as a person would write it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Record<string, unknown>;
}

export interface Example {
  readonly name: string;
  readonly kind: Kind;
  readonly manifest: Manifest;
}
/** An example that the API server must refuse, with (a part of) the sentence that it must refuse it with. */
export interface InvalidExample extends Example {
  readonly refusal: string;
}

export const validExamples = (): readonly Example[] =>
  filesIn('examples/valid').map(({ name, text }) => exampleOf(name, text));

export function validExample(name: string): Example {
  const found = validExamples().find((example) => example.name === name);
  if (found === undefined) throw new Error(`there is no examples/valid/${name}.yaml`);
  return found;
}

export const invalidExamples = (): readonly InvalidExample[] =>
  filesIn('examples/invalid').map(({ name, text }) => {
    const refusal = /^# refused: (.+)\n/.exec(text)?.[1];
    if (refusal === undefined)
      throw new Error(`examples/invalid/${name}.yaml must begin with "# refused: <sentence>"`);
    return { ...exampleOf(name, text), refusal };
  });

function exampleOf(name: string, text: string): Example {
  const manifest = parse(text) as Manifest;
  const kind = kinds.find((known) => known.kind === manifest.kind);
  if (kind === undefined) throw new Error(`${name}.yaml: "${manifest.kind}" is no kind of ours`);
  return { name, kind, manifest };
}

const filesIn = (folder: string): { name: string; text: string }[] =>
  readdirSync(at(folder))
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({ name: basename(file, '.yaml'), text: readFileSync(join(at(folder), file), 'utf8') }));
