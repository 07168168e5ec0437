import { expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { hours, minutes, seconds } from '../std/duration.ts';
import { instantOf, minus } from '../std/instant.ts';
import { IssuerFailureError } from './classify.ts';
import { createMetadataCache } from './metadata.ts';

const issuer = 'https://issuer.example';
const never = new AbortController().signal;

/** A cache before an issuer that answers as told and counts how often it was asked. */
function aCache() {
  const clock = new FakeClock(instantOf(0));
  const asked: string[] = [];
  const state: { failure?: IssuerFailure; issuer: string; held?: Promise<void> } = { issuer };
  const fetchMetadata = async (url: string): Promise<Response> => {
    asked.push(url);
    await state.held;
    if (state.failure) throw new IssuerFailureError(state.failure);
    const body = JSON.stringify({
      issuer: state.issuer,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
    });
    return new Response(body, { headers: { 'content-type': 'application/json' } });
  };
  const cache = createMetadataCache({ issuer, clock, fetchMetadata, fetchKeys: fetchMetadata });
  return { clock, asked, state, cache };
}

const down: IssuerFailure = { kind: 'unavailable', detail: 'down' };

test('it is read once in ten minutes, and the keys are kept beyond', async () => {
  const { cache, clock, asked } = aCache();
  const first = await cache.current(never);
  await clock.advance(minutes(9));
  await cache.current(never);
  expect(asked).toHaveLength(1);
  await clock.advance(minutes(2));
  const second = await cache.current(never);
  expect(asked).toHaveLength(2);
  expect(first.ok && second.ok && second.value.keys === first.value.keys).toBe(true);
});

test('it is old when the clock was set back by an hour', async () => {
  const { cache, clock, asked } = aCache();
  await cache.current(never);
  clock.jump(minus(clock.now(), hours(1)));
  await cache.current(never);
  expect(asked).toHaveLength(2);
});

test('callers share one request, and one who stops does not end it for the others', async () => {
  const { cache, asked, state } = aCache();
  const gate = Promise.withResolvers<void>();
  state.held = gate.promise;
  const controller = new AbortController();
  const stopping = cache.current(controller.signal);
  const staying = cache.current(never);
  controller.abort();
  expect(await stopping).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
  gate.resolve();
  expect(await staying).toMatchObject({ ok: true });
  expect(asked).toHaveLength(1);
});

test('an issuer that is away leaves what was known in use, and is asked again every 30 seconds', async () => {
  const { cache, clock, asked, state } = aCache();
  await cache.current(never);
  state.failure = down;
  await clock.advance(minutes(11));
  expect(await cache.current(never)).toMatchObject({ ok: true });
  expect(await cache.current(never)).toMatchObject({ ok: true });
  expect(asked).toHaveLength(2);
  await clock.advance(seconds(31));
  expect(await cache.current(never)).toMatchObject({ ok: true });
  expect(asked).toHaveLength(3);
  expect(await cache.refresh(never)).toEqual({ ok: false, error: down });
});

test('an issuer that turned into another one is not believed any more', async () => {
  const { cache, clock, state } = aCache();
  await cache.current(never);
  state.issuer = 'https://evil.example';
  await clock.advance(minutes(11));
  for (let n = 0; n < 2; n += 1) {
    expect(await cache.current(never)).toMatchObject({ ok: false, error: { kind: 'malformed' } });
  }
  expect(cache.permits(`${issuer}/token`)).toBe(false);
});

test('before anything is known, only the discovery documents may be asked for', async () => {
  const { cache } = aCache();
  expect(cache.permits(`${issuer}/.well-known/oauth-authorization-server`)).toBe(true);
  expect(cache.permits(`${issuer}/token`)).toBe(false);
  await cache.current(never);
  expect(cache.permits(`${issuer}/token`)).toBe(true);
});
