import type { TokenLogprob } from '../../core/completion.ts';
import { array, object, string } from '../read-json.ts';

type Candidate = Omit<TokenLogprob, 'topLogprobs'>;

/** Two lists of one length: the chosen token of each step, and its candidates. */
export function toLogprobs(result: unknown): readonly TokenLogprob[] {
  const { chosenCandidates, topCandidates } = object(result);
  const tops = array(topCandidates);
  return array(chosenCandidates).flatMap((chosen, step) =>
    toCandidate(chosen).map((one) => ({
      ...one,
      topLogprobs: array(object(tops[step])['candidates']).flatMap(toCandidate),
    })),
  );
}

function toCandidate(value: unknown): Candidate[] {
  const { token, logProbability } = object(value);
  if (string(token) === undefined || typeof logProbability !== 'number') return [];
  return [{ token: String(token), logprob: logProbability, bytes: undefined }];
}
