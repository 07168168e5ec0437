import type { AuthorizationServer } from 'oauth4webapi';
import type { Capability } from '../../domain/capability.ts';
import type { DesiredClient } from '../../domain/desired-client.ts';
import type { CallContext, IssuerDriver } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { failure, IssuerFailureError } from '../classify.ts';
import { fetchesKeys } from '../fetches-keys.ts';
import { createIssuerSession, type DriverOptions, type Operation } from '../issuer-session.ts';
import { createAdminAccess, type OwnLogin } from '../own-login.ts';
import { tokenOperations } from '../token-operations.ts';
import { type AdminAPI, adminAPI } from './admin-api.ts';
import { listClients } from './client-list.ts';
import { ClientScopes } from './client-scopes.ts';
import { compareClient, deregisterClient, registerClient, revokeTokensOf, updateClient } from './clients.ts';
import { keycloakCapabilities } from './discovery.ts';
import type { Realm } from './find-client.ts';
import { isAdministration, realmURLs } from './realm.ts';
import { serverTime } from './server-time.ts';
import { keycloakTokens } from './token-dialect.ts';

export interface KeycloakDriverOptions extends DriverOptions {
  readonly login: OwnLogin;
  /** Alias of the identity provider that knows the cluster's ServiceAccounts. */
  readonly identityProvider: string;
}

/** The driver for realms of Keycloak, whose clients it manages over the Admin REST API with Grantor's own login. */
export function createKeycloakDriver(options: KeycloakDriverOptions): IssuerDriver {
  const { issuer, clock, login, identityProvider } = options;
  const urls = realmURLs(issuer);
  const session = createIssuerSession(options, (url) => urls.ok && isAdministration(urls.value, url));
  const access = createAdminAccess(login, clock, session.ownFetch("Grantor's own login"));
  const scopes = urls.ok ? new ClientScopes(issuer, urls.value.admin, clock) : undefined;
  let known: ReadonlySet<Capability> | undefined;

  const manage = <T>(
    operation: Operation,
    what: string,
    call: CallContext,
    work: (admin: AdminAPI, realm: Realm, server: AuthorizationServer) => Promise<T>,
  ): Promise<Result<T, IssuerFailure>> =>
    session.perform(operation, what, call, async ({ server }, fetch) => {
      if (!urls.ok || scopes === undefined) return err(failure('malformed', what, notARealm));
      const admin = adminAPI({ access, server, fetch, what });
      const realm = { issuer, url: urls.value.admin, identityProvider, scopes, ownClientID: login.clientID };
      return ok(await work(admin, realm, server));
    });

  /** Keycloak would store the older secret all the same, and not accept it. */
  const refuseOverlap = ({ authentication }: DesiredClient): void => {
    if (known === undefined || known.has('SecretOverlap')) return;
    if (authentication.method !== 'Secret' || authentication.secrets.length < 2) return;
    throw new IssuerFailureError(failure('rejected', 'registration', oneSecretOnly));
  };

  return {
    ...tokenOperations(session, keycloakTokens),
    ...fetchesKeys(session),

    discover: (call) =>
      manage('discover', 'discovery', call, async (admin, realm, server) => {
        known = await keycloakCapabilities(admin, server, realm);
        return known;
      }),

    register: (client, call) =>
      manage('register', 'registration', call, async (admin, realm) => {
        refuseOverlap(client);
        return registerClient(admin, realm, client);
      }),

    update: (registration, client, call) =>
      manage('update', 'update of the client', call, async (admin, realm) => {
        refuseOverlap(client);
        return updateClient(admin, realm, registration, client);
      }),

    compare: (registration, client, call) =>
      manage('compare', 'look at the client', call, (admin, realm) =>
        compareClient(admin, realm, registration, client),
      ),

    list: (page, call) =>
      manage('list', 'list of clients', call, (admin, realm) => listClients(admin, realm.url, page)),

    deregister: (registration, mark, call) =>
      manage('deregister', 'deletion of the client', call, (admin, realm) =>
        deregisterClient(admin, realm, registration, mark),
      ),

    revokeAll: (registration, mark, call) =>
      manage('revokeAll', "revocation of the client's tokens", call, async (admin, realm, server) => {
        const token = await access.token(server);
        if (!token.ok) throw new IssuerFailureError(token.error);
        const notBefore = serverTime(token.value, clock.now()) + 1;
        await revokeTokensOf(admin, realm, registration, mark, notBefore);
      }),

    close: () => session.close(),
  };
}

const notARealm = 'spec.issuer is not the identifier of a Keycloak realm, https://…/realms/<realm>';
const oneSecretOnly =
  'this Keycloak takes one secret only, as its feature client-secret-rotation is not switched on';
