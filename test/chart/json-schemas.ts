import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Api } from '../cluster/api.ts';

/** Where kubeconform finds the schemas that are written here. */
export const schemaLocation = (folder: string): string =>
  join(folder, '{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json');

/** The name that kubeconform gives it: in the core group the version stands for the group too. */
const fileOf = (apiVersion: string, kind: string): string => {
  const [group, version = group] = apiVersion.split('/');
  return `${kind.toLowerCase()}-${group}-${version}.json`;
};

export interface Served {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Writes what an API server says of its own kinds (OpenAPI v3), strictly: a field that it does not know is an error. */
export async function writeServedSchemas(
  api: Pick<Api, 'send'>,
  kinds: readonly Served[],
  folder: string,
): Promise<void> {
  for (const apiVersion of new Set(kinds.map((each) => each.apiVersion))) {
    const path = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const { components } = openAPI.parse((await api.send('GET', `/openapi/v3/${path}`)).body);
    const definitions = mapValues(components.schemas, strict);
    for (const { kind } of kinds.filter((each) => each.apiVersion === apiVersion)) {
      const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      const found = Object.entries(components.schemas).find(([, schema]) =>
        schema['x-kubernetes-group-version-kind']?.some(
          (each) => each.group === group && each.version === version && each.kind === kind,
        ),
      );
      if (found === undefined) throw new Error(`the API server has no schema of ${apiVersion} ${kind}`);
      const schema = { $ref: `#/definitions/${found[0]}`, definitions };
      writeFileSync(join(folder, fileOf(apiVersion, kind)), JSON.stringify(schema));
    }
  }
}

const gvk = z.array(z.object({ group: z.string(), version: z.string(), kind: z.string() }));
const openAPI = z.object({
  components: z.object({
    schemas: z.record(z.string(), z.looseObject({ 'x-kubernetes-group-version-kind': gvk.optional() })),
  }),
});

/** Writes those of the CustomResourceDefinitions of a folder. */
export function writeDefinedSchemas(crds: string, folder: string): void {
  for (const name of readdirSync(crds)) {
    const { spec } = definition.parse(parse(readFileSync(join(crds, name), 'utf8')));
    for (const version of spec.versions) {
      const file = fileOf(`${spec.group}/${version.name}`, spec.names.kind);
      writeFileSync(join(folder, file), JSON.stringify(strict(version.schema.openAPIV3Schema)));
    }
  }
}

const definition = z.object({
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(
      z.object({ name: z.string(), schema: z.object({ openAPIV3Schema: z.looseObject({}) }) }),
    ),
  }),
});

/** A schema of Kubernetes in which every object has the fields that are named and no others. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).map(([name, value]): [string, unknown] => {
    if (name === '$ref') return [name, String(value).replace('#/components/schemas/', '#/definitions/')];
    // The names of fields, which may be those of schemas too.
    if (name === 'properties' && isObject(value)) return [name, mapValues(value, strict)];
    return [name, strict(value)];
  });
  // What a CRD leaves open, such as metadata, has no `properties`.
  const isOpen =
    !isObject(schema['properties']) ||
    'additionalProperties' in schema ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  return Object.fromEntries(isOpen ? members : [...members, ['additionalProperties', false]]);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapValues = (object: object, change: (value: unknown) => unknown): object =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
