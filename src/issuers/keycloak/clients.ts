import type { DesiredClient } from '../../domain/desired-client.ts';
import type { Registration } from '../../domain/registration-record.ts';
import type { Comparison } from '../../ports/issuer-driver.ts';
import type { RegisteredClient } from '../../ports/registered-client.ts';
import { failure, IssuerFailureError } from '../classify.ts';
import { chosenClientID, isOwn } from '../client-id.ts';
import type { AdminAPI } from './admin-api.ts';
import { type ClientScopes, requestedScope, scopeOfAudience } from './client-scopes.ts';
import { hasOtherSecrets, secretMembers } from './client-secrets.ts';
import { differencesOf } from './differences.ts';
import { type HeldClient, isObject, readClient } from './held-client.ts';
import { keyOf } from './realm.ts';
import {
  isWithdrawn,
  objectionTo,
  type Representation,
  representationOf,
  requestedScopes,
} from './representation.ts';

/** Where clients are managed. Like `AdminAPI`, all of this throws `IssuerFailureError`. */
export interface Realm {
  readonly issuer: string;
  /** Of its Admin REST API. */
  readonly url: string;
  readonly identityProvider: string;
  /** The id of Grantor's own client there. */
  readonly ownClientID: string;
  readonly scopes: ClientScopes;
}

const registering = 'registration';
const updating = 'update of the client';
const looking = 'look at the client';

/** Registers a client, or takes over what stands under its id and bears its mark or that of its predecessor. */
export async function registerClient(
  admin: AdminAPI,
  realm: Realm,
  client: DesiredClient,
): Promise<RegisteredClient> {
  if (client.adopts !== undefined) return adoptClient(admin, realm, client, client.adopts);
  const clientID = chosenClientID(client.mark);
  const wanted = wantedOf(realm, client, clientID, registering);
  const scopes = await scopeKeys(admin, realm, client);
  const key = keyOf(realm.issuer, 'client', clientID);
  const body = {
    id: key,
    ...bodyOf(wanted, client),
    defaultClientScopes: [],
    optionalClientScopes: wanted.scopes,
  };
  const made = await admin.write('POST', clientsOf(realm), JSON.stringify(body));
  if (made === 'done') return settle(admin, realm, { wanted, client, key, what: registering });
  const found = await findByID(admin, realm, key, clientID);
  if (found === undefined || !isOwn(found, client)) throw rejected(registering, isForeign(clientID));
  return change(admin, realm, { wanted, client, key: found.key, what: registering }, found, scopes);
}

/** Makes a client of somebody else's ours, but none by which anybody could administer the realm. */
async function adoptClient(
  admin: AdminAPI,
  realm: Realm,
  client: DesiredClient,
  clientID: string,
): Promise<RegisteredClient> {
  const wanted = wantedOf(realm, client, clientID, registering);
  if (clientID === realm.ownClientID || keycloaksOwnClients.includes(clientID))
    throw rejected(registering, `the client ${clientID} serves the administration of the realm`);
  const found = await findByID(admin, realm, keyOf(realm.issuer, 'client', clientID), clientID);
  if (found === undefined) throw rejected(registering, `there is no client ${clientID} to adopt`);
  if (found.mark !== '' && !isOwn(found, client)) throw rejected(registering, isForeign(clientID));
  const mappings = await admin.read(`${clientsOf(realm)}/${found.key}/scope-mappings`);
  if (!isObject(mappings) || Object.keys(mappings).length > 0)
    throw rejected(registering, `the client ${clientID} has scope mappings: take its roles away first`);
  const scopes = await scopeKeys(admin, realm, client);
  return change(admin, realm, { wanted, client, key: found.key, what: registering }, found, scopes);
}

/** Every realm has them. */
const keycloaksOwnClients = [
  'account',
  'account-console',
  'admin-cli',
  'broker',
  'realm-management',
  'security-admin-console',
];

/** Brings a client that bears the mark to the wanted form. */
export async function updateClient(
  admin: AdminAPI,
  realm: Realm,
  registration: Registration,
  client: DesiredClient,
): Promise<RegisteredClient> {
  const wanted = wantedOf(realm, client, registration.clientID, updating);
  const found = await find(admin, realm, registration, client.mark, updating);
  const scopes = await scopeKeys(admin, realm, client);
  return change(admin, realm, { wanted, client, key: found.key, what: updating }, found, scopes);
}

