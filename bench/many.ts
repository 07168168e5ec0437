import { growPopulation, type Population } from '../test/stage/population.ts';
import type { Scene } from './scene.ts';

/** The bindings of the benches that start with a full cluster. */
export const tenThousand = 10_000;

export const many: Population = {
  name: 'many',
  issuer: 'stub',
  withClientIDs: true,
  tenants: 20,
  clients: 5,
  lifetime: '24h',
};

/** Puts that many healthy bindings there, none of which is due for an hour. */
export async function fill(scene: Scene, bindings: number): Promise<void> {
  await growPopulation(scene, many, bindings, scene.report);
}
