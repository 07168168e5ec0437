/** A callback that waits. `due` is on the time that has passed, not on what a clock shows. */
export interface Timer {
  readonly due: number;
  /** Of two that are due at the same time, the one that was set first comes first. */
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

const isBefore = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

/** Timers by the time they are due: a binary heap. One that is cancelled stays until it comes to the top. */
export class TimerHeap {
  readonly #heap: Timer[] = [];
  #waiting = 0;

  /** How many wait and are not cancelled. */
  get size(): number {
    return this.#waiting;
  }

  add(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    this.#waiting += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, timer)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  cancel(timer: Timer): void {
    if (timer.cancelled) return;
    timer.cancelled = true;
    this.#waiting -= 1;
  }

  first(): Timer | undefined {
    while (this.#heap[0]?.cancelled) this.#removeTop();
    return this.#heap[0];
  }

  /** Takes the first one out, so that cancelling it afterwards changes nothing. */
  shift(): Timer | undefined {
    const first = this.first();
    if (first === undefined) return undefined;
    this.cancel(first);
    this.#removeTop();
    return first;
  }

  #removeTop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
