import type { DesiredClient } from '../../domain/desired-client.ts';
import type { CallContext, IssuerDriver } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { RegisteredClient } from '../../ports/registered-client.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Fetch } from '../issuer-fetch.ts';
import { createIssuerSession, type DriverOptions } from '../issuer-session.ts';
import { tokenOperations } from '../token-operations.ts';
import { createAdminAPI } from './admin-api.ts';
import { adminBearer, type OwnToken } from './admin-bearer.ts';
import { hydraCapabilities, type TokenHook } from './capabilities.ts';
import {
  compareClient,
  deregisterClient,
  listMarked,
  registerClient,
  revokeTokens,
  updateClient,
} from './clients.ts';
import { doubtfulRequests } from './doubtful-requests.ts';
import { hydraTokens } from './token-dialect.ts';
import { createTrust, type WorkloadCluster } from './trust.ts';
import { unsuitable } from './unsuitable.ts';

export interface HydraDriverOptions extends DriverOptions {
  readonly adminURL: string;
  /** For what guards the admin API, where something does that asks for it. */
  readonly ownToken?: OwnToken;
  readonly tokenHook: TokenHook;
  /** Whose ServiceAccount tokens are taken as grants; left out where none are. */
  readonly cluster?: WorkloadCluster;
}

/** The driver for Ory Hydra 2: clients and trusted keys by its admin API, tokens by OAuth. */
export function createHydraDriver(options: HydraDriverOptions): IssuerDriver {
  const { adminURL, ownToken, tokenHook, cluster, clock } = options;
  const api = createAdminAPI(adminURL, ownToken && adminBearer(ownToken, clock));
  const session = createIssuerSession(options, api.permits);
  const { perform } = session;
  const tokens = tokenOperations(session, hydraTokens);
  const trust = cluster && createTrust(api, cluster, tokenHook.includes('BoundAssertions'));
  const has = { trustsWorkloads: trust !== undefined, tokenHook };

  /** A client that logs in with its ServiceAccount is nothing without the trust in that. */
  async function withTrust(
    client: DesiredClient,
    fetch: Fetch,
    submit: () => Promise<Result<RegisteredClient, IssuerFailure>>,
  ): Promise<Result<RegisteredClient, IssuerFailure>> {
    const refused = unsuitable(client, has);
    if (refused !== undefined) return err(refused);
    const { authentication, audiences, scopes } = client;
    const done = await submit();
    if (!done.ok || trust === undefined || authentication.method !== 'Federated' || audiences.length === 0)
      return done;
    const admitted = await trust.admit(authentication.workload, scopes, fetch);
    return admitted.ok ? done : err({ ...admitted.error, registered: done.value });
  }

  const uphold = (former: readonly string[], call: CallContext) =>
    perform('trustKeys', "trust in the cluster's keys", call, async (_, fetch) =>
      trust === undefined ? ok(undefined) : trust.uphold(former, fetch),
    );

  const requestToken =
    trust === undefined
      ? tokens.requestToken
      : doubtfulRequests({
          ...{ requestToken: tokens.requestToken, trust, clock },
          uphold: (call) => uphold([], call),
        });

  return {
    ...tokens,

    discover: (call) =>
      perform('discover', 'discovery', call, async ({ server }) => ok(hydraCapabilities(server, has))),

    register: (client, call) =>
      perform('register', 'registration', call, async (_, fetch) =>
        withTrust(client, fetch, () => registerClient(api, client, fetch)),
      ),

    update: (registration, client, call) =>
      perform('update', 'update of the client', call, async (_, fetch) =>
        withTrust(client, fetch, () => updateClient(api, registration, client, fetch)),
      ),

    compare: (registration, client, call) =>
      perform('compare', 'look at the client', call, (_, fetch) =>
        compareClient(api, registration, client, fetch),
      ),

    list: (page, call) =>
      perform('list', 'list of clients', call, (_, fetch) => listMarked(api, page, fetch)),

    deregister: (registration, mark, call) =>
      perform('deregister', 'deletion of the client', call, (_, fetch) =>
        deregisterClient(api, registration, mark, fetch),
      ),

    revokeAll: (registration, mark, call) =>
      perform('revokeAll', "revocation of the client's tokens", call, (_, fetch) =>
        revokeTokens(api, registration, mark, fetch),
      ),

    trustKeys: uphold,

    requestToken,

    close: () => session.close(),
  };
}
