import { describe, expect, it } from 'vitest';
import { type ANode, aNode, type PodWish, targetOf, volumeOf } from '../../test/gen/a-node.ts';
import { grantedStatus } from '../../test/gen/volumes.ts';
import type { Clock } from '../std/clock.ts';
import { milliseconds, minutes, seconds } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import type { PodTokens } from './pod-tokens.ts';

const pod: PodWish = { name: 'web-1' };
const away = { kind: 'unavailable', detail: 'the issuer is away' } as const;
const never = minutes(2);

/** Nothing of a volume is left: no files, no mount, no state. */
const isClean = (node: ANode): boolean =>
  node.volumes.size === 0 && node.store.seenAt(targetOf(pod)) === undefined;

describe('the first call for a volume', () => {
  it('gives the pod a token that was obtained with its own ServiceAccount token, and keeps none in the state', async () => {
    const node = await aNode();
    node.putBinding();
    expect(await node.publish(pod, seconds(1))).toBe('ok');
    expect(node.requests).toBe(1);
    const token = node.issuer.issued[0]?.token.reveal() ?? '';
    expect(node.read(pod)).toBe(token);
    const { files = {}, state } = node.volumes.get(volumeOf(pod)) ?? {};
    expect(Object.keys(files).sort()).toEqual(['expires_at', 'metadata.json', 'token', 'token_type']);
    expect(JSON.stringify(state)).not.toContain(token);
    const who = { pod: 'acme-prod/web-1', podUID: 'uid-web-1', node: 'node-1' };
    expect(node.audited).toMatchObject([{ act: 'issue', outcome: 'success', ...who }]);
  });

  it('keeps what is meant before anything else is done, and shows nothing before it is all there', async () => {
    const node = await aNode();
    node.putBinding();
    await node.publish(pod, seconds(1));
    expect(node.store.calls).toEqual(
      ['open', 'save', 'write', 'mount', 'save'].map((call) =>
        call === 'open' ? call : `${call} ${volumeOf(pod)}`,
      ),
    );
  });

  it('takes no time that passes while it decides for the end of the ServiceAccount token', async () => {
    // On a real clock two looks may be a millisecond apart.
    let looks = 0;
    const moving = (clock: Clock): Clock => ({
      now: () => plus(clock.now(), milliseconds(looks++)),
      elapsed: () => clock.elapsed(),
      after: (delay, callback) => clock.after(delay, callback),
      breathe: () => clock.breathe(),
    });
    const node = await aNode({ ports: (ports) => ({ ...ports, clock: moving(ports.clock) }) });
    node.putBinding();
    expect(await node.publish(pod, seconds(1))).toBe('ok');
    expect(node.requests).toBe(1);
  });

  it('brings a key with the token where it has to be bound to one', async () => {
    const node = await aNode();
    node.putGrant({ proofOfPossession: 'DPoP' });
    expect(await node.publish(pod, seconds(1))).toBe('ok');
    const { files = {} } = node.volumes.get(volumeOf(pod)) ?? {};
    expect(Object.keys(files)).toContain('dpop.jwk');
    expect(files['token_type']).toBe('DPoP');
  });

  it('waits for a binding that comes a moment later (regression 25)', async () => {
    const node = await aNode();
    const call = node.publish(pod, never);
    await node.pass(seconds(3));
    node.putBinding({});
    await node.pass(seconds(3));
    node.putBinding();
    expect(await call).toBe('ok');
    expect(node.read(pod)).toBeDefined();
  });

  it('waits for an issuer that is back in a moment (regression 25)', async () => {
    const node = await aNode();
    node.putBinding();
    node.issuer.fail('requestToken', away, 3);
    expect(await node.publish(pod, never)).toBe('ok');
    expect(node.requests).toBe(4);
  });

  it('ends after ten seconds, and leaves nothing (regression 25)', async () => {
    const node = await aNode();
    node.putBinding();
    node.issuer.fail('requestToken', away, Infinity);
    const before = node.clock.now();
    expect(await node.publish(pod, never)).toBe('Unavailable: the issuer is away');
    expect(node.clock.now() - before).toBeLessThanOrEqual(seconds(11));
    expect(isClean(node)).toBe(true);
  });

  it('sends no more requests for being repeated by the kubelet than a failure allows', async () => {
    const node = await aNode();
    node.putBinding();
    node.issuer.fail('requestToken', away, Infinity);
    for (let minute = 0; minute < 10; minute += 1) {
      await node.publish(pod, minutes(1));
      await node.pass(seconds(30));
    }
    // 1 s, 2 s, 4 s … 1 min between them.
    expect(node.requests).toBeLessThanOrEqual(16);
    node.issuer.recover();
    await node.pass(minutes(1));
    expect(await node.publish(pod, minutes(1))).toBe('ok');
  });

  it('tells of a refusal at once, and asks no more for a while', async () => {
    const node = await aNode();
    node.putBinding();
    node.issuer.fail(
      'requestToken',
      { kind: 'rejected', detail: 'the issuer answered invalid_scope' },
      Infinity,
    );
    expect(await node.publish(pod, seconds(1))).toBe('FailedPrecondition: the issuer answered invalid_scope');
    expect(node.requests).toBe(1);
    expect(isClean(node)).toBe(true);
    // Repeated, it says the same, and asks nobody before its time.
    expect(await node.publish(pod)).toBe('FailedPrecondition: the issuer answered invalid_scope');
    expect(node.requests).toBe(1);
  });

  it.each<[string, PodWish, string]>([
    [
      'of another ServiceAccount',
      { name: 'web-1', serviceAccount: 'default' },
      'FailedPrecondition: WorkloadIdentityBinding billing-api is for ServiceAccount billing, and the pod runs as default',
    ],
    [
      'of a ServiceAccount that was created anew',
      { name: 'web-1', serviceAccountUID: 'uid-new' },
      'FailedPrecondition: ServiceAccount billing was created anew: the pod is of another one than WorkloadIdentityBinding billing-api is granted to',
    ],
    [
      'of another namespace',
      { name: 'web-1', namespace: 'globex' },
      'Unavailable: there is no WorkloadIdentityBinding billing-api in namespace globex',
    ],
  ])('refuses a pod %s (regression 26)', async (_, wish, words) => {
    const node = await aNode();
    node.putBinding();
    expect(await node.publish(wish, never)).toBe(words);
    expect([node.requests, isClean(node)]).toEqual([0, true]);
  });

  it('refuses what is withdrawn, and what the TenantScope keeps out of volumes', async () => {
    const node = await aNode();
    node.withdraw();
    expect(await node.publish(pod, seconds(1))).toBe(
      'FailedPrecondition: WorkloadIdentityBinding billing-api is not allowed any more: ScopeNotAllowed',
    );
    node.putGrant({ deliveries: ['Secret'] });
    expect(await node.publish(pod, seconds(1))).toContain(
      'FailedPrecondition: the TenantScope does not allow',
    );
    expect([node.requests, isClean(node)]).toEqual([0, true]);
  });

  it('refuses a binding whose audience the kubelet was not told of', async () => {
    const node = await aNode();
    node.putBinding();
    const request = { ...node.request(pod), tokens: new Map() };
    expect(await node.publish(pod, seconds(1), request)).toContain(
      'FailedPrecondition: no ServiceAccount token for the audience https://login.example came with the call',
    );
  });

  it('never shows the ServiceAccount token of one pod for another', async () => {
    const node = await aNode();
    node.putBinding();
    const request = node.request(pod, node.token({ name: 'other' }));
    expect(await node.publish(pod, seconds(1), request)).toBe(
      'FailedPrecondition: the ServiceAccount token that came with the call is of another pod',
    );
    expect(node.requests).toBe(0);
  });

  it('delivers nothing that was withdrawn while the token was on its way', async () => {
    const node: ANode = await aNode();
    const requestToken = node.issuer.requestToken.bind(node.issuer);
    node.issuer.requestToken = async (grant, call) => {
      const answer = await requestToken(grant, call);
      node.withdraw();
      await node.clock.settle();
      return answer;
    };
    node.putBinding();
    expect(await node.publish(pod, seconds(5))).toContain('FailedPrecondition');
    expect(isClean(node)).toBe(true);
    // It was good for what is not granted any more.
    expect(node.issuer.revoked.size).toBe(1);
  });

  it('shows its proof again to an issuer that may not have seen it, though that takes each only once', async () => {
    const node = await aNode();
    node.tokenLife = minutes(10);
    node.putIssuer({ federation: { method: 'ClientAssertion', assertionReuse: 'SingleUse' } });
    node.putBinding(grantedStatus(), {}, { renewAtPercent: 75 });
    node.issuer.fail('requestToken', away, 2);
    expect(await node.publish(pod, never)).toBe('ok');
    expect(node.requests).toBe(3);
  });

  it('lets no second one beside it', async () => {
    const node = await aNode();
    const first = node.manager.publish(node.request(pod), new AbortController().signal);
    await node.clock.settle();
    expect(await node.publish(pod)).toBe('Aborted: another call for this volume is under way');
    expect(await node.unpublish(pod)).toBe('Aborted: another call for this volume is under way');
    node.putBinding();
    await node.pass(seconds(1));
    expect(await first).toEqual({ ok: true, value: undefined });
  });

  it('ends when the kubelet waits no longer', async () => {
    const node = await aNode();
    const gone = new AbortController();
    const call = node.manager.publish(node.request(pod), gone.signal);
    await node.clock.settle();
    gone.abort();
    expect((await call).ok).toBe(false);
    expect(isClean(node)).toBe(true);
  });

  it.each(['save', 'write', 'mount'] as const)(
    'fails with what the owner of the pod may know when the store cannot %s',
    async (step) => {
      const node = await aNode();
      node.putBinding();
      node.store.failing.set(step, 'ENOSPC /var/lib/kubelet/secret/path');
      const outcome = await node.publish(pod, never);
      expect(outcome).toMatch(/^(Internal|Unavailable): the files could not be written$/);
      expect(isClean(node)).toBe(true);
      expect(node.log.lines.some(({ error }) => error === 'ENOSPC /var/lib/kubelet/secret/path')).toBe(true);
    },
  );

  it('that failed leaves nothing for long either where that could not be removed at once', async () => {
    const node = await aNode();
    node.putBinding();
    node.store.failing.set('mount', 'EPERM').set('remove', 'EBUSY');
    expect(await node.publish(pod, never)).toBe('Unavailable: the files could not be written');
    expect(node.volumes.get(volumeOf(pod))?.files).not.toEqual({});
    node.store.failing.delete('remove');
    await node.pass(seconds(10));
    expect(isClean(node)).toBe(true);
    node.store.failing.clear();
    expect(await node.publish(pod, seconds(1))).toBe('ok');
  });

  it('fails, and leaves nothing, when something goes wrong that nobody thought of', async () => {
    const node = await aNode();
    node.putBinding();
    node.issuer.requestToken = () => Promise.reject(new Error('a bug'));
    expect(await node.publish(pod, seconds(1))).toBe(
      'Internal: something unexpected went wrong with a volume',
    );
    expect(isClean(node)).toBe(true);
  });

  it('of two volumes of a pod at an issuer that takes each proof once waits for the kubelet to bring another', async () => {
    const node = await aNode();
    node.tokenLife = minutes(10);
    node.putIssuer({ federation: { method: 'ClientAssertion', assertionReuse: 'SingleUse' } });
    node.putBinding(grantedStatus(), {}, { renewAtPercent: 75 });
    const request = node.request(pod);
    const other = { ...request, volumeID: 'csi-other', targetPath: `${targetOf(pod)}2` };
    expect(await node.publish(pod, seconds(1), request)).toBe('ok');
    expect(await node.publish(pod, never, other)).toContain(
      'Unavailable: the issuer takes each ServiceAccount token once',
    );
    const tokens = node.request(pod).tokens;
    expect(await node.publish(pod, seconds(1), { ...other, tokens })).toBe('ok');
    expect(node.requests).toBe(2);
  });

  it('reads nothing of namespaces that have no volume here, and stops reading when the last is gone', async () => {
    const node = await aNode();
    node.putBinding();
    expect(node.log.lines.filter(({ informer }) => informer === 'workloadidentitybindings')).toEqual([]);
    await node.publish(pod, seconds(1));
    expect(node.log.lines.filter(({ informer }) => informer === 'workloadidentitybindings')).toHaveLength(1);
  });
});

