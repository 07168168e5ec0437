import { describe, expect, it } from 'vitest';
import { type ANode, aNode, type PodWish } from '../../test/gen/a-node.ts';
import { hours, minutes, seconds } from '../std/duration.ts';

const pod: PodWish = { name: 'web-1' };
const away = { kind: 'unavailable', detail: 'the issuer is away' } as const;
const grantor = 'grantor.dev/v1alpha1';

/** A node whose pod has a token of an issuer that can revoke one, but not all of a client. */
async function aServingNode(spec: object = {}): Promise<ANode> {
  const node = await aNode();
  node.server.put('oauthissuers', {
    apiVersion: grantor,
    kind: 'OAuthIssuer',
    metadata: { name: 'login', uid: 'uid-login' },
    spec: { issuer: 'https://login.example', driver: { standard: {} }, ...spec },
    status: { observedGeneration: 1, capabilities: ['Revoke'] },
  } as never);
  node.putBinding();
  expect(await node.publish(pod, seconds(1))).toBe('ok');
  return node;
}
const revoked = ({ issuer }: ANode): string[] => [...issuer.revoked];
const asked = ({ issuer }: ANode): number =>
  issuer.calls.filter(({ operation }) => operation === 'revoke').length;

describe('a token that is withdrawn', () => {
  it('is revoked, as the pod that had it, after its files are gone; and that is audited', async () => {
    const node = await aServingNode();
    const token = node.read(pod);
    node.withdraw();
    await node.pass(seconds(1));
    expect([node.read(pod), revoked(node)]).toEqual([undefined, [token]]);
    expect(node.audited.filter(({ act }) => act === 'revoke')).toMatchObject([
      {
        outcome: 'success',
        object: 'WorkloadIdentityBinding acme-prod/billing-api',
        ...{ tenantID: 'acme', issuer: 'https://login.example', clientID: 'client-1' },
        ...{ pod: 'acme-prod/web-1', podUID: 'uid-web-1', node: 'node-1' },
      },
    ]);
  });

  it('with its binding is revoked as well: who it was given to is remembered beside the files', async () => {
    const node = await aServingNode();
    const token = node.read(pod);
    node.removeBinding();
    await node.pass(seconds(1));
    expect(revoked(node)).toEqual([token]);
  });

  it('while there was no plug-in is revoked once the kubelet has called', async () => {
    const node = await aServingNode();
    const token = node.read(pod);
    node.withdraw();
    await node.restart();
    await node.pass(seconds(5));
    expect([node.read(pod), asked(node)]).toEqual([undefined, 0]);
    await node.publish(pod);
    await node.pass(minutes(1));
    expect(revoked(node)).toEqual([token]);
  });

  it('goes from the volume whether or not the issuer answers, and is revoked when that is back', async () => {
    const node = await aServingNode();
    const token = node.read(pod);
    node.issuer.fail('revoke', away, Number.POSITIVE_INFINITY);
    node.withdraw();
    await node.pass(seconds(5));
    expect(node.read(pod)).toBeUndefined();
    expect(asked(node)).toBeGreaterThan(1);
    node.issuer.recover();
    await node.pass(minutes(1));
    expect(revoked(node)).toEqual([token]);
  });

  it('is left alone after its end, and no more is asked', async () => {
    const node = await aServingNode();
    node.issuer.fail('revoke', away, Number.POSITIVE_INFINITY);
    node.withdraw();
    await node.pass(minutes(10));
    const before = asked(node);
    expect(before).toBeLessThan(20);
    await node.pass(hours(1));
    expect([asked(node), revoked(node)]).toEqual([before, []]);
  });

  it('is left alone once its pod ends', async () => {
    const node = await aServingNode();
    node.issuer.fail('revoke', away, Number.POSITIVE_INFINITY);
    node.withdraw();
    await node.pass(seconds(1));
    await node.unpublish(pod);
    const before = asked(node);
    node.issuer.recover();
    await node.pass(minutes(5));
    expect([asked(node), revoked(node)]).toEqual([before, []]);
  });

  it('of an issuer that takes each ServiceAccount token once waits for the next one', async () => {
    const federation = { method: 'ClientAssertion', assertionReuse: 'SingleUse' };
    const node = await aNode();
    node.tokenLife = minutes(1);
    node.server.put('oauthissuers', {
      apiVersion: grantor,
      kind: 'OAuthIssuer',
      metadata: { name: 'login', uid: 'uid-login' },
      spec: { issuer: 'https://login.example', driver: { standard: {} }, federation },
      status: { observedGeneration: 1, capabilities: ['Revoke'] },
    } as never);
    node.putBinding();
    expect(await node.publish(pod, seconds(1))).toBe('ok');
    const token = node.read(pod);
    node.withdraw();
    await node.pass(seconds(10));
    expect([node.read(pod), asked(node)]).toEqual([undefined, 0]);
    await node.publish(pod);
    await node.pass(minutes(1));
    expect(revoked(node)).toEqual([token]);
  });

  it('is no concern of the node where it only ends, or where its pod does', async () => {
    const node = await aServingNode();
    node.issuer.fail('requestToken', away, Number.POSITIVE_INFINITY);
    await node.pass(minutes(11));
    expect([node.read(pod), asked(node)]).toEqual([undefined, 0]);
    node.issuer.recover();
    await node.publish(pod);
    await node.pass(minutes(2));
    expect(node.read(pod)).toBeDefined();
    await node.unpublish(pod);
    await node.pass(minutes(1));
    expect(asked(node)).toBe(0);
  });
});