/** One read. */
export async function compareClient(
  admin: AdminAPI,
  realm: Realm,
  registration: Registration,
  client: DesiredClient,
): Promise<Comparison> {
  const wanted = wantedOf(realm, client, registration.clientID, looking);
  const found = await find(admin, realm, registration, client.mark, looking);
  return { differences: allDifferences(wanted, client, found) };
}

/** What is there under another mark is somebody else's, and stays. */
export async function deregisterClient(
  admin: AdminAPI,
  realm: Realm,
  registration: Registration,
  mark: string,
): Promise<void> {
  const found = await located(admin, realm, registration);
  if (found?.mark === mark) await admin.write('DELETE', `${clientsOf(realm)}/${found.key}`);
}

/** Every token that was issued before `notBefore`, in seconds since 1970, is void from now on. It never becomes less. */
export async function revokeTokensOf(
  admin: AdminAPI,
  realm: Realm,
  registration: Registration,
  mark: string,
  notBefore: number,
): Promise<void> {
  const what = "revocation of the client's tokens";
  const found = await find(admin, realm, registration, mark, what);
  if (Number(found.member('notBefore')) >= notBefore) return;
  const body = JSON.stringify({ clientId: found.clientID, notBefore });
  const written = await admin.write('PUT', `${clientsOf(realm)}/${found.key}`, body);
  if (written !== 'done') throw new IssuerFailureError(failure('notFound', what, isGone));
}

