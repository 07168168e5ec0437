import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import { type KindsServer, openKindsServer } from './api-server.ts';
import { validExample } from './examples.ts';

const namespace = 'immutability';
let server: KindsServer;
beforeAll(async () => {
  server = await openKindsServer(testKubeconfig(), [namespace]);
});
afterAll(() => server.close());

/** Creates a valid example, then replaces some fields of its spec. */
async function change(example: string, fields: Record<string, unknown>) {
  const { kind, manifest } = validExample(example);
  const metadata = { name: `change-${manifest.metadata.name}`, ...(kind.namespaced && { namespace }) };
  const { body: created } = await server.create(kind, { ...manifest, metadata }, { dryRun: false });
  expect(created).toMatchObject({ kind: kind.kind, metadata });
  const { status, body } = await server.replace(kind, { ...created, spec: { ...created.spec, ...fields } });
  await server.remove(kind, created);
  return { status, message: body.message };
}

describe('what cannot be changed', () => {
  test.each([
    {
      what: 'the identifier of an issuer',
      example: 'oauth-issuer-minimal',
      to: { issuer: 'https://other.example' },
      refusal: 'spec.issuer cannot be changed; create another OAuthIssuer and move the clients to it',
    },
    {
      what: 'the driver of an issuer, into one that registers nothing',
      example: 'oauth-issuer-minimal',
      to: { driver: { static: {} } },
      refusal: 'spec.driver cannot become static',
    },
    {
      what: 'the id of a tenant',
      example: 'tenant-scope-minimal',
      to: { tenantID: 'other' },
      refusal: 'spec.tenantID cannot be changed; create another TenantScope',
    },
    {
      what: 'the issuer of a client',
      example: 'oauth-client-minimal',
      to: { issuerRef: { name: 'other' } },
      refusal: 'spec.issuerRef cannot be changed; create another OAuthClient for the other issuer',
    },
    {
      what: 'what a client adopts, into another',
      example: 'oauth-client-adopt',
      to: { adopt: { clientID: 'other' } },
      refusal: 'spec.adopt cannot be changed, added or removed; create another OAuthClient',
    },
    {
      what: 'what a client adopts, into nothing',
      example: 'oauth-client-adopt',
      to: { adopt: undefined },
      refusal: 'spec.adopt cannot be changed, added or removed; create another OAuthClient',
    },
    {
      what: 'a client, into one that adopts another',
      example: 'oauth-client-minimal',
      to: { adopt: { clientID: 'other' } },
      refusal: 'spec.adopt cannot be changed, added or removed; create another OAuthClient',
    },
    {
      what: 'a client id, into another',
      example: 'oauth-client-static',
      to: { clientID: 'other' },
      refusal: 'spec.clientID cannot be changed or removed; create another OAuthClient',
    },
    {
      what: 'a client id, into none',
      example: 'oauth-client-static',
      to: { clientID: undefined },
      refusal: 'spec.clientID cannot be changed or removed; create another OAuthClient',
    },
  ])('$what', async ({ example, to, refusal }) => {
    const { status, message } = await change(example, to);
    expect(status).toBe(422);
    expect(message).toContain(refusal);
  });
});

describe('what can be changed', () => {
  test.each([
    {
      what: 'the driver of an issuer, from one that registers nothing',
      example: 'oauth-issuer-static',
      to: { driver: { standard: {} } },
    },
    { what: 'the suspension of a tenant', example: 'tenant-scope-minimal', to: { suspend: true } },
    {
      what: 'a client id that was not given before',
      example: 'oauth-client-minimal',
      to: { clientID: 'late' },
    },
    {
      what: 'the way a client logs in',
      example: 'oauth-client-minimal',
      to: { authentication: { secret: { secretRef: { name: 'client' } } } },
    },
    {
      what: 'the client of a binding',
      example: 'workload-identity-binding-minimal',
      to: { clientRef: { name: 'other' } },
    },
  ])('$what', async ({ example, to }) => {
    expect(await change(example, to)).toEqual({ status: 200, message: undefined });
  });
});
