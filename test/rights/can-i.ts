import type { Reach, Rule } from '../../src/cmd/rights.ts';
import { declaredRights } from './declared-rights.ts';

type Rules = Readonly<Partial<Record<Reach, readonly Rule[]>>>;

/**
 * Each single right that `kubectl auth can-i --list` prints, such as `list secrets`, `patch oauthclients.grantor.dev/status`,
 * `get namespaces kube-system` or `get /openid/v1/jwks`.
 */
export function readCanIList(printed: string): Set<string> {
  const [header = '', ...lines] = printed.trimEnd().split('\n');
  const starts = ['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'].map((title) => {
    const start = header.indexOf(title);
    if (start === -1) throw new Error(`no list of rights: ${header}`);
    return start;
  });
  return new Set(
    lines.flatMap((line) => {
      const [resource = '', urls = '', names = '', verbs = ''] = starts.map((start, column) =>
        line.slice(start, starts[column + 1]).trim(),
      );
      const targets = resource === '' ? wordsOf(urls) : [resource];
      const named = wordsOf(names).length === 0 ? [''] : wordsOf(names).map((name) => ` ${name}`);
      return targets.flatMap((target) =>
        wordsOf(verbs).flatMap((verb) => named.map((name) => `${verb} ${target}${name}`)),
      );
    }),
  );
}

/** `[get list]` */
const wordsOf = (list: string): string[] => list.slice(1, -1).split(' ').filter(Boolean);

/**
 * What it must print for the ServiceAccount of a program, besides what it prints for any other ServiceAccount, in a namespace where these of
 * its rights hold: `cluster`, with `own` in Grantor's own, with `delivery` where Secrets are delivered.
 */
export const canIList = (rules: Rules, reaches: ReadonlySet<Reach>): Set<string> =>
  new Set(
    declaredRights(rules)
      .filter(({ reach }) => reaches.has(reach))
      .map(({ verb, group, target, name }) => {
        const qualified = group === '' ? target : target.replace(/\/|$/, (slash) => `.${group}${slash}`);
        return [verb, qualified, name].filter(Boolean).join(' ');
      }),
  );
