import { minutes } from '../../src/std/duration.ts';
import { FakeApiServer } from '../fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { describeKubeClient } from './kube-client.ts';
import { namespaces } from './kube-client-data.ts';

describeKubeClient('the fake', async () => {
  const clock = new FakeClock();
  const server = new FakeApiServer(clock);
  const client = server.client();
  const namespace = 'contract';
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await clock.advance(minutes(1));
  return {
    client,
    other: server.client(clock, 'somebody-else'),
    namespace,
    pass: (time) => clock.advance(time),
    close: () => client.close(),
  };
});
