import { describe, expect, it } from 'vitest';
import { aRecord, aTokenSecret, now, registration } from '../../test/gen/facts.ts';
import { aBinding, aClient, withSpec } from '../../test/gen/objects.ts';
import { minutes } from '../std/duration.ts';
import { instantOf, minus, plus } from '../std/instant.ts';
import { Secret } from '../std/secret.ts';
import { credentialsSecretManifest, readRevision } from './credentials-secret.ts';
import { readRegistrationSecret, registrationSecretManifest } from './registration-secret.ts';
import { isTokenTampered, readDelivered, tokenSecretManifest } from './token-secret.ts';

const decoded = (data: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );

describe('the Secret of a token', () => {
  const delivered = {
    token: new Secret('the-token'),
    tokenType: 'Bearer',
    issuer: 'https://login.example',
    clientID: 'client-1',
    audience: 'https://api.example',
    scopes: ['invoices.read'],
    issuedAt: now,
    expiresAt: plus(now, minutes(10)),
    generation: 4,
    grantHash: 'hash',
  };
  const manifest = tokenSecretManifest(aBinding(), 'billing-token', delivered);

  it('holds the documented keys and nothing else; metadata.json does not hold the token', () => {
    expect(decoded(manifest.data)).toMatchInlineSnapshot(`
      {
        "expires_at": "2026-06-01T12:10:00Z",
        "metadata.json": "{"audience":"https://api.example","client_id":"client-1","expires_at":"2026-06-01T12:10:00Z","generation":4,"issuer":"https://login.example","scope":"invoices.read"}",
        "token": "the-token",
        "token_type": "Bearer",
      }
    `);
  });

  it.each([
    ['Bearer', undefined, ['token', 'token_type', 'expires_at', 'metadata.json'], false],
    ['Bearer', undefined, ['token', 'token_type', 'expires_at'], true],
    ['DPoP', {}, ['token', 'token_type', 'expires_at', 'metadata.json', 'dpop.jwk'], false],
    ['DPoP', {}, ['token', 'token_type', 'expires_at', 'metadata.json'], true],
  ])('of type %s, key %j, is tampered with where %j are ours: %s', (tokenType, key, parts, tampered) => {
    const made = tokenSecretManifest(aBinding(), 'billing-token', {
      ...{ ...delivered, tokenType },
      ...(key && { tokenKey: new Secret(key) }),
    });
    const data = Object.fromEntries(parts.map((part) => [`f:${part}`, {}]));
    const managedFields = [{ manager: 'grantor', fieldsV1: { 'f:data': data } }];
    expect(isTokenTampered({ ...made.metadata, managedFields })).toBe(tampered);
  });

  it('holds the key of a token that is bound to one', () => {
    const tokenKey = new Secret({ kty: 'EC', d: 'private' });
    const files = tokenSecretManifest(aBinding(), 'billing-token', {
      ...delivered,
      tokenType: 'DPoP',
      tokenKey,
    });
    expect(decoded(files.data)).toMatchObject({
      token_type: 'DPoP',
      'dpop.jwk': '{"d":"private","kty":"EC"}',
    });
  });

  it('is of our type and owned by its binding', () => {
    expect(manifest).toMatchObject({
      type: 'grantor.dev/token',
      metadata: {
        namespace: 'acme-prod',
        name: 'billing-token',
        ownerReferences: [{ uid: 'uid-billing-api', controller: true }],
      },
    });
  });

  it('tells its schedule to whoever reads it back', () => {
    expect(readDelivered(manifest.metadata)).toEqual({
      issuedAt: now,
      expiresAt: plus(now, minutes(10)),
      generation: 4,
      grantHash: 'hash',
    });
  });

  it.each([
    ['2026-06-01T11:59:00Z', minus(now, minutes(1))],
    ['soon', undefined],
  ])('tells when it was due by %s, which it need not', (written, dueAt) => {
    const annotations = { ...manifest.metadata.annotations, 'grantor.dev/due-at': written };
    expect(readDelivered({ ...manifest.metadata, annotations })?.dueAt).toBe(dueAt);
  });

  it.each([
    ['grantor.dev/issued-at', undefined],
    ['grantor.dev/issued-at', 'yesterday'],
    ['grantor.dev/expires-at', ''],
    ['grantor.dev/generation', '0'],
    ['grantor.dev/generation', '1.5'],
    ['grantor.dev/grant-hash', undefined],
  ])('is read as nothing when %s is %s', (key, value) => {
    const annotations = { ...manifest.metadata.annotations, [key]: value } as Record<string, string>;
    expect(readDelivered({ ...manifest.metadata, annotations })).toBeUndefined();
  });

  it('has no schedule without annotations', () => {
    expect(readDelivered({ name: aTokenSecret().name })).toBeUndefined();
  });
});

