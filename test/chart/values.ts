import type { ControlPlane } from '../cluster/control-plane.ts';
import { grantorImage } from '../cluster/node/grantor-image.ts';

export type Values = Readonly<Record<string, unknown>>;

/** What a person sets whose nodes are like ours: no registry, and no network of pods. */
export function valuesForOurNodes({ server }: Pick<ControlPlane, 'server'>): Values {
  const [repository, tag] = grantorImage.split(':');
  const { hostname, port } = new URL(server);
  return {
    image: { repository, tag },
    hostNetwork: true,
    kubernetesAPI: { host: hostname, port: Number(port) },
  };
}
