import type { DriverFactory } from '../controllers/issuer/driver-input.ts';
import { federationMethodOf } from '../domain/federation-method.ts';
import { createHydraDriver } from '../issuers/hydra/hydra-driver.ts';
import type { WorkloadCluster } from '../issuers/hydra/trust.ts';
import { createKeycloakDriver } from '../issuers/keycloak/keycloak-driver.ts';
import { createStandardDriver } from '../issuers/standard-driver.ts';
import { createStaticDriver } from '../issuers/static-driver.ts';
import { driverOptions, type ProcessParts } from './driver-options.ts';

/** Makes the driver that an OAuthIssuer names, for the workloads of `cluster`. */
export const driverFactory =
  (parts: ProcessParts, cluster: WorkloadCluster): DriverFactory =>
  ({ issuer, caBundle, initialAccessToken, login, ownToken }) => {
    const { spec } = issuer;
    const options = driverOptions(parts, issuer, spec.limits.controller, caBundle);
    if (spec.driver.hydra !== undefined) {
      const isTrusting = spec.federation.method === 'JWTBearer';
      return createHydraDriver({
        ...options,
        ...spec.driver.hydra,
        ...(isTrusting ? { cluster } : {}),
        ...(ownToken === undefined ? {} : { ownToken }),
      });
    }
    if (spec.driver.static !== undefined) return createStaticDriver(options);
    if (spec.driver.keycloak !== undefined && login !== undefined)
      return createKeycloakDriver({ ...options, ...spec.driver.keycloak, login });
    return createStandardDriver({
      ...options,
      federation: federationMethodOf(issuer),
      ...(initialAccessToken === undefined ? {} : { initialAccessToken }),
    });
  };
