/** Does what there is to do, so many at a time, and yields the answers in the order of the tasks. Nothing is begun ahead of whoever takes them. */
export async function* inParallel<T>(
  tasks: readonly (() => Promise<T>)[],
  width: number,
): AsyncGenerator<T, void> {
  const begun: Promise<T>[] = [];
  for (const task of tasks) {
    begun.push(task());
    if (begun.length === width) yield* begun.splice(0, 1);
  }
  yield* begun;
}
