import { err, ok, type Result } from '../std/result.ts';
import type { StoreFailure } from './volume-store.ts';

/** What the store gives up with; its message is for logs. */
export class StoreError extends Error {}

export const codeOf = (error: unknown): string =>
  error instanceof StoreError ? error.message : ((error as NodeJS.ErrnoException).code ?? 'unknown error');

/** Does work of a store; what it throws comes back as a failure. */
export async function attempt<T>(work: () => Promise<T>): Promise<Result<T, StoreFailure>> {
  try {
    return ok(await work());
  } catch (error) {
    // Of the file system the code, what was done and where; never what was written.
    const { syscall = '', path = '' } = error as NodeJS.ErrnoException;
    return err({ detail: [syscall, path, codeOf(error)].filter((word) => word !== '').join(' ') });
  }
}

export function orThrow<T>(result: Result<T, string>): T {
  if (!result.ok) throw new StoreError(result.error);
  return result.value;
}

/** Passes over one code of the file system. */
export const unless =
  (code: string) =>
  (error: unknown): undefined => {
    if (codeOf(error) !== code) throw error;
  };
