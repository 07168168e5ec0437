import { describe, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { anIssuer, withMetadata, withSpec } from '../../test/gen/objects.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { IssuerRegistry } from './issuer-registry.ts';

const namespace = 'grantor-system';
const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;
const withCA = anIssuer(withSpec({ tls: { caBundleRef: { name: 'ca', key: 'ca.crt' } } }));

function setUp() {
  const kube = new FakeApiServer(new FakeClock());
  const made: { readonly caBundle: string | undefined }[] = [];
  const closed: OAuthIssuer[] = [];
  const registry = new IssuerRegistry({
    kube: kube.client(),
    namespace,
    makeDriver: (issuer, caBundle) => {
      made.push({ caBundle });
      return { of: issuer, close: async () => void closed.push(issuer) };
    },
  });
  const store = (plural: string, name: string, data: Record<string, string>): void =>
    void kube.put(plural, { apiVersion: 'v1', kind: 'x', metadata: { namespace, name }, data } as never);
  const driverOf = async (issuer: OAuthIssuer): Promise<OAuthIssuer | string> => {
    const driver = await registry.driver(issuer);
    return driver.ok ? driver.value.of : driver.error.message;
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

  it('stays as it is while nobody says what became of its CA bundle', async () => {
    const { kube, made, registry, store } = setUp();
    store('configmaps', 'ca', { 'ca.crt': pem('one') });
    await registry.refresh(withCA);
    kube.fail('get', 'unavailable');
    expect(await registry.refresh(withCA)).toMatchObject({ ok: true, value: { of: withCA } });
    expect(made).toHaveLength(1);
    // Of another form nothing is known.
    expect(
      await registry.refresh({ ...withCA, metadata: { ...withCA.metadata, generation: 2 } }),
    ).toMatchObject({
      ok: false,
    });
    kube.recover();
    kube.remove('configmaps', { namespace, name: 'ca' });
    expect(await registry.refresh(withCA)).toMatchObject({ ok: false });
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
