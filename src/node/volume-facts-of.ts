import { audienceOf } from '../domain/plan-issuer.ts';
import type { VolumeFacts } from '../domain/volume-facts.ts';
import type { NodeEnvironment } from './node-environment.ts';
import { viewOf } from './node-world.ts';
import type { Volume } from './volume.ts';

/** Gathers everything that the decision about one volume rests on. */
export function volumeFactsOf(
  { world, tokens }: Pick<NodeEnvironment, 'world' | 'tokens'>,
  { id, state, attempt }: Volume,
): VolumeFacts {
  const { pod, binding: bindingName, delivered } = state;
  const view = viewOf(world, pod.namespace, bindingName);
  const { issuer } = view;
  const proof = issuer ? tokens.proof(pod.uid, audienceOf(issuer)) : ({ kind: 'awaited' } as const);
  return { ...view, volumeID: id, pod, bindingName, proof, delivered, attempt };
}
