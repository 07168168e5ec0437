import type { AuthorizationServer } from 'oauth4webapi';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { RegisteredClient } from '../ports/registered-client.ts';
import type { Json } from '../std/canonical-json.ts';
import { err, ok, type Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { failure } from './classify.ts';
import type { ClientMetadata } from './client-metadata.ts';
import { isRegistrationURL } from './endpoints.ts';

export type Answer = Readonly<Record<string, unknown>>;

/**
 * The client in an answer to a registration or an update of one: usable, and what was asked for; otherwise why not, with the client
 * where the issuer holds one. Its credentials may be new, and the former ones void.
 */
export function readRegistration(
  what: string,
  server: AuthorizationServer,
  asked: ClientMetadata,
  answer: Answer,
): Result<RegisteredClient, IssuerFailure> {
  const registered = parseRegistration(answer, server);
  if (!registered.ok) return err(failure('malformed', what, `the answer can't be used: ${registered.error}`));
  const objection = objectionTo(asked, answer);
  if (objection === undefined) return registered;
  return err({ ...failure('rejected', what, objection), registered: registered.value });
}

/** What makes a registration no good to us, in a sentence without its values. */
function objectionTo(asked: ClientMetadata, answer: Answer): string | undefined {
  const [difference] = differencesOf(asked, answer);
  if (difference !== undefined) return `the issuer registered another ${difference} than was asked for`;
  // RFC 7591 section 3.2.1: 0 is for ever. A client that stops working one day is not what was asked for either.
  const expires = (answer['client_secret_expires_at'] ?? 0) !== 0;
  return expires && asked['token_endpoint_auth_method'] !== 'private_key_jwt'
    ? 'the issuer gives client secrets that expire (client_secret_expires_at), which are not renewed yet'
    : undefined;
}

/**
 * Reads the answer to a registration or an update of one (RFC 7591 section 3.2.1). Says what is unusable about it, without its
 * values: it holds a client secret and a registration access token.
 */
function parseRegistration(answer: Answer, server: AuthorizationServer): Result<RegisteredClient, string> {
  const { client_id: clientID, client_secret: secret } = answer;
  const { registration_client_uri: uri, registration_access_token: token } = answer;
  if (!isCredential(clientID, 256)) return err('its client_id is missing, too long or not printable');
  if (secret !== undefined && !isCredential(secret, 1024))
    return err('its client_secret is too long or not printable');
  if (token !== undefined && !isCredential(token, 4096)) {
    return err('its registration_access_token is too long or not printable');
  }
  if (uri !== undefined && !isRegistrationURL(server, uri)) {
    return err('its registration_client_uri is not an https URL beside the registration endpoint');
  }
  return ok({
    clientID,
    ...(uri === undefined ? {} : { registrationClientURI: uri }),
    ...(token === undefined ? {} : { registrationAccessToken: new Secret(token) }),
    ...(secret === undefined ? {} : { clientSecret: new Secret(secret) }),
  });
}

const isCredential = (value: unknown, limit: number): value is string =>
  typeof value === 'string' && value.length <= limit && /^[\x21-\x7e]+$/.test(value);

/**
 * In which members the registered client differs from what was asked, of those that matter. A server may leave a member out or add its
 * own, as RFC 7591 section 3.2.1 allows, but the ceiling must come back as sent: silence there means that nobody holds it.
 */
export function differencesOf(asked: ClientMetadata, answer: Answer): readonly string[] {
  const redirectURIs = answer['redirect_uris'] ?? [];
  const told = (member: string): boolean => answer[member] !== undefined;
  const isOther = (member: string): boolean => told(member) && !contains(answer[member], asked[member]);
  const differs: Readonly<Record<string, boolean>> = {
    grantor: asked['grantor'] !== undefined && !isSame(answer['grantor'], asked['grantor']),
    software_id: isOther('software_id'),
    token_endpoint_auth_method: isOther('token_endpoint_auth_method'),
    dpop_bound_access_tokens: isBound(asked) !== isBound(answer),
    scope: told('scope') && words(answer['scope']) !== words(asked['scope']),
    grant_types: isOther('grant_types'),
    redirect_uris: !contains(redirectURIs, asked['redirect_uris']),
    // Without redirect URIs no response goes anywhere, so that a default of the server's does no harm.
    response_types: !contains(redirectURIs, []) && isOther('response_types'),
    // An own key of the server's, as for federated clients, is no difference; another one instead of ours is.
    jwks: asked['jwks'] !== undefined && isOther('jwks'),
  };
  return Object.keys(differs).filter((member) => differs[member]);
}

/** Nothing less and nothing more: a secret or a workload that we do not know of is somebody's way in. */
const isSame = (actual: unknown, expected: Json): boolean =>
  contains(actual, expected) && contains(expected, actual as Json);

const isBound = (client: Answer): boolean => client['dpop_bound_access_tokens'] === true;

const words = (scope: unknown): string =>
  typeof scope === 'string' ? scope.split(' ').filter(Boolean).sort().join(' ') : '';

/** Whether `actual` has every member of `expected` with the same value; lists are compared without their order. */
function contains(actual: unknown, expected: Json | undefined): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item) => actual.some((candidate) => contains(candidate, item)))
    );
  }
  if (expected === null || typeof expected !== 'object') return actual === expected;
  if (actual === null || typeof actual !== 'object') return false;
  return Object.entries(expected).every(([member, value]) => contains((actual as Answer)[member], value));
}
