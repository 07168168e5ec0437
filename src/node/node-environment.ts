import type { IssuerRegistry } from '../issuance/issuer-registry.ts';
import type { IssuanceEnvironment } from '../issuance/token-order.ts';
import type { TokenIssuer } from '../ports/issuer-driver.ts';
import type { Log } from '../runtime/log.ts';
import type { Rng } from '../std/rng.ts';
import type { GrantorMetrics } from '../telemetry/grantor-metrics.ts';
import type { NodeWorld } from './node-world.ts';
import type { PodEvents } from './pod-events.ts';
import type { PodTokens } from './pod-tokens.ts';
import type { VolumeStore } from './volume-store.ts';

/** What the volumes of a node are kept with; put together once. */
export interface NodeEnvironment extends IssuanceEnvironment {
  readonly store: VolumeStore;
  readonly world: NodeWorld;
  readonly issuers: Pick<IssuerRegistry<TokenIssuer>, 'driver' | 'refresh' | 'forget'>;
  readonly tokens: PodTokens;
  readonly events: PodEvents;
  readonly metrics: Pick<GrantorMetrics, 'count' | 'observe' | 'set'>;
  readonly rng: Rng;
  readonly log: Log;
  /** Name of this node, for the audit log. */
  readonly node: string;
}
