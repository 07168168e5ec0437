import type { Session } from './session.ts';

/** Where nothing was found, and where there may be more: whoever is in another namespace than he thinks sees it by this. */
export const nothingFound = ({ namespace }: Pick<Session, 'namespace'>): string =>
  namespace === undefined
    ? 'No objects of Grantor found.'
    : `No objects of Grantor found in namespace ${namespace}; -A looks in all namespaces.`;
