import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { minutes } from '../../std/duration.ts';
import { err, ok } from '../../std/result.ts';
import { Secret } from '../../std/secret.ts';
import { failureOf } from '../classify.ts';
import type { Fetch } from '../issuer-fetch.ts';
import { createAdminAPI, isMissing, refusedWith } from './admin-api.ts';
import { adminBearer, type OwnToken } from './admin-bearer.ts';

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** A `fetch` that notes what is asked and answers in turn, the last one again and again. */
function answering(...answers: readonly Response[]) {
  const asked: string[] = [];
  const fetch: Fetch = async (url, { method, headers }) => {
    const { authorization = 'nothing' } = headers as { readonly authorization?: string };
    asked.push(`${method} ${url} with ${authorization}`);
    return (answers[asked.length - 1] ?? answers.at(-1) ?? json({})).clone();
  };
  return { asked, fetch };
}

const look = { what: 'look', method: 'GET', path: '/admin/clients/a' } as const;

describe("Hydra's admin API", () => {
  it('is asked below its URL and nowhere else', async () => {
    const api = createAdminAPI('https://hydra.example:4445/');
    const { asked, fetch } = answering(json({ client_id: 'a' }));
    expect(await api(fetch, look)).toEqual({ status: 200, body: { client_id: 'a' } });
    expect(asked).toEqual(['GET https://hydra.example:4445/admin/clients/a with nothing']);
    expect(api.permits('https://hydra.example:4445/admin/clients')).toBe(true);
    expect(api.permits('https://hydra.example:4445.evil.example/admin/clients')).toBe(false);
    expect(api.permits('https://hydra.example:4445/oauth2/token')).toBe(false);
  });

  it('names its next page in a header', async () => {
    const link =
      '</admin/clients?page_size=10&page_token=abc%3D>; rel="next",</admin/clients?page_token=z>; rel="last"';
    const { fetch } = answering(json([], 200, { link }));
    expect(await createAdminAPI('https://hydra.example')(fetch, look)).toMatchObject({ next: 'abc=' });
  });

  it('says that something is not there only by itself: a web page says nothing', async () => {
    const page = new Response('<html>Not found</html>', { status: 404 });
    const { fetch } = answering(page, json({ error: 'Unable to locate the resource' }, 404));
    const api = createAdminAPI('https://hydra.example');
    const ofProxy = await api(fetch, look);
    expect([isMissing(ofProxy), refusedWith(ofProxy, 'look').kind]).toEqual([false, 'malformed']);
    expect(isMissing(await api(fetch, look))).toBe(true);
  });

  it('refuses what it has considered, with a code or a sentence', () => {
    const body = { error: 'invalid_client_metadata', error_description: 'no' };
    expect(refusedWith({ status: 400, body }, 'registration')).toMatchObject({
      kind: 'rejected',
      oauthError: 'invalid_client_metadata',
    });
    const sentence = { error: 'Unable to insert or update resource', error_description: '' };
    expect(refusedWith({ status: 409, body: sentence }, 'registration').kind).toBe('rejected');
  });
});

describe('what guards the admin API', () => {
  function guarded(...answers: readonly Response[]) {
    const clock = new FakeClock();
    let made = 0;
    const own: OwnToken = async () => ok(new Secret(`token-${(made += 1)}`));
    const { asked, fetch } = answering(...answers);
    const api = createAdminAPI('https://hydra.example', adminBearer(own, clock));
    const ask = () => api(fetch, look).catch((error: unknown) => failureOf(error, 'look'));
    const shown = () => asked.map((line) => line.replace(/.* with /, ''));
    return { clock, ask, shown };
  }

  it("is shown one token of the controller's own for half of its life", async () => {
    const { clock, ask, shown } = guarded(json({}));
    await Promise.all([ask(), ask()]);
    await clock.advance(minutes(4));
    await ask();
    await clock.advance(minutes(1));
    await ask();
    expect(shown()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });

  it.each([401, 403])(
    'is shown another one after it has answered %d, which says nothing of any client',
    async (status) => {
      const { ask, shown } = guarded(new Response(null, { status }), json({}));
      expect(await ask()).toMatchObject({ kind: 'loginFailed' });
      expect(await ask()).toMatchObject({ status: 200 });
      expect(shown()).toEqual(['Bearer token-1', 'Bearer token-2']);
    },
  );

  it('is asked nothing where there is no token to show', async () => {
    const { asked, fetch } = answering(json({}));
    const none: OwnToken = async () => err({ kind: 'loginFailed', sent: false, detail: 'no ServiceAccount' });
    const api = createAdminAPI('https://hydra.example', adminBearer(none, new FakeClock()));
    await expect(api(fetch, look)).rejects.toThrow('no ServiceAccount');
    expect(asked).toEqual([]);
  });
});
