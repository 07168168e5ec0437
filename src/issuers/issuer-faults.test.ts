import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  aCall,
  aDrivenQuirkyIssuer,
  aGrant,
  clientSecret,
  shortTimeout,
} from '../../test/fakes/driven-quirky-issuer.ts';
import * as quirky from '../../test/fakes/quirky-issuer.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { systemClock } from '../std/clock.ts';
import { milliseconds, seconds } from '../std/duration.ts';

const { issuer, aDriver } = await aDrivenQuirkyIssuer(shortTimeout);
const { answer, tokenWith, webPage } = quirky;

type Fault = readonly [string, IssuerFailure['kind'], quirky.Quirk, Partial<IssuerFailure>?];

const leaky = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
const inTwoHours = (): string => new Date(systemClock.now() + 7_200_000).toUTCString();
const challenge = { 'www-authenticate': 'Basic realm="x", error="invalid_client"' };

const onTheWire: readonly Fault[] = [
  ['a hang before the headers', 'unavailable', quirky.hangBeforeHeaders],
  ['a hang in the body', 'unavailable', quirky.hangInBody],
  ['a byte now and then', 'unavailable', quirky.dripBody],
  ['a reset', 'unavailable', quirky.reset],
  ['a reset in the body', 'unavailable', quirky.cutInBody],
  ['a redirect', 'malformed', quirky.redirect('https://127.0.0.1:1/token')],
  ['50 MB', 'malformed', quirky.endless(50_000_000)],
  ['a gzip bomb', 'malformed', quirky.compressed(gzipSync(Buffer.alloc(20_000_000)))],
];

const statuses: readonly Fault[] = [
  ['429 with seconds', 'throttled', answer(429, {}, { 'retry-after': '7' }), { retryAfter: seconds(7) }],
  [
    '429 with a far date',
    'throttled',
    (e) => answer(429, {}, { 'retry-after': inTwoHours() })(e),
    { retryAfter: seconds(300) },
  ],
  ['429 without Retry-After', 'throttled', webPage(429)],
  ['503 with a web page', 'unavailable', webPage(503)],
  [
    '503 with Retry-After',
    'unavailable',
    answer(503, {}, { 'retry-after': '9' }),
    { retryAfter: seconds(9) },
  ],
  ['401 with a challenge', 'unauthorized', answer(401, {}, challenge), { oauthError: 'invalid_client' }],
  [
    '401 with a body',
    'unauthorized',
    answer(401, { error: 'invalid_client' }),
    { oauthError: 'invalid_client' },
  ],
  ['401 with a web page', 'unauthorized', webPage(401)],
  [
    '403 with a body',
    'unauthorized',
    answer(403, { error: 'access_denied' }),
    { oauthError: 'access_denied' },
  ],
  ['404 with a web page', 'malformed', webPage(404)],
  ['400 with a web page', 'malformed', webPage(400)],
  ['400 invalid_client', 'unauthorized', answer(400, { error: 'invalid_client' })],
  ['400 invalid_scope', 'rejected', answer(400, { error: 'invalid_scope' }), { oauthError: 'invalid_scope' }],
  ['400 temporarily_unavailable', 'unavailable', answer(400, { error: 'temporarily_unavailable' })],
  ['400 with a token as error', 'malformed', answer(400, { error: leaky })],
  [
    '200 with an error',
    'malformed',
    answer(200, { error: 'invalid_grant' }),
    { oauthError: 'invalid_grant' },
  ],
];

const descriptions: readonly Fault[] = [
  [
    'control characters in error_description',
    'rejected',
    answer(400, { error: 'invalid_scope', error_description: 'no\u0000 \u001b[31msuch\r\nscope\u202e' }),
    { detail: 'token request: the issuer answered invalid_scope (no [31msuch scope )' },
  ],
  [
    'an error_description that echoes the assertion',
    'unauthorized',
    answer(400, { error: 'invalid_client', error_description: `bad assertion ${leaky}` }),
    { detail: 'token request: the issuer answered invalid_client (bad assertion [redacted])' },
  ],
  [
    'an endless error_description',
    'rejected',
    answer(400, { error: 'invalid_scope', error_description: 'no '.repeat(9999) }),
  ],
];

const bodies: readonly Fault[] = [
  ['a list', 'malformed', answer(200, [leaky])],
  ['truncated JSON', 'malformed', answer(200, `{"access_token":"${leaky}"`)],
  ['nothing', 'malformed', answer(200, '')],
  ['a web page', 'malformed', webPage(200)],
  [
    'JSON that says it is a web page',
    'malformed',
    answer(200, { access_token: leaky, token_type: 'Bearer' }, { 'content-type': 'text/html' }),
  ],
  ['a token with CR', 'malformed', tokenWith({ access_token: `${leaky}\r` })],
  ['a token with LF', 'malformed', tokenWith({ access_token: `${leaky}\n` })],
  ['a token with NUL', 'malformed', tokenWith({ access_token: `${leaky}\0` })],
  ['a token of 17 KiB', 'malformed', tokenWith({ access_token: 'a'.repeat(17 * 1024) })],
  ['a token of 1 MB', 'malformed', tokenWith({ access_token: 'a'.repeat(1_000_000) })],
  // The last one counts, and is the one that is checked.
  [
    'a good token and another of the same name',
    'unverifiable',
    async (exchange) => {
      const good = JSON.stringify(await quirky.tokenAnswer(exchange));
      await answer(200, `${good.slice(0, -1)},"access_token":"${leaky}"}`)(exchange);
    },
  ],
  ['a number as token', 'malformed', tokenWith({ access_token: 5 })],
  ['no token', 'malformed', tokenWith({ access_token: undefined })],
  ['a DPoP token', 'malformed', tokenWith({ token_type: 'DPoP' })],
  ['an unknown token type', 'malformed', tokenWith({ token_type: 'N_A' })],
  ['expires_in 0', 'malformed', tokenWith({ expires_in: 0 })],
  ['expires_in negative', 'malformed', tokenWith({ expires_in: -1 })],
  ['expires_in a word', 'malformed', tokenWith({ expires_in: 'soon' })],
  ['an opaque token', 'unverifiable', tokenWith({ access_token: 'opaque-token' })],
  ["somebody else's token", 'unverifiable', tokenWith({ access_token: leaky })],
  ['a token with alg none', 'unverifiable', tokenWith({ access_token: 'eyJhbGciOiJub25lIn0.e30.' })],
  ['a token that is only dots', 'unverifiable', tokenWith({ access_token: 'a.b.c' })],
];

