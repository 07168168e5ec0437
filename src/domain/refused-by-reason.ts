/** What a status says of an object that is refused, as far as counting goes. */
export interface Refusable {
  readonly status?: { readonly violations?: readonly { readonly reason: string }[] | undefined } | undefined;
}

/** How many objects are refused for one reason. */
export type RefusedForReason = {
  readonly reason: string;
  readonly clients: number;
  readonly bindings: number;
};

/** Why an object is refused: each reason once, in order. */
export const reasonsOf = ({ status }: Refusable): string[] =>
  [...new Set(status?.violations?.map(({ reason }) => reason))].sort();

/** How many are refused for each reason; one that is refused for several counts for each of them. */
export function refusedByReason(
  clients: readonly Refusable[],
  bindings: readonly Refusable[],
): readonly RefusedForReason[] {
  const counts = new Map<string, { clients: number; bindings: number }>();
  const count = (kind: 'clients' | 'bindings', objects: readonly Refusable[]): void => {
    for (const reason of objects.flatMap(reasonsOf)) {
      const known = counts.get(reason) ?? { clients: 0, bindings: 0 };
      counts.set(reason, { ...known, [kind]: known[kind] + 1 });
    }
  };
  count('clients', clients);
  count('bindings', bindings);
  return Array.from(counts, ([reason, of]) => ({ reason, ...of })).sort((a, b) =>
    a.reason < b.reason ? -1 : 1,
  );
}
