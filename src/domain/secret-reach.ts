import { type Violation, violation } from './violation.ts';

/** What is known of the Secrets of a namespace, and whether they are ours to write. */
export type SecretReach =
  /** Secret delivery is installed there, and what lies there has been read. */
  | { readonly kind: 'within' }
  /** It is not installed there: the API server is asked for nothing, so nothing is known. */
  | { readonly kind: 'beyond' }
  /** It is installed, and what lies there has not been read yet; `problem` is what stands in the way. */
  | { readonly kind: 'unread'; readonly problem: string | undefined };

/** Facts about something that wants a Secret, perhaps. */
interface Reaching {
  readonly secretReach: SecretReach;
}

/** Whether nobody can say what it has, or had, in a Secret. */
export const isOutOfReach = ({ secretReach: { kind } }: Reaching): boolean => kind !== 'within';

/** The same for a moment: what lies there is being read. */
export const isBeingRead = ({ secretReach }: Reaching): boolean =>
  secretReach.kind === 'unread' && secretReach.problem === undefined;

/** What a platform admin has to do before anything lies in a Secret of the namespace; `instead` is what its tenant can do. */
export const undelivered = (
  { secretReach }: Reaching,
  {
    field,
    namespace = '',
    instead,
  }: { readonly field: string; readonly namespace?: string; readonly instead: string },
): Violation | undefined =>
  secretReach.kind === 'beyond'
    ? violation(
        'SecretDeliveryNotInstalled',
        field,
        `Secrets are not delivered in namespace ${namespace}; add it to the chart's value secretDelivery.namespaces, or ${instead}`,
      )
    : undefined;

/** What stands between a Secret and us, in a sentence. */
export const whyOutOfReach = ({ secretReach }: Reaching, namespace = ''): string =>
  secretReach.kind === 'unread'
    ? `Secrets of namespace ${namespace} cannot be read: ${secretReach.problem ?? 'they were not read yet'}`
    : `Secret delivery is not installed in namespace ${namespace}`;
