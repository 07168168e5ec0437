import type { KubeClient } from '../../../src/kube/kube-client.ts';
import type { ResourceKind } from '../../../src/kube/resource-path.ts';
import type { Clock } from '../../../src/std/clock.ts';

/** One call of a process at the API server. */
export interface ApiCall {
  readonly process: number;
  readonly operation: string;
  /** The plural; of lists and watches with the selection, as reflectors of one kind differ by it. */
  readonly about: string;
  /** Milliseconds since the beginning. */
  readonly at: number;
}

/** The same client; each call is told as it leaves. */
export const recorded = (
  client: KubeClient,
  clock: Clock,
  tell: (call: Omit<ApiCall, 'process'>) => void,
): KubeClient =>
  new Proxy(client, {
    get(_, operation: string) {
      const method = Reflect.get(client, operation) as (...given: readonly unknown[]) => unknown;
      return (...given: readonly unknown[]) => {
        const [kind, options] = given as [Partial<ResourceKind>?, { readonly fieldSelector?: string }?];
        const about = [kind?.plural, options?.fieldSelector].filter(Boolean).join('?');
        tell({ operation, about, at: clock.elapsed() });
        return Reflect.apply(method, client, given);
      };
    },
  });
