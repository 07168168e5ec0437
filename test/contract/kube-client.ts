import { afterAll, beforeAll, describe } from 'vitest';
import type { KubeUnderTest } from './kube-client-data.ts';
import { describeLifecycle } from './kube-lifecycle.ts';
import { describeLists } from './kube-lists.ts';
import { describeTokenRequests } from './kube-token-requests.ts';
import { describeWatches } from './kube-watches.ts';
import { describeWrites } from './kube-writes.ts';

/**
 * What every implementation of `KubeClient` does with the server behind it, the fake included: all that the operator relies on. If one
 * could tell them apart, a simulation with the fake would prove nothing.
 */
export function describeKubeClient(name: string, create: () => Promise<KubeUnderTest>): void {
  describe(`${name} as a KubeClient`, () => {
    let made: KubeUnderTest;
    beforeAll(async () => {
      made = await create();
    });
    afterAll(() => made.close());

    const under = (): KubeUnderTest => made;
    describeWrites(under);
    describeLifecycle(under);
    describeTokenRequests(under);
    describeLists(under);
    describeWatches(under);
  });
}
