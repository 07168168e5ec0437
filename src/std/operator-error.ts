/** Every error that the program ends with or throws on purpose. The only source of docs/reference/errors.md. */
export const errorCatalogue = {
  KUBE_CONFIG: {
    summary: 'The kubeconfig cannot be used.',
    action: 'Correct the file that --kubeconfig names, as the message says.',
  },
  KUBE_NO_CLUSTER: {
    summary: 'The program does not run in a pod with a ServiceAccount.',
    action: 'Name a kubeconfig with --kubeconfig, or mount the token of the ServiceAccount.',
  },
  KUBE_KINDS: {
    summary: "The cluster does not serve Grantor's kinds.",
    action: 'Install them: with the chart, or by `kubectl apply --server-side -f crds/`.',
    exit: 5,
  },
  KUBE_RIGHTS: {
    summary: 'The program may not read what it cannot work without.',
    action:
      'Give its ServiceAccount, or the user of --kubeconfig, the rights that the chart gives it (docs/reference/rights.md).',
    exit: 4,
  },
  PROXY: {
    summary: 'The proxy that the environment names cannot be used.',
    action: 'Correct HTTPS_PROXY, or unset it where no proxy is needed.',
  },
  PROBES_LISTEN: {
    summary: 'The address of --probes cannot be listened on.',
    action: 'Choose another port, or 0 for a free one.',
  },
  ISSUER_CONFIG: {
    summary: 'A flag or file of the embedded issuer cannot be used.',
    action: 'Correct the flag or file that the message names.',
  },
  ISSUER_LISTEN: {
    summary: 'The address of the embedded issuer cannot be listened on.',
    action: 'Choose another --port, or 0 for a free one.',
    exit: 1,
  },
  ISSUER_STATE: {
    summary: 'The state file of the embedded issuer cannot be opened.',
    action: 'Check that it can be written and that no other issuer has it open.',
  },
  NODE_SOCKET: {
    summary: 'The node plug-in cannot listen where the kubelet looks for it.',
    action:
      'Check --kubelet-dir, and that the folders plugins and plugins_registry are mounted from the node, writable.',
  },
  NODE_STORE: {
    summary: 'The memory file system of the volumes cannot be opened.',
    action:
      "Check that the container is privileged, has mount(8), and that the kubelet's folders are mounted with mountPropagation Bidirectional.",
  },
  RECONCILE_UNSETTLED: {
    summary: 'An object asks for one step after another without end. It is tried again with back-off.',
    action: 'This is a defect of Grantor: report it with the log lines of this object.',
  },
} as const satisfies Readonly<
  Record<string, { readonly summary: string; readonly action: string; readonly exit?: number }>
>;

export type ErrorCode = keyof typeof errorCatalogue;

/** The unexpected: everything that the program throws on purpose. Messages say what happened, to what, and what to do. */
export class OperatorError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'OperatorError';
    this.code = code;
  }
}

/** How a program ends for an error: 2, which is wrong flags and files, unless the catalogue says otherwise. */
export function exitCodeOf({ code }: OperatorError): number {
  const entry: { readonly summary: string; readonly exit?: number } = errorCatalogue[code];
  return entry.exit ?? 2;
}
