import type { IdGenerator } from '@opentelemetry/sdk-trace';
import type { Rng } from '../std/rng.ts';

/** Where ids of traces and spans come from. */
export interface TraceIDs extends IdGenerator {
  /** Has the next trace get this id; the SDK asks for it within `start`. Any other one where it is undefined. */
  during<T>(traceID: string | undefined, start: () => T): T;
}

export function traceIDs(rng: Rng): TraceIDs {
  let given: string | undefined;
  const hex = (): string => rng.uuid().replaceAll('-', '');
  return {
    during(traceID, start) {
      given = traceID;
      try {
        return start();
      } finally {
        given = undefined;
      }
    },
    generateTraceId: () => given ?? hex(),
    // The last eight octets of a UUID have two bits that are always the same, so never nothing but zeros.
    generateSpanId: () => hex().slice(16),
  };
}
