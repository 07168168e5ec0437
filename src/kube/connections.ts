import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Secret } from '../std/secret.ts';
import type { Access } from './cluster-config.ts';

/** The two pools of one API server. Apart, so that watches, which last, never take the place of calls. */
export interface Connections {
  readonly calls: Dispatcher;
  readonly watches: Dispatcher;
}

/** The most calls in flight at once; more of them wait here rather than in the API server's queues. */
const callConnections = 32;

/** Shorter than the API server's 90 s: a connection that the server is about to close isn't used again. */
const idleFor = 60_000;

/** For each step of making a connection: TCP and TLS, to the proxy, through it. */
const connectTimeout = 5_000;

/**
 * Opens connections on demand and keeps them. When a certificate or the CA has changed, new calls get new connections, and the
 * old ones go when what runs on them has ended.
 */
export function createConnections(proxy?: Secret<URL>): {
  for(access: Access): Connections;
  close(): Promise<void>;
} {
  const open = new Set<Dispatcher>();
  let current: { readonly identity: string; readonly agents: Connections } | undefined;

  const openOne = (access: Access, limit: number | null): Dispatcher => {
    const agent = openAgent(access, limit, proxy);
    open.add(agent);
    return agent;
  };
  const retire = (agent: Dispatcher): void => {
    void agent.close().finally(() => open.delete(agent));
  };

  return {
    for(access) {
      const identity = identityOf(access);
      if (current?.identity === identity) return current.agents;
      if (current !== undefined) Object.values(current.agents).forEach(retire);
      const agents = { calls: openOne(access, callConnections), watches: openOne(access, null) };
      current = { identity, agents };
      return agents;
    },
    async close() {
      await Promise.all([...open].map((agent) => agent.destroy()));
    },
  };
}

function openAgent(access: Access, connections: number | null, proxy: Secret<URL> | undefined): Dispatcher {
  const options = {
    connections,
    pipelining: 1,
    keepAliveTimeout: idleFor,
    keepAliveMaxTimeout: idleFor,
    // Time limits are the transport's, on its own clock.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const socket = {
    timeout: connectTimeout,
    // docs/adr/0005-http-1-1.md
    allowH2: false,
    // After 30 s of silence the kernel asks each second and gives up after ten: a machine that vanished is noticed.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  };
  const tls = {
    ...socket,
    ...(access.ca === undefined ? {} : { ca: access.ca }),
    ...(access.clientCertificate === undefined ? {} : { cert: access.clientCertificate }),
    ...(access.clientKey === undefined ? {} : { key: access.clientKey.reveal() }),
    ...(access.serverName === undefined ? {} : { servername: access.serverName }),
    ...(access.insecure ? { rejectUnauthorized: false } : {}),
  };
  if (proxy === undefined) return new Agent({ ...options, connect: tls });
  return new ProxyAgent({
    ...options,
    uri: proxy.reveal().href,
    // The proxy is another party: neither the cluster's CA nor our certificate is meant for it.
    proxyTls: socket,
    requestTls: tls,
    // Else a proxy that accepts and says nothing would hold a connection for five minutes.
    clientFactory: (origin, more) => new Pool(origin, { ...more, headersTimeout: connectTimeout }),
  });
}

const identityOf = (access: Access): string =>
  [access.ca, access.clientCertificate, access.clientKey?.reveal(), access.serverName, access.insecure].join(
    '\n',
  );
