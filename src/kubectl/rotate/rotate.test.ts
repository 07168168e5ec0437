import { describe, expect, test } from 'vitest';
import { recordingTerminal } from '../../../test/fakes/recording-terminal.ts';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aSession } from '../../../test/gen/a-session.ts';
import { anyLogin, change } from '../../../test/gen/client-steps.ts';
import { anIssuer, aTenantScope, without, withSpec } from '../../../test/gen/objects.ts';
import { aRotatedClient, aRotatedCluster, every, overlap, rotated } from '../../../test/gen/rotations.ts';
import type { OAuthClient } from '../../api/oauth-client.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { rotate } from './rotate.ts';

const flags = { wait: true, timeout: minutes(1) };

/** The controller looks at the client, as a watch would have it do. */
async function reconcile(cluster: Cluster): Promise<void> {
  change(cluster, {});
  await cluster.client();
}

describe('rotate', () => {
  test('waits until the client has a new credential, and says until when the former one is valid', async () => {
    const cluster = await aRotatedCluster('privateKey', { overlap });
    const session = aSession(cluster, { terminal: recordingTerminal({ interactive: true }) });
    await cluster.clock.advance(seconds(60));
    const ended = rotate(session, flags, 'oac/billing');
    await cluster.clock.advance(seconds(2));
    expect(session.terminal.statuses.at(-1)).toContain('asked for … 2 s');
    await reconcile(cluster);
    await cluster.clock.advance(seconds(2));
    expect(await ended).toEqual({ ok: true, value: 'fine' });
    expect(session.terminal.printed).toMatch(
      /^oauthclient\/billing: new credential since 2026-06-01T12:01:0\dZ; the former one stays valid until 2026-06-\S+\n$/,
    );
    expect(session.terminal.statuses.at(-1)).toBe('\r\u001b[K');
    expect(cluster.clock.pending).toBe(1);
  });

  test('only asks where nobody waits', async () => {
    const cluster = await aRotatedCluster('privateKey', { overlap });
    const session = aSession(cluster);
    expect(await rotate(session, { ...flags, wait: false }, 'oac/billing')).toEqual({
      ok: true,
      value: 'fine',
    });
    expect(session.terminal.printed).toBe('oauthclient/billing: rotation asked for\n');
    const { annotations } = cluster.kube.find('oauthclients', {
      namespace: 'acme-prod',
      name: 'billing',
    })!.metadata;
    expect(annotations).toEqual({ 'grantor.dev/rotate': '2026-06-01T12:00:00Z' });
  });

  test('says how far it was when the time is over', async () => {
    const cluster = await aRotatedCluster('privateKey', { overlap });
    const ended = rotate(aSession(cluster), flags, 'oac/billing');
    await cluster.clock.advance(seconds(61));
    expect(await ended).toMatchObject({
      error: { exit: 'timeout', message: 'not done within 1m: asked for' },
    });
  });

  test('does not ask again while two credentials are valid', async () => {
    const cluster = await aRotatedCluster('privateKey', { overlap });
    const session = aSession(cluster);
    const first = rotate(session, flags, 'oac/billing');
    await cluster.clock.advance(seconds(1));
    await reconcile(cluster);
    await cluster.clock.advance(seconds(1));
    await first;
    expect(await rotate(session, flags, 'oac/billing')).toMatchObject({
      error: {
        message: expect.stringContaining(
          'a rotation of oauthclient/billing is under way already (Overlapping',
        ) as string,
      },
    });
  });

  test('says why an issuer cannot do it', async () => {
    const client = withSpec<OAuthClient>({ authentication: rotated('privateKey', null) });
    const cluster = await aReadyCluster(
      client(aRotatedClient('privateKey')),
      aTenantScope(withSpec({ clients: anyLogin })),
      anIssuer(without('Update')),
    );
    const ended = rotate(aSession(cluster), flags, 'oac/billing');
    await cluster.clock.advance(seconds(1));
    await reconcile(cluster);
    await cluster.clock.advance(seconds(4));
    expect(await ended).toMatchObject({
      error: { exit: 'found', message: 'OAuthIssuer login cannot change a registration' },
    });
  });

  test.each([
    ['oac/billing', 'found', 'oauthclient/billing has no credential to rotate: it logs in as Federated'],
    ['wib/billing-api', 'usage', 'a WorkloadIdentityBinding has no credential'],
    ['oac/absent', 'notFound', 'there is no oauthclient/absent in namespace acme-prod'],
  ])('of %s ends with one line', async (name, exit, message) => {
    expect(await rotate(aSession(await aReadyCluster()), flags, name)).toMatchObject({
      error: { exit, message },
    });
  });

  test('takes the right to change the client', async () => {
    const cluster = await aRotatedCluster('privateKey', { every, overlap });
    cluster.kube.fail('patchMetadata', 'forbidden');
    expect(await rotate(aSession(cluster), flags, 'oac/billing')).toMatchObject({
      error: {
        exit: 'forbidden',
        message: 'you may not patch oauthclients.grantor.dev in namespace acme-prod',
        remedy: 'have the ClusterRole edit (grantor-edit is part of it) bound to you in that namespace',
      },
    });
  });
});
