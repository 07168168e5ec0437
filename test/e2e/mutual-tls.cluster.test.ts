import { request } from 'node:https';
import { beforeAll, describe, expect, test } from 'vitest';
import { remember } from '../canary/remember.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, audience, aWorkload, scope } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const tenant = 'shows-certificates';
const key = `${tenant}/api`;

describe.runIf(onOwnControlPlane())('a client that logs in by a certificate', () => {
  // It has to be shown to the issuer itself.
  const stage = useStage({ proxied: false });
  const see = look(stage);
  const mayLogIn = { clients: { authentication: ['MutualTLS'] } };

  beforeAll(async () => {
    await stage.apply([
      anIssuer({ url: stage.issuerURL }),
      ...aTenant(tenant, { spec: mayLogIn }),
      ...aWorkload(tenant, 'api', {
        client: { authentication: { mutualTLS: { secretRef: { name: 'api-client' } } } },
      }),
    ]);
    await see.until('binding', key, 'True');
  });

  /** An application that mounts the Secret and asks for a token by itself, if it is there. */
  async function asks(asked: string, found?: Readonly<Record<string, string>>): Promise<string> {
    const files = found ?? (await see.content(`${tenant}/api-client`)) ?? {};
    remember(files['tls.key']);
    const body = new URLSearchParams({
      ...{
        grant_type: 'client_credentials',
        client_id: files['client_id'] ?? '',
        scope: asked,
        resource: audience,
      },
    });
    const tls = { ca: stage.caBundle, cert: files['tls.crt'], key: files['tls.key'] };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return new Promise((resolve, reject) => {
      request(`${stage.issuerURL}/token`, { method: 'POST', headers, ...tls }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => {
          const { access_token, error } = JSON.parse(text) as { access_token?: string; error?: string };
          remember(access_token);
          resolve(error ?? 'a token');
        });
      })
        .on('error', reject)
        .end(body.toString());
    });
  }

  test('gets its tokens, and its workload finds what it takes in the Secret that it named', async () => {
    expect((await see.content(`${key}-token`))?.['token_type']).toBe('Bearer');
    const found = (await see.content(`${tenant}/api-client`)) ?? {};
    expect(Object.keys(found).sort()).toEqual(['client_id', 'issuer', 'tls.crt', 'tls.key']);
    expect(await asks(scope)).toBe('a token');
  });

  test('rule 0: an application that goes past us gets nothing above the ceiling', async () => {
    expect(await asks('admin')).toBe('invalid_scope');
  });

  test('has nothing any more when its tenant is suspended, whoever still has the certificate', async () => {
    const before = await see.content(`${tenant}/api-client`);
    await stage.apply(aTenant(tenant, { spec: { ...mayLogIn, suspend: true } }));
    await see.until('client', key, 'False Suspended');
    await expect.poll(() => asks(scope, before)).not.toBe('a token');
    expect(await see.content(`${tenant}/api-client`)).toBeUndefined();
  });
});
