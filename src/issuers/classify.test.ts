import { inspect } from 'node:util';
import * as fc from 'fast-check';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import { describe, expect, test } from 'vitest';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { failureOf, IssuerFailureError } from './classify.ts';

const canary = 'eyJhbGciOiJFUzI1NiJ9.Y2FuYXJ5LWNhbmFyeQ.c2lnbmF0dXJlMTIzNDU2';
const server = { issuer: 'https://issuer.example', token_endpoint: 'https://issuer.example/token' };
const client = { client_id: 'client-1' };
const coded = (code: string, cause?: unknown): Error =>
  Object.assign(new Error(`about ${canary}`, { cause }), { code });

/** What becomes of this answer of a token endpoint. */
async function failureFrom(response: Response): Promise<IssuerFailure | undefined> {
  try {
    await oauth.processClientCredentialsResponse(server, client, response);
    return undefined;
  } catch (error) {
    return failureOf(error, 'token request');
  }
}

const unavailable: IssuerFailure = { kind: 'unavailable', detail: 'as it was' };

describe('what was thrown', () => {
  test.each<[string, unknown, Partial<IssuerFailure>]>([
    ['a failure that was carried', new IssuerFailureError(unavailable), unavailable],
    ['a refused connection', coded('ECONNREFUSED'), { kind: 'unavailable' }],
    [
      "fetch's error, with the code in its cause",
      new TypeError('fetch failed', { cause: coded('ENOTFOUND') }),
      { kind: 'unavailable' },
    ],
    [
      'an error for several addresses',
      new AggregateError([coded('ETIMEDOUT'), coded('ENETUNREACH')]),
      { kind: 'unavailable' },
    ],
    ["undici's time-out", coded('UND_ERR_CONNECT_TIMEOUT'), { kind: 'unavailable' }],
    ['an unknown CA', coded('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'), { kind: 'unavailable' }],
    ['an old protocol', coded('ERR_SSL_UNSUPPORTED_PROTOCOL'), { kind: 'unavailable' }],
    ['no key for the token', new jose.errors.JWKSNoMatchingKey(), { kind: 'unverifiable' }],
    ['a wrong signature', new jose.errors.JWSSignatureVerificationFailed(), { kind: 'unverifiable' }],
    ['an algorithm that is not allowed', new jose.errors.JOSEAlgNotAllowed('no'), { kind: 'unverifiable' }],
    ['broken keys', new jose.errors.JWKSInvalid('no'), { kind: 'malformed' }],
    ['a wrong argument', coded('ERR_INVALID_ARG_VALUE'), { kind: 'malformed' }],
    [
      'an error of ours',
      new TypeError(`cannot read ${canary}`),
      { kind: 'malformed', detail: 'token request: failed unexpectedly (TypeError)' },
    ],
    ['a text', canary, { kind: 'malformed' }],
    ['nothing', undefined, { kind: 'malformed' }],
    ['an error that is its own cause', selfCaused(), { kind: 'malformed' }],
  ])('%s', (_, thrown, expected) => {
    const failure = failureOf(thrown, 'token request');
    expect(failure).toMatchObject(expected);
    expect(inspect(failure)).not.toContain(canary);
  });

  function selfCaused(): Error {
    const error = new Error(canary);
    error.cause = error;
    return error;
  }
});

test('an answer can hold anything: it is a failure without a token in it, or a token', async () => {
  const member = fc.constantFrom(
    'access_token',
    'token_type',
    'expires_in',
    'scope',
    'error',
    'error_description',
    'refresh_token',
    'id_token',
    'x',
  );
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(canary, `a ${canary} b`, 'Bearer', 'invalid_scope'),
  );
  const status = fc.constantFrom(200, 400, 401, 403, 404, 418);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(member, value), status, async (body, status) => {
      const headers = { 'content-type': 'application/json' };
      const failure = await failureFrom(new Response(JSON.stringify(body), { status, headers }));
      if (failure === undefined) {
        expect(body['access_token']).toBeTypeOf('string');
        return;
      }
      for (const part of canary.split('.')) expect(inspect(failure)).not.toContain(part);
      expect(failure.detail).toMatch(/^[^\p{C}]{1,256}$/u);
    }),
  );
});

test('a challenge can hold anything: it is a bounded failure, in no time', async () => {
  const noise = fc.string({
    unit: fc.constantFrom('Basic', ' ', ',', '=', '"', '\\', 'error', 'a', 'realm', canary),
    maxLength: 400,
  });
  await fc.assert(
    fc.asyncProperty(noise, async (challenge) => {
      const headers = { 'www-authenticate': challenge, 'content-type': 'application/json' };
      const failure = await failureFrom(new Response('{}', { status: 401, headers }));
      expect(failure?.kind).toBe('unauthorized');
      for (const part of canary.split('.')) expect(inspect(failure)).not.toContain(part);
    }),
  );
});
