/** Whom a mark speaks of. */
export interface Marked {
  readonly clusterID: string;
  readonly namespace: string;
  readonly name: string;
  /** Of the OAuthClient. */
  readonly uid: string;
}

const form = /^grantor:(?<clusterID>.+):(?<namespace>[^:]+):(?<name>[^:]+):(?<uid>[^:]+)$/;

/** The mark by which we know our client at an issuer, whatever happens here: cluster, namespace, name and UID. */
export const markOf = (clusterID: string, { namespace, name, uid }: Omit<Marked, 'clusterID'>): string =>
  `grantor:${clusterID}:${namespace}:${name}:${uid}`;

/**
 * In the place of the UID: no OAuthClient has it. It marks a client that was left at its issuer on purpose, so that nobody sweeps it; an
 * OAuthClient of its name can have it again.
 */
export const leftBehind = 'left-behind';

/** Undefined for what is no mark of Grantor's. */
export function readMark(mark: string): Marked | undefined {
  const { clusterID, namespace, name, uid } = form.exec(mark)?.groups ?? {};
  return clusterID && namespace && name && uid ? { clusterID, namespace, name, uid } : undefined;
}
