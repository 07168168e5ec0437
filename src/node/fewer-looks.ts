import type { Clock } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import type { NodeEnvironment } from './node-environment.ts';

type Issuers = NodeEnvironment['issuers'];

/** How long it is enough that one volume has had a look. */
const lookInterval = seconds(10);

/**
 * After a failure it is looked whether the CA bundle of an issuer was replaced: by one volume for all. While an issuer is away, each of them
 * tries again and again on each node, and the API server is not to hear of that.
 */
export function withFewerLooks(issuers: Issuers, clock: Clock): Issuers {
  const lookedAt = new Map<string, number>();
  return {
    driver: (issuer) => issuers.driver(issuer),
    refresh(issuer) {
      const { name } = issuer.metadata;
      const now = clock.elapsed();
      const before = lookedAt.get(name);
      if (before !== undefined && now - before < lookInterval) return issuers.driver(issuer);
      lookedAt.set(name, now);
      return issuers.refresh(issuer);
    },
    forget(name) {
      lookedAt.delete(name);
      return issuers.forget(name);
    },
  };
}
