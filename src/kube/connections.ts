import { Agent, type Dispatcher } from 'undici';
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

/**
 * Opens connections on demand and keeps them. When a certificate or the CA has changed, new calls get new connections, and the
 * old ones go when what runs on them has ended.
 */
export function createConnections(): { for(access: Access): Connections; close(): Promise<void> } {
  const open = new Set<Agent>();
  let current:
    | { readonly identity: string; readonly agents: { readonly calls: Agent; readonly watches: Agent } }
    | undefined;

  const openOne = (access: Access, limit: number | null): Agent => {
    const agent = openAgent(access, limit);
    open.add(agent);
    return agent;
  };
  const retire = (agent: Agent): void => {
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

function openAgent(access: Access, connections: number | null): Agent {
  return new Agent({
    connections,
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: idleFor,
    keepAliveMaxTimeout: idleFor,
    // Time limits are the transport's, on its own clock.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: 5_000,
      // After 30 s of silence the kernel asks each second and gives up after ten: a machine that vanished is noticed.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      ...(access.ca === undefined ? {} : { ca: access.ca }),
      ...(access.clientCertificate === undefined ? {} : { cert: access.clientCertificate }),
      ...(access.clientKey === undefined ? {} : { key: access.clientKey.reveal() }),
      ...(access.serverName === undefined ? {} : { servername: access.serverName }),
      ...(access.insecure ? { rejectUnauthorized: false } : {}),
    },
  });
}

const identityOf = (access: Access): string =>
  [access.ca, access.clientCertificate, access.clientKey?.reveal(), access.serverName, access.insecure].join(
    '\n',
  );
