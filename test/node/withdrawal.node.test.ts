import { describe, expect, test, vi } from 'vitest';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import { testNode } from '../cluster/node/test-node.ts';
import { look } from '../e2e/look.ts';
import { aTenant } from '../e2e/objects.ts';
import { aPod, aVolumeBinding } from './pods.ts';
import { useNodeStage } from './use-node-stage.ts';

describe.skipIf(testNode() === undefined)('what is withdrawn', () => {
  const on = useNodeStage();
  const see = look(on.stage);

  /** Waits until the files are gone, no longer than they may stay. */
  const gone = (pod: Parameters<typeof on.file>[0]) =>
    vi.waitFor(() => expect(on.file(pod)).toBeUndefined(), { timeout: 5000, interval: 50 });

  test('is gone from running pods within 5 s of the suspension of a tenant, and back when that ends', async () => {
    await on.tenant('suspended');
    await on.apply(aPod('suspended', 'reading'));
    const [pod] = await on.ready('suspended');
    const first = on.claims(pod!);
    await on.stage.apply(aTenant('suspended', { spec: { suspend: true } }));
    await gone(pod!);
    expect(on.file(pod!, 'metadata.json')).toBeUndefined();
    // The volume stays, and is empty.
    expect((await on.traces([pod!.metadata.uid])).some((line) => line.includes('kubernetes.io~csi'))).toBe(
      true,
    );
    expect(await on.event('suspended', 'reading', /is not in the volume any more/)).toMatch(/spec.suspend/);
    await on.stage.apply(aTenant('suspended'));
    await vi.waitFor(() => expect(on.claims(pod!)).toBeDefined(), { timeout: 30_000, interval: 250 });
    expect(on.claims(pod!)?.jti).not.toBe(first?.jti);
    const [after] = await on.ready('suspended');
    expect(after?.status.containerStatuses?.[0]?.restartCount).toBe(0);
  }, 90_000);

  test('is gone within 5 s of the deletion of a binding, and revoked', async () => {
    await on.tenant('unbound');
    await on.apply(aPod('unbound', 'reading'));
    const [pod] = await on.ready('unbound');
    const { jti } = on.claims(pod!)!;
    await see.remove(workloadIdentityBindingKind, 'unbound/api');
    await gone(pod!);
    // As the pod that had it.
    await on.stage.issuer.says(new RegExp(`"token.revoked".*"jti":"${jti}"`));
    // One of the same name is another one, and granted anew.
    await on.stage.apply([aVolumeBinding('unbound')]);
    await vi.waitFor(() => expect(on.claims(pod!)).toBeDefined(), { timeout: 30_000, interval: 250 });
  }, 90_000);
});