describe('a repeated call', () => {
  /** A node on which a pod has its token. */
  async function aServingNode(): Promise<ANode> {
    const node = await aNode();
    node.putBinding();
    expect(await node.publish(pod, seconds(1))).toBe('ok');
    return node;
  }

  it('does nothing while nothing is due', async () => {
    const node = await aServingNode();
    const { length } = node.store.calls;
    for (let minute = 0; minute < 3; minute += 1) {
      expect(await node.publish(pod)).toBe('ok');
      await node.pass(seconds(10));
    }
    expect([node.requests, node.store.calls.length]).toEqual([1, length]);
  });

  it('answers well while renewals fail, and keeps the files (regression 24)', async () => {
    const node = await aServingNode();
    const before = node.read(pod);
    node.issuer.fail('requestToken', away, Infinity);
    for (let minute = 0; minute < 9; minute += 1) {
      await node.pass(minutes(1));
      expect(await node.publish(pod)).toBe('ok');
      expect(node.read(pod)).toBe(before);
    }
    expect(node.events).toEqual([
      'Warning IssuerUnavailable: the token of WorkloadIdentityBinding billing-api could not be renewed, and is good until 2026-06-01T12:10:00Z: the issuer is away',
    ]);
    await node.pass(minutes(2));
    expect(await node.publish(pod)).toBe('ok');
    expect(node.read(pod)).toBeUndefined();
  });

  it('answers well when everything is withdrawn (regression 24)', async () => {
    const node = await aServingNode();
    node.removeBinding();
    await node.pass(seconds(1));
    expect(await node.publish(pod)).toBe('ok');
    expect(node.store.seenAt(targetOf(pod))?.files).toEqual({});
  });

  it('brings the ServiceAccount token that the next renewal is made with', async () => {
    const node = await aServingNode();
    const shown: unknown[] = [];
    const later = node.token(pod);
    await node.publish(pod, seconds(0), node.request(pod, later));
    const requestToken = node.issuer.requestToken.bind(node.issuer);
    node.issuer.requestToken = (grant, call) => {
      if (grant.authentication.method === 'Federated') shown.push(grant.authentication.assertion);
      return requestToken(grant, call);
    };
    await node.pass(minutes(9));
    expect(shown[0]).toBe(later.token);
  });

  it('for something else under the same id is refused', async () => {
    const node = await aServingNode();
    const request = { ...node.request(pod), binding: 'other' };
    expect(await node.publish(pod, seconds(0), request)).toBe(
      'AlreadyExists: there is a volume of this id for something else',
    );
  });

  it('may come from a plug-in that reads the attributes otherwise', async () => {
    const node = await aServingNode();
    const access = { mode: 0o440, group: 2000 };
    expect(await node.publish(pod, seconds(0), { ...node.request(pod), access })).toBe('ok');
    await node.pass(minutes(9));
    expect(node.volumes.get(volumeOf(pod))?.access).toEqual(access);
  });
});

