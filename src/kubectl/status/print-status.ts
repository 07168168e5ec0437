import type { Instant } from '../../std/instant.ts';
import { ageOf } from '../age.ts';
import { states, wantsAttention } from '../health.ts';
import { nothingFound } from '../nothing-found.ts';
import { shown } from '../object-name.ts';
import type { Session } from '../session.ts';
import { type Cell, renderTable } from '../table.ts';
import { paint, type Terminal } from '../terminal.ts';
import type { StatusItem, StatusReport } from './status-report.ts';

/** So many are told at length below the table. */
const mostAtLength = 5;

export interface TableOptions extends Pick<Session, 'namespace'> {
  readonly wide: boolean;
  readonly headers: boolean;
}

/** The report for people: a table, what wants attention at length, and how many are in which state. */
export function statusLines(
  terminal: Pick<Terminal, 'colours'>,
  report: StatusReport,
  now: Instant,
  { wide, headers, namespace }: TableOptions,
): string[] {
  const { items } = report;
  if (items.length === 0) return [nothingFound({ namespace }), ...hiddenLines(report)];
  const spread = items.some(({ namespace }) => namespace !== undefined);
  const header = [
    ...(spread ? ['NAMESPACE'] : []),
    ...['OBJECT', 'STATE', 'REASON', 'SINCE'],
    ...(wide ? ['MESSAGE'] : []),
  ];
  const row = (item: StatusItem): Cell[] => [
    ...(spread ? [item.namespace ?? ''] : []),
    shown(item.kind, item.name),
    { text: item.state, style: states[item.state] },
    item.reason,
    item.since === '' ? '?' : ageOf(item.since, now),
    ...(wide ? [item.message] : []),
  ];
  return [
    ...renderTable(terminal, headers ? header : undefined, items.map(row)),
    ...(headers
      ? [
          ...['', summary(report), ...atLength(terminal, items)],
          // Issuers and tenants are shown in any namespace.
          ...(spread || namespace === undefined ? [] : ['', nothingFound({ namespace })]),
          ...hiddenLines(report),
        ]
      : []),
  ];
}

const summary = ({ items, counts }: StatusReport): string =>
  `${items.length} ${items.length === 1 ? 'object' : 'objects'}: ${Object.entries(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ')}.`;

function atLength(terminal: Pick<Terminal, 'colours'>, items: readonly StatusItem[]): string[] {
  const urgent = items.filter(wantsAttention);
  const lines = urgent
    .slice(0, mostAtLength)
    .flatMap((item) => [
      '',
      `${paint(terminal, 'strong', shown(item.kind, item.name))}${item.namespace === undefined ? '' : ` in ${item.namespace}`}: ${item.message}`,
      `  ${item.nextStep}`,
    ]);
  const more = urgent.length - mostAtLength;
  if (more > 0) lines.push('', `${more} more want attention: kubectl grantor explain KIND/NAME`);
  return lines;
}

const hiddenLines = ({ hidden }: StatusReport): string[] =>
  hidden.length === 0 ? [] : ['', `Not shown: ${hidden.join('; ')}.`];
