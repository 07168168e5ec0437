// The bare loop of a start: lists what the controller lists, in pages, parses it, and nothing else. With `keep` it holds what it read
// and says how large that is; with `watch` it then watches all of it for so many seconds, and says what that cost.
import { parseArgs } from 'node:util';
import { type BareApi, openBareApi } from './api.ts';

/** What the loop says in its last line. */
export interface BareFollowing {
  /** CPU seconds of the whole process, from its start to the last page. */
  readonly cpu: number;
  /** Bytes, after a collection of all garbage. */
  readonly heapUsed: number;
  /** CPU seconds of the watching. */
  readonly watching: number;
}

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: '' },
    pod: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
    watch: { type: 'string', default: '0' },
  },
});

const secretsOf = (type: string): string => `/api/v1/secrets?fieldSelector=type%3Dgrantor.dev/${type}&`;
/** Path and whether only metadata is asked for, as in src/controllers/world.ts. */
const collections: readonly (readonly [string, boolean])[] = [
  ['/apis/grantor.dev/v1alpha1/oauthissuers?', false],
  ['/apis/grantor.dev/v1alpha1/tenantscopes?', false],
  ['/apis/grantor.dev/v1alpha1/oauthclients?', false],
  ['/apis/grantor.dev/v1alpha1/workloadidentitybindings?', false],
  ['/api/v1/namespaces?', true],
  ['/api/v1/serviceaccounts?', true],
  [secretsOf('token'), true],
  [secretsOf('client'), true],
  [secretsOf('registration'), true],
];

interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly unknown[] | null;
}

const kept: unknown[] = [];

async function list(api: BareApi, path: string, metadataOnly: boolean): Promise<string> {
  const accept = metadataOnly
    ? 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    : 'application/json';
  let next = '';
  for (;;) {
    const url = `${path}limit=500&continue=${encodeURIComponent(next)}`;
    const { metadata, items } = (await api.send('GET', url, undefined, accept)) as Page;
    if (values.keep) kept.push(...(items ?? []));
    next = metadata.continue ?? '';
    if (next === '') return metadata.resourceVersion;
  }
}

async function watch(api: BareApi, path: string, from: string): Promise<void> {
  for await (const chunk of await api.open(`${path}watch=true&resourceVersion=${from}`)) void chunk;
}

const api = openBareApi(values.server, values.pod, 32);
const versions = await Promise.all(collections.map(([path, metadataOnly]) => list(api, path, metadataOnly)));
const seconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;
const cpu = seconds(process.cpuUsage());
globalThis.gc?.();
globalThis.gc?.();
const { heapUsed } = process.memoryUsage();
const before = process.cpuUsage();
const watching = Number(values.watch);
if (watching > 0) {
  collections.forEach(([path], n) => void watch(api, path, versions[n] ?? '').catch(() => {}));
  await new Promise((resolve) => setTimeout(resolve, watching * 1000));
}
const said: BareFollowing = { cpu, heapUsed, watching: seconds(process.cpuUsage(before)) };
console.log(JSON.stringify(said));
process.exit(kept.length < 0 ? 1 : 0);
