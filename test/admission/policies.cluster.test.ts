import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { configMapKind, serviceAccountKind } from '../../src/kube/core-kinds.ts';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds, minutes } from '../../src/std/duration.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';
import { audienceList, installAudience } from '../stage/audiences.ts';
import { applyManifests, readManifests } from '../stage/manifests.ts';
import { root } from '../stage/stage.ts';
import { acts, alsoInstalled, audienceOfTheServer, installed, present } from './acts.ts';
import { meetPeople, type People, tenantNamespace } from './people.ts';

describe.runIf(onOwnControlPlane())('admission', () => {
  const stage = useStage();
  let people: People;

  beforeAll(async () => {
    // So that nobody else writes what is tried here.
    await stage.controller.program.end();
    people = await meetPeople(stage);
    await applyManifests(people.admin, present);
    await installAudience(people.admin, 'installed', installed);
    await installAudience(people.admin, 'also-installed', alsoInstalled);
    await installAudience(people.admin, 'api-server', audienceOfTheServer);
    await vi.waitFor(inForce, { timeout: 15_000, interval: 200 });
  });
  afterAll(async () => {
    await people.tenant.close();
    await people.garbageCollector.close();
    await people.node.close();
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
    expect(acts.map(({ policy }) => policy).sort()).toEqual(policies.sort());
    for (const { refuses, allows } of acts) {
      expect(refuses.length).toBeGreaterThan(0);
      expect(allows.length).toBeGreaterThan(0);
    }
  });

  test('the list of audiences is nothing that the controller can write', async () => {
    for (const data of [{ forged: 'https://forged.example' }, {}]) {
      const applied = await people.controller.apply(configMapKind, audienceList(data));
      expect(applied).toMatchObject({ ok: false, error: { kind: 'forbidden' } });
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

  test('without the list of audiences everybody else gets tokens as before', async () => {
    const at = audienceList({}).metadata;
    const found = await people.admin.get(configMapKind, at);
    if (!found.ok) throw new Error(found.error.message);
    const { uid } = found.value.metadata;
    expect(await people.admin.delete(configMapKind, at, { uid })).toMatchObject({ ok: true });
    const account = await people.admin.get(serviceAccountKind, { namespace: tenantNamespace, name: 'there' });
    if (!account.ok) throw new Error(account.error.message);
    for (let round = 0; round < 10; round++) {
      const asked = { uid: account.value.metadata.uid, audiences: [], expiration: minutes(10) };
      const name = { namespace: tenantNamespace, name: 'there' };
      expect(await people.tenant.requestToken(name, asked)).toMatchObject({ ok: true });
      await sleep(systemClock, milliseconds(50));
    }
    await applyManifests(people.admin, [audienceList({ stage: stage.issuerURL })]);
  });
});
