import { ok } from '../../std/result.ts';
import type { Outcome } from '../complaint.ts';
import { isStructured, type OutputFormat, printStructured } from '../print-structured.ts';
import type { Session } from '../session.ts';
import { takeSurvey } from '../survey.ts';
import { whileWatched } from '../while-watched.ts';
import { statusLines } from './print-status.ts';
import { statusReport } from './status-report.ts';

export interface StatusFlags {
  readonly output: OutputFormat;
  readonly headers: boolean;
  readonly watch: boolean;
}

/** `kubectl grantor status`: how everything fares, and what wants attention first. */
export const status = (session: Session, { output, headers, watch }: StatusFlags): Outcome =>
  whileWatched(session, watch, async () => {
    const survey = await takeSurvey(session);
    if (!survey.ok) return survey;
    const now = session.clock.now();
    const report = statusReport(survey.value, now);
    const seen = {
      exit: report.attention > 0 ? 'found' : 'fine',
      fingerprint: JSON.stringify(report),
    } as const;
    if (isStructured(output))
      return ok({ ...seen, print: () => printStructured(session, output, 'Status', report) });
    const lines = statusLines(session.terminal, report, now, {
      wide: output === 'wide',
      headers,
      namespace: session.namespace,
    });
    return ok({ ...seen, print: () => session.terminal.out(lines.join('\n')) });
  });
