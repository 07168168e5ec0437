import { readFileSync } from 'node:fs';
import {
  createKeycloakDriver,
  type KeycloakDriverOptions,
} from '../../../src/issuers/keycloak/keycloak-driver.ts';
import type { OwnLogin } from '../../../src/issuers/own-login.ts';
import type { IssuerDriver } from '../../../src/ports/issuer-driver.ts';
import { systemClock } from '../../../src/std/clock.ts';
import { seconds } from '../../../src/std/duration.ts';
import { ok } from '../../../src/std/result.ts';
import { systemRng } from '../../../src/std/rng.ts';
import { Secret } from '../../../src/std/secret.ts';
import type { Realm } from '../realm.ts';
import type { Keycloak } from '../start-keycloak.ts';

export const loginBySecret = (clientID: string, secret: string): OwnLogin => ({
  clientID,
  authenticate: async () => ok({ method: 'Secret', clientSecret: new Secret(secret) }),
});

/** The driver before a realm, logged in by the secret of the realm's own client for Grantor. */
export const realmDriver = (
  keycloak: Keycloak,
  realm: Realm,
  options: Partial<KeycloakDriverOptions> = {},
): IssuerDriver =>
  createKeycloakDriver({
    issuer: realm.issuer,
    identityProvider: 'kubernetes',
    login: loginBySecret(realm.bySecret.clientID, realm.bySecret.clientSecret),
    caBundle: readFileSync(keycloak.caFile, 'utf8'),
    limits: { requestsPerSecond: 200, burst: 200, concurrency: 8, timeout: seconds(10) },
    clock: systemClock,
    rng: systemRng,
    ...options,
  });
