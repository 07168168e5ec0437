/** How the plug-in ends. The only source of the table in docs/reference/kubectl-grantor.md. */
export const exitCodes = {
  fine: { code: 0, meaning: 'Done, and nothing is wrong with what was looked at.' },
  found: { code: 1, meaning: 'Done, and something is wrong with what was looked at: the output says what.' },
  usage: { code: 2, meaning: 'The command line or the kubeconfig cannot be used as it is.' },
  unreachable: {
    code: 3,
    meaning: 'The API server cannot be reached, gives no usable answer, or does not accept the credentials.',
  },
  forbidden: { code: 4, meaning: 'A right is missing: the message says which, and which role gives it.' },
  notInstalled: { code: 5, meaning: "The cluster does not serve Grantor's kinds." },
  notFound: { code: 6, meaning: 'There is no such object.' },
  timeout: { code: 7, meaning: 'What was waited for did not come about in time.' },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly meaning: string }>>;

export type Exit = keyof typeof exitCodes;
