import type { IssuerRegistry } from '../issuance/issuer-registry.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { IssuerDriver } from '../ports/issuer-driver.ts';
import type { Clock } from '../std/clock.ts';
import type { Tracer } from '../std/tracer.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { GrantorMetrics } from '../telemetry/grantor-metrics.ts';
import type { PodCounts } from './binding/pod-counts.ts';
import type { Revocations } from './binding/revocations.ts';
import type { ServiceAccountTokens } from './binding/service-account-tokens.ts';
import type { Consumers } from './client/consumers.ts';
import type { FirstSeen } from './client/first-seen.ts';
import type { Looks } from './client/looks.ts';
import type { RotationTurns } from './client/rotation-turns.ts';
import type { Events } from './events/event-recorder.ts';
import type { SecretDelivery } from './secret-delivery.ts';
import type { Census } from './tenant/census.ts';
import type { World } from './world.ts';

/** What every controller works with; put together once, in src/cmd. */
export interface Environment {
  readonly kube: KubeClient;
  readonly world: World;
  readonly secretDelivery: Pick<SecretDelivery, 'reach' | 'follow'>;
  readonly census: Census;
  readonly issuers: IssuerRegistry<IssuerDriver>;
  readonly serviceAccountTokens: ServiceAccountTokens;
  readonly revocations: Revocations;
  readonly looks: Looks;
  readonly consumers: Consumers;
  readonly firstSeen: FirstSeen;
  readonly rotationTurns: RotationTurns;
  readonly podCounts: PodCounts;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly events: Events;
  readonly metrics: Pick<GrantorMetrics, 'count' | 'observe'>;
  readonly tracer?: Tracer;
  /** The namespace that Grantor runs in and keeps its records in. */
  readonly ownNamespace: string;
  /** Marks our clients at issuers that several clusters share. */
  readonly clusterID: string;
  /** `iss` of this cluster's ServiceAccount tokens. */
  readonly serviceAccountIssuer: string;
}
