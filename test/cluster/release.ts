/** Which release of Kubernetes a cluster is of: the newest that is tested, or the oldest that is supported. */
export const releases = ['newest', 'oldest'] as const;
export type Release = (typeof releases)[number];

/** That of clusters for which nothing is said: `GRANTOR_TEST_KUBERNETES` makes all of them old, to run any test there. */
export function usualRelease(env: NodeJS.ProcessEnv = process.env): Release {
  const wanted = env['GRANTOR_TEST_KUBERNETES'] || 'newest';
  const found = releases.find((release) => release === wanted);
  if (found === undefined)
    throw new Error(`GRANTOR_TEST_KUBERNETES is ${wanted}: write ${releases.join(' or ')}, or unset it`);
  return found;
}
