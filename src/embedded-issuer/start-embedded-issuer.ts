import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../std/clock.ts';
import { minutes } from '../std/duration.ts';
import { OperatorError } from '../std/operator-error.ts';
import type { Rng } from '../std/rng.ts';
import type { Secret } from '../std/secret.ts';
import type { Tracer } from '../std/tracer.ts';
import { AccessTokens } from './access-tokens.ts';
import { ArtifactStore } from './artifact-store.ts';
import { audit } from './audit.ts';
import { buildProvider } from './build-provider.ts';
import { ClientStore } from './client-store.ts';
import type { TrustedCluster } from './cluster-keys.ts';
import { correlatedLog } from './correlated-log.ts';
import type { IssuerLog } from './issuer-log.ts';
import { isAllAddresses } from './listen-host.ts';
import { repeatedly } from './repeatedly.ts';
import { requestHandler } from './request-handler.ts';
import { RevokedTokens } from './revoked-tokens.ts';
import { loadSigningKeys } from './signing-keys.ts';
import { openStateFile } from './state-file.ts';
import { storageAdapter } from './storage-adapter.ts';
import { listenTls, type TlsServer } from './tls-server.ts';
import { WorkloadLogin } from './workload-login.ts';

export interface EmbeddedIssuerOptions {
  /** The issuer identifier (RFC 8414 section 2): an `https` origin. Left out, it is where the server listens. */
  readonly issuer?: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM files. They are read again when they change. */
  readonly tls: { readonly certFile: string; readonly keyFile: string };
  /** The SQLite file that holds registrations, keys and revocations. Made if it is not there. */
  readonly stateFile: string;
  /** What it takes to register clients (RFC 7591 section 3). Works any number of times. */
  readonly initialAccessToken: Secret;
  /** The clusters whose ServiceAccount tokens are accepted. */
  readonly trustedClusters: readonly TrustedCluster[];
  readonly log: IssuerLog;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly tracer?: Tracer | undefined;
}

export interface RunningIssuer {
  /** The issuer identifier. */
  readonly url: string;
  readonly port: number;
  /** Lets requests under way finish, for a few seconds, and closes the state. */
  stop(): Promise<void>;
}

const purgeInterval = minutes(1);

/**
 * Starts the embedded issuer: an authorization server for machines that try out, test or run small clusters.
 *
 * @throws OperatorError `ISSUER_CONFIG`, `ISSUER_STATE` or `ISSUER_LISTEN`
 */
export async function startEmbeddedIssuer(options: EmbeddedIssuerOptions): Promise<RunningIssuer> {
  checkIssuer(options);
  const db = openStateFile(options.stateFile);
  try {
    const server = await listenTls({ ...options, ...options.tls });
    try {
      const stopServing = await serve(options.issuer ?? server.origin, db, server, options);
      return {
        url: options.issuer ?? server.origin,
        port: server.port,
        async stop() {
          await server.close();
          await stopServing();
          db.close();
        },
      };
    } catch (error) {
      await server.close();
      throw error;
    }
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Puts the parts together. The function that is returned ends what runs on its own. */
async function serve(
  issuer: string,
  db: DatabaseSync,
  { server }: TlsServer,
  { trustedClusters: clusters, initialAccessToken, clock, rng, tracer, ...options }: EmbeddedIssuerOptions,
): Promise<() => Promise<void>> {
  const { log, during } = correlatedLog(options.log);
  const clients = new ClientStore(db);
  const artifacts = new ArtifactStore(db, clock);
  const revoked = new RevokedTokens(db, clock);
  const signingKeys = await loadSigningKeys(db, clock);
  const accessTokens = new AccessTokens({ issuer, signingKeys, clients, revoked, clock });
  const login = await WorkloadLogin.create({ issuer, clusters, clients, clock, rng, log });
  const adapter = storageAdapter({ clients, artifacts, accessTokens });
  const provider = buildProvider({
    issuer,
    initialAccessToken,
    signingKeys,
    adapter,
    clients,
    login,
    clock,
    rng,
  });
  audit(provider, log);
  const handler = requestHandler({ issuer, provider, login, clients, clock, log, tracer });
  server.on('request', (request, response) => void during(request, () => handler(request, response)));
  const stopPurging = repeatedly(clock, purgeInterval, () => {
    try {
      artifacts.purge();
      revoked.purge();
    } catch (error) {
      log.error({ event: 'purge.failed', error }, 'could not remove what has expired; trying again');
    }
  });
  return async () => {
    stopPurging();
    await login.close();
  };
}

/** An origin and nothing else: endpoints and both discovery documents are then where every client looks for them. */
function checkIssuer({ issuer, host }: EmbeddedIssuerOptions): void {
  if (issuer === undefined) {
    if (!isAllAddresses(host)) return;
    throw misconfigured('an issuer that listens on all addresses needs an issuer identifier');
  }
  const url = URL.parse(issuer);
  if (url?.protocol === 'https:' && url.origin === issuer) return;
  throw misconfigured(
    'the issuer identifier must be https://host or https://host:port, without a path or a slash at the end',
  );
}

const misconfigured = (message: string): OperatorError => new OperatorError('ISSUER_CONFIG', message);
