import type { Registration } from '../../domain/registration-record.ts';
import { failure, IssuerFailureError } from '../classify.ts';
import type { AdminAPI } from './admin-api.ts';
import type { ClientScopes } from './client-scopes.ts';
import { type HeldClient, readClient } from './held-client.ts';
import { keyOf } from './realm.ts';

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

export const clientsOf = ({ url }: Realm): string => `${url}/clients`;

/** The client of a registration under its mark. */
export async function findClient(
  admin: AdminAPI,
  realm: Realm,
  registration: Registration,
  mark: string,
  what: string,
): Promise<HeldClient> {
  const found = await locateClient(admin, realm, registration);
  if (found?.mark === mark) return found;
  throw new IssuerFailureError(failure('notFound', what, found === undefined ? isGone : isAnothers));
}

/** In a failure. */
export const isGone = 'the issuer does not know this client';
const isAnothers = 'the client under this id bears the mark of another';

export async function locateClient(
  admin: AdminAPI,
  realm: Realm,
  { clientID, registrationClientURI: url }: Registration,
): Promise<HeldClient | undefined> {
  const key =
    url === undefined ? keyOf(realm.issuer, 'client', clientID) : url.slice(clientsOf(realm).length + 1);
  if (url !== undefined && (!url.startsWith(`${clientsOf(realm)}/`) || !/^[\w-]{1,36}$/.test(key)))
    throw new IssuerFailureError(
      failure(
        'malformed',
        'look at the client',
        'its registration_client_uri is not in the realm of the issuer',
      ),
    );
  return findByID(admin, realm, key, clientID);
}

/** By its key, and by its id where it was not made by us or came here with its realm from another server. */
export async function findByID(
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
