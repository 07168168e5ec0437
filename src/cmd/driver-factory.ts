import type { DriverFactory } from '../controllers/driver-input.ts';
import { federationMethodOf } from '../domain/federation-method.ts';
import { createHydraDriver } from '../issuers/hydra/hydra-driver.ts';
import type { WorkloadCluster } from '../issuers/hydra/trust.ts';
import type { DriverOptions } from '../issuers/issuer-session.ts';
import { createKeycloakDriver } from '../issuers/keycloak/keycloak-driver.ts';
import { createStandardDriver } from '../issuers/standard-driver.ts';
import { createStaticDriver } from '../issuers/static-driver.ts';
import type { GrantorMetrics } from '../telemetry/grantor-metrics.ts';
import { proxySettings } from './proxy-settings.ts';

type Common = Pick<DriverOptions, 'clock' | 'rng'> & {
  readonly metrics: Pick<GrantorMetrics, 'count' | 'observe'>;
  /** Whose workloads log in. */
  readonly cluster: WorkloadCluster;
};

/** Makes the driver that an OAuthIssuer names, with its limits, its CA and the proxy of the environment. */
export const driverFactory =
  ({ clock, rng, metrics, cluster }: Common): DriverFactory =>
  ({ issuer: oauthIssuer, caBundle, initialAccessToken, login, ownToken }) => {
    const { metadata, spec } = oauthIssuer;
    const issuer = metadata.name;
    const proxy = proxySettings(process.env);
    const options: DriverOptions = {
      issuer: spec.issuer,
      limits: { ...spec.limits.controller, timeout: spec.limits.timeout },
      clock,
      rng,
      ...(caBundle === undefined ? {} : { caBundle }),
      ...(proxy === undefined ? {} : { proxy }),
      onCall({ operation, outcome, duration }) {
        metrics.count('grantor_issuer_requests_total', { issuer, operation, outcome });
        metrics.observe('grantor_issuer_request_seconds', { issuer, operation }, duration / 1000);
      },
    };
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
      federation: federationMethodOf(oauthIssuer),
      ...(initialAccessToken === undefined ? {} : { initialAccessToken }),
    });
  };
