/** What a path of the API server is about, without what it names: for what may have few values. */
export interface PathTemplate {
  /** `/api/v1/namespaces/{namespace}/secrets/{name}`. */
  readonly template: string;
  readonly namespace?: string;
}

/** The template of a path as `resource-path.ts` makes them. Others have no variable parts. */
export function templateOf(path: string): PathTemplate {
  const { root, rest } = /^(?<root>\/api\/[^/]+|\/apis\/[^/]+\/[^/]+)\/(?<rest>.+)$/.exec(path)?.groups ?? {};
  if (root === undefined || rest === undefined) return { template: path };
  const words = rest.split('/');
  const [first, namespace, ...inside] = words;
  if (first !== 'namespaces' || namespace === undefined || inside.length === 0)
    return { template: [root, ...named(words)].join('/') };
  return {
    template: [root, 'namespaces', '{namespace}', ...named(inside)].join('/'),
    namespace: decodeURIComponent(namespace),
  };
}

/** Plural, name, subresource. */
const named = ([plural = '', name, ...subresource]: readonly string[]): readonly string[] =>
  name === undefined ? [plural] : [plural, '{name}', ...subresource];
