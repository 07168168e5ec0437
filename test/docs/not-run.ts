/** Commands in sentences that no test runs, each with what they begin with and why. */
export const notRun: readonly (readonly [start: string, why: string])[] = [
  ['docker build', 'there is no Docker where Grantor is developed'],
  ['skopeo copy', 'it takes a registry'],
  ['ctr ', 'it takes a containerd of the machine; nodes of the tests get their images by its import'],
  ['kind load', 'it takes Docker'],
  [
    'kcadm.sh config credentials',
    'test/docs/keycloak.issuers.test.ts begins with it, with a server and a secret',
  ],
  ['promtool test rules', 'test/monitoring/alerts.test.ts runs it, with its file'],
  ['unshare --mount', 'test/mounts/mounts.test.ts runs it, with a program'],
];

/** Why nobody runs a command; undefined if it is to be run. */
export const whyNobodyRuns = (command: string): string | undefined =>
  notRun.find(([start]) => command.startsWith(start))?.[1];
