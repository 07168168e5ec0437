import { kinds } from '../../api/kinds.ts';
import type { AccessQuestion } from '../../kube/peoples-calls.ts';
import { err, ok } from '../../std/result.ts';
import { complaintOf } from '../complaint.ts';
import { boundsOf, type Session } from '../session.ts';
import type { MissingRight, Seen } from './doctor-facts.ts';

/** A rule of a role, as far as it can be asked for. */
interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/** What our ServiceAccounts need: everywhere, and in Grantor's own namespace. */
export type ExpectedRights = Readonly<
  Record<string, { readonly cluster: readonly Rule[]; readonly own: readonly Rule[] }>
>;

/** Every single right of a rule. */
function questionsOf(rule: Rule, namespace?: string): AccessQuestion[] {
  const { apiGroups = [''], resources = [], resourceNames = [undefined], nonResourceURLs = [], verbs } = rule;
  const where = namespace === undefined ? {} : { namespace };
  return verbs.flatMap((verb) => [
    ...nonResourceURLs.map((nonResourceURL) => ({ verb, nonResourceURL })),
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.map((name) => ({
          verb,
          group,
          resource,
          ...(name === undefined ? {} : { name }),
          ...where,
        })),
      ),
    ),
  ]);
}

const shown = ({ verb, group, resource = '', nonResourceURL, namespace }: AccessQuestion): string =>
  `${verb} ${nonResourceURL ?? `${resource}${group ? `.${group}` : ''}`}${namespace === undefined ? '' : ` in ${namespace}`}`;

/** Asks for many at once; the first that cannot be asked ends it. */
async function denied(
  session: Session,
  questions: readonly AccessQuestion[],
): Promise<Seen<readonly AccessQuestion[]>> {
  const answers = await Promise.all(
    questions.map((question) => session.kube.mayDo(question, boundsOf(session))),
  );
  const refused: AccessQuestion[] = [];
  for (const [n, answer] of answers.entries()) {
    const question = questions[n];
    if (!answer.ok) return err(complaintOf(answer.error, { verb: 'create', kind: accessReviews }));
    if (!answer.value && question !== undefined) refused.push(question);
  }
  return ok(refused);
}

const accessReviews = {
  group: 'authorization.k8s.io',
  plural: 'subjectaccessreviews',
  version: 'v1',
  namespaced: false,
};

/** What of that which this program does the person may not do. */
export async function ownRights(session: Session, home: string): Promise<Seen<readonly string[]>> {
  const ours = { group: 'grantor.dev', verb: 'list' };
  const refused = await denied(session, [
    ...kinds.map(({ plural }) => ({ ...ours, resource: plural })),
    { verb: 'list', resource: 'pods' },
    { verb: 'list', resource: 'secrets' },
    { verb: 'get', resource: 'pods/log', namespace: home },
    { verb: 'patch', group: 'grantor.dev', resource: 'oauthclients' },
    { verb: 'patch', group: 'grantor.dev', resource: 'tenantscopes' },
  ]);
  return refused.ok ? ok((refused.value ?? []).map(shown)) : refused;
}

/** What of that which our programs need they may not do. */
export async function missingRights(
  session: Session,
  home: string,
  expected: ExpectedRights,
): Promise<Seen<readonly MissingRight[]>> {
  const all: MissingRight[] = [];
  for (const [name, { cluster, own }] of Object.entries(expected)) {
    const serviceAccount = { namespace: home, name };
    const questions = [
      ...cluster.flatMap((rule) => questionsOf(rule)),
      ...own.flatMap((rule) => questionsOf(rule, home)),
    ];
    const refused = await denied(
      session,
      questions.map((question) => ({ ...question, serviceAccount })),
    );
    if (!refused.ok) return refused;
    all.push(...(refused.value ?? []).map((question) => ({ serviceAccount: name, right: shown(question) })));
  }
  return ok(all);
}
