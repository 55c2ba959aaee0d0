/**
 * Text from a journal on one line of a terminal: white space becomes single blanks, and what would
 * steer the terminal or turn the line around (controls, lone surrogates, bidi marks) becomes "?".
 */
export const plain = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '?')

/** The same of a text of several lines, which keep their indentation. */
export const plainLines = (text: string): string =>
  text
    .split('\n')
    .map(line => line.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '?'))
    .join('\n')
