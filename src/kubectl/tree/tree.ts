import { namespaceKind } from '../../kube/core-kinds.ts';
import { err, ok } from '../../std/result.ts';
import type { Outcome } from '../complaint.ts';
import { readDeliveries } from '../deliveries.ts';
import { wantsAttention } from '../health.ts';
import { listAll } from '../list-all.ts';
import { noSuchObject } from '../no-such-object.ts';
import { nothingFound } from '../nothing-found.ts';
import { parseReference } from '../object-name.ts';
import { isStructured, type OutputFormat, printStructured } from '../print-structured.ts';
import { type Session, seenFrom } from '../session.ts';
import { takeSurvey } from '../survey.ts';
import { whileWatched } from '../while-watched.ts';
import { buildTree } from './build-tree.ts';
import { treeLines } from './print-tree.ts';
import { around, nodesOf } from './tree-node.ts';

export interface TreeFlags {
  readonly output: OutputFormat;
  readonly headers: boolean;
  readonly watch: boolean;
}

/** `kubectl grantor tree [KIND/NAME]`: what hangs on what, from the issuers down to the pods. */
export async function tree(
  given: Session,
  { output, headers, watch }: TreeFlags,
  name: string | undefined,
): Outcome {
  const wanted = name === undefined ? undefined : parseReference(name);
  if (wanted !== undefined && !wanted.ok) return wanted;
  const session = wanted === undefined ? given : seenFrom(given, wanted.value.kind);
  return whileWatched(session, watch, async () => {
    const [survey, deliveries, namespaces] = await Promise.all([
      takeSurvey(session),
      readDeliveries(session),
      listAll(session, namespaceKind, undefined, { metadataOnly: true }),
    ]);
    if (!survey.ok) return survey;
    if (!deliveries.ok) return deliveries;
    const all = buildTree({
      survey: survey.value,
      deliveries: deliveries.value,
      namespaces: namespaces.ok ? namespaces.value.map(({ metadata }) => metadata) : [],
      whole: session.namespace === undefined || wanted !== undefined,
      now: session.clock.now(),
    });
    const roots = wanted === undefined ? all : around(all, wanted.value, session.namespace);
    if (wanted !== undefined && roots.length === 0) return err(noSuchObject(wanted.value, session));
    const isWrong = nodesOf(roots).some(({ state }) => state !== undefined && wantsAttention({ state }));
    const seen = { exit: isWrong ? 'found' : 'fine', fingerprint: JSON.stringify(roots) } as const;
    if (isStructured(output))
      return ok({ ...seen, print: () => printStructured(session, output, 'Tree', { roots }) });
    const hidden = [...survey.value.hidden, ...deliveries.value.hidden].map(({ message }) => message);
    const lines = [
      ...(roots.length === 0 ? [nothingFound(session)] : treeLines(session.terminal, roots, headers)),
      ...(hidden.length > 0 && headers ? ['', `Not shown: ${hidden.join('; ')}.`] : []),
    ];
    return ok({ ...seen, print: () => session.terminal.out(lines.join('\n')) });
  });
}
