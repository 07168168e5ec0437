import { expect, it } from 'vitest';
import { aNode, volumeOf } from '../../test/gen/a-node.ts';
import { milliseconds, seconds } from '../std/duration.ts';

it('a pod has sixteen volumes at most, so that none takes the memory of all', async () => {
  const node = await aNode();
  node.putBinding();
  const publish = (pod: string, n: number) => {
    const request = node.request({ name: pod });
    const volumeID = `${request.volumeID}-${n}`;
    const targetPath = request.targetPath.replace('/token/', `/token-${n}/`);
    return node.publish({ name: pod }, seconds(1), { ...request, volumeID, targetPath });
  };
  for (let n = 1; n <= 16; n++) expect(await publish('web-1', n)).toBe('ok');
  expect(await publish('web-1', 17)).toBe('FailedPrecondition: a pod has 16 volumes of this driver at most');
  expect(node.volumes.has(`${volumeOf({ name: 'web-1' })}-17`)).toBe(false);
  expect(node.requests).toBe(16);
  // Those that it has are kept, and others have theirs.
  expect(await publish('web-1', 16)).toBe('ok');
  expect(await publish('web-2', 1)).toBe('ok');
  await node.manager.unpublish(
    'csi-web-1-3',
    node.volumes.get('csi-web-1-3')?.targets.values().next().value ?? '',
  );
  await node.pass(milliseconds(0));
  expect(await publish('web-1', 17)).toBe('ok');
});
