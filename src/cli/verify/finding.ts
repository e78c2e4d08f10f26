/** What a check finds beyond the failure codes of the gateway. */
export const findingCodes = [
  'GATEWAY_UNREACHABLE',
  'GATEWAY_REFUSED',
  'CHECK_TIMEOUT',
  'ANSWER_MALFORMED',
  'ANSWER_EMPTY',
  'WRONG_TARGET',
  'BAD_FINISH',
  'USAGE_MISSING',
  'STREAM_DISORDERED',
  'STREAM_DIFFERS',
  'FEATURE_LEFT_OUT',
  'FEATURE_MISSING',
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** Why a check failed. `code` is one of the above, or the failure code that the gateway reported. */
export class Finding extends Error {
  override readonly name = 'Finding';
  readonly code: string;

  private constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }

  /** Found by the check. */
  static of(code: FindingCode, message: string): Finding {
    return new Finding(code, message);
  }

  /** Reported by the gateway, in its own words. */
  static reported({ code, message }: { readonly code: string; readonly message: string }): Finding {
    return new Finding(code, message);
  }
}
