import { states } from '../health.ts';
import { shown } from '../object-name.ts';
import { type Cell, renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import type { TreeNode } from './tree-node.ts';

/** The tree as lines. Namespaces are told where they change from one node to the next below it. */
export function treeLines(
  terminal: Pick<Terminal, 'colours'>,
  roots: readonly TreeNode[],
  headers: boolean,
): string[] {
  const rows = roots.flatMap((root) => rowsOf(root, '', '', undefined));
  return renderTable(terminal, headers ? ['OBJECT', 'STATE', 'REASON', 'DETAIL'] : undefined, rows);
}

function rowsOf(node: TreeNode, lead: string, below: string, namespace: string | undefined): Cell[][] {
  const place = node.namespace !== namespace && node.namespace !== undefined ? ` (${node.namespace})` : '';
  const row: Cell[] = [
    `${lead}${shown(node.kind, node.name)}${place}`,
    node.state === undefined ? '-' : { text: node.state, style: states[node.state] },
    node.reason ?? '-',
    node.detail,
  ];
  const children = node.children.flatMap((child, n) => {
    const isLast = n === node.children.length - 1;
    return rowsOf(
      child,
      `${below}${isLast ? '└─ ' : '├─ '}`,
      `${below}${isLast ? '   ' : '│  '}`,
      node.namespace,
    );
  });
  return [row, ...children];
}
