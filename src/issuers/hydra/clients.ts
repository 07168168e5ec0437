import type { DesiredClient } from '../../domain/desired-client.ts';
import type { Registration } from '../../domain/registration-record.ts';
import type { ClientPage, Comparison, MarkedClient } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { RegisteredClient } from '../../ports/registered-client.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { Secret } from '../../std/secret.ts';
import { failure } from '../classify.ts';
import { chosenClientID, isOwn } from '../client-id.ts';
import { isObject } from '../is-object.ts';
import type { Fetch } from '../issuer-fetch.ts';
import { type AdminAPI, type AdminRequest, isMissing, refusedWith, senseless } from './admin-api.ts';
import {
  clientForm,
  differencesOf,
  type GrantorMetadata,
  type HydraClient,
  laidOver,
} from './client-form.ts';

/*
 * Clients through Hydra's admin API. Like oauth4webapi's, these functions throw what `fetch` throws. Hydra has no versions: between a look at a
 * client and what follows it, another may change it, and the next comparison finds that out.
 */

type Answer<T> = Promise<Result<T, IssuerFailure>>;

const clientPath = (clientID: string): AdminRequest['path'] =>
  `/admin/clients/${encodeURIComponent(clientID)}`;

/** A client that Hydra holds, and what we left with it. */
export interface FoundClient {
  readonly client: HydraClient & { readonly client_id: string };
  /** None where it is not ours nor any other Grantor's. */
  readonly bears: GrantorMetadata | undefined;
}

/** Registers a client under the id that is its own for ever, or brings what stands there already into this form. */
export async function registerClient(
  api: AdminAPI,
  desired: DesiredClient,
  fetch: Fetch,
): Answer<RegisteredClient> {
  const what = 'registration';
  if (desired.adopts !== undefined) return adoptClient(api, desired, desired.adopts, fetch);
  const clientID = chosenClientID(desired.mark);
  const body = { ...clientForm(desired, clientID), ...secretOf(desired) };
  const answer = await api(fetch, { what, method: 'POST', path: '/admin/clients', body });
  if (answer.status === 201) return ok(registered(clientID, desired, answer.body));
  if (answer.status !== 409) return err(refusedWith(answer, what));
  const found = await find(api, clientID, what, fetch);
  if (!found.ok) return found;
  return isTheirs(found.value, desired)
    ? err(failure('rejected', what, `client ${clientID} is somebody else's`, 'invalid_client_metadata'))
    : replaceClient(api, desired, found.value, what, fetch);
}

/** Makes a client ours that bears no mark, or our own. */
async function adoptClient(
  api: AdminAPI,
  desired: DesiredClient,
  clientID: string,
  fetch: Fetch,
): Answer<RegisteredClient> {
  const what = 'adoption of the client';
  const found = await find(api, clientID, what, fetch);
  if (!found.ok) return found.error.kind === 'notFound' ? err({ ...found.error, kind: 'rejected' }) : found;
  return found.value.bears !== undefined && isTheirs(found.value, desired)
    ? err(failure('rejected', what, `client ${clientID} is somebody else's`, 'invalid_client_metadata'))
    : replaceClient(api, desired, found.value, what, fetch);
}

const isTheirs = ({ bears }: FoundClient, desired: DesiredClient): boolean =>
  !isOwn({ mark: bears?.mark ?? '', tenantID: bears?.tenantID ?? '' }, desired);

/** Brings a client of ours into this form. */
export async function updateClient(
  api: AdminAPI,
  { clientID }: Registration,
  desired: DesiredClient,
  fetch: Fetch,
): Answer<RegisteredClient> {
  const what = 'update of the client';
  const found = await findOwn(api, clientID, desired.mark, what, fetch);
  return found.ok ? replaceClient(api, desired, found.value, what, fetch) : found;
}

export async function compareClient(
  api: AdminAPI,
  { clientID }: Registration,
  desired: DesiredClient,
  fetch: Fetch,
): Answer<Comparison> {
  const found = await findOwn(api, clientID, desired.mark, 'look at the client', fetch);
  return found.ok
    ? ok({ differences: differencesOf(found.value.client, clientForm(desired, clientID)) })
    : found;
}

/** Deletes a client of ours. One that is gone, or somebody else's by now, is no client of ours any more. */
export async function deregisterClient(
  api: AdminAPI,
  { clientID }: Registration,
  mark: string,
  fetch: Fetch,
): Answer<void> {
  const what = 'deletion of the client';
  const found = await findOwn(api, clientID, mark, what, fetch);
  if (!found.ok) return found.error.kind === 'notFound' ? ok(undefined) : found;
  const answer = await api(fetch, { what, method: 'DELETE', path: clientPath(clientID) });
  return answer.status === 204 || isMissing(answer) ? ok(undefined) : err(refusedWith(answer, what));
}

