import { audienceOf } from '../../domain/plan-issuer.ts';
import { healthOf, wantsAttention } from '../health.ts';
import { nextStep } from '../next-step.ts';
import type { DoctorFacts } from './doctor-facts.ts';
import { type Finding, fine, unknown, warning, wrong } from './finding.ts';

type Check = (facts: DoctorFacts) => readonly Finding[];

/** Each issuer is as it should be, by the view of the controller: it is the one that has to reach them. */
const issuersReady: Check = ({ survey, localTime }) => {
  if (!survey.ok) return [unknown('issuers', 'the issuers', survey.error)];
  const { issuers, hidden } = survey.value;
  const notSeen = hidden.find(({ message }) => message.includes('oauthissuers'));
  if (notSeen !== undefined) return [unknown('issuers', 'the issuers', notSeen)];
  if (issuers.length === 0)
    return [warning('issuers', 'there is no OAuthIssuer', 'create one: docs/issuers.md')];
  return issuers.map((issuer) => {
    const health = healthOf(issuer, localTime);
    const told = `OAuthIssuer ${issuer.metadata.name}: ${health.message}`;
    if (health.state === 'ready') return fine('issuers', told);
    const say = wantsAttention(health) ? wrong : warning;
    return say('issuers', `${told} (${health.reason})`, nextStep(health.reason));
  });
};

/** The audience of each issuer is on both lists: the controller's, and the kubelets'. */
const audiencesInstalled: Check = ({ survey, audiences, csiDriver }) => {
  if (!survey.ok) return [];
  const federated = survey.value.issuers.filter(({ spec }) => spec.federation.method !== 'None');
  const wanted = federated.map((issuer) => [issuer.metadata.name, audienceOf(issuer)] as const);
  return [
    ...listed(wanted, audiences, 'ConfigMap grantor-audiences', 'audiences of the chart'),
    ...listed(
      wanted,
      csiDriver.ok
        ? { ok: true, value: csiDriver.value?.spec?.tokenRequests?.map(({ audience }) => audience) }
        : csiDriver,
      'tokenRequests of CSIDriver csi.grantor.dev',
      'audiences of the chart',
    ),
  ];
};

function listed(
  wanted: readonly (readonly [issuer: string, audience: string])[],
  list: DoctorFacts['audiences'],
  where: string,
  value: string,
): Finding[] {
  if (!list.ok) return [unknown('federation', where, list.error)];
  // What is not installed at all is told elsewhere.
  if (list.value === undefined) return [];
  const has = list.value;
  const missing = wanted.filter(([, audience]) => !has.includes(audience));
  const idle = has.filter((audience) => !wanted.some(([, one]) => one === audience));
  return [
    ...missing.map(([issuer, audience]) =>
      wrong(
        'federation',
        `${where} has not the audience ${audience} of OAuthIssuer ${issuer}`,
        `add it to ${value}, or set spec.federation.method of the issuer to None`,
      ),
    ),
    ...(missing.length === 0 ? [fine('federation', `${where} has the audience of every issuer`)] : []),
    ...idle.map((audience) =>
      warning(
        'federation',
        `${where} has the audience ${audience}, which no OAuthIssuer uses`,
        'remove it: tokens for it can be asked for all the same',
      ),
    ),
  ];
}

export const federationChecks: readonly Check[] = [issuersReady, audiencesInstalled];
