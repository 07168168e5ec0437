import * as oauth from 'oauth4webapi';
import type { DesiredClient } from '../domain/desired-client.ts';
import type { Registration } from '../domain/registration-record.ts';
import type { RegisteredClient } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import { capabilitiesOf } from './capabilities.ts';
import { failure, refusal } from './classify.ts';
import { type ClientMetadata, clientMetadata } from './client-metadata.ts';
import { isRegistrationURL } from './endpoints.ts';
import type { Fetch } from './issuer-fetch.ts';
import { differenceOf, parseRegistration } from './registration-answer.ts';

type Server = oauth.AuthorizationServer;
type Answer = Readonly<Record<string, unknown>>;

/** Registers a client (RFC 7591 section 3). Servers that know its mark may answer 200 with the client that has it. */
export async function registerClient(
  server: Server,
  client: DesiredClient,
  initialAccessToken: Secret | undefined,
  fetch: Fetch,
): Promise<Result<RegisteredClient, IssuerFailure>> {
  const asked = clientMetadata(client, server);
  const response = await oauth.dynamicClientRegistrationRequest(
    server,
    asked as Partial<oauth.OmitSymbolProperties<oauth.Client>>,
    {
      ...(initialAccessToken === undefined ? {} : { initialAccessToken: initialAccessToken.reveal() }),
      [oauth.customFetch]: fetch,
    },
  );
  const created =
    response.status === 200
      ? new Response(response.body, { status: 201, headers: response.headers })
      : response;
  const answer = await oauth.processDynamicClientRegistrationResponse(created);
  const registered = readAnswer('registration', server, asked, answer);
  if (registered.ok || registered.error.kind !== 'rejected') return registered;
  // An idempotent issuer may have answered with a client that was there before: not ours to take back.
  if (capabilitiesOf(server).has('IdempotentRegister')) return registered;
  const takenBack = await takeBack(server, answer, fetch);
  const fate = takenBack ? 'was deleted again' : 'could not be deleted again and is left there';
  return err({ ...registered.error, detail: `${registered.error.detail}; that client ${fate}` });
}

/** Deletes what was registered differently. Says whether it is gone. */
async function takeBack(server: Server, answer: Answer, fetch: Fetch): Promise<boolean> {
  const made = parseRegistration(answer, server);
  if (!made.ok) return false;
  try {
    return (await deregisterClient(server, made.value, fetch)).ok;
  } catch {
    return false;
  }
}

/**
 * Replaces the metadata of a registration (RFC 7592 section 2.2). The whole of it is ours, so nothing needs to be read first. Servers may
 * rotate the registration access token: the answer holds the one that counts from now on.
 */
export async function updateClient(
  server: Server,
  registration: Registration,
  client: DesiredClient,
  fetch: Fetch,
): Promise<Result<RegisteredClient, IssuerFailure>> {
  const asked = clientMetadata(client, server);
  const body = JSON.stringify({ ...asked, client_id: registration.clientID });
  const answered = await manage('update of the client', 'PUT', server, registration, fetch, body);
  if (!answered.ok) return answered;
  const { value: response } = answered;
  if (response.status !== 200) return err(await refusalIn(response, 'update of the client'));
  const answer = await objectIn(response);
  if (answer === undefined)
    return err(failure('malformed', 'update of the client', 'the answer is not a JSON object'));
  const registered = readAnswer('update of the client', server, asked, answer);
  if (!registered.ok) return registered;
  if (registered.value.clientID !== registration.clientID) {
    return err(failure('malformed', 'update of the client', 'the answer is about another client'));
  }
  return ok({ ...registration, ...registered.value });
}

/** Deletes a registration (RFC 7592 section 2.3). 404 is success; 401 is not: the token may be wrong and the client alive. */
export async function deregisterClient(
  server: Server,
  registration: Registration,
  fetch: Fetch,
): Promise<Result<void, IssuerFailure>> {
  const answered = await manage('deletion of the client', 'DELETE', server, registration, fetch);
  if (!answered.ok) return answered;
  const { value: response } = answered;
  if ([200, 204].includes(response.status) || isGone(response)) return ok(undefined);
  return err(await refusalIn(response, 'deletion of the client'));
}

/** One request to the client configuration endpoint (RFC 7592 section 2). */
async function manage(
  what: string,
  method: 'PUT' | 'DELETE',
  server: Server,
  { registrationClientURI: url, registrationAccessToken: token }: Registration,
  fetch: Fetch,
  body?: string,
): Promise<Result<Response, IssuerFailure>> {
  if (url === undefined || token === undefined) {
    return err(
      failure(
        'rejected',
        what,
        'the issuer gave no way to manage this client (RFC 7592) when it was registered',
      ),
    );
  }
  if (!isRegistrationURL(server, url)) {
    return err(
      failure('malformed', what, 'its registration_client_uri is not beside the registration endpoint'),
    );
  }
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${token.reveal()}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const response = await fetch(url, { method, headers, body });
  // A web page comes from something in front of the issuer. Believing its 404 would leave a client behind.
  const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
  return response.ok || !isPage ? ok(response) : err(refusal(response.status, what, {}));
}

function readAnswer(
  what: string,
  server: Server,
  asked: ClientMetadata,
  answer: Answer,
): Result<RegisteredClient, IssuerFailure> {
  const registered = parseRegistration(answer, server);
  if (!registered.ok) return err(failure('malformed', what, `the answer can't be used: ${registered.error}`));
  const difference = differenceOf(asked, answer);
  if (difference === undefined) return registered;
  return err(failure('rejected', what, `the issuer registered another ${difference} than was asked for`));
}

async function refusalIn(response: Response, what: string): Promise<IssuerFailure> {
  if (isGone(response)) return failure('notFound', what, 'the issuer does not know this client');
  return refusal(response.status, what, (await objectIn(response)) ?? {});
}

const isGone = ({ status }: Response): boolean => status === 404 || status === 410;

/** The JSON object in an answer whose size is bounded already; undefined when there is none. */
async function objectIn(response: Response): Promise<Answer | undefined> {
  try {
    const json: unknown = await response.json();
    return json !== null && typeof json === 'object' && !Array.isArray(json) ? (json as Answer) : undefined;
  } catch {
    return undefined;
  }
}
