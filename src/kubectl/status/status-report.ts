import type { Instant } from '../../std/instant.ts';
import { byUrgency, type Conditioned, type Health, healthOf, type State, wantsAttention } from '../health.ts';
import { nextStep } from '../next-step.ts';
import type { Survey } from '../survey.ts';

export interface StatusItem extends Health {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly nextStep: string;
}

/** The health of everything, as `kubectl grantor status -o json` tells it. */
export interface StatusReport {
  /** What wants attention comes first. */
  readonly items: readonly StatusItem[];
  readonly counts: Readonly<Partial<Record<State, number>>>;
  /** How many want attention. */
  readonly attention: number;
  /** What whoever looks may not see. */
  readonly hidden: readonly string[];
}

export function statusReport(survey: Survey, now: Instant): StatusReport {
  const objects: readonly Conditioned[] = [
    ...survey.issuers,
    ...survey.scopes,
    ...survey.clients,
    ...survey.bindings,
  ];
  const items = [
    ...survey.unreadable.map(unreadableItem),
    ...objects.map((object) => itemOf(object, now)),
  ].sort(byUrgency);
  const counts: Partial<Record<State, number>> = {};
  for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1;
  return {
    items,
    counts,
    attention: items.filter(wantsAttention).length,
    hidden: survey.hidden.map(({ message }) => message),
  };
}

function itemOf(object: Conditioned, now: Instant): StatusItem {
  const health = healthOf(object, now);
  const { name, namespace } = object.metadata;
  return {
    kind: object.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...health,
    nextStep: nextStep(health.reason),
  };
}

const unreadableItem = ({ kind, metadata, problem }: Survey['unreadable'][number]): StatusItem => ({
  kind: kind.kind,
  ...metadata,
  state: 'malformed',
  reason: 'Malformed',
  message: problem,
  since: '',
  nextStep: nextStep('Malformed'),
});
