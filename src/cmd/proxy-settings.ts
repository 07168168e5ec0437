/** What the environment says of proxies, for the API server and for issuers alike. */
export function proxySettings(
  environment: NodeJS.ProcessEnv,
): { readonly httpsProxy: string; readonly noProxy: string } | undefined {
  // An empty variable is one that is not set.
  const httpsProxy = environment['HTTPS_PROXY'] || environment['https_proxy'];
  const noProxy = environment['NO_PROXY'] || environment['no_proxy'] || '';
  return httpsProxy ? { httpsProxy, noProxy } : undefined;
}
