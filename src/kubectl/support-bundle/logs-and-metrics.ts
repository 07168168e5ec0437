import { itemsOf, textAt } from '../../domain/pod-like.ts';
import type { KubeFailureKind } from '../../kube/kube-failure.ts';
import { err, ok } from '../../std/result.ts';
import type { Pod } from '../deliveries.ts';
import { boundsOf, type Session } from '../session.ts';
import { chosenPods } from './chosen-pods.ts';
import type { Task } from './collect.ts';

/**
 * Of each log its end, and no more of each text than this. The API server cuts off what came last, so lines are few enough to fit: those of the
 * audit trail are near 1 KiB.
 */
const longestText = 8 * 1024 * 1024;
const tail = { tailLines: '5000', limitBytes: String(longestText - 1), timestamps: 'true' };

/** As much of the name of a pod as an archive has room for; its end is what tells it from others. */
const longestName = 90;

/** Where a pod of the chart answers `--probes`; the issuer has no such port. */
const probesPort = ({ spec }: Pod): number | undefined => {
  const ports = itemsOf(spec, 'containers').flatMap((container) => itemsOf(container, 'ports'));
  const probes = ports.find((port) => textAt(port, 'name') === 'probes');
  const port = probes && textAt(probes, 'containerPort');
  return typeof port === 'number' ? port : undefined;
};

/** Of the pods that say most: the logs of all containers, also of those that ended before them, and their metrics. */
export function logsAndMetrics(session: Session, pods: readonly Pod[]): Task[] {
  const { chosen, leftOut } = chosenPods(pods);
  return [
    ...chosen.flatMap((pod) => ofPod(session, pod)),
    ...(leftOut === undefined ? [] : [() => Promise.resolve(err(leftOut))]),
  ];
}

function ofPod(session: Session, pod: Pod): Task[] {
  const { namespace = '', name } = pod.metadata;
  const at = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const read =
    (file: string, path: string, query: Readonly<Record<string, string>>, nothing?: KubeFailureKind): Task =>
    async () => {
      const answer = await session.kube.readText(path, query, longestText, boundsOf(session));
      if (answer.ok) return ok({ path: file, text: answer.value });
      return answer.error.kind === nothing ? undefined : err(`${file}: ${answer.error.message}`);
    };
  const port = probesPort(pod);
  const place = name.slice(-longestName);
  return [
    ...itemsOf(pod.spec, 'containers')
      .map((container) => textAt(container, 'name'))
      .filter((container) => typeof container === 'string')
      .flatMap((container) => [
        read(`logs/${place}/${container}.log`, `${at}/log`, { container, ...tail }),
        read(
          `logs/${place}/${container}.previous.log`,
          `${at}/log`,
          { container, ...tail, previous: 'true' },
          // What it answers where none ended before.
          'invalid',
        ),
      ]),
    ...(port === undefined ? [] : [read(`metrics/${place}.prom`, `${at}:${port}/proxy/metrics`, {})]),
  ];
}
