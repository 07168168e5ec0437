// The one file that imports @kubernetes/client-node, and only when a kubeconfig is used: the import costs most of a second and
// some 90 MB.

import { readFile } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../std/clock.ts';
import { OperatorError } from '../std/operator-error.ts';
import { parseProxy } from '../std/proxy.ts';
import { Secret } from '../std/secret.ts';
import type { Access, ClusterConfig } from './cluster-config.ts';
import { rememberAccess } from './remembered-access.ts';

/** What a person says beside the file. */
export interface KubeconfigChoice {
  /** Instead of its current-context. */
  readonly context?: string | undefined;
  /** The user to act as (impersonation). */
  readonly as?: string | undefined;
}

/**
 * The API server of a kubeconfig's current context, with whatever credentials client-node can get for it: client certificates,
 * tokens, exec plug-ins, OIDC. They are read again each 60 s, and from the file up after a refusal. Of several files, as KUBECONFIG
 * may name them, each name is taken from the first that has it, and those that are not there are passed over. Throws `OperatorError`
 * with one sentence for what is wrong with the file.
 */
export async function loadKubeconfig(
  files: string | readonly string[],
  clock: Clock,
  choice: KubeconfigChoice = {},
): Promise<ClusterConfig> {
  const file = [files].flat().join(delimiter);
  let loaded = await parse(file, choice);
  const access = rememberAccess(clock, async (refused) => {
    if (refused) loaded = await parse(file, choice);
    return actingAs(choice, await credentials(file, loaded));
  });
  await access.access();
  const cluster = loaded.getCurrentCluster();
  return {
    server: serverOf(file, cluster?.server ?? ''),
    namespace: loaded.getContextObject(loaded.getCurrentContext())?.namespace ?? 'default',
    access,
    ...(cluster?.proxyUrl ? { proxy: proxyOf(file, cluster.proxyUrl) } : {}),
  };
}

async function parse(file: string, { context }: KubeconfigChoice): Promise<KubeConfig> {
  const texts: string[] = [];
  let merged: KubeConfig | undefined;
  for (const one of file.split(delimiter)) {
    const text = await readUnlessMissing(one);
    if (text === undefined) continue;
    texts.push(text);
    const next = await parseOne(one, text);
    merged = merged === undefined ? next : merge(merged, next);
  }
  if (merged === undefined) throw unusable(file, 'there is no such file');
  if (context !== undefined) merged.setCurrentContext(context);
  check(file, merged, texts.join('\n'), context);
  return merged;
}

const readUnlessMissing = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw unusable(file, `it can't be read (${cause.code})`, cause);
  });

async function parseOne(file: string, text: string): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(file));
    return config;
  } catch (cause) {
    throw unusable(file, `it is malformed: ${firstLine(cause)}`);
  }
}

/** Names of the first file hide those of the second. */
function merge(first: KubeConfig, second: KubeConfig): KubeConfig {
  const unless = <T extends { readonly name: string }>(known: readonly T[], more: readonly T[]): T[] => [
    ...known,
    ...more.filter(({ name }) => !known.some((one) => one.name === name)),
  ];
  first.clusters = unless(first.clusters, second.clusters);
  first.users = unless(first.users, second.users);
  first.contexts = unless(first.contexts, second.contexts);
  if (!first.currentContext) first.currentContext = second.currentContext;
  return first;
}

/** The names of all contexts, for completion. */
export async function contextsOf(files: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(files.map(async (file) => [file, await readUnlessMissing(file)] as const));
  const parsed = await Promise.all(
    texts.flatMap(([file, text]) => (text === undefined ? [] : [parseOne(file, text)])),
  );
  return [...new Set(parsed.flatMap((config) => config.getContexts().map(({ name }) => name)))];
}

/** What client-node would only notice in the middle of a call, or never. */
function check(file: string, config: KubeConfig, text: string, chosen: string | undefined): void {
  const context = config.currentContext as string | undefined;
  if (context === undefined || context === '') throw unusable(file, 'it has no current-context; set one');
  const known = config.getContexts().map(({ name }) => name);
  if (!known.includes(context)) {
    const what = chosen === undefined ? 'its current-context' : 'the context';
    const others = known.length === 0 ? '' : ` (${known.slice(0, 8).join(', ')})`;
    throw unusable(
      file,
      `${what} "${context}" is not one of its contexts${chosen === undefined ? '' : others}`,
    );
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw unusable(file, `the cluster of its context "${context}" is not one of its clusters`);
  const user = config.getCurrentUser();
  if (user === null) throw unusable(file, `the user of its context "${context}" is not one of its users`);
  const hasCredentials =
    user.token ?? user.certData ?? user.certFile ?? user.exec ?? user.authProvider ?? user.username;
  if (hasCredentials === undefined && /\btokenFile"?\s*:/.test(text)) {
    throw unusable(file, 'its user has a tokenFile, which is not supported; use token or exec');
  }
}

/** What client-node fills in, of the many fields of `https.RequestOptions`. */
interface ConnectionOptions {
  ca?: Buffer;
  cert?: Buffer | string;
  key?: Buffer | string;
  auth?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
  headers?: Record<string, string>;
}

async function credentials(file: string, config: KubeConfig): Promise<Access> {
  const options: ConnectionOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    throw unusable(file, `its credentials can't be had: ${firstLine(cause)}`);
  }
  const { Authorization: bearer, ...headers } = options.headers ?? {};
  const basic =
    options.auth === undefined ? undefined : `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const authorization = bearer ?? basic;
  return {
    ...(options.ca === undefined ? {} : { ca: String(options.ca) }),
    ...(options.cert === undefined ? {} : { clientCertificate: String(options.cert) }),
    ...(options.key === undefined ? {} : { clientKey: new Secret(String(options.key)) }),
    ...(authorization === undefined ? {} : { authorization: new Secret(authorization) }),
    ...(options.servername === undefined ? {} : { serverName: options.servername }),
    ...(options.rejectUnauthorized === false ? { insecure: true as const } : {}),
    headers,
  };
}

const actingAs = ({ as }: KubeconfigChoice, access: Access): Access =>
  as === undefined ? access : { ...access, headers: { ...access.headers, 'impersonate-user': as } };

function serverOf(file: string, server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw unusable(file, `its cluster's server "${server.slice(0, 80)}" is not an http(s) URL`);
  }
  return url;
}

/** The URL may carry credentials and isn't quoted. */
function proxyOf(file: string, proxyUrl: string): Secret<URL> {
  const proxy = parseProxy(proxyUrl);
  if (proxy === undefined) throw unusable(file, "its cluster's proxy-url is not an http(s) URL");
  return proxy;
}

/**
 * Errors of parsers and plug-ins quote what they read, which may be a key: only the first line, nothing of a JSON error, and
 * never the error itself as `cause`.
 */
function firstLine(cause: unknown): string {
  if (cause instanceof SyntaxError) return 'its credential plug-in printed something that is not JSON';
  return (cause instanceof Error ? cause.message : 'unknown error').split('\n', 1)[0]?.slice(0, 200) ?? '';
}

const unusable = (file: string, what: string, cause?: unknown): OperatorError =>
  new OperatorError('KUBE_CONFIG', `the kubeconfig ${file} can't be used: ${what}`, cause);
