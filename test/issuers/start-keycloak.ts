import { join } from 'node:path';
import { stopServer } from '../cluster/server-process.ts';
import { ensureKeycloak } from './keycloak-distribution.ts';
import { keycloakServer, makeHome } from './keycloak-server.ts';
import { type Listening, type StartOptions, startListening } from './start-listening.ts';

/** A running Keycloak, without a realm but `master`. */
export interface Keycloak {
  readonly url: string;
  readonly caFile: string;
}

export interface KeycloakStart extends StartOptions {
  /** Files with the CAs of API servers whose keys it fetches; its own CA is one of them anyway. */
  readonly trusts?: readonly string[];
}

/** Starts one and returns once it answers, in 5 s. */
export async function startKeycloak(
  options: KeycloakStart,
): Promise<Keycloak & Listening & { stop(): Promise<void> }> {
  const distribution = await ensureKeycloak(options.report);
  const home = join(options.dir, 'home');
  makeHome(distribution, home, distribution.data);
  const classes = `-XX:SharedArchiveFile=${distribution.classArchive}`;
  const listening = await startListening(
    keycloakServer(distribution, { home, classes, trusts: options.trusts ?? [] }),
    options,
  );
  const { urls, tls, server } = listening;
  return { ...listening, url: urls[0] ?? '', caFile: tls.caFile, stop: () => stopServer(server.record) };
}
