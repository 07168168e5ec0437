import type { AuthorizationServer } from 'oauth4webapi';
import type { DesiredClient } from '../domain/desired-client.ts';
import type { Registration } from '../domain/registration-record.ts';
import type { Comparison } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { RegisteredClient } from '../ports/registered-client.ts';
import { err, ok, type Result } from '../std/result.ts';
import { failure, IssuerFailureError, refusal } from './classify.ts';
import { clientMetadata } from './client-metadata.ts';
import { isRegistrationURL } from './endpoints.ts';
import { isObject } from './is-object.ts';
import type { Fetch } from './issuer-fetch.ts';
import { type Answer, differencesOf, readRegistration } from './registration-answer.ts';

/*
 * The client configuration endpoint of RFC 7592, which no library covers, and what the embedded issuer has beside it. Like oauth4webapi's, these functions throw what `fetch` throws.
 */

const looking = 'look at the client';
const updating = 'update of the client';
const deleting = 'deletion of the client';
const revoking = "revocation of the client's tokens";

/**
 * Replaces the metadata of a registration (section 2.2). All of it is ours, so nothing is read before, and nothing of the server's has to
 * be taken out. Servers may rotate the registration access token: the answer holds the one that counts from now on.
 */
export async function updateClient(
  server: AuthorizationServer,
  registration: Registration,
  client: DesiredClient,
  fetch: Fetch,
): Promise<Result<RegisteredClient, IssuerFailure>> {
  const asked = clientMetadata(client, server);
  const body = JSON.stringify({ ...asked, client_id: registration.clientID });
  const response = await manage(updating, 'PUT', server, registration, fetch, body);
  if (response.status !== 200) return err(await refusalIn(response, updating));
  const answer = await objectIn(response);
  if (answer === undefined) return err(failure('malformed', updating, 'the answer is not a JSON object'));
  const updated = readRegistration(updating, server, asked, answer);
  const registered = updated.ok ? updated.value : updated.error.registered;
  if (registered !== undefined && registered.clientID !== registration.clientID) {
    return err(failure('malformed', updating, 'the answer is about another client'));
  }
  return updated.ok ? ok({ ...registration, ...updated.value }) : updated;
}

/** Reads a registration (section 2.1). The answer may hold other credentials, which count from then on. */
export async function compareClient(
  server: AuthorizationServer,
  registration: Registration,
  client: DesiredClient,
  fetch: Fetch,
): Promise<Result<Comparison, IssuerFailure>> {
  const response = await manage(looking, 'GET', server, registration, fetch);
  if (response.status !== 200) return err(await refusalIn(response, looking));
  const answer = await objectIn(response);
  if (answer === undefined) return err(failure('malformed', looking, 'the answer is not a JSON object'));
  const asked = clientMetadata(client, server);
  const read = readRegistration(looking, server, asked, answer);
  if (!read.ok && read.error.registered === undefined) return read;
  const found = read.ok ? read.value : read.error.registered;
  if (found?.clientID !== registration.clientID)
    return err(failure('malformed', looking, 'the answer is about another client'));
  const isNew = found.registrationAccessToken?.equals(registration.registrationAccessToken) === false;
  return ok({
    differences: differencesOf(asked, answer),
    ...(isNew ? { registered: { ...registration, ...found } } : {}),
  });
}

/** Deletes a registration (section 2.3). 404 is success; 401 is not: the token may be wrong and the client alive. */
export async function deregisterClient(
  server: AuthorizationServer,
  registration: Registration,
  fetch: Fetch,
): Promise<Result<void, IssuerFailure>> {
  const response = await manage(deleting, 'DELETE', server, registration, fetch);
  const isDeleted = [200, 204].includes(response.status) || isUnknown(response);
  return isDeleted ? ok(undefined) : err(await refusalIn(response, deleting));
}

/**
 * Revokes every token of the client: `DELETE {registration_client_uri}/tokens`, the embedded issuer's extension of RFC 7592. Nothing but
 * 204 is success, and 404 says nothing of the client: it may as well be this endpoint that is not there.
 */
export async function revokeAllTokens(
  server: AuthorizationServer,
  registration: Registration,
  fetch: Fetch,
): Promise<Result<void, IssuerFailure>> {
  const { registrationClientURI: url } = registration;
  const tokens = url === undefined ? {} : { registrationClientURI: `${url}/tokens` };
  const response = await manage(revoking, 'DELETE', server, { ...registration, ...tokens }, fetch);
  if (response.status === 204) return ok(undefined);
  return err(refusal(response.status, revoking, (await objectIn(response)) ?? {}));
}

/** One request with the registration access token, which goes nowhere but to where the issuer registers clients. */
async function manage(
  what: string,
  method: 'GET' | 'PUT' | 'DELETE',
  server: AuthorizationServer,
  { registrationClientURI: url, registrationAccessToken: token }: Registration,
  fetch: Fetch,
  body?: string,
): Promise<Response> {
  if (url === undefined || token === undefined) {
    const said = 'the issuer gave no means to manage this client (RFC 7592) when it was registered';
    throw new IssuerFailureError(failure('rejected', what, said));
  }
  if (!isRegistrationURL(server, url)) {
    const said = 'its registration_client_uri is not beside the registration endpoint';
    throw new IssuerFailureError(failure('malformed', what, said));
  }
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { accept: 'application/json', authorization: `Bearer ${token.reveal()}`, ...json };
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** A web page comes from something in front of the issuer: believing its 404 would leave a client behind. */
const isUnknown = ({ status, headers }: Response): boolean =>
  (status === 404 || status === 410) && headers.get('content-type')?.startsWith('text/html') !== true;

async function refusalIn(response: Response, what: string): Promise<IssuerFailure> {
  if (isUnknown(response)) return failure('notFound', what, 'the issuer does not know this client');
  return refusal(response.status, what, (await objectIn(response)) ?? {});
}

/** The JSON object in an answer whose size is bounded already; undefined when there is none. */
async function objectIn(response: Response): Promise<Answer | undefined> {
  try {
    const json: unknown = await response.json();
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
