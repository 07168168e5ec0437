import { describe, expect, it } from 'vitest';
import { FakeApiServer } from '../../../test/fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { anIssuer, withSpec } from '../../../test/gen/objects.ts';
import { ok } from '../../std/result.ts';
import { Secret } from '../../std/secret.ts';
import { driverInput } from './driver-input.ts';

const namespace = 'grantor-system';
const withToken = anIssuer(
  withSpec({ driver: { standard: { initialAccessTokenSecretRef: { name: 'dcr', key: 'token' } } } }),
);

function setUp() {
  const kube = new FakeApiServer(new FakeClock());
  const ownAssertion = async (audience: string) => ok(new Secret(`a token for ${audience}`));
  const input = driverInput(withToken, undefined, { kube: kube.client(), namespace, ownAssertion });
  const store = (plural: string, name: string, data: Record<string, string>): void =>
    void kube.put(plural, { apiVersion: 'v1', kind: 'x', metadata: { namespace, name }, data } as never);
  return { kube, store, read: async () => input.initialAccessToken?.() };
}

describe('the initial access token', () => {
  it('is read at each registration, so that a new one counts at once', async () => {
    const { store, read: readToken } = setUp();
    const token = async () => {
      const read = await readToken();
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
    const { kube, read } = setUp();
    kube.fail('get', problem, 'secrets');
    expect(await read()).toMatchObject({ ok: false, error: { kind, sent: false } });
  });
});
