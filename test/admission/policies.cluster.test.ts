import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';
import { applyManifests, readManifests } from '../stage/manifests.ts';
import { root } from '../stage/stage.ts';
import { acts, present } from './acts.ts';
import { meetPeople, type People, tenantNamespace } from './people.ts';

describe.runIf(onOwnControlPlane())('admission', () => {
  const stage = useStage({ controller: false });
  let people: People;

  beforeAll(async () => {
    people = await meetPeople(stage);
    await applyManifests(people.admin, present);
    await vi.waitFor(inForce, { timeout: 15_000, interval: 200 });
  });
  afterAll(async () => {
    await people.tenant.close();
    await people.garbageCollector.close();
  });

  /** Policies take effect a moment after they were made, the last of the file with the others. */
  async function inForce(): Promise<void> {
    const { admin, controller } = people;
    const found = await admin.get(oauthClientKind, { namespace: tenantNamespace, name: 'there' });
    if (!found.ok) throw new Error(found.error.message);
    const labels = { at: String(Date.now()) };
    const patched = await controller.patchMetadata(oauthClientKind, found.value.metadata, { labels });
    expect(patched.ok).toBe(false);
  }

  test('each policy has acts that it refuses, and others that it allows', () => {
    const policies = readManifests(join(root, 'deploy/admission.yaml'))
      .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
      .map(({ metadata }) => metadata.name);
    expect(acts.map(({ policy }) => policy)).toEqual(policies);
    for (const { refuses, allows } of acts) {
      expect(refuses.length).toBeGreaterThan(0);
      expect(allows.length).toBeGreaterThan(0);
    }
  });

  describe.each(acts)('$policy', ({ policy, refuses, allows }) => {
    test.each(refuses)('refuses the $who $tries', async ({ who, act }) => {
      const result = await act(people[who], people.admin);
      expect(result).toMatchObject({
        ok: false,
        error: {
          kind: 'forbidden',
          message: expect.stringContaining(`ValidatingAdmissionPolicy '${policy}' with binding`),
        },
      });
    });

    test.each(allows)('allows the $who $tries', async ({ who, act }) => {
      expect(await act(people[who], people.admin)).toMatchObject({ ok: true });
    });
  });
});
