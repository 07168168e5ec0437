import type { DesiredClient, Workload } from '../../../src/domain/desired-client.ts';
import { generateKeyPair } from '../../../src/issuance/key-pair.ts';
import type {
  CallContext,
  ClientAuthentication,
  ClientPage,
  IssuerDriver,
  MarkedClient,
  TokenGrant,
} from '../../../src/ports/issuer-driver.ts';
import type { RegisteredClient } from '../../../src/ports/registered-client.ts';
import { minutes } from '../../../src/std/duration.ts';
import type { Result } from '../../../src/std/result.ts';
import { systemRng } from '../../../src/std/rng.ts';
import { Secret } from '../../../src/std/secret.ts';

export const audience = 'https://api.acme.example';
/** Of this run: servers that are shared may hold what another left. */
export const clusterID = systemRng.uuid().slice(0, 8);
let count = 0;

/** The mark of an OAuthClient of this cluster. */
export const markOf = (name: string, uid: string): string => `grantor:${clusterID}:acme:${name}:${uid}`;

/** A client that no other test has; it logs in with a secret that the issuer makes. */
export function aClient(client: Partial<DesiredClient> = {}): DesiredClient {
  count += 1;
  return {
    mark: markOf(`client-${count}`, `uid-${count}`),
    name: `acme/client-${count}`,
    grantTypes: ['ClientCredentials'],
    redirectURIs: [],
    scopes: ['invoices.read', 'invoices.write'],
    audiences: [audience],
    roles: ['biller'],
    tenantID: 'acme',
    accessTokenLifetime: minutes(10),
    proofOfPossession: 'None',
    authentication: { method: 'Secret', secrets: [] },
    ...client,
  };
}

/** The registration of these secrets, the newest first. */
export const bySecrets = (...values: readonly Secret[]): DesiredClient['authentication'] => ({
  method: 'Secret',
  secrets: values.map((value, n) => ({ revision: values.length - n, value })),
});

/** One as strong as those that Grantor makes. */
export const aSecret = (): Secret => new Secret(`${systemRng.uuid()}${systemRng.uuid()}`);

/** A workload that no other test has. */
export function aWorkload(issuer: string): Workload {
  count += 1;
  return {
    issuer,
    subject: `system:serviceaccount:acme:workload-${clusterID}-${count}`,
    uid: `uid-${count}`,
  };
}

/** As Grantor makes them. */
export const aKey = generateKeyPair;

export const aCall = (signal = new AbortController().signal): CallContext => ({
  signal,
  correlationID: 'contract',
  tenantID: 'acme',
});

/** Logs in with the secret of the registration. */
function bySecret({ clientSecret }: RegisteredClient): ClientAuthentication {
  if (clientSecret === undefined) throw new Error('the client was registered without a secret');
  return { method: 'Secret', clientSecret };
}

export const grantFor = (client: RegisteredClient, grant: Partial<TokenGrant> = {}): TokenGrant => ({
  clientID: client.clientID,
  authentication: grant.authentication ?? bySecret(client),
  scopes: ['invoices.read'],
  audience,
  ...grant,
});

/** The value of a call that the test needs to succeed. */
export function valueOf<T>(outcome: Result<T, unknown>): T {
  if (!outcome.ok) throw new Error(`failed unexpectedly: ${JSON.stringify(outcome.error)}`);
  return outcome.value;
}

/** The whole list, page by page. */
export async function allOf(driver: IssuerDriver): Promise<MarkedClient[]> {
  const found: MarkedClient[] = [];
  let page: string | undefined;
  do {
    const { clients, next }: ClientPage = valueOf(await driver.list(page, aCall()));
    found.push(...clients);
    page = next;
  } while (page !== undefined);
  return found;
}
