import type { AccessQuestion, PeoplesCalls } from '../../src/kube/peoples-calls.ts';
import { ok } from '../../src/std/result.ts';
import { refuse } from './fake-api-server/refusal.ts';

export interface PeoplesAnswers {
  /** Whether somebody may; everybody may everything unless said otherwise. */
  readonly allows?: (question: AccessQuestion) => boolean;
  /** Texts by their paths. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Answers of an API server to what tools for people ask, as a test wants them. */
export const fakePeoplesCalls = ({ allows = () => true, texts = {} }: PeoplesAnswers = {}): PeoplesCalls => ({
  mayDo: (question) => Promise.resolve(ok(allows(question))),
  readText(path, _query, limit) {
    const text = texts[path];
    if (text === undefined) return Promise.resolve(refuse('notFound', `there is no ${path}`));
    return Promise.resolve(Buffer.byteLength(text) > limit ? refuse('tooLarge') : ok(text));
  },
});
