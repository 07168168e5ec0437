import { seconds } from '../../std/duration.ts';
import { between } from '../../std/instant.ts';
import type { DoctorFacts } from './doctor-facts.ts';
import { type Finding, fine, unknown, warning, wrong } from './finding.ts';

type Check = (facts: DoctorFacts) => readonly Finding[];

/** Whoever looks sees everything, or is told what not. */
const ownRights: Check = ({ ownRights: missing }) => {
  if (!missing.ok) return [unknown('rights', 'what you may do', missing.error)];
  if ((missing.value ?? []).length === 0) return [fine('rights', 'you may do all that this program does')];
  return [
    warning(
      'rights',
      `you may not: ${(missing.value ?? []).join(', ')}`,
      'for the whole picture have the ClusterRole grantor-admin bound to you, and Kubernetes’ view in all namespaces',
    ),
  ];
};

/** Our programs may do what they need. A plug-in that is not installed needs nothing. */
const programsRights: Check = ({ missingRights, daemonSet, home }) => {
  if (!missingRights.ok) return [unknown('rights', 'what our ServiceAccounts may do', missingRights.error)];
  const hasNodes = !daemonSet.ok || daemonSet.value !== undefined;
  const missing = (missingRights.value ?? []).filter(
    ({ serviceAccount }) => hasNodes || serviceAccount !== 'grantor-node',
  );
  if (missing.length === 0)
    return [fine('rights', 'the ServiceAccounts of Grantor have the rights that they need')];
  const byAccount = Map.groupBy(missing, ({ serviceAccount }) => serviceAccount);
  return [...byAccount].map(([account, rights]) =>
    wrong(
      'rights',
      `ServiceAccount ${account} in ${home} may not: ${shortened(rights.map(({ right }) => right))}`,
      'install the chart again: its roles have these rights (docs/reference/rights.md)',
    ),
  );
};

/** All of them where nothing is installed would fill the screen. */
const mostTold = 6;

const shortened = (items: readonly string[]): string =>
  items.length <= mostTold
    ? items.join(', ')
    : `${items.slice(0, mostTold).join(', ')} and ${items.length - mostTold} more`;

/** What every part of Grantor tolerates. */
const tolerated = seconds(30);
const noticeable = seconds(5);

/** This machine and the API server agree on the time; a controller that is far ahead or behind issues and renews at wrong times. */
const clocksAgree: Check = ({ serverTime, localTime, lease }) => {
  if (!serverTime.ok) return [unknown('clocks', "the API server's clock", serverTime.error)];
  if (serverTime.value === undefined) return [];
  const off = Math.abs(between(serverTime.value, localTime));
  const told = `this machine and the API server are ${Math.round(off / 1000)} s apart`;
  const here =
    off > tolerated
      ? warning('clocks', told, 'set the clock of this machine: what this program says of times is wrong')
      : fine('clocks', told);
  const renewed = lease.ok ? Date.parse(lease.value?.spec?.renewTime ?? '') : Number.NaN;
  const ahead = renewed - serverTime.value;
  if (Number.isNaN(ahead) || ahead < noticeable) return [here];
  return [
    here,
    wrong(
      'clocks',
      `the clock of the leader is ${Math.round(ahead / 1000)} s ahead of the API server's`,
      'set the clock of its node: tokens would be taken for expired or not yet valid',
    ),
  ];
};

export const rightsChecks: readonly Check[] = [ownRights, programsRights];
export const clockChecks: readonly Check[] = [clocksAgree];
