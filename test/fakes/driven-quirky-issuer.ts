import { afterAll, afterEach } from 'vitest';
import { createStandardDriver, type StandardDriverOptions } from '../../src/issuers/standard-driver.ts';
import type { CallContext, IssuerDriver, TokenGrant } from '../../src/ports/issuer-driver.ts';
import { systemClock } from '../../src/std/clock.ts';
import { type Duration, milliseconds, seconds } from '../../src/std/duration.ts';
import { systemRng } from '../../src/std/rng.ts';
import { Secret } from '../../src/std/secret.ts';
import { type QuirkyIssuer, startQuirkyIssuer } from './quirky-issuer.ts';

/** Short, so that a table of hanging servers is done in seconds. Where none hangs, the machine may take its time. */
export const shortTimeout = milliseconds(400);
export const clientSecret = 'S3cr3t-that-nobody-may-ever-see';

/** A quirky issuer for one test file, mended after each test, and standard drivers for it, closed after each test. */
export async function aDrivenQuirkyIssuer(timeout: Duration = seconds(2)): Promise<{
  readonly issuer: QuirkyIssuer;
  readonly aDriver: (options?: Partial<StandardDriverOptions>) => IssuerDriver;
}> {
  const issuer = await startQuirkyIssuer();
  const drivers: IssuerDriver[] = [];
  afterEach(async () => {
    issuer.mend();
    await Promise.all(drivers.splice(0).map((driver) => driver.close()));
  });
  afterAll(() => issuer.close());
  return {
    issuer,
    aDriver(options = {}) {
      const driver = createStandardDriver({
        issuer: issuer.identifier,
        caBundle: issuer.caBundle,
        limits: { requestsPerSecond: 1000, burst: 100, concurrency: 16, timeout },
        clock: systemClock,
        rng: systemRng,
        ...options,
      });
      drivers.push(driver);
      return driver;
    },
  };
}

export const aCall = (call: Partial<CallContext> = {}): CallContext => ({
  signal: new AbortController().signal,
  correlationID: 'test-1',
  tenantID: 'acme',
  ...call,
});

export const aGrant = (grant: Partial<TokenGrant> = {}): TokenGrant => ({
  clientID: 'client-1',
  authentication: { method: 'Secret', clientSecret: new Secret(clientSecret) },
  scopes: ['invoices.read'],
  audience: 'https://api.acme.example',
  ...grant,
});
