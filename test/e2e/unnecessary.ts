import { expect, vi } from 'vitest';
import { readAudit, selectRequests, tallyRequests } from '../cluster/audit-log.ts';
import { type Controller, controllerUser } from '../stage/stage.ts';
import type { TestStage } from './use-stage.ts';

const reads = new Set(['get', 'list', 'watch']);

/** What the controller did since then beyond reading, keeping its Lease and reading the metadata of issuers. */
export function unnecessary(
  stage: TestStage,
  { auditOffset, asked }: { readonly auditOffset: number; readonly asked: number },
): { readonly writes: Record<string, number>; readonly calls: readonly string[] } {
  const { events } = readAudit(stage.controlPlane.auditLog, auditOffset);
  const ours = selectRequests(events, { user: controllerUser });
  // An empty log would prove anything.
  expect(ours.filter(({ resource, verb }) => resource === 'leases' && verb !== 'get').length).toBeGreaterThan(
    0,
  );
  const writes = ours.filter(({ verb, resource }) => !reads.has(verb) && resource !== 'leases');
  const calls = stage.proxy.requests.slice(asked).map(({ method, path }) => `${method} ${path}`);
  return {
    writes: tallyRequests(writes),
    calls: calls.filter((call) => !/^GET \/(\.well-known|jwks)/.test(call)),
  };
}

/** Waits until a controller has looked at this many bindings, and at everything that this led to. */
export async function settled({ probes }: Controller, bindings = 1): Promise<void> {
  const read = async () => {
    const page = await (await fetch(`${probes}/metrics`)).text();
    const sum = (pattern: RegExp): number =>
      [...page.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
    return {
      bindings: sum(/^controller_runtime_reconcile_total\{.*workloadidentitybinding.*\} (\d+)/gm),
      all: sum(/^controller_runtime_reconcile_total\{.*\} (\d+)/gm),
      depth: sum(/^workqueue_depth\{.*\} (\d+)/gm),
    };
  };
  let before = -1;
  await vi.waitFor(
    async () => {
      const { bindings: seen, all, depth } = await read();
      const quiet = all === before;
      before = all;
      expect(seen).toBeGreaterThanOrEqual(bindings);
      expect(depth).toBe(0);
      expect(quiet, 'it is still busy').toBe(true);
    },
    // Counts of a tenant come 2 s late.
    { timeout: 30_000, interval: 2500 },
  );
}
