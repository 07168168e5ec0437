/** Where a command writes. Composed of the process's streams by the program, of arrays by tests. */
export interface Terminal {
  /** Lines of standard output: results. */
  out(text: string): void;
  /** Lines of standard error: complaints, questions. */
  err(text: string): void;
  /** Text without its end of line on standard error: progress. Nobody looks where it is no terminal. */
  status(text: string): void;
  /** Begins the output anew: where a person looks, the screen is cleared. */
  renew(): void;
  /** Whether a person looks at standard error. */
  readonly interactive: boolean;
  /** Whether standard output may carry colours. */
  readonly colours: boolean;
  /** An answer of the person; undefined where nobody sits there. */
  ask(question: string): Promise<string | undefined>;
}

export type Style = 'good' | 'bad' | 'doubtful' | 'dim' | 'strong';

/** SGR parameters (ECMA-48 section 8.3.117). */
const sgr: Readonly<Record<Style, number>> = { good: 32, bad: 31, doubtful: 33, dim: 2, strong: 1 };

/** Text in a style, where the terminal shows one. */
export const paint = ({ colours }: Pick<Terminal, 'colours'>, style: Style, text: string): string =>
  colours && text !== '' ? `\u001b[${sgr[style]}m${text}\u001b[0m` : text;
