import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kinds } from '../../src/api/kinds.ts';
import type { KubeObject, Stored } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import { resourceOf } from '../stage/manifests.ts';
import type { Stage } from '../stage/stage.ts';
import { recordOf, remember, secretsIn } from './remember.ts';

const eventKind: ResourceKind = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};
const secretKind = resourceOf({ apiVersion: 'v1', kind: 'Secret' });
/** What of a Secret of ours is no secret. */
const publicKeys = new Set([
  ...['token_type', 'expires_at', 'metadata.json', 'issuer'],
  ...['client_id', 'registration_client_uri', 'public_key.jwk', 'ca.crt'],
  ...['other_public_key.jwk', 'tls.crt'],
]);

/**
 * Leaves beside the logs what else anybody can read of a stage: all objects of ours with their status, metadata of Secrets, events,
 * metrics pages and command lines. What lies in our Secrets is noted as secret.
 */
export async function capture(stage: Stage, probes: readonly string[]): Promise<void> {
  const run = process.env['GRANTOR_TEST_RUN'];
  if (run === undefined) return;
  const silent = stage.programs.filter(({ pid }) => !existsSync(recordOf(run, pid)));
  if (silent.includes(stage.issuer) || silent.length === stage.programs.length - 1) {
    throw new Error('the programs were not recorded: the leak canary would find nothing whatever happens');
  }
  const texts: string[] = [];
  for (const kind of [...kinds, eventKind]) {
    for await (const page of stage.kube.list(kind)) if (page.ok) texts.push(JSON.stringify(page.value.items));
  }
  for await (const page of stage.kube.list<KubeObject & { data?: Record<string, string>; type?: string }>(
    secretKind,
  )) {
    if (!page.ok) continue;
    for (const { data = {}, metadata } of page.value.items) {
      texts.push(JSON.stringify(metadata));
      for (const secret of secretsOf(data)) remember(secret);
    }
  }
  for (const url of probes) {
    for (const path of ['/metrics', '/readyz']) {
      texts.push(await fetch(url + path).then((answer) => answer.text(), String));
    }
  }
  for (const { pid } of stage.programs) {
    const commandLine = `/proc/${pid}/cmdline`;
    if (existsSync(commandLine)) texts.push(readFileSync(commandLine, 'utf8').replaceAll('\0', ' '));
  }
  appendFileSync(join(stage.dir, 'captured.log'), texts.join('\n'));
}

const captured = new Set<string>();

/** Leaves one version of an object: what its status says while something is wrong is gone in the end. */
export function captureObject({ dir }: Pick<Stage, 'dir'>, object: Stored): void {
  const version = `${object.metadata.uid} ${object.metadata.resourceVersion}`;
  if (process.env['GRANTOR_TEST_RUN'] === undefined || captured.has(version)) return;
  captured.add(version);
  appendFileSync(join(dir, 'captured.log'), `${JSON.stringify(object)}\n`);
}

/** What is secret of the data of a Secret of ours. */
export const secretsOf = (data: Readonly<Record<string, string>>): string[] =>
  Object.entries(data)
    .filter(([key]) => !publicKeys.has(key))
    .flatMap(([, value]) => secretsIn(parsed(Buffer.from(value, 'base64').toString('utf8'))));

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}
