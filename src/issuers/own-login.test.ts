import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import type { ClientAuthentication } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { seconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { failure, IssuerFailureError } from './classify.ts';
import type { Fetch } from './issuer-fetch.ts';
import { createAdminAccess } from './own-login.ts';

const server = { issuer: 'https://login.example', token_endpoint: 'https://login.example/token' };
const json = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

function setUp({ expiresIn }: { expiresIn?: number | undefined } = { expiresIn: 300 }) {
  const clock = new FakeClock();
  const sent: string[] = [];
  let proofs = 0;
  let answer: () => Response | Promise<Response> = () =>
    json(200, { access_token: `token-${sent.length}`, token_type: 'Bearer', expires_in: expiresIn });
  let proof: Result<ClientAuthentication, IssuerFailure> | undefined;
  const fetch: Fetch = async (url, { body }) => {
    sent.push(`${url} ${String(body)}`);
    return answer();
  };
  const authenticate = async (): Promise<Result<ClientAuthentication, IssuerFailure>> => {
    proofs += 1;
    const assertion = new Secret(`assertion-${proofs}`);
    return proof ?? ok({ method: 'Federated', by: 'ClientAssertion', assertion });
  };
  const access = createAdminAccess({ clientID: 'grantor', authenticate }, clock, fetch);
  return {
    clock,
    access,
    sent,
    token: async () => {
      const known = await access.token(server);
      return known.ok ? known.value.token.reveal() : known.error;
    },
    answers: (next: typeof answer) => {
      answer = next;
    },
    proves: (next: typeof proof) => {
      proof = next;
    },
  };
}

describe("Grantor's own login", () => {
  it('shows a fresh assertion, and asks for nothing but to be let in', async () => {
    const { sent, token, access, clock } = setUp();
    expect(await token()).toBe('token-1');
    await clock.advance(seconds(281));
    expect(await token()).toBe('token-2');
    expect(sent.map((request) => new URLSearchParams(request.split(' ')[1]).get('client_assertion'))).toEqual(
      ['assertion-1', 'assertion-2'],
    );
    expect(sent[0]).toContain('grant_type=client_credentials');
    expect(sent[0]).not.toContain('scope=');
    expect(JSON.stringify(await access.token(server))).not.toContain('token-');
  });

  it('is used until shortly before its end, by however many, and made once for all who wait', async () => {
    const { sent, token, clock } = setUp();
    expect(await Promise.all([token(), token(), token()])).toEqual(['token-1', 'token-1', 'token-1']);
    await clock.advance(seconds(279));
    expect(await token()).toBe('token-1');
    await clock.advance(seconds(2));
    expect(await Promise.all([token(), token()])).toEqual(['token-2', 'token-2']);
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['lives for ten seconds', 10, 4, 6],
    ['does not say how long it lives', undefined, 39, 41],
  ])('that %s is replaced in time', async (_, expiresIn, before, after) => {
    const { token, clock } = setUp({ expiresIn });
    await token();
    await clock.advance(seconds(before));
    expect(await token()).toBe('token-1');
    await clock.advance(seconds(after - before));
    expect(await token()).toBe('token-2');
  });

  it('is made anew when its token is refused, and not for one that was replaced already', async () => {
    const { access, token, sent } = setUp();
    const first = await access.token(server);
    if (!first.ok) throw new Error('no token');
    access.refused(first.value);
    expect(await token()).toBe('token-2');
    access.refused(first.value);
    expect(await token()).toBe('token-2');
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['refuses it', () => json(401, { error: 'invalid_client' }), 'loginFailed'],
    ['refuses it otherwise', () => json(400, { error: 'unauthorized_client' }), 'loginFailed'],
    [
      'is away',
      () => {
        throw new IssuerFailureError(failure('unavailable', 'login', 'refused'));
      },
      'unavailable',
    ],
    ['answers nonsense', () => json(200, { token_type: 'Bearer' }), 'malformed'],
  ])(
    'says when the issuer %s, and that nothing was asked of it; it is tried again by the next',
    async (_, answer, kind) => {
      const { token, answers, clock } = setUp();
      answers(answer);
      expect(await token()).toMatchObject({ kind, sent: false });
      await clock.advance(seconds(10));
      answers(() => json(200, { access_token: 'at-last', token_type: 'Bearer' }));
      expect(await token()).toBe('at-last');
    },
  );

  it('that was refused is not tried again for ten seconds, whoever asks', async () => {
    const { token, answers, sent, clock } = setUp();
    answers(() => json(401, { error: 'invalid_client' }));
    for (const wait of [0, 5, 4]) {
      await clock.advance(seconds(wait));
      expect(await token()).toMatchObject({ kind: 'loginFailed' });
    }
    expect(sent).toHaveLength(1);
    await clock.advance(seconds(1));
    await token();
    expect(sent).toHaveLength(2);
  });

  it('says when there is nothing to log in with', async () => {
    const { token, sent, proves } = setUp();
    proves(err({ kind: 'unauthorized', detail: 'Secret grantor-system/x has no key y' }));
    expect(await token()).toEqual({
      kind: 'loginFailed',
      sent: false,
      detail: 'Secret grantor-system/x has no key y',
    });
    expect(sent).toEqual([]);
  });
});
