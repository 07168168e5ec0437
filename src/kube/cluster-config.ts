import type { Secret } from '../std/secret.ts';

/** Where an API server is and how to speak to it. Made by `loadKubeconfig` or `loadInCluster`. */
export interface ClusterConfig {
  /** The origin, and a path where the server lives below one. */
  readonly server: URL;
  /** The namespace of the kubeconfig's context, or of the pod. */
  readonly namespace: string;
  readonly access: AccessSource;
  /** The proxy that a kubeconfig names; it goes before that of the environment. */
  readonly proxy?: Secret<URL>;
}

/** Where credentials come from. They change while the program runs, so they are asked for at each call. */
export interface AccessSource {
  /** What to present now: cheap, since it is remembered for a while. Throws `OperatorError` if there is nothing to present. */
  access(): Promise<Access>;
  /** After a refusal: reads everything again, or gives what was read or tried a moment ago. */
  renew(): Promise<Access>;
}

/** What one connection needs. PEM texts; a change of any of them opens new connections. */
export interface Access {
  readonly ca?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: Secret;
  /** The value of the `Authorization` header, scheme included. */
  readonly authorization?: Secret;
  /** The name to verify the server's certificate against, where it isn't the host of the URL. */
  readonly serverName?: string;
  /** Someone wrote `insecure-skip-tls-verify` into their kubeconfig. */
  readonly insecure?: true;
  /** Headers of a kubeconfig's impersonation. */
  readonly headers?: Readonly<Record<string, string>>;
}
