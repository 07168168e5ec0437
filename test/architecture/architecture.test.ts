import { join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  clientNodeFile,
  connectors,
  layers,
  listeners,
  nodeModuleExceptions,
  nodeModulesFrom,
  revealers,
  timeAndChance,
} from './layers.ts';
import { type Import, type SourceFile, sourceFiles } from './source-files.ts';

const files = sourceFiles();
const layerOf = (folder: string) => layers.find((layer) => layer.folder === folder);
const packageOf = (from: string): string =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');

/** Why a file may not import what it imports; undefined when it may. */
function objection(file: SourceFile, { from, typeOnly }: Import): string | undefined {
  const layer = layerOf(file.folder);
  if (layer === undefined) return 'is in no layer';
  if (from.startsWith('node:')) {
    const allowed = layer.level >= nodeModulesFrom || nodeModuleExceptions[file.path] === from;
    return allowed ? undefined : `uses ${from} below level ${nodeModulesFrom}`;
  }
  if (!from.startsWith('.')) {
    return layer.packages.includes(packageOf(from)) ? undefined : `uses the package ${packageOf(from)}`;
  }
  if (!from.endsWith('.ts')) return undefined;
  const folder = normalize(join(file.path, '..', from)).split('/')[0] ?? '';
  if (folder === file.folder) return undefined;
  const other = layerOf(folder);
  if (other === undefined) return `imports ${from}, which is in no layer`;
  if (other.level < layer.level) return undefined;
  if (typeOnly && layer.typesFrom?.includes(folder)) return undefined;
  return `imports ${from}, which is not below it`;
}

const offenders = (test: (file: SourceFile) => boolean): string[] =>
  files.filter(test).map(({ path }) => path);

describe('the architecture', () => {
  it('is seen at all', () => {
    expect(files.length).toBeGreaterThan(80);
    expect(files.flatMap(({ imports }) => imports).length).toBeGreaterThan(300);
    expect(new Set(files.map(({ folder }) => folder))).toEqual(new Set(layers.map(({ folder }) => folder)));
  });

  it('lets every file import from its own folder and from lower layers only', () => {
    const objections = files.flatMap((file) =>
      file.imports
        .map((one) => objection(file, one))
        .filter((it) => it !== undefined)
        .map((why) => `${file.path} ${why}`),
    );
    expect(objections).toEqual([]);
  });

  it('reads the clock, sets timers and draws random numbers in two files only', () => {
    const expression =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bset(Timeout|Interval|Immediate)\(|\bperformance\.now\(|AbortSignal\.timeout\(/;
    expect(offenders(({ path, text }) => expression.test(text) && !timeAndChance.includes(path))).toEqual([]);
  });

  it('looks inside a Secret in a few known files only', () => {
    const reveals = offenders(({ text, path }) => /\.reveal\(\)/.test(text) && path !== 'std/secret.ts');
    expect(reveals.sort()).toEqual([...revealers].sort());
  });

  it('loads the Kubernetes client library in one file only', () => {
    expect(offenders(({ text }) => text.includes('@kubernetes/client-node'))).toEqual([clientNodeFile]);
  });

  /** What `node:net` knows of addresses opens nothing. */
  const ofAddresses = /import \{(?: (?:BlockList|isIP|isIPv4|isIPv6),?)+ \} from 'node:net';/;

  it('takes zod by its parts, so that the program does not carry all of it', () => {
    expect(offenders(({ text }) => /import \{ z \}|\bz\.(core|locales)\b/.test(text))).toEqual([]);
  });

  it('opens connections and listens only where that is meant to happen', () => {
    const connects = offenders(
      ({ folder, text }) =>
        /from 'undici'|from 'node:(net|tls|dgram)'|\bfetch\(/.test(text.replace(ofAddresses, '')) &&
        !connectors.includes(folder) &&
        !/import type \{[^}]*\} from 'node:(net|tls)'/.test(text),
    );
    expect(connects).toEqual([]);
    expect(
      offenders(({ folder, text }) => /\.listen\(|createServer\(/.test(text) && !listeners.includes(folder)),
    ).toEqual([]);
  });

  it('reads the environment of the process only where the program is put together', () => {
    expect(offenders(({ folder, text }) => /process\.env\b/.test(text) && folder !== 'cmd')).toEqual([]);
  });

  it('keeps files small: half within 90 lines, nine in ten within 300, none above 400', () => {
    const sizes = files.map(({ text }) => text.split('\n').length - 1).sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(90);
    expect(sizes[Math.floor(sizes.length * 0.9)]).toBeLessThanOrEqual(300);
    expect(sizes.at(-1)).toBeLessThanOrEqual(400);
  });
});
