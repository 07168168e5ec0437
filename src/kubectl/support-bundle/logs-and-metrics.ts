import { itemsOf, textAt } from '../../domain/pod-like.ts';
import type { Pod } from '../deliveries.ts';
import { boundsOf, type Session } from '../session.ts';
import type { Collected } from './collect.ts';

/**
 * Of each log its end, and no more of each text than this. The API server cuts off what came last, so lines are few enough to fit: those of the
 * audit trail are near 1 KiB.
 */
const longestText = 8 * 1024 * 1024;
const tail = { tailLines: '5000', limitBytes: String(longestText - 1), timestamps: 'true' };

/** Where a pod of the chart answers `--probes`; the issuer has no such port. */
const probesPort = ({ spec }: Pod): number | undefined => {
  const ports = itemsOf(spec, 'containers').flatMap((container) => itemsOf(container, 'ports'));
  const probes = ports.find((port) => textAt(port, 'name') === 'probes');
  const port = probes && textAt(probes, 'containerPort');
  return typeof port === 'number' ? port : undefined;
};

/** The logs of all containers of our pods, also of those that ended before them, and their metrics. */
export async function logsAndMetrics(session: Session, pods: readonly Pod[]): Promise<Collected> {
  const wanted = pods.flatMap((pod) => {
    const { namespace = '', name } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const port = probesPort(pod);
    const containers = itemsOf(pod.spec, 'containers')
      .map((container) => textAt(container, 'name'))
      .filter((container) => typeof container === 'string');
    return [
      ...containers.flatMap((container) => [
        { file: `logs/${name}/${container}.log`, path: `${path}/log`, query: { container, ...tail } },
        {
          file: `logs/${name}/${container}.previous.log`,
          path: `${path}/log`,
          query: { container, ...tail, previous: 'true' },
          mayBeMissing: true,
        },
      ]),
      ...(port === undefined
        ? []
        : [{ file: `metrics/${name}.prom`, path: `${path}:${port}/proxy/metrics`, query: {} }]),
    ];
  });
  const read = await Promise.all(
    wanted.map(async ({ file, path, query, ...one }) => ({
      file,
      answer: await session.kube.readText(path, query, longestText, boundsOf(session)),
      mayBeMissing: 'mayBeMissing' in one,
    })),
  );
  return {
    entries: read.flatMap(({ file, answer }) => (answer.ok ? [{ path: file, text: answer.value }] : [])),
    omitted: read.flatMap(({ file, answer, mayBeMissing }) =>
      answer.ok || (mayBeMissing && answer.error.kind === 'invalid')
        ? []
        : [`${file}: ${answer.error.message}`],
    ),
  };
}
