/** The pages whose commands are run, and by which test. In every other page each block of commands says why it is not. */
export const runnablePages: Readonly<Record<string, string>> = {
  'docs/quickstart.md': 'test/docs/quickstart.cluster.test.ts',
  'docs/tenancy.md': 'test/docs/quickstart.cluster.test.ts',
  'docs/troubleshooting.md': 'test/docs/quickstart.cluster.test.ts',
  'docs/by-hand.md': 'test/docs/by-hand.cluster.test.ts',
  'docs/keycloak.md': 'test/docs/keycloak.issuers.test.ts',
  'docs/hydra.md': 'test/docs/hydra.issuers.test.ts',
};
