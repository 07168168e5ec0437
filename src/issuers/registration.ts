import * as oauth from 'oauth4webapi';
import type { DesiredClient } from '../domain/desired-client.ts';
import type { RegisteredClient } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { err, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import { capabilitiesOf } from './capabilities.ts';
import { deregisterClient } from './client-configuration.ts';
import { clientMetadata } from './client-metadata.ts';
import type { Fetch } from './issuer-fetch.ts';
import { type Answer, parseRegistration, readRegistration } from './registration-answer.ts';

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
  const registered = readRegistration('registration', server, asked, answer);
  if (registered.ok || registered.error.kind !== 'rejected') return registered;
  // An idempotent issuer may have answered with a client that was there before: not ours to take back.
  if (capabilitiesOf(server).has('IdempotentRegister')) return registered;
  const fate = (await takeBack(server, answer, fetch)) ? 'was deleted again' : 'could not be deleted again';
  return err({ ...registered.error, detail: `${registered.error.detail}; that client ${fate}` });
}

/** Deletes what was registered differently, so that no orphan stays behind. Says whether it is gone. */
async function takeBack(server: oauth.AuthorizationServer, answer: Answer, fetch: Fetch): Promise<boolean> {
  const made = parseRegistration(answer, server);
  try {
    return made.ok && (await deregisterClient(server, made.value, fetch)).ok;
  } catch {
    return false;
  }
}
