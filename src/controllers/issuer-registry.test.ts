import { describe, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { anIssuer, withMetadata, withSpec } from '../../test/gen/objects.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { IssuerDriver } from '../ports/issuer-driver.ts';
import { ok } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { type DriverInput, IssuerRegistry } from './issuer-registry.ts';

const namespace = 'grantor-system';
const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;
const withCA = anIssuer(withSpec({ tls: { caBundleRef: { name: 'ca', key: 'ca.crt' } } }));
const withToken = anIssuer(
  withSpec({ driver: { standard: { initialAccessTokenSecretRef: { name: 'dcr', key: 'token' } } } }),
);

function setUp() {
  const kube = new FakeApiServer(new FakeClock());
  const made: DriverInput[] = [];
  const closed: OAuthIssuer[] = [];
  const registry = new IssuerRegistry({
    kube: kube.client(),
    namespace,
    ownAssertion: async (audience) => ok(new Secret(`a token for ${audience}`)),
    createDriver: (input) => {
      made.push(input);
      return {
        of: input.issuer,
        close: async () => void closed.push(input.issuer),
      } as unknown as IssuerDriver;
    },
  });
  const store = (plural: string, name: string, data: Record<string, string>): void =>
    void kube.put(plural, { apiVersion: 'v1', kind: 'x', metadata: { namespace, name }, data } as never);
  const driverOf = async (issuer: OAuthIssuer): Promise<OAuthIssuer | string> => {
    const driver = await registry.driver(issuer);
    return driver.ok ? (driver.value as unknown as { of: OAuthIssuer }).of : driver.error.message;
  };
  return { kube, made, closed, registry, store, driverOf };
}

describe('the driver of an issuer', () => {
  it('is made once, by however many ask for it', async () => {
    const { made, driverOf } = setUp();
    const issuer = anIssuer();
    await Promise.all([driverOf(issuer), driverOf(issuer)]);
    await driverOf(issuer);
    expect(made).toHaveLength(1);
  });

  it('is made anew for another form of the issuer, and the old one is closed', async () => {
    const { closed, driverOf } = setUp();
    const [before, after] = [anIssuer(), anIssuer(withMetadata({ generation: 2 }))];
    await driverOf(before);
    expect(await driverOf(after)).toBe(after);
    expect(closed).toEqual([before]);
  });

  it('is not made for an older form once there is that of a newer one', async () => {
    const { closed, driverOf } = setUp();
    const [before, after] = [anIssuer(), anIssuer(withMetadata({ generation: 2 }))];
    await driverOf(after);
    expect(await driverOf(before)).toBe('OAuthIssuer login was changed meanwhile');
    expect(await driverOf(after)).toBe(after);
    expect(closed).toEqual([]);
  });

  it('is never that of a deleted issuer of the same name, be it still in the making', async () => {
    const { driverOf } = setUp();
    const [before, after] = [anIssuer(), anIssuer(withMetadata({ uid: 'uid-other' }))];
    const [first, second] = await Promise.all([driverOf(before), driverOf(after)]);
    expect(first).toBe(before);
    expect(second).toBe(after);
    expect(await driverOf(before)).toBe(before);
    expect(await driverOf(after)).toBe(after);
  });

  it('is made anew when its CA bundle changed, and only then', async () => {
    const { made, registry, store } = setUp();
    store('configmaps', 'ca', { 'ca.crt': pem('one') });
    await registry.refresh(withCA);
    await registry.refresh(withCA);
    expect(made).toHaveLength(1);
    store('configmaps', 'ca', { 'ca.crt': pem('two') });
    await registry.refresh(withCA);
    expect(made.map(({ caBundle }) => caBundle)).toEqual([pem('one'), pem('two')]);
  });

  it.each<[string, Record<string, string> | undefined, string]>([
    ['is missing', undefined, 'ConfigMap grantor-system/ca cannot be read'],
    ['lacks the key', { other: pem('x') }, 'has no PEM certificates under key ca.crt'],
    ['holds something else', { 'ca.crt': 'hello' }, 'has no PEM certificates under key ca.crt'],
  ])('is not made when its CA bundle %s', async (_, data, words) => {
    const { made, store, driverOf } = setUp();
    if (data) store('configmaps', 'ca', data);
    expect(await driverOf(withCA)).toContain(words);
    expect(made).toEqual([]);
  });

  it.each(['https://[1]', 'https://256.256.256.256', 'https://a.example:99999'])(
    'is not made for %s, which is no URL',
    async (identifier) => {
      const { made, driverOf } = setUp();
      expect(await driverOf(anIssuer(withSpec({ issuer: identifier })))).toContain(
        `spec.issuer: ${identifier}`,
      );
      expect(made).toEqual([]);
    },
  );

  it('is closed when its issuer is forgotten, and all are with the registry', async () => {
    const { closed, registry, driverOf } = setUp();
    await driverOf(anIssuer());
    await registry.forget('login');
    expect([closed.length, registry.has('login')]).toEqual([1, false]);
    await driverOf(anIssuer());
    await registry.close();
    expect(closed).toHaveLength(2);
  });
});

describe('the initial access token', () => {
  it('is read at each registration, so that a new one counts at once', async () => {
    const { made, store, driverOf } = setUp();
    await driverOf(withToken);
    const token = async () => {
      const read = await made[0]?.initialAccessToken?.();
      return read?.ok ? read.value.reveal() : read?.error.detail;
    };
    expect(await token()).toContain('Secret grantor-system/dcr cannot be read');
    store('secrets', 'dcr', { token: Buffer.from('one\n').toString('base64') });
    expect(await token()).toBe('one');
    store('secrets', 'dcr', { other: '' });
    expect(await token()).toContain('has no key token');
  });

  it.each([
    ['is not there', 'notFound', 'unauthorized'],
    ['may not be read', 'forbidden', 'unauthorized'],
    ['cannot be read now', 'unavailable', 'unavailable'],
    ['cannot be read so often', 'throttled', 'unavailable'],
  ] as const)('that %s is no word of the issuer, which was not asked', async (_, problem, kind) => {
    const { kube, made, driverOf } = setUp();
    await driverOf(withToken);
    kube.fail('get', problem, 'secrets');
    expect(await made[0]?.initialAccessToken?.()).toMatchObject({ ok: false, error: { kind, sent: false } });
  });
});
