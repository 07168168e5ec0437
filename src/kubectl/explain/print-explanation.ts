import { between, type Instant, instantIn } from '../../std/instant.ts';
import { ageOf, shortly } from '../age.ts';
import { states } from '../health.ts';
import { shown } from '../object-name.ts';
import { type Cell, renderTable } from '../table.ts';
import { paint, type Terminal } from '../terminal.ts';
import type { Explanation } from './explanation.ts';

type Page = Pick<Terminal, 'colours'>;

/** An explanation for people, from the summary to the details. */
export function explanationLines(page: Page, explanation: Explanation, now: Instant): string[] {
  const { state, reason, since, message } = explanation;
  const { kind, name, namespace } = explanation.object;
  const place = namespace === undefined ? '' : ` in ${namespace}`;
  const violations = explanation.violations.flatMap(({ message: what, nextStep }) => [
    `  ${what}`,
    `    ${nextStep}`,
  ]);
  return [
    `${paint(page, 'strong', shown(kind, name))}${place}: ${paint(page, states[state], state)} (${reason}) since ${ageOf(since, now)}`,
    ...(violations.length > 0 || message === '' ? [] : [`  ${message}`, `    ${explanation.nextStep}`]),
    ...section('Not allowed:', violations),
    ...section('Conditions:', conditionLines(page, explanation, now)),
    ...section('Withdrawal:', withdrawalLines(explanation, now)),
    ...section('Token:', tokenLines(explanation, now)),
    ...section('Rests on:', relatedLines(page, explanation)),
  ];
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

function conditionLines(page: Page, { conditions, violations }: Explanation, now: Instant): string[] {
  // What was told above, and what Ready repeats, is not told again.
  const isTold = ({ type, reason }: Explanation['conditions'][number]): boolean =>
    type === 'Ready' || violations.some((violation) => violation.reason === reason);
  const rows = conditions.map(({ type, status, reason, lastTransitionTime }): Cell[] => [
    `  ${type}`,
    { text: status, style: status === 'True' ? 'good' : status === 'False' ? 'bad' : 'doubtful' },
    reason,
    ageOf(lastTransitionTime, now),
  ]);
  const table = renderTable(page, undefined, rows);
  return conditions.flatMap((condition, n) => {
    const { status, message, nextStep } = condition;
    const isPlain = status === 'True' || message === '' || isTold(condition);
    return [table[n] ?? '', ...(isPlain ? [] : [`    ${message}`, `    ${nextStep}`])];
  });
}

function withdrawalLines({ withdrawal }: Explanation, now: Instant): string[] {
  if (withdrawal === undefined) return [];
  const { reason, startedAt, effectiveAt, note, exposedUntil } = withdrawal;
  const isOver = (instantIn(effectiveAt) ?? now) <= now;
  return [
    `  Not allowed any more since ${startedAt} (${reason}).`,
    isOver
      ? `  Taken away at ${effectiveAt}.`
      : `  What was granted before stays until ${effectiveAt} (${left(effectiveAt, now)}), in case it is an accident.`,
    ...(note === undefined ? [] : [`  ${note}`]),
    exposedUntil === undefined
      ? '  Until when tokens are still accepted by validators that do not ask the issuer is not known yet.'
      : `  Validators that do not ask the issuer may accept tokens until ${exposedUntil} (${left(exposedUntil, now)}).`,
  ];
}

function tokenLines({ token }: Explanation, now: Instant): string[] {
  if (token === undefined) return [];
  const { secret, issuedAt, expiresAt, generation, note } = token;
  const times =
    expiresAt === undefined
      ? ''
      : ` Issued at ${issuedAt}, expires at ${expiresAt} (${left(expiresAt, now)}), number ${generation} of its series.`;
  return [`  secret/${secret}: ${note}.${times}`];
}

const relatedLines = (page: Page, { restsOn }: Explanation): string[] =>
  renderTable(
    page,
    undefined,
    restsOn.map(({ kind, name, state, reason, note }): Cell[] => [
      `  ${shown(kind, name)}`,
      state === undefined ? '-' : { text: state, style: states[state] },
      reason ?? '-',
      note,
    ]),
  );

function left(time: string, now: Instant): string {
  const then = instantIn(time) ?? now;
  return then > now ? `in ${shortly(between(now, then))}` : `${shortly(between(then, now))} ago`;
}