describe('the record of a registration', () => {
  const privateKey = new Secret({ kty: 'EC', d: 'private' });
  const record = aRecord({
    phase: 'Registered',
    registration,
    registeredHash: 'hash',
    tenantID: 'acme',
    tokensRevoked: true,
    tokensRevokedAt: instantOf(1_780_000_000_000),
    credentialRevision: 2,
    clientSecret: new Secret('client-secret'),
    privateKey,
    publicKey: { kty: 'EC' },
    chosenSecret: 3,
    credentialSince: instantOf(1_779_000_000_000),
    rotationAnswered: 'digest',
    rotation: {
      phase: 'Overlapping',
      since: instantOf(1_779_900_000_000),
      other: {
        clientSecret: new Secret('former-secret'),
        chosenSecret: 2,
        publicKey: { kty: 'EC', x: 'former' },
      },
      registeredBefore: 'hash-before',
      interrupts: true,
    },
  });
  const manifest = registrationSecretManifest(record, 'grantor-system');
  const stored = {
    ...manifest,
    metadata: { ...manifest.metadata, uid: record.uid, resourceVersion: record.resourceVersion },
  };

  it('is read back as it was written', () => {
    const read = readRegistrationSecret(stored);
    expect(read).toMatchObject({ ok: true, value: { ...record, registration: { clientID: 'client-1' } } });
    expect(read.ok && read.value.clientSecret?.equals(record.clientSecret)).toBe(true);
    const former = read.ok ? read.value.rotation?.other.clientSecret?.reveal() : undefined;
    expect(former).toBe('former-secret');
    expect(read.ok && read.value.privateKey?.reveal()).toEqual(privateKey.reveal());
    expect(read.ok && read.value.registration?.registrationAccessToken?.reveal()).toBe(
      'registration-access-token',
    );
  });

  it.each([
    ['grantor.dev/client-uid', undefined],
    ['grantor.dev/phase', 'Done'],
    ['grantor.dev/credential-revision', 'two'],
    ['grantor.dev/rotation-phase', 'Done'],
    ['grantor.dev/rotation-since', 'yesterday'],
  ])('that somebody changed says what is wrong and nothing that is in it: %s = %s', (key, value) => {
    const annotations = { ...stored.metadata.annotations, [key]: value } as Record<string, string>;
    const read = readRegistrationSecret({ ...stored, metadata: { ...stored.metadata, annotations } });
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).not.toContain('secret"');
  });
});

describe("the tenant's copy of the credentials", () => {
  const record = aRecord({
    registration,
    credentialRevision: 2,
    clientSecret: new Secret('client-secret'),
    privateKey: new Secret({ kty: 'EC' }),
  });
  const withSecret = aClient(withSpec({ authentication: { secret: { secretRef: { name: 'c' } } } }));
  const withKey = aClient(
    withSpec({ authentication: { privateKey: { algorithm: 'ES256', secretRef: { name: 'c' } } } }),
  );

  it.each([
    ['a secret', withSecret, { issuer: 'i', client_id: 'client-1', client_secret: 'client-secret' }],
    ['a key', withKey, { issuer: 'i', client_id: 'client-1', 'private_key.jwk': '{"kty":"EC"}' }],
  ])('holds %s, and nothing that could change the registration', (_, client, expected) => {
    const manifest = credentialsSecretManifest(client, 'i', 'c', record);
    expect(decoded(manifest.data)).toEqual(expected);
    expect(manifest.type).toBe('grantor.dev/client');
    expect(readRevision(manifest.metadata)).toMatch(/^2\/(Secret|PrivateKey)$/);
  });
});
