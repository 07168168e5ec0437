import { err, ok, type Result } from '../std/result.ts';

const newline = 0x0a;

/** What can be wrong with a line before anyone reads it. */
export type LineProblem = 'line too long' | 'not UTF-8';

/** Turns chunks of bytes, cut anywhere, into lines. */
export interface LineSplitter {
  /** The lines that `chunk` completes, without their newline. After a problem the splitter must not be used any more. */
  push(chunk: Uint8Array): Result<readonly string[], LineProblem>;
  /** The number of bytes of an unfinished line. */
  readonly pending: number;
}

/** Splits at `\n`. Holds at most `limit` bytes of an unfinished line, and looks at each byte once. */
export function createLineSplitter(limit: number): LineSplitter {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let parts: Uint8Array[] = [];
  let length = 0;

  const take = (end: Uint8Array): string => {
    const line = parts.length === 0 ? end : Buffer.concat([...parts, end]);
    parts = [];
    length = 0;
    return decoder.decode(line);
  };

  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      try {
        for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, start)) {
          if (length + at - start > limit) return err('line too long');
          lines.push(take(chunk.subarray(start, at)));
          start = at + 1;
        }
      } catch {
        return err('not UTF-8');
      }
      const rest = chunk.subarray(start);
      if (length + rest.length > limit) return err('line too long');
      if (rest.length > 0) parts.push(rest);
      length += rest.length;
      return ok(lines);
    },
    get pending() {
      return length;
    },
  };
}
