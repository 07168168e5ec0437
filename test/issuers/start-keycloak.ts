import { join } from 'node:path';
import type { CertificateFiles } from '../cluster/certificates.ts';
import { type ServerProcess, stopServer } from '../cluster/server-process.ts';
import { ensureKeycloak } from './keycloak-distribution.ts';
import { keycloakServer, makeHome } from './keycloak-server.ts';
import { type StartOptions, startListening } from './start-listening.ts';

/** A running Keycloak, without a realm but `master`. It is data only, so that it can cross to another process. */
export interface Keycloak {
  readonly url: string;
  readonly caFile: string;
  /** What it serves with; a server that serves with it too is one that Keycloak trusts. */
  readonly tls: CertificateFiles;
}

export interface KeycloakStart extends StartOptions {
  /** Files with the CAs of API servers whose keys it fetches; its own CA is one of them anyway. */
  readonly trusts?: readonly string[];
}

/** Starts one and returns once it answers, in 5 s. */
export async function startKeycloak(
  options: KeycloakStart,
): Promise<Keycloak & { readonly server: ServerProcess; readonly stop: () => Promise<void> }> {
  const distribution = await ensureKeycloak(options.report);
  const home = join(options.dir, 'home');
  makeHome(distribution, home, distribution.data);
  const classes = `-XX:SharedArchiveFile=${distribution.classArchive}`;
  const { urls, tls, server } = await startListening(
    keycloakServer(distribution, { home, classes, trusts: options.trusts ?? [] }),
    options,
  );
  return { url: urls[0] ?? '', caFile: tls.caFile, tls, server, stop: () => stopServer(server.record) };
}
