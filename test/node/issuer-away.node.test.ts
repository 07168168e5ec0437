import { describe, expect, test, vi } from 'vitest';
import { testNode } from '../cluster/node/test-node.ts';
import { answering } from '../stage/issuer-proxy.ts';
import { aPod } from './pods.ts';
import { useNodeStage } from './use-node-stage.ts';

describe.skipIf(testNode() === undefined)('while the issuer is away', () => {
  const on = useNodeStage();
  const away = () =>
    on.stage.proxy.fault({ path: /^\/token$/ }, answering(503, { error: 'temporarily_unavailable' }));

  test('a pod waits, is told why, and starts when it is back', async () => {
    await on.tenant('waits');
    const mend = away();
    await on.apply(aPod('waits', 'waiting'));
    const told = await on.event('waits', 'waiting', /^FailedMount/, 50_000);
    expect(told).toMatch(/token request/);
    expect(on.stage.proxy.issued).toEqual([]);
    mend();
    const [pod] = await on.ready('waits', 1, 90_000);
    expect(on.claims(pod!)).toBeDefined();
  }, 150_000);

  test('a token that is there stays until it ends, its pod is told, and the next one comes when it is back', async () => {
    await on.tenant('late', { client: { accessTokenLifetime: '30s' } });
    await on.apply(aPod('late', 'renewing'));
    const [pod] = await on.ready('late');
    const first = on.claims(pod!)!;
    const mend = away();
    const told = await on.event('late', 'renewing', /could not be renewed/, 40_000);
    expect(told).toMatch(/is good until/);
    expect(on.claims(pod!)?.jti).toBe(first.jti);
    expect(Date.now() / 1000).toBeLessThan(first.exp);
    // Nobody is left with a token that has ended: onExpiry is Remove.
    await vi.waitFor(() => expect(on.file(pod!)).toBeUndefined(), { timeout: 40_000, interval: 100 });
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(first.exp - 1);
    mend();
    await vi.waitFor(() => expect(on.claims(pod!)?.jti).not.toBe(first.jti), {
      timeout: 60_000,
      interval: 250,
    });
    await on.event('late', 'renewing', /^TokenIssued/);
    const [after] = await on.ready('late');
    expect(after?.status.containerStatuses?.[0]?.restartCount).toBe(0);
  }, 180_000);
});