describe('a token request that is answered with', () => {
  for (const [name, kind, quirk, more] of [...onTheWire, ...statuses, ...descriptions, ...bodies]) {
    test(`${name} is ${kind}`, async () => {
      const driver = aDriver();
      await driver.discover(aCall());
      issuer.quirk(quirky.tokenPath, quirk);
      const before = { time: systemClock.now(), bytes: issuer.bytesSent() };

      const outcome = await driver.requestToken(aGrant(), aCall());

      expect(outcome).toMatchObject({ ok: false, error: { kind, ...more } });
      expect(systemClock.now() - before.time, 'milliseconds').toBeLessThan(shortTimeout + 600);
      // What the kernel and TLS buffer before a reader who stopped is noticed; the reader itself took 64 KiB.
      expect(issuer.bytesSent() - before.bytes, 'bytes').toBeLessThan(4_000_000);
      const seen = inspect(outcome, { depth: 20, showHidden: true });
      for (const secret of [clientSecret, ...leaky.split('.'), 'a'.repeat(16)]) {
        expect(seen).not.toContain(secret);
      }
      expect(!outcome.ok && outcome.error.detail).toMatch(/^[^\p{C}]{1,256}$/u);
    });
  }
});

describe('an issuer that is not there', () => {
  test('accepts connections and never greets: it is given up in time', async () => {
    const deaf = createServer(() => {});
    await new Promise<void>((resolve) => {
      deaf.listen(0, '127.0.0.1', resolve);
    });
    const { port } = deaf.address() as AddressInfo;
    const before = systemClock.now();
    const outcome = await aDriver({ issuer: `https://127.0.0.1:${port}` }).discover(aCall());
    expect(systemClock.now() - before, 'milliseconds').toBeLessThan(shortTimeout + 600);
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    deaf.close();
  });

  test('refuses connections', async () => {
    const outcome = await aDriver({ issuer: 'https://127.0.0.1:1' }).discover(aCall());
    const detail = 'discovery: the connection was refused (ECONNREFUSED)';
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'unavailable', detail } });
  });
});

test('a caller who stops gets its answer at once', async () => {
  const driver = aDriver({
    limits: { requestsPerSecond: 10, burst: 10, concurrency: 1, timeout: seconds(10) },
  });
  await driver.discover(aCall());
  issuer.quirk(quirky.tokenPath, quirky.hangBeforeHeaders);
  const controller = new AbortController();
  const pending = driver.requestToken(aGrant(), aCall({ signal: controller.signal }));
  systemClock.after(milliseconds(50), () => controller.abort());
  const detail = 'token request: the call was stopped';
  expect(await pending).toMatchObject({ ok: false, error: { kind: 'unavailable', detail } });
});

test('a closed driver fails what is under way and what comes later', async () => {
  const driver = aDriver();
  await driver.discover(aCall());
  issuer.quirk(quirky.tokenPath, quirky.hangBeforeHeaders);
  const pending = driver.requestToken(aGrant(), aCall());
  systemClock.after(milliseconds(50), () => void driver.close());
  expect(await pending).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
  expect(await driver.requestToken(aGrant(), aCall())).toMatchObject({
    ok: false,
    error: { kind: 'unavailable' },
  });
});

test('Retry-After for one tenant pauses the issuer for all', async () => {
  const driver = aDriver();
  await driver.discover(aCall());
  issuer.quirk(quirky.tokenPath, answer(429, {}, { 'retry-after': '120' }));
  await driver.requestToken(aGrant(), aCall({ tenantID: 'acme' }));
  const asked = issuer.requests.length;
  const outcome = await driver.requestToken(aGrant(), aCall({ tenantID: 'globex' }));
  expect(outcome).toMatchObject({ ok: false, error: { kind: 'throttled' } });
  expect(issuer.requests).toHaveLength(asked);
});

test('five failures in a row open the breaker: the sixth call sends nothing', async () => {
  const driver = aDriver();
  await driver.discover(aCall());
  issuer.quirk(quirky.tokenPath, webPage(503));
  for (let n = 0; n < 5; n += 1) await driver.requestToken(aGrant(), aCall());
  const asked = issuer.requests.length;
  const outcome = await driver.requestToken(aGrant(), aCall());
  expect(outcome).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
  expect(issuer.requests).toHaveLength(asked);
});