describe('the last call', () => {
  it('of a pod has its ServiceAccount token forgotten', async () => {
    let tokens: PodTokens | undefined;
    const node = await aNode({
      ports(ports) {
        ({ tokens } = ports);
        return ports;
      },
    });
    node.putBinding();
    const other = { ...node.request(pod), volumeID: 'csi-other', targetPath: `${targetOf(pod)}2` };
    await node.publish(pod, seconds(1));
    await node.publish(pod, seconds(1), other);
    await node.manager.unpublish('csi-other', other.targetPath);
    expect(tokens?.proof('uid-web-1', 'https://login.example').kind).toBe('given');
    await node.unpublish(pod);
    expect(tokens?.proof('uid-web-1', 'https://login.example').kind).toBe('awaited');
  });

  it('takes everything away, also what is under way', async () => {
    const node = await aNode();
    node.putBinding();
    await node.publish(pod, seconds(1));
    expect(await node.unpublish(pod)).toBe('ok');
    expect(isClean(node)).toBe(true);
    await node.pass(minutes(30));
    expect(node.requests).toBe(1);
  });

  it('is well for what is not there', async () => {
    const node = await aNode();
    expect(await node.unpublish(pod)).toBe('ok');
  });

  it('may be repeated after it failed', async () => {
    const node = await aNode();
    node.putBinding();
    await node.publish(pod, seconds(1));
    node.store.failing.set('remove', 'EBUSY');
    expect(await node.unpublish(pod)).toBe('Internal: the volume could not be removed');
    expect(await node.unpublish(pod)).toBe('Internal: the volume could not be removed');
    node.store.failing.clear();
    expect(await node.unpublish(pod)).toBe('ok');
    expect(isClean(node)).toBe(true);
  });

  it('that failed is made good without another one', async () => {
    const node = await aNode();
    node.putBinding();
    await node.publish(pod, seconds(1));
    node.store.failing.set('remove', 'EBUSY');
    await node.unpublish(pod);
    await node.pass(minutes(9));
    expect(node.requests).toBe(1);
    node.store.failing.clear();
    await node.pass(seconds(10));
    expect(isClean(node)).toBe(true);
  });

  it('while a token is asked for has it not delivered', async () => {
    const node = await aNode();
    node.putBinding();
    await node.publish({ name: 'other' }, seconds(1));
    await node.publish(pod, seconds(1));
    const requestToken = node.issuer.requestToken.bind(node.issuer);
    node.issuer.requestToken = async (grant, call) => {
      const answer = await requestToken(grant, call);
      await node.manager.unpublish(volumeOf(pod), targetOf(pod));
      return answer;
    };
    const before = node.requests;
    while (node.volumes.has(volumeOf(pod))) await node.pass(seconds(1));
    expect(node.requests).toBeGreaterThan(before);
    expect(node.store.calls.filter((call) => call === `write ${volumeOf(pod)}`)).toHaveLength(1);
    expect(
      node.audited.some(({ act, detail }) => act === 'refuse' && detail?.includes('the pod is gone')),
    ).toBe(true);
  });
});

describe('a token of its own for each pod', () => {
  it('is what three pods of one binding have', async () => {
    const node = await aNode();
    node.putBinding();
    const pods = ['web-1', 'web-2', 'web-3'].map((name) => ({ name }));
    for (const one of pods) expect(await node.publish(one, seconds(1))).toBe('ok');
    expect(new Set(pods.map((one) => node.read(one))).size).toBe(3);
    expect(new Set(node.issuer.issued.map(({ claims }) => claims['jti'])).size).toBe(3);
  });
});
