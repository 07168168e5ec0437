import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readAudit, selectRequests } from '../cluster/audit-log.ts';
import { json, metadataOf, type QuirkyIssuer, startQuirkyIssuer, tokenPath } from '../fakes/quirky-issuer.ts';
import { installAudience } from '../stage/audiences.ts';
import { applyManifests } from '../stage/manifests.ts';
import { controllerUser } from '../stage/stage.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

/** What the API server was asked to put into ServiceAccount tokens. */
const tokenRequest = z.object({ spec: z.object({ audiences: z.array(z.string()) }) });
const tenant = 'at-two-issuers';

describe.runIf(onOwnControlPlane())('rule 4: of two issuers', () => {
  const stage = useStage();
  const see = look(stage);
  let other: QuirkyIssuer;
  let auditOffset = 0;

  beforeAll(async () => {
    other = await startQuirkyIssuer();
    other.quirk(tokenPath, async (exchange) => {
      const [now, form] = [Math.floor(Date.now() / 1000), new URLSearchParams(exchange.body)];
      const [aud, scope] = [form.get('resource') ?? '', form.get('scope') ?? ''];
      const claims = { client_id: 'client-1', tenant_id: tenant, roles: ['reader'], aud, scope };
      const access_token = await other.sign({ ...claims, iat: now, exp: now + 300 });
      json(exchange, 200, { access_token, token_type: 'Bearer', expires_in: 300, scope });
    });
    await installAudience(stage.kube, 'other', other.identifier);
    auditOffset = readAudit(stage.controlPlane.auditLog).offset;
    const ca = { name: 'other', key: 'ca.crt' };
    await applyManifests(stage.kube, [
      anIssuer({ url: stage.issuerURL }),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: ca.name, namespace: 'grantor-system' },
        data: { [ca.key]: other.caBundle },
      },
      anIssuer({
        name: 'other',
        url: other.identifier,
        spec: { unenforcedCeiling: 'Accept', driver: { static: {} }, tls: { caBundleRef: ca } },
      }),
      ...aTenant(tenant, { issuers: ['main', 'other'] }),
      ...aWorkload(tenant),
      ...aWorkload(tenant, 'elsewhere', { client: { issuerRef: { name: 'other' }, clientID: 'client-1' } }),
    ]);
    await see.until('binding', `${tenant}/api`, 'True');
    await see.until('binding', `${tenant}/elsewhere`, 'True');
  });
  afterAll(() => other.close());

  test('each ServiceAccount token is for one alone, the one at which its client is', () => {
    const { events } = readAudit(stage.controlPlane.auditLog, auditOffset);
    const asked = selectRequests(events, { user: controllerUser, subresource: 'token' });
    const told = asked.map(
      ({ name, body }) => `${name} for ${tokenRequest.parse(body).spec.audiences.join(' and ')}`,
    );
    expect(told.toSorted()).toEqual([`api for ${stage.issuerURL}`, `elsewhere for ${other.identifier}`]);
  });

  test('none is ever shown an assertion that was made for the other', () => {
    const shown = (requests: readonly { readonly body: string }[]): unknown[] =>
      requests
        .map(({ body }) => new URLSearchParams(body).get('client_assertion'))
        .filter((assertion) => assertion !== null)
        .map((assertion) => decodeJwt(assertion).aud);
    const [here, there] = [shown(stage.proxy.requests), shown(other.requests)];
    expect(new Set(here.flat())).toEqual(new Set([stage.issuerURL]));
    expect(new Set(there.flat())).toEqual(new Set([other.identifier]));
  });

  test('each is asked at no address but those that its own discovery named', () => {
    const named = Object.values(metadataOf(other.identifier))
      .filter((member) => typeof member === 'string' && member.startsWith(`${other.identifier}/`))
      .map((url) => new URL(String(url)).pathname);
    const paths = other.requests.map(({ path }) => path).filter((path) => !path.startsWith('/.well-known/'));
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths)
      expect(named.some((known) => path === known || path.startsWith(`${known}/`))).toBe(true);
    expect(stage.proxy.requestsAbout(tenant).map(({ path }) => path)).toEqual(['/register', '/token']);
  });
});
