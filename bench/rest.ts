import type { Population } from '../test/stage/population.ts';
import { countCalls } from './audit.ts';
import { startController } from './controller-process.ts';
import { asCount, atMost, type Figure, inPercent, told } from './figure.ts';
import { cpuSeconds } from './process-figures.ts';
import type { Scene } from './scene.ts';

const clients = 1000;

/** Clients with a binding each, whose tokens are due tomorrow. */
export const atRest: Population = {
  ...{ name: 'rest', issuer: 'main', withClientIDs: false },
  ...{ tenants: 20, clients: clients / 20, lifetime: '24h' },
};

/** What changes something at an issuer. */
const changes = ['register', 'update', 'deregister', 'revoke', 'revokeAll'];

/** 1,000 clients that are as they should be, for ten minutes. */
export async function rest(scene: Scene): Promise<Figure[]> {
  const { minutes } = scene;
  const controller = await startController(scene);
  await controller.settled(clients);
  scene.report(`watching 1,000 clients at rest for ${minutes} minutes`);
  const [asked, before] = [countCalls(scene), await controller.issuerRequests()];
  const cpu = cpuSeconds(controller.program.pid);
  await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
  const used = (cpuSeconds(controller.program.pid) - cpu) / (minutes * 60);
  const [{ writes }, after] = [asked(), await controller.issuerRequests()];
  await controller.program.end();
  const made = (operations: readonly string[]): number =>
    operations.reduce((sum, name) => sum + (after.get(name) ?? 0) - (before.get(name) ?? 0), 0);
  return [
    atMost('writes at the issuer', made(changes), 0, asCount),
    atMost('token requests', made(['requestToken']), 0, asCount),
    atMost('writes at the API server, statuses among them', writes.length, 0, asCount),
    told('clients compared with what the issuer holds', made(['compare']), asCount),
    told('of a core', used, inPercent),
  ];
}
