/** JSON, or nothing: an error of `JSON.parse` quotes what it read, which may be a Secret, and is dropped here. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
