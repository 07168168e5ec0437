import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** https://github.com/opencontainers/image-spec/blob/main/config.md#properties */
export interface ImageConfig {
  readonly Entrypoint: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

/** How the image runs: what the last stage of Dockerfile says, so that an image of either make runs the same. */
export function readSettings(): ImageConfig & { readonly User: string; readonly Env: readonly string[] } {
  const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
  const [, stage = ''] = dockerfile.split(/^FROM scratch$/m);
  const lines = (instruction: string): string[] =>
    [...stage.matchAll(new RegExp(`^${instruction} (.+)$`, 'gm'))].flatMap(([, value]) => value ?? []);
  const [entryPoint] = lines('ENTRYPOINT');
  const [user] = lines('USER');
  if (entryPoint === undefined || user === undefined)
    throw new Error('Dockerfile has no ENTRYPOINT or no USER');
  return { Entrypoint: JSON.parse(entryPoint) as string[], User: user, Env: lines('ENV') };
}
