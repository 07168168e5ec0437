/** A ServiceAccount token as the kubelet brings it for a pod, as far as it is read; who checks signatures refuses it. */
export function unsignedPodToken(
  pod: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly serviceAccountName: string;
  },
  account: { readonly uid: string },
  audience: string,
  seconds = 3600,
): { readonly token: string; readonly expirationTimestamp: string } {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: 'https://kubernetes.default.svc',
    aud: [audience],
    sub: `system:serviceaccount:${pod.namespace}:${pod.serviceAccountName}`,
    iat: now,
    exp: now + seconds,
    jti: crypto.randomUUID(),
    'kubernetes.io': {
      namespace: pod.namespace,
      pod: { name: pod.name, uid: pod.uid },
      serviceaccount: { name: pod.serviceAccountName, uid: account.uid },
    },
  };
  return {
    token: `${part({ alg: 'RS256', kid: 'none' })}.${part(claims)}.${Buffer.alloc(256).toString('base64url')}`,
    expirationTimestamp: new Date((now + seconds) * 1000).toISOString(),
  };
}
