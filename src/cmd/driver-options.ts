import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { DriverOptions } from '../issuers/issuer-session.ts';
import type { GrantorMetrics } from '../telemetry/grantor-metrics.ts';
import { proxySettings } from './proxy-settings.ts';

/** What a process has for every issuer. */
export type ProcessParts = Pick<DriverOptions, 'clock' | 'rng' | 'tracer'> & {
  readonly metrics: Pick<GrantorMetrics, 'count' | 'observe' | 'set'>;
};

/** An issuer as every driver needs it: its name, its limits for this process, its CA, the proxy of the environment; each call is counted. */
export function driverOptions(
  { clock, rng, metrics, tracer }: ProcessParts,
  { metadata: { name: issuer }, spec }: OAuthIssuer,
  limits: Omit<DriverOptions['limits'], 'timeout'>,
  caBundle: string | undefined,
): DriverOptions {
  const proxy = proxySettings(process.env);
  const onBreaker = (isOpen: boolean): void =>
    metrics.set('grantor_issuer_breaker_open', { issuer }, isOpen ? 1 : 0);
  onBreaker(false);
  return {
    issuer: spec.issuer,
    limits: { ...limits, timeout: spec.limits.timeout },
    clock,
    rng,
    tracer,
    ...(caBundle === undefined ? {} : { caBundle }),
    ...(proxy === undefined ? {} : { proxy }),
    onBreaker,
    onCall({ operation, outcome, duration }) {
      metrics.count('grantor_issuer_requests_total', { issuer, operation, outcome });
      metrics.observe('grantor_issuer_request_seconds', { issuer, operation }, duration / 1000);
    },
  };
}
