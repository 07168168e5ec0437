import { describe, expect, it } from 'vitest';
import { type ANode, aNode, type PodWish } from '../../test/gen/a-node.ts';
import { seconds } from '../std/duration.ts';

const pod: PodWish = { name: 'web-1' };
const denials = ({ audited }: ANode) => audited.filter(({ act }) => act === 'deny');

describe('a volume that its pod may not have', () => {
  it('leaves a line once, however often the kubelet calls', async () => {
    const node = await aNode();
    node.withdraw();
    for (let call = 0; call < 3; call++) expect(await node.publish(pod, seconds(1))).not.toBe('ok');
    expect(denials(node)).toMatchObject([
      {
        ...{
          outcome: 'success',
          reason: 'ScopeNotAllowed',
          object: 'WorkloadIdentityBinding acme-prod/billing-api',
        },
        tenantID: 'acme',
        ...{ pod: 'acme-prod/web-1', podUID: 'uid-web-1', node: 'node-1' },
      },
    ]);
  });

  it('leaves another when the reason changes, and when it was granted in between', async () => {
    const node = await aNode();
    node.withdraw();
    await node.publish(pod, seconds(1));
    node.putGrant({ deliveries: ['Secret'] });
    await node.publish(pod, seconds(1));
    node.putBinding();
    expect(await node.publish(pod, seconds(1))).toBe('ok');
    node.withdraw();
    await node.pass(seconds(1));
    expect(denials(node).map(({ reason }) => reason)).toEqual([
      'ScopeNotAllowed',
      'DeliveryNotAllowed',
      'ScopeNotAllowed',
    ]);
  });
});
