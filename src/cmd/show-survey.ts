import { survey } from '../controllers/survey.ts';
import type { World } from '../controllers/world.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import type { GrantorMetrics } from '../telemetry/grantor-metrics.ts';

/** Scrapers come every 15 to 60 s. */
const interval = seconds(15);

type Shown = ReturnType<typeof survey>;

/** Shows how things are in the metrics, again and again until `stop` aborts. What there is none of any more becomes 0 once; an issuer that is gone is not shown, since 0 says that it is not ready. */
export async function showSurvey(
  world: World,
  { clock, metrics }: { readonly clock: Clock; readonly metrics: Pick<GrantorMetrics, 'set' | 'drop'> },
  stop: AbortSignal,
): Promise<void> {
  let before: Shown = [];
  while (await sleep(clock, interval, stop)) {
    const now = survey(world, clock.now());
    for (const finding of before)
      if (finding.name === 'grantor_issuer_ready') metrics.drop(finding.name, finding.labels);
      else show(metrics, { ...finding, value: 0 });
    for (const finding of now) show(metrics, finding);
    before = now;
  }
}

function show(metrics: Pick<GrantorMetrics, 'set'>, finding: Shown[number]): void {
  switch (finding.name) {
    case 'grantor_objects':
      return metrics.set(finding.name, finding.labels, finding.value);
    case 'grantor_issuer_ready':
      return metrics.set(finding.name, finding.labels, finding.value);
    case 'grantor_tokens':
      return metrics.set(finding.name, finding.labels, finding.value);
    case 'grantor_rotations_overdue':
      return metrics.set(finding.name, finding.labels, finding.value);
  }
}
