import type { DesiredClient } from '../../domain/desired-client.ts';
import type { Registration } from '../../domain/registration-record.ts';
import type { Comparison } from '../../ports/issuer-driver.ts';
import type { RegisteredClient } from '../../ports/registered-client.ts';
import { failure, IssuerFailureError } from '../classify.ts';
import { chosenClientID, isOwn } from '../client-id.ts';
import { isObject } from '../is-object.ts';
import type { AdminAPI } from './admin-api.ts';
import { allDifferences, bodyOf, changeClient, settle } from './change-client.ts';
import { requestedScope, scopeOfAudience } from './client-scopes.ts';
import { clientsOf, findByID, findClient, isGone, locateClient, type Realm } from './find-client.ts';
import { keyOf } from './realm.ts';
import {
  isWithdrawn,
  objectionTo,
  type Representation,
  representationOf,
  requestedScopes,
} from './representation.ts';

/* What is done to clients of a realm. Like `AdminAPI`, all of this throws `IssuerFailureError`. */

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
  return changeClient(admin, realm, { wanted, client, key: found.key, what: registering }, found, scopes);
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
  return changeClient(admin, realm, { wanted, client, key: found.key, what: registering }, found, scopes);
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
  const found = await findClient(admin, realm, registration, client.mark, updating);
  const scopes = await scopeKeys(admin, realm, client);
  return changeClient(admin, realm, { wanted, client, key: found.key, what: updating }, found, scopes);
}

/** One read. */
export async function compareClient(
  admin: AdminAPI,
  realm: Realm,
  registration: Registration,
  client: DesiredClient,
): Promise<Comparison> {
  const wanted = wantedOf(realm, client, registration.clientID, looking);
  const found = await findClient(admin, realm, registration, client.mark, looking);
  return { differences: allDifferences(wanted, client, found) };
}

/** What is there under another mark is somebody else's, and stays. */
export async function deregisterClient(
  admin: AdminAPI,
  realm: Realm,
  registration: Registration,
  mark: string,
): Promise<void> {
  const found = await locateClient(admin, realm, registration);
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
  const found = await findClient(admin, realm, registration, mark, what);
  if (Number(found.member('notBefore')) >= notBefore) return;
  const body = JSON.stringify({ clientId: found.clientID, notBefore });
  const written = await admin.write('PUT', `${clientsOf(realm)}/${found.key}`, body);
  if (written !== 'done') throw new IssuerFailureError(failure('notFound', what, isGone));
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

const isForeign = (clientID: string): string => `the client id ${clientID} is somebody else's at this issuer`;

const rejected = (what: string, said: string): IssuerFailureError =>
  new IssuerFailureError(failure('rejected', what, said, 'invalid_client_metadata'));
