import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Kind } from '../../src/api/kind.ts';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds } from '../../src/std/duration.ts';
import { type Api, type ApiResponse, openApi } from '../cluster/api.ts';
import type { Manifest } from './examples.ts';
import { at } from './paths.ts';

/** The API server with our kinds in it. */
export interface KindsServer {
  /** Creates an object, strictly: unknown fields are errors. With `dryRun` nothing is stored. */
  create(kind: Kind, manifest: Manifest, mode?: { dryRun: boolean }): Promise<ApiResponse>;
  replace(kind: Kind, object: Manifest): Promise<ApiResponse>;
  remove(kind: Kind, object: Manifest): Promise<ApiResponse>;
  close(): Promise<void>;
}

const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Installs `crds/` as they are in the repository, makes the namespaces, and waits until the kinds are served. */
export async function openKindsServer(
  kubeconfig: string,
  namespaces: readonly string[],
): Promise<KindsServer> {
  const api = openApi(kubeconfig);
  for (const file of readdirSync(at('crds')))
    await installCrd(api, parse(readFileSync(join(at('crds'), file), 'utf8')));
  for (const name of namespaces) await api.send('POST', '/api/v1/namespaces', { metadata: { name } });

  const objects = ({ group, version, plural, namespaced }: Kind, { metadata }: Manifest): string =>
    `/apis/${group}/${version}/${namespaced ? `namespaces/${metadata.namespace}/` : ''}${plural}`;
  const object = (kind: Kind, manifest: Manifest): string =>
    `${objects(kind, manifest)}/${manifest.metadata.name}`;
  const strict = 'fieldValidation=Strict';
  return {
    create: (kind, manifest, { dryRun } = { dryRun: true }) =>
      api.send('POST', `${objects(kind, manifest)}?${strict}${dryRun ? '&dryRun=All' : ''}`, manifest),
    replace: (kind, manifest) => api.send('PUT', `${object(kind, manifest)}?${strict}`, manifest),
    remove: (kind, manifest) => api.send('DELETE', object(kind, manifest)),
    close: () => api.close(),
  };
}

async function installCrd(api: Api, crd: Manifest): Promise<void> {
  const path = `${crdPath}/${crd.metadata.name}`;
  const created = await api.send('POST', crdPath, crd);
  if (created.status === 409) {
    const { body } = await api.send('GET', path);
    const { resourceVersion } = body.metadata;
    const replaced = await api.send('PUT', path, { ...crd, metadata: { ...crd.metadata, resourceVersion } });
    if (replaced.status !== 200) throw new Error(replaced.body.message);
  } else if (created.status !== 201) throw new Error(created.body.message);

  for (let attempt = 0; attempt < 100; attempt++) {
    const { body } = await api.send('GET', path);
    const conditions: { type: string; status: string }[] = body.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return;
    await sleep(systemClock, milliseconds(100));
  }
  throw new Error(`${crd.metadata.name} was not established in 10 s`);
}
