import type { ResourceKind } from '../../../src/kube/resource-path.ts';

/** What the server has to know of a kind. */
interface KindTraits {
  /** What its objects have beside `apiVersion`, `kind` and `metadata`; anything else is refused. */
  readonly fields: readonly string[];
  /** Its objects count the changes of all but metadata and status. */
  readonly hasGeneration: boolean;
}

const plain = (...fields: readonly string[]): KindTraits => ({ fields, hasGeneration: false });

const ours: KindTraits = { fields: ['spec', 'status'], hasGeneration: true };

const known: Readonly<Record<string, KindTraits>> = {
  configmaps: plain('data', 'binaryData', 'immutable'),
  events: plain(
    ...['eventTime', 'reportingController', 'reportingInstance', 'action', 'type', 'reason', 'note'],
    ...['regarding', 'series'],
  ),
  leases: plain('spec'),
  namespaces: plain('spec', 'status'),
  pods: plain('spec', 'status'),
  secrets: plain('type', 'data', 'stringData', 'immutable'),
  serviceaccounts: plain('secrets', 'imagePullSecrets', 'automountServiceAccountToken'),
};

/** Kinds that are not built in are taken for custom resources with a status. */
export const traitsOf = ({ plural }: Pick<ResourceKind, 'plural'>): KindTraits => known[plural] ?? ours;
