import type { DesiredClient } from '../../domain/desired-client.ts';
import type { RegisteredClient } from '../../ports/registered-client.ts';
import { failure, IssuerFailureError } from '../classify.ts';
import type { AdminAPI } from './admin-api.ts';
import { hasOtherSecrets, secondSecret, secretMembers } from './client-secrets.ts';
import { differencesOf } from './differences.ts';
import { clientsOf, isGone, type Realm } from './find-client.ts';
import { type HeldClient, readClient } from './held-client.ts';
import { isWithdrawn, type Representation } from './representation.ts';
import { keycloaksOwnScope } from './scope-names.ts';

/** What a client is to become. */
export interface Wish {
  readonly wanted: Representation;
  readonly client: DesiredClient;
  readonly key: string;
  /** Names the call in failures. */
  readonly what: string;
}

/**
 * Takes away first and gives last, so that what it has in between is within both forms. A client that is withdrawn keeps its scopes: it is
 * disabled by one request, and can ask for none of them.
 */
export async function changeClient(
  admin: AdminAPI,
  realm: Realm,
  wish: Wish,
  held: HeldClient,
  scopes: ReadonlyMap<string, string>,
): Promise<RegisteredClient> {
  const { wanted, client, key, what } = wish;
  const url = `${clientsOf(realm)}/${key}`;
  if (!isWithdrawn(client)) await removeScopes(admin, url, wanted.scopes, held);
  await keepSecret(admin, url, wish, held);
  const written = await admin.write('PUT', url, JSON.stringify(bodyOf(wanted, client)));
  if (written === 'absent') throw new IssuerFailureError(failure('notFound', what, isGone));
  if (written === 'conflict')
    throw new IssuerFailureError(failure('rejected', what, 'its client id is taken'));
  for (const [name, scope] of scopes) {
    if (held.optionalScopes.includes(name)) continue;
    const given = await admin.write('PUT', `${url}/optional-client-scopes/${scope}`);
    if (given !== 'done') realm.scopes.forget(name);
  }
  // What is disabled can have turned out no worse, and a tenant that is suspended has many to wait for.
  if (isWithdrawn(client)) return registered(realm, wish, held);
  return settle(admin, realm, wish);
}

/**
 * A realm without a policy for secrets takes a second one out of what it is told, without a word, and which policies it has is not for
 * Grantor to see. So the present secret becomes the second before there is another first: where that does not stay, nothing is lost.
 */
async function keepSecret(
  admin: AdminAPI,
  url: string,
  { client, what }: Wish,
  held: HeldClient,
): Promise<void> {
  const attributes = secondSecret(client, held);
  if (attributes === undefined) return;
  await admin.write('PUT', url, JSON.stringify({ clientId: held.clientID, attributes }));
  const after = readClient(await admin.read(url));
  if (after !== undefined && secondSecret(client, after) !== undefined)
    throw new IssuerFailureError(failure('rejected', what, keepsNoSecret));
}

const keepsNoSecret =
  'the realm keeps no second secret: it lacks a client policy with the executor secret-rotation';

/** Default scopes too: those that somebody else gave it are in every token. */
async function removeScopes(
  admin: AdminAPI,
  url: string,
  wanted: readonly string[],
  held: HeldClient,
): Promise<void> {
  const isLeft = held.optionalScopes.some((scope) => !wanted.includes(scope));
  const hasDefaults = held.defaultScopes.some((scope) => scope !== keycloaksOwnScope);
  for (const [list, isOver] of [
    ['optional-client-scopes', isLeft],
    ['default-client-scopes', hasDefaults],
  ] as const) {
    if (!isOver) continue;
    const assigned = await admin.read(`${url}/${list}`);
    for (const { id, name } of Array.isArray(assigned) ? assigned : []) {
      const keeps = list === 'optional-client-scopes' ? wanted.includes(name) : name === keycloaksOwnScope;
      if (!keeps) await admin.write('DELETE', `${url}/${list}/${encodeURIComponent(String(id))}`);
    }
  }
}

/** Reads what became of it: Keycloak ignores what it does not know, and policies of the realm may change what it does. */
export async function settle(
  admin: AdminAPI,
  realm: Realm,
  { wanted, client, key, what }: Wish,
): Promise<RegisteredClient> {
  const held = readClient(await admin.read(`${clientsOf(realm)}/${key}`));
  if (held === undefined)
    throw new IssuerFailureError(failure('malformed', what, 'the client is not there after it was written'));
  const answer = registered(realm, { client, key }, held);
  const differences = allDifferences(wanted, client, held);
  if (differences.length === 0) return answer;
  for (const scope of wanted.scopes) realm.scopes.forget(scope);
  const said = `Keycloak made something else of it than was asked for: ${differences.join(', ')}`;
  throw new IssuerFailureError({ ...failure('rejected', what, said), registered: answer });
}

const registered = (
  realm: Realm,
  { client, key }: Pick<Wish, 'client' | 'key'>,
  held: HeldClient,
): RegisteredClient => ({
  clientID: held.clientID,
  registrationClientURI: `${clientsOf(realm)}/${key}`,
  ...secretOf(client, held),
});

/** The secret that Keycloak made up, where none was chosen. */
const secretOf = (
  { authentication }: DesiredClient,
  { secret }: HeldClient,
): Pick<RegisteredClient, 'clientSecret'> =>
  authentication.method === 'Secret' && authentication.secrets.length === 0 && secret !== undefined
    ? { clientSecret: secret }
    : {};

/** Its secrets included. */
export function allDifferences(
  wanted: Representation,
  { authentication }: DesiredClient,
  held: HeldClient,
): readonly string[] {
  const hasOther = authentication.method === 'Secret' && hasOtherSecrets(authentication.secrets, held);
  return [...differencesOf(wanted, held), ...(hasOther ? ['secret'] : [])];
}

/** As it is sent. */
export const bodyOf = ({ members, attributes, mappers }: Representation, client: DesiredClient) => {
  const { attributes: ofSecrets, ...secret } = secretMembers(client);
  return {
    ...members,
    ...secret,
    attributes: { ...attributes, ...ofSecrets },
    protocolMappers: mappers.map((mapper) => ({ ...mapper, protocol: 'openid-connect' })),
  };
};
