import { describe, expect, it } from 'vitest';
import { aCall, aDrivenQuirkyIssuer, aGrant } from '../../test/fakes/driven-quirky-issuer.ts';
import { systemClock } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import { systemRng } from '../std/rng.ts';
import { Secret } from '../std/secret.ts';
import { createTokenIssuer } from './token-issuer.ts';

const { issuer } = await aDrivenQuirkyIssuer();
const options = {
  issuer: issuer.identifier,
  caBundle: issuer.caBundle,
  limits: { requestsPerSecond: 1000, burst: 100, concurrency: 16, timeout: seconds(2) },
  clock: systemClock,
  rng: systemRng,
};

/** What the token endpoint was asked by who only needs tokens of such an issuer. */
async function asked(driver: Parameters<typeof createTokenIssuer>[0], grant = aGrant()) {
  const tokens = createTokenIssuer(driver, options);
  const before = issuer.requests.length;
  const answer = await tokens.requestToken(grant, aCall());
  await tokens.close();
  const request = issuer.requests.slice(before).find(({ body }) => body.includes('grant_type='));
  return { answer, form: new URLSearchParams(request?.body) };
}

describe('an issuer of which only tokens are needed', () => {
  it.each([
    ['standard', { standard: {} }, { resource: 'https://api.acme.example', scope: 'invoices.read' }],
    ['static', { static: {} }, { resource: 'https://api.acme.example', scope: 'invoices.read' }],
    [
      'hydra',
      { hydra: { adminURL: 'https://a.example', adminAuthentication: 'None', tokenHook: [] } },
      { audience: 'https://api.acme.example', scope: 'invoices.read' },
    ],
  ] as const)('with the driver %s is asked in its own words', async (_, driver, words) => {
    const { answer, form } = await asked(driver);
    expect(answer).toMatchObject({ ok: true });
    expect(Object.fromEntries(form)).toMatchObject(words);
  });

  it('with the driver keycloak is asked for the scope that brings the audience', async () => {
    const { form } = await asked({ keycloak: { identityProvider: 'kubernetes' } });
    expect(form.get('resource')).toBeNull();
    expect(form.get('scope')).toMatch(/^invoices\.read .+/);
  });

  it('takes a ServiceAccount token as the proof of the client', async () => {
    const assertion = new Secret('an.assertion.of-the-pod');
    const authentication = { method: 'Federated', by: 'ClientAssertion', assertion } as const;
    const { form } = await asked({ standard: {} }, aGrant({ authentication }));
    expect(form.get('client_assertion')).toBe('an.assertion.of-the-pod');
  });
});