interface Wish {
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
async function change(
  admin: AdminAPI,
  realm: Realm,
  wish: Wish,
  held: HeldClient,
  scopes: ReadonlyMap<string, string>,
): Promise<RegisteredClient> {
  const { wanted, client, key, what } = wish;
  const url = `${clientsOf(realm)}/${key}`;
  if (!isWithdrawn(client)) await removeScopes(admin, url, wanted.scopes, held);
  const written = await admin.write('PUT', url, JSON.stringify(bodyOf(wanted, client)));
  if (written === 'absent') throw new IssuerFailureError(failure('notFound', what, isGone));
  if (written === 'conflict')
    throw rejected(what, `the client id ${String(wanted.members['clientId'])} is taken`);
  for (const [name, scope] of scopes) {
    if (held.optionalScopes.includes(name)) continue;
    const given = await admin.write('PUT', `${url}/optional-client-scopes/${scope}`);
    if (given !== 'done') realm.scopes.forget(name);
  }
  return settle(admin, realm, wish);
}

/** Default scopes too: those that somebody else gave it are in every token. */
async function removeScopes(
  admin: AdminAPI,
  url: string,
  wanted: readonly string[],
  held: HeldClient,
): Promise<void> {
  const isLeft = held.optionalScopes.some((scope) => !wanted.includes(scope));
  const hasDefaults = held.defaultScopes.some((scope) => scope !== 'service_account');
  for (const [list, isOver] of [
    ['optional-client-scopes', isLeft],
    ['default-client-scopes', hasDefaults],
  ] as const) {
    if (!isOver) continue;
    const assigned = await admin.read(`${url}/${list}`);
    for (const { id, name } of Array.isArray(assigned) ? assigned : []) {
      const keeps = list === 'optional-client-scopes' ? wanted.includes(name) : name === 'service_account';
      if (!keeps) await admin.write('DELETE', `${url}/${list}/${encodeURIComponent(String(id))}`);
    }
  }
}

/** Reads what became of it: Keycloak ignores what it does not know, and policies of the realm may change what it does. */
async function settle(
  admin: AdminAPI,
  realm: Realm,
  { wanted, client, key, what }: Wish,
): Promise<RegisteredClient> {
  const url = `${clientsOf(realm)}/${key}`;
  const held = readClient(await admin.read(url));
  if (held === undefined)
    throw new IssuerFailureError(failure('malformed', what, 'the client is not there after it was written'));
  const registered = { clientID: held.clientID, registrationClientURI: url, ...secretOf(client, held) };
  const differences = allDifferences(wanted, client, held);
  if (differences.length === 0) return registered;
  for (const scope of wanted.scopes) realm.scopes.forget(scope);
  const said = `Keycloak made something else of it than was asked for: ${differences.join(', ')}`;
  throw new IssuerFailureError({ ...failure('rejected', what, said), registered });
}

/** The secret that Keycloak made up, where none was chosen. */
const secretOf = (
  { authentication }: DesiredClient,
  { secret }: HeldClient,
): Pick<RegisteredClient, 'clientSecret'> =>
  authentication.method === 'Secret' && authentication.secrets.length === 0 && secret !== undefined
    ? { clientSecret: secret }
    : {};

function allDifferences(
  wanted: Representation,
  { authentication }: DesiredClient,
  held: HeldClient,
): readonly string[] {
  const hasOther = authentication.method === 'Secret' && hasOtherSecrets(authentication.secrets, held);
  return [...differencesOf(wanted, held), ...(hasOther ? ['secret'] : [])];
}

/** The client of a registration under its mark. */
async function find(
  admin: AdminAPI,
  realm: Realm,
  registration: Registration,
  mark: string,
  what: string,
): Promise<HeldClient> {
  const found = await located(admin, realm, registration);
  if (found?.mark === mark) return found;
  throw new IssuerFailureError(failure('notFound', what, found === undefined ? isGone : isAnothers));
}

const isForeign = (clientID: string): string => `the client id ${clientID} is somebody else's at this issuer`;
const isGone = 'the issuer does not know this client';
const isAnothers = 'the client under this id bears the mark of another';

async function located(
  admin: AdminAPI,
  realm: Realm,
  { clientID, registrationClientURI: url }: Registration,
): Promise<HeldClient | undefined> {
  const key =
    url === undefined ? keyOf(realm.issuer, 'client', clientID) : url.slice(clientsOf(realm).length + 1);
  if (url !== undefined && (!url.startsWith(`${clientsOf(realm)}/`) || !/^[\w-]{1,36}$/.test(key)))
    throw new IssuerFailureError(
      failure('malformed', looking, 'its registration_client_uri is not in the realm of the issuer'),
    );
  return findByID(admin, realm, key, clientID);
}

/** By its key, and by its id where it was not made by us or came here with its realm from another server. */
async function findByID(
  admin: AdminAPI,
  realm: Realm,
  key: string,
  clientID: string,
): Promise<HeldClient | undefined> {
  const direct = readClient(await admin.read(`${clientsOf(realm)}/${key}`));
  if (direct?.clientID === clientID) return direct;
  const list = await admin.read(`${clientsOf(realm)}?clientId=${encodeURIComponent(clientID)}`);
  const [first] = Array.isArray(list) ? list : [];
  const found = readClient(first);
  return found?.clientID === clientID ? found : undefined;
}

function wantedOf(
  { identityProvider }: Realm,
  client: DesiredClient,
  clientID: string,
  what: string,
): Representation {
  const objection = objectionTo(client);
  if (objection !== undefined) throw rejected(what, objection);
  return representationOf(client, { clientID, identityProvider });
}

const bodyOf = ({ members, attributes, mappers }: Representation, client: DesiredClient) => {
  const { attributes: ofSecrets, ...secret } = secretMembers(client);
  return {
    ...members,
    ...secret,
    attributes: { ...attributes, ...ofSecrets },
    protocolMappers: mappers.map((mapper) => ({ ...mapper, protocol: 'openid-connect' })),
  };
};

/** The client scopes that it takes, by name. */
async function scopeKeys(
  admin: AdminAPI,
  { scopes }: Realm,
  client: DesiredClient,
): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  if (isWithdrawn(client)) return keys;
  const wishes = [
    ...requestedScopes(client.scopes).map(requestedScope),
    ...client.audiences.map(scopeOfAudience),
  ];
  for (const wish of wishes) keys.set(wish.name, await scopes.keyOf(admin, wish));
  return keys;
}

const clientsOf = ({ url }: Realm): string => `${url}/clients`;

const rejected = (what: string, said: string): IssuerFailureError =>
  new IssuerFailureError(failure('rejected', what, said, 'invalid_client_metadata'));
