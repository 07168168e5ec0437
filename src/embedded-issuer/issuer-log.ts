/**
 * Where the issuer reports what it did and what it refused, one line for each. Fields hold identifiers and reasons, never a
 * token, an assertion or a secret.
 */
export interface IssuerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
