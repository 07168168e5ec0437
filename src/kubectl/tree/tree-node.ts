import type { State } from '../health.ts';
import type { ObjectReference } from '../object-name.ts';

/** One object in the tree, with what hangs on it. */
export interface TreeNode {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Left out for what cannot be seen. */
  readonly state?: State;
  readonly reason?: string;
  readonly detail: string;
  readonly children: readonly TreeNode[];
}

/** What of a tree has to do with one object: what it hangs on, and all that hangs on it. */
export function around(
  roots: readonly TreeNode[],
  { kind, name }: ObjectReference,
  namespace: string | undefined,
): readonly TreeNode[] {
  const isIt = (node: TreeNode): boolean =>
    node.kind === kind.kind &&
    node.name === name &&
    (!kind.namespaced || namespace === undefined || node.namespace === namespace);
  const prune = (node: TreeNode): readonly TreeNode[] => {
    if (isIt(node)) return [node];
    const children = node.children.flatMap(prune);
    return children.length > 0 ? [{ ...node, children }] : [];
  };
  return roots.flatMap(prune);
}

/** Every node of a tree. */
export const nodesOf = (roots: readonly TreeNode[]): readonly TreeNode[] =>
  roots.flatMap((node) => [node, ...nodesOf(node.children)]);
