import * as oauth from 'oauth4webapi';
import type { DesiredClient } from '../domain/desired-client.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { RegisteredClient } from '../ports/registered-client.ts';
import { err, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import { capabilitiesOf } from './capabilities.ts';
import { deregisterClient } from './client-configuration.ts';
import { clientMetadata } from './client-metadata.ts';
import type { Fetch } from './issuer-fetch.ts';
import { readRegistration } from './registration-answer.ts';

type RequestedMetadata = Parameters<typeof oauth.dynamicClientRegistrationRequest>[1];

/** Registers a client (RFC 7591 section 3). Throws what oauth4webapi throws. */
export async function registerClient(
  server: oauth.AuthorizationServer,
  client: DesiredClient,
  initialAccessToken: Secret | undefined,
  fetch: Fetch,
): Promise<Result<RegisteredClient, IssuerFailure>> {
  const asked = clientMetadata(client, server);
  const response = await oauth.dynamicClientRegistrationRequest(server, asked as RequestedMetadata, {
    ...(initialAccessToken === undefined ? {} : { initialAccessToken: initialAccessToken.reveal() }),
    [oauth.customFetch]: fetch,
  });
  const answer = await oauth.processDynamicClientRegistrationResponse(response);
  const read = readRegistration('registration', server, asked, answer);
  if (read.ok || read.error.registered === undefined) return read;
  // An idempotent issuer may have answered with a client that was there before: not ours to take back.
  if (capabilitiesOf(server).has('IdempotentRegister')) return read;
  const { registered, ...refusal } = read.error;
  return (await takeBack(server, registered, fetch))
    ? err({ ...refusal, detail: `${refusal.detail}; that client was deleted again` })
    : err({ ...read.error, detail: `${refusal.detail}; that client could not be deleted again` });
}

/** Deletes what was registered differently, so that no orphan stays behind. Says whether it is gone. */
async function takeBack(
  server: oauth.AuthorizationServer,
  registered: RegisteredClient,
  fetch: Fetch,
): Promise<boolean> {
  try {
    return (await deregisterClient(server, registered, fetch)).ok;
  } catch {
    return false;
  }
}