/** Ends every token of a client: introspection calls them inactive from then on. Who checks a JWT by itself does not see it. */
export async function revokeTokens(
  api: AdminAPI,
  { clientID }: Registration,
  mark: string,
  fetch: Fetch,
): Answer<void> {
  const what = "revocation of the client's tokens";
  const found = await findOwn(api, clientID, mark, what, fetch);
  if (!found.ok) return found;
  const path = `/admin/oauth2/tokens?client_id=${encodeURIComponent(clientID)}` as const;
  const answer = await api(fetch, { what, method: 'DELETE', path });
  return answer.status === 204 ? ok(undefined) : err(refusedWith(answer, what));
}

/** Ten clients fit into the longest answer that is read, unless they are many times as long as ours. */
const pageSize = 10;

/** One page of all clients, and of them those that bear a mark. */
export async function listClients(
  api: AdminAPI,
  page: string | undefined,
  fetch: Fetch,
): Answer<{ readonly clients: readonly FoundClient[]; readonly next?: string }> {
  const what = 'list of clients';
  const token = page === undefined ? '' : `&page_token=${encodeURIComponent(page)}`;
  const answer = await api(fetch, {
    what,
    method: 'GET',
    path: `/admin/clients?page_size=${pageSize}${token}`,
  });
  if (answer.status !== 200) return err(refusedWith(answer, what));
  if (!Array.isArray(answer.body)) return err(senseless(what));
  const clients = answer.body.map(foundIn).filter((found) => found !== undefined);
  // Hydra names a next page after the last one too.
  const isMore = answer.next !== undefined && answer.body.length > 0;
  return ok({ clients, ...(isMore ? { next: answer.next } : {}) });
}

export async function listMarked(api: AdminAPI, page: string | undefined, fetch: Fetch): Answer<ClientPage> {
  const listed = await listClients(api, page, fetch);
  return listed.ok ? ok({ ...listed.value, clients: listed.value.clients.flatMap(marked) }) : listed;
}

const marked = ({ client, bears }: FoundClient): MarkedClient[] =>
  bears?.mark.startsWith('grantor:')
    ? [{ mark: bears.mark, registration: { clientID: client.client_id } }]
    : [];

/** The client under this id, if it bears this mark. */
async function findOwn(
  api: AdminAPI,
  clientID: string,
  mark: string,
  what: string,
  fetch: Fetch,
): Answer<FoundClient> {
  const found = await find(api, clientID, what, fetch);
  if (!found.ok || found.value.bears?.mark === mark) return found;
  return err(failure('notFound', what, `client ${clientID} is somebody else's by now`));
}

async function find(api: AdminAPI, clientID: string, what: string, fetch: Fetch): Answer<FoundClient> {
  const answer = await api(fetch, { what, method: 'GET', path: clientPath(clientID) });
  if (isMissing(answer)) return err(failure('notFound', what, 'Hydra does not know this client'));
  if (answer.status !== 200) return err(refusedWith(answer, what));
  const found = foundIn(answer.body);
  return found?.client.client_id === clientID ? ok(found) : err(senseless(what));
}

function foundIn(body: unknown): FoundClient | undefined {
  if (!isObject(body) || typeof body['client_id'] !== 'string') return undefined;
  const { metadata } = body;
  const bears = isObject(metadata) ? metadata['grantor'] : undefined;
  const isMarked = isObject(bears) && typeof bears['mark'] === 'string';
  return {
    client: body as FoundClient['client'],
    bears: isMarked ? (bears as unknown as GrantorMetadata) : undefined,
  };
}

async function replaceClient(
  api: AdminAPI,
  desired: DesiredClient,
  { client }: FoundClient,
  what: string,
  fetch: Fetch,
): Answer<RegisteredClient> {
  const { client_id: clientID } = client;
  const body = { ...laidOver(client, clientForm(desired, clientID)), ...secretOf(desired) };
  const answer = await api(fetch, { what, method: 'PUT', path: clientPath(clientID), body });
  if (isMissing(answer)) return err(failure('notFound', what, 'Hydra does not know this client any more'));
  return answer.status === 200
    ? ok(registered(clientID, desired, answer.body))
    : err(refusedWith(answer, what));
}

/** Hydra keeps the secret that it has where none is sent, and knows one at a time. */
function secretOf({ authentication }: DesiredClient): HydraClient {
  const [newest] = authentication.method === 'Secret' ? authentication.secrets : [];
  return newest === undefined ? {} : { client_secret: newest.value.reveal() };
}

/** The answer to a registration holds a secret that Hydra chose, for clients that have none as well. */
function registered(clientID: string, { authentication }: DesiredClient, answer: unknown): RegisteredClient {
  const secret = isObject(answer) ? answer['client_secret'] : undefined;
  const isMade = authentication.method === 'Secret' && authentication.secrets.length === 0;
  return { clientID, ...(isMade && typeof secret === 'string' ? { clientSecret: new Secret(secret) } : {}) };
}
