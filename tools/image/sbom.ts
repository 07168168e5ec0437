import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import * as z from 'zod';
import { readPins } from './debian-pins.ts';
import type { Parts } from './parts.ts';
import type { Platform } from './platform.ts';

export const sbomType = 'application/vnd.cyclonedx+json';

export interface SbomInput {
  readonly version: string;
  /** RFC 3339. */
  readonly created: string;
  readonly platform: Platform;
  readonly parts: Parts;
  readonly metafile: Metafile;
}

/** What is in the image, for scanners: https://cyclonedx.org/docs/1.6/json/. The same image has the same one. */
export function sbomOf({ version, created, platform, parts, metafile }: SbomInput): object {
  const components = [...npmPackages(metafile), nodeComponent(parts, platform), ...debianComponents(parts)];
  const uuid = createHash('sha256')
    .update(JSON.stringify([version, created, components]))
    .digest('hex');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    // A UUID of version 8: what it is made of is ours to say.
    serialNumber: `urn:uuid:${uuid.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, '$1-$2-8$3-8$4-$5')}`,
    version: 1,
    metadata: {
      timestamp: created,
      component: {
        type: 'application',
        'bom-ref': 'grantor',
        name: 'grantor',
        version,
        licenses: licence('Apache-2.0'),
        properties: [{ name: 'platform', value: `linux/${platform.architecture}` }],
      },
    },
    components,
    dependencies: [{ ref: 'grantor', dependsOn: components.map((component) => component['bom-ref']) }],
  };
}

interface Component {
  readonly type: 'library' | 'platform';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly [more: string]: unknown;
}

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      license: z.string().optional(),
    }),
  ),
});

/** Those of which something is in the bundle, which is less than what is installed. */
function npmPackages({ outputs }: Metafile): Component[] {
  const lock = lockSchema.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')),
  );
  const inputs = Object.values(outputs).flatMap(({ inputs: of }) => Object.keys(of));
  const folders = new Set(
    inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const all = [...folders].sort().map((folder) => {
    const { version, integrity, license } = lock.packages[folder] ?? {};
    if (version === undefined || integrity === undefined)
      throw new Error(`package-lock.json does not pin ${folder}`);
    const name = folder.replace(/.*node_modules\//, '');
    return component('library', `pkg:npm/${name.replace('@', '%40')}@${version}`, name, version, {
      hashes: [{ alg: 'SHA-512', content: hexOf(integrity) }],
      ...(license === undefined ? {} : { licenses: licence(license) }),
    });
  });
  // The same version may be installed in two places.
  return [...new Map(all.map((one) => [one['bom-ref'], one])).values()];
}

/** With what is in it: OpenSSL, V8 and others are not libraries of the image. The Node.js that runs this is of the same version. */
function nodeComponent({ node }: Parts, { nodePackage }: Platform): Component {
  const { node: _, modules: _abi, napi: _napi, ...inside } = process.versions;
  return component('platform', `pkg:npm/${nodePackage}@${node.version}`, 'node', node.version, {
    cpe: `cpe:2.3:a:nodejs:node.js:${node.version}:*:*:*:*:*:*:*`,
    hashes: [{ alg: 'SHA-512', content: hexOf(node.integrity) }],
    licenses: licence('MIT'),
    components: Object.entries(inside).flatMap(([name, version = '']) => {
      const ref = `pkg:generic/${name}@${encodeURIComponent(version)}?in=node`;
      return [{ ...component('library', ref, name, version), purl: ref.replace('?in=node', '') }];
    }),
  });
}

function debianComponents({ debian }: Parts): Component[] {
  const { version: release } = readPins();
  return debian.map(({ package: { name, version, architecture, sha256 } }) => {
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-${release}`;
    return component('library', purl, name, version, { hashes: [{ alg: 'SHA-256', content: sha256 }] });
  });
}

const component = (
  type: Component['type'],
  purl: string,
  name: string,
  version: string,
  more: Readonly<Record<string, unknown>> = {},
): Component => ({ type, 'bom-ref': purl, name, version, purl, ...more });

/** By an SPDX identifier, or an expression of several. */
const licence = (text: string) => [
  text.includes(' ') ? { expression: text.replace(/^\(|\)$/g, '') } : { license: { id: text } },
];

const hexOf = (integrity: string): string =>
  Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
