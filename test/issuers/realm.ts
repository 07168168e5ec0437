import { systemRng } from '../../src/std/rng.ts';
import { type KeycloakAdmin, keycloakAdmin } from './keycloak-admin.ts';
import type { Keycloak } from './start-keycloak.ts';

/** A realm of one's own, as docs/keycloak.md tells an administrator to prepare it for Grantor. */
export interface Realm {
  readonly name: string;
  /** The issuer identifier: what tokens of a ServiceAccount must be made for. */
  readonly issuer: string;
  /** Grantor's own login with its ServiceAccount's token. */
  readonly federated: { readonly clientID: string; readonly subject: string };
  /** The same rights for whoever has this secret. */
  readonly bySecret: { readonly clientID: string; readonly clientSecret: string };
  /** Somebody who may do everything, for what tests do behind Grantor's back: `send('GET', '/<name>/clients')`. */
  readonly admin: KeycloakAdmin;
  remove(): Promise<void>;
}

export interface RealmOptions {
  /** `iss` of the cluster whose ServiceAccounts log in; Keycloak must be able to fetch its keys from there. */
  readonly cluster: string;
  /** The ServiceAccount that Grantor runs as. */
  readonly grantor?: string;
  /** Laid over the realm's representation. */
  readonly realm?: object;
}

/** The alias of the identity provider that knows the cluster's ServiceAccounts. */
export const clusterAlias = 'kubernetes';

export async function createRealm({ url, caFile }: Keycloak, options: RealmOptions): Promise<Realm> {
  const {
    cluster,
    grantor = 'system:serviceaccount:grantor-system:grantor-controller',
    realm = {},
  } = options;
  const admin = keycloakAdmin(url, caFile);
  const name = `test-${systemRng.uuid().slice(0, 8)}`;
  const clientSecret = systemRng.uuid();
  await admin.send('POST', '', {
    realm: name,
    enabled: true,
    identityProviders: [
      { alias: clusterAlias, providerId: 'kubernetes', enabled: true, config: { issuer: cluster } },
    ],
    clients: [
      {
        ...aLogin('grantor'),
        clientAuthenticatorType: 'federated-jwt',
        attributes: { 'jwt.credential.issuer': clusterAlias, 'jwt.credential.sub': grantor },
      },
      { ...aLogin('grantor-by-secret'), clientAuthenticatorType: 'client-secret', secret: clientSecret },
    ],
    users: ['grantor', 'grantor-by-secret'].map((clientID) => ({
      username: `service-account-${clientID}`,
      enabled: true,
      serviceAccountClientId: clientID,
      clientRoles: { 'realm-management': ['manage-clients'] },
    })),
    ...secretRotation,
    ...realm,
  });
  return {
    name,
    issuer: `${url}/realms/${name}`,
    federated: { clientID: 'grantor', subject: grantor },
    bySecret: { clientID: 'grantor-by-secret', clientSecret },
    admin,
    async remove() {
      await admin.send('DELETE', `/${name}`);
      await admin.close();
    },
  };
}

/** A client that only logs in for itself. */
const aLogin = (clientId: string) => ({
  clientId,
  protocol: 'openid-connect',
  publicClient: false,
  standardFlowEnabled: false,
  directAccessGrantsEnabled: false,
  serviceAccountsEnabled: true,
  fullScopeAllowed: true,
});

/** Without such a policy Keycloak takes the attributes of a second secret out of whatever it is told, also where the feature is on. */
const secretRotation = {
  clientProfiles: {
    profiles: [
      {
        name: 'two-secrets',
        executors: [
          {
            executor: 'secret-rotation',
            configuration: {
              'expiration-period': 365 * 24 * 3600,
              'rotated-expiration-period': 2 * 24 * 3600,
              'remaining-rotation-period': 24 * 3600,
            },
          },
        ],
      },
    ],
  },
  clientPolicies: {
    policies: [
      {
        name: 'two-secrets',
        enabled: true,
        conditions: [{ condition: 'client-access-type', configuration: { type: ['confidential'] } }],
        profiles: ['two-secrets'],
      },
    ],
  },
};
