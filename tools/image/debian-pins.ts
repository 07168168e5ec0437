import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

export const pinsFile = join(import.meta.dirname, 'debian-packages.json');

const packageSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  /** `all` where it is the same on every machine. */
  architecture: z.enum(['amd64', 'arm64', 'all']),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const schema = z.strictObject({
  /** The release of Debian, by its code name and its number. */
  release: z.string(),
  version: z.string(),
  packages: z.strictObject({ amd64: z.array(packageSchema), arm64: z.array(packageSchema) }),
});

/** One file of Debian, of which no other will do. */
export type DebianPackage = z.infer<typeof packageSchema>;
export type DebianPins = z.infer<typeof schema>;

/** Which packages of Debian are in the image. `node tools/move-image-pins.ts` moves them. */
export const readPins = (): DebianPins => schema.parse(JSON.parse(readFileSync(pinsFile, 'utf8')));

export const fileOf = ({ name, version, architecture }: DebianPackage): string =>
  `${name}_${version.replace(/:/g, '%3a')}_${architecture}.deb`;
