import { ok } from '../../std/result.ts';
import type { Outcome } from '../complaint.ts';
import { printStructured, type structuredFormats } from '../print-structured.ts';
import { withProgress } from '../progress.ts';
import type { Session } from '../session.ts';
import { type Cell, renderTable } from '../table.ts';
import { paint } from '../terminal.ts';
import { federationChecks } from './federation-checks.ts';
import { areas, type Finding, verdicts } from './finding.ts';
import { type DoctorOptions, gatherDoctorFacts } from './gather-doctor-facts.ts';
import { installChecks } from './install-checks.ts';
import { nodeChecks } from './node-checks.ts';
import { clockChecks, rightsChecks } from './rights-checks.ts';

export interface DoctorFlags {
  readonly output: 'text' | (typeof structuredFormats)[number];
  readonly grantorNamespace: string;
}

/** All checks, in the order in which one thing rests on another. */
const checks = [...installChecks, ...rightsChecks, ...clockChecks, ...federationChecks, ...nodeChecks];

/** `kubectl grantor doctor`: whether Grantor itself is as it should be, and what to do where it is not. */
export async function doctor(session: Session, { output }: DoctorFlags, options: DoctorOptions): Outcome {
  const facts = await withProgress(session, 'looking at the install', () =>
    gatherDoctorFacts(session, options),
  );
  // Where nobody answers, every check would say the same.
  if (!facts.serverTime.ok && facts.serverTime.error.exit === 'unreachable') return facts.serverTime;
  const findings = checks
    .flatMap((check) => check(facts))
    .sort((a, b) => areas.indexOf(a.area) - areas.indexOf(b.area));
  if (output === 'text') session.terminal.out(lines(session, findings).join('\n'));
  else printStructured(session, output, 'Diagnosis', { findings });
  return ok(findings.some(({ verdict }) => verdict === 'wrong') ? 'found' : 'fine');
}

function lines({ terminal }: Pick<Session, 'terminal'>, findings: readonly Finding[]): string[] {
  const rows = findings.map(({ verdict, area, message }): Cell[] => [
    { text: verdict, style: verdicts[verdict] },
    area,
    message,
  ]);
  const table = renderTable(terminal, undefined, rows);
  const indent = ' '.repeat(table[0] === undefined ? 0 : widthOf(findings));
  const counts = Object.keys(verdicts).flatMap((verdict) => {
    const count = findings.filter((finding) => finding.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return [
    ...findings.flatMap(({ remedy }, n) => [
      table[n] ?? '',
      ...(remedy === undefined ? [] : [`${indent}${paint(terminal, 'dim', remedy)}`]),
    ]),
    '',
    `${counts.join(', ')}.`,
  ];
}

/** Where the third column begins. */
const widthOf = (findings: readonly Finding[]): number =>
  Math.max(...findings.map(({ verdict }) => verdict.length)) +
  Math.max(...findings.map(({ area }) => area.length)) +
  6;
